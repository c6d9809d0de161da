/** Minutes after local midnight, half-open; `fromMinute` > `toMinute` crosses midnight; equal means none. */
interface Window {
  readonly fromMinute: number;
  readonly toMinute: number;
}

export function isQuietAt(windows: readonly Window[], minute: number): boolean {
  return windows.some(({ fromMinute, toMinute }) =>
    fromMinute <= toMinute
      ? minute >= fromMinute && minute < toMinute
      : minute >= fromMinute || minute < toMinute,
  );
}
