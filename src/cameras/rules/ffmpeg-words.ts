import type { GapCause, RecordingState } from "./model.ts";

/** Why a run of the recorder came to its end. */
export type EndReason =
  | "wrong-password"
  | "stream-gone"
  | "wrong-transport"
  | "disk-full"
  | "wrong-tag"
  /** The camera went, or never answered. ffmpeg ends with code 0 then. */
  | "offline"
  /** It is there but gives no new picture. */
  | "stalled"
  /** Another size or codec, or times that jump: a new run begins. */
  | "stream-changed";

const WORDS: readonly (readonly [RegExp, EndReason])[] = [
  [/No space left on device|Disk quota exceeded/, "disk-full"],
  [/\b40[13] (Unauthorized|Forbidden)|authorization failed|access denied/i, "wrong-password"],
  [/\b404 (Not Found|Stream)|\b410 Gone|Stream map '.*' matches no streams/i, "stream-gone"],
  [/\b461 Unsupported|Nonmatching transport/i, "wrong-transport"],
  [/Tag \S+ incompatible with output codec/, "wrong-tag"],
];

/** What ffmpeg's last words mean. Without a word of its own, the camera is taken to have gone. */
export function endReasonOf(lastLines: readonly string[]): EndReason {
  for (const [words, reason] of WORDS) if (lastLines.some((line) => words.test(line))) return reason;
  return "offline";
}

/** ffmpeg counts in 1/90000 s here. Packets that were read in one go lie nearer together than that, which is no trouble. */
const JUMP_TICKS = 45_000;

/** A line that tells of a packet whose time is half a second or more before the last one's. */
export function isTimeComplaint(line: string): boolean {
  const [, previous, current] = /Non-monotonous DTS .*?previous: (-?\d+), current: (-?\d+)/.exec(line) ?? [];
  return Number(previous) - Number(current) >= JUMP_TICKS;
}

const STATE: Record<EndReason, RecordingState> = {
  "wrong-password": "wrong-password",
  "stream-gone": "stream-gone",
  "wrong-transport": "stream-gone",
  "disk-full": "disk-full",
  "wrong-tag": "starting",
  offline: "offline",
  stalled: "stalled",
  "stream-changed": "starting",
};

const CAUSE: Record<EndReason, GapCause> = {
  "wrong-password": "credentials",
  "stream-gone": "stream-gone",
  "wrong-transport": "stream-gone",
  "disk-full": "disk-full",
  "wrong-tag": "stream-changed",
  offline: "camera-offline",
  stalled: "stalled",
  "stream-changed": "stream-changed",
};

export function stateAfter(reason: EndReason): RecordingState {
  return STATE[reason];
}

export function causeAfter(reason: EndReason): GapCause {
  return CAUSE[reason];
}
