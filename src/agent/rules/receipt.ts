import { expectedMs, type AiringSpec } from "./airing.ts";

/** Why sound was missing; the protocol's words. */
export type MissingReason =
  | "quiet-hours"
  | "expired"
  | "file-missing"
  | "file-corrupt"
  | "decode-failed"
  | "output-failed"
  | "preempted"
  | "stopped"
  | "held"
  | "dead-man"
  | "stream-lost"
  | "late"
  | "power-cut"
  | "clock-step";

/** What has happened to one airing so far. Survives restarts. */
export interface Progress {
  /** Hall time of the first sample; undefined while nothing has sounded. */
  readonly startedAt: number | undefined;
  readonly startErrorMs: number | undefined;
  readonly playedMs: number;
  /** Of the samples that sounded, in units of full scale squared. */
  readonly squareSum: number;
  readonly sampleCount: number;
  /** How long it was silent though due, by cause. */
  readonly missedMs: Readonly<Partial<Record<MissingReason, number>>>;
  readonly sha256: readonly string[];
  /** Last instant this was true; tells how long a power cut took. */
  readonly seenAt: number;
}

export const NO_PROGRESS: Omit<Progress, "seenAt"> = {
  startedAt: undefined,
  startErrorMs: undefined,
  playedMs: 0,
  squareSum: 0,
  sampleCount: 0,
  missedMs: {},
  sha256: [],
};

interface Verdict {
  readonly outcome: "played" | "partial" | "silent";
  readonly reason: MissingReason | undefined;
  readonly expectedMs: number | null;
}

/** A shortfall that nobody hears: fades, a decoder's padding, one late block. */
const INAUDIBLE_MS = 300;

/**
 * The verdict over a finished airing. `endedBy` is what ended it before its time; without it the cause of the longest
 * silence is named. A stream has no length to fall short of: it is partial when silence was forced on it.
 */
export function verdictOf(
  spec: AiringSpec,
  progress: Progress,
  end: { readonly at: number; readonly by: MissingReason | undefined },
): Verdict {
  const expected = expectedMs(spec, end.at) ?? null;
  const longest = longestSilence(progress);
  const reason = end.by ?? longest.reason;
  if (progress.playedMs === 0)
    return { outcome: "silent", reason: reason ?? "expired", expectedMs: expected };
  const missed = expected === null ? longest.ms : expected - progress.playedMs;
  if (missed > INAUDIBLE_MS) return { outcome: "partial", reason: reason ?? "late", expectedMs: expected };
  // Whole, and yet worth a word: it was ended, or the clock was set while it sounded.
  const isRemarkable = end.by !== undefined || reason === "clock-step";
  return { outcome: "played", reason: isRemarkable ? reason : undefined, expectedMs: expected };
}

function longestSilence({ missedMs }: Progress): { reason: MissingReason | undefined; ms: number } {
  let longest: { reason: MissingReason | undefined; ms: number } = { reason: undefined, ms: 0 };
  for (const [reason, ms] of Object.entries(missedMs) as [MissingReason, number][])
    if (ms > longest.ms) longest = { reason, ms };
  return longest;
}

/** Adds time to one cause. */
export function missing(progress: Progress, reason: MissingReason, ms: number): Progress {
  if (ms <= 0) return progress;
  return { ...progress, missedMs: { ...progress.missedMs, [reason]: (progress.missedMs[reason] ?? 0) + ms } };
}

/** RMS against full scale: a full-scale square wave is 0, a full-scale sine −3.01. Null without samples. */
export function levelDbfs(squareSum: number, sampleCount: number): number | null {
  if (sampleCount === 0) return null;
  const meanSquare = squareSum / sampleCount;
  return meanSquare <= 0 ? -120 : Math.max(-120, Math.round(100 * 10 * Math.log10(meanSquare)) / 100);
}
