import type { Text } from "../../kernel/text.ts";

/** What one speaker made of one airing. `delivered`: bytes were taken by a box that can't report what it sounds. */
export type SpeakerOutcome = "pending" | "played" | "partial" | "silent" | "delivered";

export interface SpeakerShare {
  readonly outcome: SpeakerOutcome;
  readonly expectedMs: number;
  readonly playedMs: number;
}

export interface Proof {
  /** Speakers that sounded (or were delivered) the whole of their share. */
  readonly speakersPlayed: number;
  readonly speakersTotal: number;
  /** Played time of all speakers over their expected time, 0 to 100, rounded down to a tenth. */
  readonly durationPercent: number;
}

/** An MP3 frame at 24 kHz is 24 ms and decoders differ by a few frames; less than this missing is nothing missing. */
const WHOLE_WITHIN_MS = 120;

export function isWhole({ expectedMs, playedMs }: Pick<SpeakerShare, "expectedMs" | "playedMs">): boolean {
  return playedMs > 0 && expectedMs - playedMs <= WHOLE_WITHIN_MS;
}

/** The rules of counting, as reports state them: no share counts for more than its expected time. */
export function proofOf(shares: readonly SpeakerShare[]): Proof {
  const expectedMs = shares.reduce((sum, share) => sum + share.expectedMs, 0);
  const playedMs = shares.reduce(
    (sum, share) => sum + (isWhole(share) ? share.expectedMs : Math.min(share.playedMs, share.expectedMs)),
    0,
  );
  return {
    speakersPlayed: shares.filter(
      (share) => (share.outcome === "played" || share.outcome === "delivered") && isWhole(share),
    ).length,
    speakersTotal: shares.length,
    durationPercent: expectedMs === 0 ? 0 : Math.floor((playedMs / expectedMs) * 1_000) / 10,
  };
}

/** "đã phát 43/44 cụm, 98,6 % thời lượng". */
export function proofSentence({ speakersPlayed, speakersTotal, durationPercent }: Proof): Text {
  const share = `${speakersPlayed}/${speakersTotal}`;
  return {
    vi: `đã phát ${share} cụm, ${String(durationPercent).replace(".", ",")} % thời lượng`,
    en: `played on ${share} loudspeakers, ${durationPercent} % of the time`,
  };
}

interface Repeated {
  readonly soundMs: number;
  /** Undefined: once. */
  readonly repeatEveryMs: number | undefined;
  readonly spanMs: number;
}

/** How long a sound that begins anew every so often sounds within a span; the last round may be cut. */
export function soundWithin({ soundMs, repeatEveryMs, spanMs }: Repeated): number {
  if (repeatEveryMs === undefined) return Math.min(soundMs, spanMs);
  const everyMs = Math.max(repeatEveryMs, soundMs);
  const rounds = Math.floor(spanMs / everyMs);
  return rounds * soundMs + Math.min(spanMs - rounds * everyMs, soundMs);
}
