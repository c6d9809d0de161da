import type { Socket } from "node:net";
import { META_EVERY_BYTES, metaBlock, NO_META } from "./icy.ts";
import type { FrameRun } from "./mp3-frames.ts";

/** A listener that is this far behind is dropped: it comes back and is near-live again. */
export const LONGEST_BEHIND_MS = 10_000;

interface ListenerOptions {
  readonly speaker: string;
  readonly socket: Socket;
  /** The player asked for titles between the sound. */
  readonly wantsMeta: boolean;
}

/** One connection that plays whole frames of whatever programme it is on. The head has been sent. */
export class Listener {
  readonly speaker: string;
  readonly socket: Socket;
  /** What was handed to the connection so far, in sound. */
  sentMs = 0;
  dropped = false;
  /** Bytes the kernel holds for this connection, sent or not, that the other end has not acknowledged. */
  kernelBytes = 0;
  private bytesPerMs = 1;
  private untilMetaBytes: number | undefined;
  private titleSent: string | undefined;

  constructor({ speaker, socket, wantsMeta }: ListenerOptions) {
    this.speaker = speaker;
    this.socket = socket;
    this.untilMetaBytes = wantsMeta ? META_EVERY_BYTES : undefined;
  }

  get open(): boolean {
    return !this.dropped && !this.socket.destroyed && this.socket.writable;
  }

  /** Sound handed over that has not arrived: an estimate, to the size of what the network has in flight. */
  get unsentMs(): number {
    return (this.socket.writableLength + this.kernelBytes) / this.bytesPerMs;
  }

  send(run: FrameRun, title: string): void {
    if (!this.open) return;
    this.bytesPerMs = run.bytes.length / run.durationMs;
    if (this.socket.writableLength > LONGEST_BEHIND_MS * this.bytesPerMs) {
      this.drop();
      return;
    }
    if (this.untilMetaBytes === undefined) this.socket.write(run.bytes);
    else this.untilMetaBytes = this.sendWithMeta(run.bytes, title, this.untilMetaBytes);
    this.sentMs += run.durationMs;
  }

  /** Closes after what was sent has left. */
  finish(): void {
    this.socket.end();
  }

  drop(): void {
    this.dropped = true;
    this.socket.destroy();
  }

  private sendWithMeta(bytes: Buffer, title: string, untilBytes: number): number {
    let until = untilBytes;
    let at = 0;
    this.socket.cork();
    while (bytes.length - at >= until) {
      this.socket.write(bytes.subarray(at, at + until));
      this.socket.write(title === this.titleSent ? NO_META : metaBlock(title));
      this.titleSent = title;
      at += until;
      until = META_EVERY_BYTES;
    }
    if (at < bytes.length) this.socket.write(bytes.subarray(at));
    this.socket.uncork();
    return until - (bytes.length - at);
  }
}
