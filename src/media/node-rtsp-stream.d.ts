declare module "node-rtsp-stream/mpeg1muxer.js" {
  import type { ChildProcessWithoutNullStreams } from "node:child_process";
  import { EventEmitter } from "node:events";

  /** Starts ffmpeg at once. Emits `mpeg1data` with MPEG-TS. */
  export default class Mpeg1Muxer extends EventEmitter {
    constructor(options: { ffmpegPath: string; url: string; ffmpegOptions: Record<string, string> });
    readonly stream: ChildProcessWithoutNullStreams;
  }
}
