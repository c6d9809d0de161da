/** A stretch of wall time on the screen. */
export interface View {
  readonly from: number;
  readonly to: number;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** How much of the day is seen at once; null: all of it. */
export const ZOOMS = [
  { name: "Cả ngày", spanMs: null },
  { name: "1 giờ", spanMs: HOUR_MS },
  { name: "10 phút", spanMs: 10 * MINUTE_MS },
] as const;

/** The part of `day` that is seen around `at`. */
export function viewAround(at: number, spanMs: number | null, day: View): View {
  if (spanMs === null || spanMs >= day.to - day.from) return day;
  const from = Math.min(Math.max(day.from, at - spanMs / 2), day.to - spanMs);
  return { from, to: from + spanMs };
}

/** The same view while the playhead is well inside it, so that it does not slide under the pointer. */
export function viewFollowing(view: View, at: number, day: View): View {
  const marginMs = (view.to - view.from) / 20;
  if (at >= view.from && at <= view.to - marginMs) return view;
  return viewAround(at, view.to - view.from, day);
}

/** Where an instant stands, 0 (left) to 100 (right), at most. */
export function percentOf(at: number, { from, to }: View): number {
  return Math.min(100, Math.max(0, ((at - from) / (to - from)) * 100));
}

export function instantAt(percent: number, { from, to }: View): number {
  return from + (Math.min(100, Math.max(0, percent)) / 100) * (to - from);
}

const STEPS_MS = [
  MINUTE_MS,
  2 * MINUTE_MS,
  5 * MINUTE_MS,
  10 * MINUTE_MS,
  30 * MINUTE_MS,
  HOUR_MS,
  3 * HOUR_MS,
  6 * HOUR_MS,
];

/** Round instants to write under the timeline, at most `most` of them, counted from the day's midnight. */
export function ticks({ from, to }: View, dayFrom: number, most: number): readonly number[] {
  const spanMs = to - from;
  const stepMs = STEPS_MS.find((step) => spanMs / step <= most) ?? spanMs;
  const first = dayFrom + Math.ceil((from - dayFrom) / stepMs) * stepMs;
  return Array.from({ length: Math.max(0, Math.ceil((to - first) / stepMs)) }, (_, n) => first + n * stepMs);
}

/** What of a stretch is seen; undefined: nothing. */
export function visible(span: View, view: View): View | undefined {
  const from = Math.max(span.from, view.from);
  const to = Math.min(span.to, view.to);
  return from < to ? { from, to } : undefined;
}
