import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { once, type EventEmitter } from "node:events";
import { createRequire } from "node:module";

/** What the package is, which brings no types: it starts ffmpeg at once and emits `mpeg1data` with MPEG-TS. */
type Muxer = EventEmitter & { readonly stream: ChildProcessWithoutNullStreams };
interface MuxerOptions {
  readonly ffmpegPath: string;
  readonly url: string;
  readonly ffmpegOptions: Readonly<Record<string, string>>;
}
const require = createRequire(import.meta.url);
const Mpeg1Muxer = require("node-rtsp-stream/mpeg1muxer.js") as new (options: MuxerOptions) => Muxer;

interface Mpeg1Spec {
  readonly ffmpeg: string;
  /** A wider picture is made so wide. */
  readonly maxWidthPx: number;
  readonly kbps: number;
}

/** A picture in any codec ffmpeg knows becomes MPEG-1 in MPEG-TS, for browsers without a decoder of their own. */
export interface Mpeg1 extends AsyncDisposable {
  /** Fragmented MP4, init segment first. Never blocks: look at `bufferedBytes`. */
  write(bytes: Uint8Array): void;
  readonly bufferedBytes: number;
  /** Resolves when the program is gone, with its last words. */
  readonly ended: Promise<string>;
}

const KILL_AFTER_MS = 2_000;
const WORDS_KEPT_CHARS = 2_000;

/**
 * Runs node-rtsp-stream's muxer, which starts an ffmpeg of its own and knows neither time-outs nor passwords: so it gets
 * the camera's bytes by its standard input, never the address. It ends with us in any case, because its input ends then.
 */
export function openMpeg1(
  { ffmpeg, maxWidthPx, kbps }: Mpeg1Spec,
  onData: (bytes: Uint8Array) => void,
): Mpeg1 {
  const muxer = new Mpeg1Muxer({
    ffmpegPath: ffmpeg,
    url: "pipe:0",
    ffmpegOptions: {
      "-an": "",
      // MPEG-1 knows no rate below 24 a second.
      "-r": "25",
      "-vf": `scale='min(${maxWidthPx},iw)':-2`,
      "-b:v": `${kbps}k`,
      "-bf": "0",
      "-threads": "1",
      "-muxdelay": "0.001",
    },
  });
  const child = muxer.stream;
  let words = "";
  muxer.on("mpeg1data", onData);
  muxer.on("ffmpegStderr", (piece: Uint8Array) => {
    words = (words + String(piece)).slice(-WORDS_KEPT_CHARS);
  });
  let isOpen = true;
  const close = (): void => {
    isOpen = false;
  };
  child.stdin.on("error", close);
  const ended = new Promise<string>((resolve) => {
    child.once("error", (error) => {
      close();
      resolve(error.message);
    });
    child.once("close", () => {
      close();
      resolve(words.trim());
    });
  });
  return {
    write: (bytes) => {
      if (isOpen) child.stdin.write(bytes);
    },
    get bufferedBytes() {
      return child.stdin.writableLength;
    },
    ended,
    [Symbol.asyncDispose]: async () => {
      close();
      muxer.removeAllListeners("mpeg1data");
      if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, "close");
      child.stdin.destroy();
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), KILL_AFTER_MS);
      await gone;
      clearTimeout(timer);
    },
  };
}
