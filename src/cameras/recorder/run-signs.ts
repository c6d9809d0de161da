import type { Clock } from "../../kernel/clock.ts";
import { SECOND_MS, type UptimeMs } from "../../kernel/time.ts";
import type { CaptureProgress } from "../../media/capture.ts";
import { isTimeComplaint } from "../rules/ffmpeg-words.ts";
import { readInit } from "../rules/mp4-init.ts";
import { newMp4Splitter } from "../rules/mp4.ts";
import { nalCodecOf, sequenceSetOf } from "../rules/parameter-sets.ts";
import type { RunSigns } from "../rules/recording-watch.ts";

/** Takes what a run of ffmpeg says and shows, and answers how it goes. */
export interface SignsBook {
  signs(): RunSigns;
  /** Over the last seconds; null before there is something to count. */
  rates(): { readonly kbps: number | null; readonly fps: number | null };
  progress(progress: CaptureProgress): void;
  line(line: string): void;
  live(bytes: Uint8Array): void;
  fileBegun(): void;
}

const RATE_OVER_MS = 5 * SECOND_MS;
const COMPLAINTS_KEPT = 20;

export function newSignsBook(clock: Clock): SignsBook {
  const startedAt = clock.uptime();
  const complaints: UptimeMs[] = [];
  const samples: { at: UptimeMs; frames: number; bytes: number }[] = [];
  const sizes = newSizeWatch();
  let frames = 0;
  let framesAt = startedAt;
  let fileAt = startedAt;
  return {
    signs: () => ({
      ...{ startedAt, frames, framesAt, fileAt },
      timeComplaints: complaints,
      changed: sizes.changed(),
    }),
    rates: () => {
      const [first] = samples;
      const last = samples.at(-1);
      if (first === undefined || last === undefined || last.at - first.at < SECOND_MS / 2) {
        return { kbps: null, fps: null };
      }
      const seconds = (last.at - first.at) / SECOND_MS;
      return {
        kbps: Math.round(((last.bytes - first.bytes) * 8) / 1_000 / seconds),
        fps: Math.round(((last.frames - first.frames) / seconds) * 10) / 10,
      };
    },
    progress: (progress) => {
      const now = clock.uptime();
      if (progress.frames > frames) {
        frames = progress.frames;
        framesAt = now;
      }
      samples.push({ at: now, frames: progress.frames, bytes: progress.bytes });
      while ((samples[0]?.at ?? now) < now - RATE_OVER_MS) samples.shift();
    },
    line: (line) => {
      if (!isTimeComplaint(line)) return;
      complaints.push(clock.uptime());
      if (complaints.length > COMPLAINTS_KEPT) complaints.shift();
    },
    live: (bytes) => sizes.push(bytes),
    fileBegun: () => {
      fileAt = clock.uptime();
    },
  };
}

/**
 * Says when the pictures of the live leg begin to be of another size. ffmpeg copies on under the old header, and what
 * follows could not be played, so the run has to end.
 */
function newSizeWatch(): { push(bytes: Uint8Array): void; changed(): boolean } {
  const splitter = newMp4Splitter();
  let codec: ReturnType<typeof nalCodecOf>;
  let first: string | undefined;
  let changed = false;
  return {
    push: (bytes) => {
      if (changed) return;
      for (const piece of splitter.push(bytes)) {
        if (piece.kind === "init") {
          codec = nalCodecOf(readInit(piece.bytes)?.video.codec ?? "");
          continue;
        }
        const found = codec === undefined ? undefined : sequenceSetOf(piece.bytes, codec);
        if (found === undefined) continue;
        first ??= found;
        changed ||= first !== found;
      }
    },
    changed: () => changed,
  };
}
