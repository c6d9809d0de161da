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
  const expected = expectedMs(spec, end.at);
  const longest = longestSilence(progress);
  const missed = expected === undefined ? (longest?.ms ?? 0) : expected - progress.playedMs;
  const reason = end.by ?? longest?.reason;
  if (progress.playedMs === 0) {
    return { outcome: "silent", reason: reason ?? "expired", expectedMs: expected ?? null };
  }
  const whole = missed <= INAUDIBLE_MS;
  const remark = whole && reason !== "clock-step" && end.by === undefined ? undefined : (reason ?? "late");
  return { outcome: whole ? "played" : "partial", reason: remark, expectedMs: expected ?? null };
}

function longestSilence({ missedMs }: Progress): { reason: MissingReason; ms: number } | undefined {
  const entries = Object.entries(missedMs) as [MissingReason, number][];
  return entries
    .map(([reason, ms]) => ({ reason, ms }))
    .reduce<{ reason: MissingReason; ms: number } | undefined>(
      (best, entry) => (best === undefined || entry.ms > best.ms ? entry : best),
      undefined,
    );
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
