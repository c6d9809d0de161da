import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runProcess } from "../../src/media/process.ts";
import { findMediaTools } from "../../src/media/tools.ts";

const FOREVER = new AbortController().signal;

/** A temporary folder and files made in it by ffmpeg itself. */
export interface MadeFiles extends AsyncDisposable {
  readonly dir: string;
  /** Runs ffmpeg with these arguments and the new file as output. */
  make(name: string, ...args: readonly string[]): Promise<string>;
}

export async function openMadeFiles(): Promise<MadeFiles> {
  const dir = await mkdtemp(join(tmpdir(), "made-files-"));
  return {
    dir,
    make: async (name, ...args) => {
      const path = join(dir, name);
      const { ffmpeg } = findMediaTools();
      await runProcess({ command: ffmpeg, args: ["-v", "error", "-nostdin", "-y", ...args, path] }, FOREVER);
      return path;
    },
    [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }),
  };
}

/** Pink noise in bursts of half a second: as uneven as speech, and the same at each run. */
export function speechLike(seconds: number, db = -12): readonly string[] {
  const noise = `anoisesrc=d=${seconds}:c=pink:r=44100:a=0.5:seed=7`;
  return ["-f", "lavfi", "-i", `${noise},tremolo=f=2:d=0.9,volume=${db}dB`];
}
