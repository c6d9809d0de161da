import { PCM_RATE_HZ } from "../media/decode.ts";
import type { MissingReason } from "./rules/receipt.ts";

/** What a stretch of a voice is made of. */
export type Piece =
  | { readonly type: "sound"; readonly samples: Int16Array }
  /** Meant to be silent: the pause between two repetitions. */
  | { readonly type: "pause"; readonly frames: number }
  /** Should have been sound. */
  | { readonly type: "missing"; readonly frames: number; readonly reason: MissingReason };

export interface ReadFrames {
  readonly soundFrames: number;
  readonly missingFrames: number;
  readonly reason: MissingReason | undefined;
}

/** A source of samples that the mixer reads in real time. */
export interface Voice extends AsyncDisposable {
  /** Whether the first sample is there. */
  isReady(): boolean;
  /** Fills `into`, with zeros where there is nothing. Never waits. */
  read(into: Int16Array): ReadFrames;
}

/** Rounds to a whole frame; used on positions, never on lengths, so that lengths add up. */
export function frameAt(positionMs: number): number {
  return Math.round((positionMs * PCM_RATE_HZ) / 1_000);
}

export function framesToMs(frames: number): number {
  return (frames * 1_000) / PCM_RATE_HZ;
}

/** Pieces between a decoder that runs ahead and a mixer that reads in time. */
export class PieceQueue {
  frames = 0;
  private readonly pieces: Piece[] = [];
  /** How far the front piece has been read. */
  private frontFrames = 0;

  push(piece: Piece): void {
    const frames = framesOf(piece);
    if (frames === 0) return;
    this.pieces.push(piece);
    this.frames += frames;
  }

  /** Takes up to the length of `into`; `taken` says how much there was. */
  take(into: Int16Array): ReadFrames & { readonly taken: number } {
    let taken = 0;
    let soundFrames = 0;
    let missingFrames = 0;
    let reason: MissingReason | undefined;
    while (taken < into.length) {
      const front = this.pieces[0];
      if (front === undefined) break;
      const count = Math.min(into.length - taken, framesOf(front) - this.frontFrames);
      if (front.type === "sound") {
        into.set(front.samples.subarray(this.frontFrames, this.frontFrames + count), taken);
        soundFrames += count;
      } else {
        into.fill(0, taken, taken + count);
        if (front.type === "missing") {
          missingFrames += count;
          reason = front.reason;
        }
      }
      taken += count;
      this.drop(count);
    }
    into.fill(0, taken);
    return { taken, soundFrames, missingFrames, reason };
  }

  /** Throws away up to `frames` from the front; returns how many there were. */
  skip(frames: number): number {
    let left = frames;
    while (left > 0) {
      const front = this.pieces[0];
      if (front === undefined) break;
      const count = Math.min(left, framesOf(front) - this.frontFrames);
      this.drop(count);
      left -= count;
    }
    return frames - left;
  }

  private drop(count: number): void {
    const front = this.pieces[0];
    if (front === undefined) return;
    this.frontFrames += count;
    this.frames -= count;
    if (this.frontFrames >= framesOf(front)) {
      this.pieces.shift();
      this.frontFrames = 0;
    }
  }
}

function framesOf(piece: Piece): number {
  return piece.type === "sound" ? piece.samples.length : piece.frames;
}
