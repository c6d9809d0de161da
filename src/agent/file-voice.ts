import { isStopped } from "../kernel/clock.ts";
import { Fault } from "../kernel/faults.ts";
import type { Log } from "../kernel/log.ts";
import type { Sha256 } from "../speakers/protocol.ts";
import { frameAt, PieceQueue, type Piece, type Voice } from "./voice.ts";

/** Sound of a file from `offsetMs` on. Throws a Fault: "not-found" when it is gone or has rotted on the disk. */
export type DecodeFile = (sha256: Sha256, offsetMs: number, signal: AbortSignal) => AsyncIterable<Int16Array>;

export interface FileVoiceOrder {
  /** Played one after the other, each exactly as long as it says. */
  readonly parts: readonly { readonly sha256: Sha256; readonly durationMs: number }[];
  /** Where in the joined parts to begin. May lie in the pause of a repetition. */
  readonly positionMs: number;
  /** The parts begin anew, at `offsetMs`, every `cycleMs`. */
  readonly repeat: { readonly cycleMs: number; readonly offsetMs: number } | undefined;
}

interface FileVoiceParts {
  readonly decode: DecodeFile;
  readonly log: Log;
}

/** Decoded this far ahead: more than a slow start of the next part's decoder takes, and little memory. */
const AHEAD_FRAMES = frameAt(4_000);
/** A file may fall short of its stated length by an encoder's padding without being called damaged. */
const PADDING_FRAMES = frameAt(200);

/** Starts decoding at once. What comes too late is left out, so that the rest sounds at its time. */
export function openFileVoice(order: FileVoiceOrder, parts: FileVoiceParts): Voice {
  const queue = new PieceQueue();
  const stopping = new AbortController();
  let started = false;
  let finished = false;
  let owedFrames = 0;
  let onRoom: (() => void) | undefined;
  const fill = async (): Promise<void> => {
    for await (const piece of soundOf(order, parts, stopping.signal)) {
      queue.push(piece);
      owedFrames -= queue.skip(owedFrames);
      while (queue.frames >= AHEAD_FRAMES && !isStopped(stopping.signal)) {
        await new Promise<void>((resolve) => (onRoom = resolve));
      }
      if (isStopped(stopping.signal)) return;
    }
    finished = true;
  };
  const filling = fill();
  return {
    isReady: () => queue.frames > 0 || finished,
    read: (into) => {
      started = true;
      const { taken, ...read } = queue.take(into);
      if (queue.frames < AHEAD_FRAMES) onRoom?.();
      const lateFrames = finished ? 0 : into.length - taken;
      if (lateFrames === 0) return read;
      owedFrames += lateFrames;
      return { ...read, missingFrames: read.missingFrames + lateFrames, reason: read.reason ?? "late" };
    },
    [Symbol.asyncDispose]: async () => {
      stopping.abort();
      onRoom?.();
      await filling.catch((error: unknown) => {
        if (!started && !isStopped(stopping.signal)) throw error;
      });
    },
  };
}

async function* soundOf(
  order: FileVoiceOrder,
  parts: FileVoiceParts,
  signal: AbortSignal,
): AsyncGenerator<Piece, void, void> {
  const joinedMs = order.parts.reduce((sum, part) => sum + part.durationMs, 0);
  let positionMs = order.positionMs;
  while (!isStopped(signal)) {
    yield* joinedFrom(order, positionMs, parts, signal);
    if (order.repeat === undefined) return;
    const { cycleMs, offsetMs } = order.repeat;
    const pauseFromMs = Math.max(positionMs, joinedMs);
    yield { type: "pause", frames: frameAt(offsetMs + cycleMs) - frameAt(pauseFromMs) };
    positionMs = offsetMs;
  }
}

async function* joinedFrom(
  order: FileVoiceOrder,
  positionMs: number,
  parts: FileVoiceParts,
  signal: AbortSignal,
): AsyncGenerator<Piece, void, void> {
  let partStartMs = 0;
  for (const { sha256, durationMs } of order.parts) {
    const fromMs = Math.max(positionMs, partStartMs);
    const endMs = partStartMs + durationMs;
    if (fromMs < endMs) {
      const stretch = { sha256, offsetMs: fromMs - partStartMs, frames: frameAt(endMs) - frameAt(fromMs) };
      yield* exactly(stretch, parts, signal);
    }
    partStartMs = endMs;
  }
}

interface Stretch {
  readonly sha256: Sha256;
  readonly offsetMs: number;
  readonly frames: number;
}

/** As many frames as the plan says, whatever the decoder yields. */
async function* exactly(
  { sha256, offsetMs, frames }: Stretch,
  { decode, log }: FileVoiceParts,
  signal: AbortSignal,
): AsyncGenerator<Piece, void, void> {
  let left = frames;
  try {
    for await (const samples of decode(sha256, offsetMs, signal)) {
      const wanted = samples.length > left ? samples.subarray(0, left) : samples;
      left -= wanted.length;
      yield { type: "sound", samples: wanted };
      if (left === 0) return;
    }
  } catch (error) {
    if (isStopped(signal)) return;
    if (!(error instanceof Fault)) throw error;
    log.warn({ err: error, sha256 }, "audio file can't be played");
    const reason = error.kind === "not-found" ? "file-corrupt" : "decode-failed";
    yield { type: "missing", frames: left, reason };
    return;
  }
  yield left > PADDING_FRAMES
    ? { type: "missing", frames: left, reason: "decode-failed" }
    : { type: "sound", samples: new Int16Array(left) };
}
