import { SECOND_MS, type EpochMs, type UptimeMs } from "../../kernel/time.ts";
import type { EndReason } from "./ffmpeg-words.ts";
import type { Gap, GapCause } from "./model.ts";

/** What is known of a run while it goes on. */
export interface RunSigns {
  readonly startedAt: UptimeMs;
  readonly frames: number;
  /** When `frames` last grew. */
  readonly framesAt: UptimeMs;
  /** When the newest file was begun. */
  readonly fileAt: UptimeMs;
  /** When ffmpeg complained of packets' times, newest last. */
  readonly timeComplaints: readonly UptimeMs[];
  /** The live leg carried other parameter sets than at the start. */
  readonly changed: boolean;
}

const FIRST_FRAME_WITHIN_MS = 12 * SECOND_MS;
const NEXT_FRAME_WITHIN_MS = 5 * SECOND_MS;
/** Beyond two lengths of a file: room for a long group of pictures. */
const GROUP_OF_PICTURES_MS = 20 * SECOND_MS;
const COMPLAINTS = 5;
const COMPLAINTS_WITHIN_MS = 10 * SECOND_MS;
/** Complaints of a start are about what came before the first key frame. */
const SETTLED_AFTER_MS = 3 * SECOND_MS;

/** Why the run has to be ended, undefined while all is well. */
export function troubleOf(signs: RunSigns, segmentMs: number, now: UptimeMs): EndReason | undefined {
  if (signs.changed) return "stream-changed";
  if (signs.frames === 0) return now - signs.startedAt > FIRST_FRAME_WITHIN_MS ? "offline" : undefined;
  if (now - signs.framesAt > NEXT_FRAME_WITHIN_MS) return "stalled";
  if (now - signs.fileAt > 2 * segmentMs + GROUP_OF_PICTURES_MS) return "stalled";
  const complaints = signs.timeComplaints.filter(
    (at) => now - at <= COMPLAINTS_WITHIN_MS && at - signs.startedAt > SETTLED_AFTER_MS,
  );
  return complaints.length >= COMPLAINTS ? "stream-changed" : undefined;
}

const RETRY_AFTER_MS = [1, 2, 4, 8, 15, 30].map((seconds) => seconds * SECOND_MS);
const ASK_AGAIN_AFTER_MS = 60 * SECOND_MS;
/** A run of this length ends the streak of failures. */
export const HEALTHY_AFTER_MS = 60 * SECOND_MS;
/** From here on the stream's address is asked anew. */
export const RERESOLVE_AFTER_FAILURES = 3;

/** How long to wait before the next try; `failures` in a row, this one not counted; `random` in [0, 1). Never gives up. */
export function retryAfterMs(reason: EndReason, failures: number, random: number): number {
  if (failures === 0 && (reason === "wrong-tag" || reason === "stream-changed")) return 0;
  const needsPerson = reason === "wrong-password" || reason === "stream-gone" || reason === "wrong-transport";
  const step = RETRY_AFTER_MS[Math.min(failures, RETRY_AFTER_MS.length - 1)] ?? SECOND_MS;
  // Cameras lock an account that is knocked at with a wrong password too often.
  return (needsPerson ? ASK_AGAIN_AFTER_MS : step) * (0.8 + 0.4 * random);
}

/** What to do to the open gap when the cause of what is missing becomes known, or another. */
export type GapChange = "keep" | "rename" | "split";

/** Causes that mean nobody asked for a recording. */
const INTENDED: readonly GapCause[] = ["privacy-pause", "disabled"];
const UNSURE: readonly GapCause[] = ["unknown", "stalled"];
const UNDECIDED_FOR_MS = 60 * SECOND_MS;

export function isIntended(cause: GapCause): boolean {
  return INTENDED.includes(cause);
}

/** A cause that lasted is history and stays; one that was a first guess is corrected. */
export function gapChange(open: Gap, cause: GapCause, now: EpochMs): GapChange {
  if (open.cause === cause) return "keep";
  if (isIntended(cause) || isIntended(open.cause)) return "split";
  if (open.cause === "controller-down" || open.cause === "clock-step") return "split";
  return UNSURE.includes(open.cause) || now - open.from < UNDECIDED_FOR_MS ? "rename" : "split";
}
