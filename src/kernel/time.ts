declare const wallClock: unique symbol;
declare const monotonicClock: unique symbol;

/** Wall time: UTC milliseconds since 1970. For *when*; it may step when NTP answers. */
export type EpochMs = number & { readonly [wallClock]: true };

/** Monotonic milliseconds since the machine or process started. For *how long*; it never steps. */
export type UptimeMs = number & { readonly [monotonicClock]: true };

export const SECOND_MS = 1_000;
export const MINUTE_MS = 60 * SECOND_MS;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/** Latest instant a JavaScript Date can show (ECMA-262 §21.4.1.1). */
const LATEST_MS = 8.64e15;

/** Mints a wall instant. Throws a RangeError for what no Date can show: that is a bug, not an input error. */
export function epochMs(value: number): EpochMs {
  if (!Number.isFinite(value) || Math.abs(value) > LATEST_MS) {
    throw new RangeError(`not an instant: ${value}`);
  }
  return value as EpochMs;
}

/** Mints a monotonic instant. */
export function uptimeMs(value: number): UptimeMs {
  if (!Number.isFinite(value)) throw new RangeError(`not an uptime: ${value}`);
  return value as UptimeMs;
}
