import { type EpochMs } from "../../kernel/time.ts";
import type { Span } from "./model.ts";

/** The same stretches of time, in order, without overlaps; those nearer to each other than `withinMs` become one. */
export function joined(spans: readonly Span[], withinMs = 0): Span[] {
  const result: { from: EpochMs; to: EpochMs }[] = [];
  for (const { from, to } of [...spans].sort((a, b) => a.from - b.from)) {
    const last = result.at(-1);
    if (last === undefined || from > last.to + withinMs) result.push({ from, to });
    else if (to > last.to) last.to = to;
  }
  return result;
}

/** Whether every moment of `spans` lies in one of `whole`. */
export function covers(whole: readonly Span[], spans: readonly Span[]): boolean {
  const parts = joined(whole);
  return spans.every((span) => parts.some(({ from, to }) => from <= span.from && to >= span.to));
}

/** Length of all of them together, each moment counted once. */
export function totalMs(spans: readonly Span[]): number {
  return joined(spans).reduce((sum, { from, to }) => sum + to - from, 0);
}
