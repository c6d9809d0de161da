import { correctionFor, newLateness } from "./live-edge.ts";
import type { LivePiece } from "./live-protocol.ts";
import { attachMediaSource, mimeOf, rangesOf } from "./media-source.ts";

interface MsePlayerParts {
  readonly video: HTMLVideoElement;
  /** The picture can't go on from here; begin anew. */
  readonly onBroken: () => void;
}

/** Shows fragmented MP4 as it comes, close to its live edge. */
export interface MsePlayer {
  /** A stream begins; what was shown before is dropped. */
  begin(codec: string): void;
  append(piece: LivePiece): void;
  /**
   * How long ago the controller had the picture that is shown, by the clock `nowMs` is of. Undefined before the first
   * picture.
   */
  ageMs(nowMs: number): number | undefined;
  close(): void;
}

const KEEP_BEHIND_SEC = 30;
const TRIM_TO_SEC = 15;
/** A source that takes nothing, as in a sleeping tab, must not fill the memory. */
const MAX_WAITING_BYTES = 16_000_000;
const JOINING_FOR_MS = 2_000;
const CONTROL_EVERY_MS = 250;
const KEPT_STAMPS = 200;

export function openMsePlayer({ video, onBroken }: MsePlayerParts): MsePlayer {
  let stream: Stream | undefined;
  const end = (): void => {
    stream?.close();
    stream = undefined;
  };
  const control = window.setInterval(() => stream?.keepUp(), CONTROL_EVERY_MS);
  video.onerror = () => {
    if (stream !== undefined) onBroken();
  };
  return {
    begin: (codec) => {
      end();
      stream = openStream(video, mimeOf(codec), onBroken);
    },
    append: (piece) => stream?.append(piece),
    ageMs: (nowMs) => stream?.ageMs(nowMs),
    close: () => {
      window.clearInterval(control);
      video.onerror = null;
      end();
    },
  };
}

interface Stream {
  append(piece: LivePiece): void;
  keepUp(): void;
  ageMs(nowMs: number): number | undefined;
  close(): void;
}

interface Stamp {
  readonly toSec: number;
  readonly arrivedAt: number;
}

/** One run of the camera's stream in one source buffer; pieces go in strictly in order. */
function openStream(video: HTMLVideoElement, mime: string, onBroken: () => void): Stream {
  const [source, detach] = attachMediaSource(video);
  const begunAt = performance.now();
  const waiting: LivePiece[] = [];
  const stamps: Stamp[] = [];
  const lateness = newLateness();
  let waitingBytes = 0;
  let buffer: SourceBuffer | undefined;
  let going: LivePiece | undefined;
  let closed = false;

  const broken = (): void => {
    if (!closed) onBroken();
  };
  const keepUp = (): void => {
    if (buffer === undefined || closed) return;
    const joining = performance.now() - begunAt < JOINING_FOR_MS;
    const buffered = rangesOf(video.buffered);
    const lagSec = lateness.lagSec();
    const wantedSec = lagSec === undefined ? undefined : nowSec() - lagSec;
    const { seekToSec, rate } = correctionFor({ atSec: video.currentTime, buffered, joining, wantedSec });
    if (seekToSec !== undefined) video.currentTime = seekToSec;
    if (video.playbackRate !== rate) video.playbackRate = rate;
  };
  const next = (): void => {
    if (buffer === undefined || buffer.updating || source.readyState !== "open") return;
    const oldestSec = rangesOf(buffer.buffered)[0]?.fromSec ?? 0;
    if (oldestSec < video.currentTime - KEEP_BEHIND_SEC) {
      buffer.remove(0, video.currentTime - TRIM_TO_SEC);
      return;
    }
    going = waiting.shift();
    if (going === undefined) return;
    waitingBytes -= going.bytes.byteLength;
    try {
      buffer.appendBuffer(going.bytes);
    } catch {
      // Full or closed by the browser: a fresh source is quicker than finding out which.
      broken();
    }
  };
  const done = (): void => {
    const newest = rangesOf(video.buffered).at(-1);
    if (going !== undefined && going.kind !== "init" && newest !== undefined) {
      stamps.push({ toSec: newest.toSec, arrivedAt: going.arrivedAt });
      if (stamps.length > KEPT_STAMPS) stamps.shift();
      lateness.note({ nowSec: nowSec(), ...newest });
      keepUp();
    }
    going = undefined;
    next();
  };
  source.addEventListener(
    "sourceopen",
    () => {
      if (closed) return;
      buffer = source.addSourceBuffer(mime);
      buffer.addEventListener("updateend", done);
      buffer.addEventListener("error", broken);
      next();
    },
    { once: true },
  );

  return {
    append: (piece) => {
      waiting.push(piece);
      waitingBytes += piece.bytes.byteLength;
      if (waitingBytes > MAX_WAITING_BYTES) broken();
      else next();
    },
    keepUp,
    ageMs: (nowMs) => {
      const shown = stamps.find(({ toSec }) => toSec >= video.currentTime);
      if (shown === undefined || video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) return undefined;
      return nowMs - shown.arrivedAt + (shown.toSec - video.currentTime) * 1_000;
    },
    close: () => {
      closed = true;
      detach();
    },
  };
}

function nowSec(): number {
  return performance.now() / 1_000;
}
