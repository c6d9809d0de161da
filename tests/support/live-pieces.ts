import { readFile } from "node:fs/promises";
import { newMp4Splitter } from "../../src/cameras/rules/mp4.ts";
import type { LiveFragment, LiveInit, LiveViewer } from "../../src/cameras/live/channel.ts";
import type { MadeFiles } from "./made-files.ts";

/** A live leg as ffmpeg writes it, in its pieces. */
export interface LivePieces {
  readonly init: Uint8Array;
  /** A quarter of a second each; every fourth begins with a key frame. */
  readonly fragments: readonly Uint8Array[];
}

interface Shape {
  readonly seconds: number;
  readonly size?: string;
}

/** Twelve small pictures a second, a key frame every second. */
export async function makeLivePieces(
  files: MadeFiles,
  name: string,
  { seconds, size = "64x48" }: Shape,
): Promise<LivePieces> {
  const file = await files.make(
    name,
    ...["-f", "lavfi", "-i", `testsrc2=s=${size}:r=12`, "-t", String(seconds), "-pix_fmt", "yuv420p"],
    ...["-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-g", "12"],
    ...["-movflags", "+frag_keyframe+empty_moov+default_base_moof", "-frag_duration", "250000"],
    ...["-video_track_timescale", "90000"],
  );
  const [init, ...fragments] = newMp4Splitter()
    .push(await readFile(file))
    .map(({ bytes }) => bytes);
  if (init === undefined) throw new Error("ffmpeg made no init segment");
  return { init, fragments };
}

/** Notes what it is shown, in words. */
export class NotingViewer implements LiveViewer {
  readonly seen: string[] = [];
  readonly fragments: LiveFragment[] = [];
  inits: LiveInit[] = [];
  buffered = 0;

  bufferedBytes(): number {
    return this.buffered;
  }

  init(init: LiveInit): void {
    this.inits.push(init);
    this.seen.push(`init ${init.widthPx}x${init.heightPx}`);
  }

  fragment(fragment: LiveFragment): void {
    this.fragments.push(fragment);
    this.seen.push(fragment.startsWithKey ? "key" : "other");
  }

  dropped(fragments: number): void {
    this.seen.push(`dropped ${fragments}`);
  }

  waiting(said: { readonly en: string }): void {
    this.seen.push(`waiting: ${said.en}`);
  }

  /** What was seen since the last look. */
  news(): string[] {
    return this.seen.splice(0);
  }
}
