import { epochMs, type EpochMs } from "../../kernel/time.ts";
import type { Completeness, Gap, Span } from "./model.ts";
import { isIntended } from "./recording-watch.ts";
import { joined, totalMs } from "./spans.ts";

interface Evidence {
  readonly span: Span;
  readonly now: EpochMs;
  /** Recording is expected from then on. */
  readonly addedAt: EpochMs;
  /** Everything that was recorded, also what has been deleted since. */
  readonly recorded: readonly Span[];
  readonly gaps: readonly Gap[];
  /** Of what was recorded: deleted on somebody's request. */
  readonly erased?: readonly Span[];
}

/** Seams between files, and what a start of a run is measured wrong by: shorter ones are no holes. */
export const SEAM_MS = 1_500;

const FIRST_PICTURE_WITHIN_MS = 30_000;

/** How much of a stretch was recorded. What is yet to come and what was paused on purpose is not expected. */
export function completenessOf({ span, now, addedAt, recorded, gaps, erased = [] }: Evidence): Completeness {
  const due = dueFrom(addedAt, [...recorded, ...gaps]);
  const asked = clipped(span, epochMs(Math.max(span.from, due)), epochMs(Math.min(span.to, now)));
  if (asked === undefined) return { span, recordedMs: 0, expectedMs: 0, gaps: [] };
  const touching = gaps.filter((gap) => gap.from < asked.to && (gap.to ?? now) > asked.from);
  const unintended = without(
    asked,
    touching.filter(({ cause }) => isIntended(cause)).map((gap) => ends(gap, now)),
  );
  const whole = joined(recorded, SEAM_MS);
  const recordedMs = totalMs(
    unintended.flatMap((part) => whole.flatMap((run) => clipped(run, part.from, part.to) ?? [])),
  );
  const gone = erased.flatMap((part) => clipped(part, asked.from, asked.to) ?? []);
  return {
    ...{ span, recordedMs, expectedMs: totalMs(unintended), gaps: touching },
    ...(gone.length > 0 && { erased: gone }),
  };
}

/** The moment that a new camera takes to its first picture, or to its first refusal, is no gap. */
function dueFrom(addedAt: EpochMs, known: readonly { readonly from: EpochMs }[]): number {
  const first = Math.min(...known.map(({ from }) => from));
  return first > addedAt && first - addedAt <= FIRST_PICTURE_WITHIN_MS ? first : addedAt;
}

function ends({ from, to }: Gap, now: EpochMs): Span {
  return { from, to: to ?? now };
}

function clipped(span: Span, from: EpochMs, to: EpochMs): Span | undefined {
  const part = { from: epochMs(Math.max(span.from, from)), to: epochMs(Math.min(span.to, to)) };
  return part.from < part.to ? part : undefined;
}

/** What is left of a stretch when the others are taken out. */
function without(span: Span, taken: readonly Span[]): Span[] {
  const left: Span[] = [];
  let from = span.from;
  for (const part of joined(taken)) {
    if (part.from > from) left.push({ from, to: epochMs(Math.min(part.from, span.to)) });
    from = epochMs(Math.max(from, part.to));
  }
  if (from < span.to) left.push({ from, to: span.to });
  return left.filter((part) => part.from < part.to);
}
