import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { Sha256, type AudioFile } from "../speakers/protocol.ts";

/** A finished file in a work folder. */
interface Finished {
  readonly path: string;
  readonly bytes: number;
  readonly kbps: number;
  readonly sampleRateHz: number;
}

/** Files named by their content: `ab/cd….mp3` below one folder. */
export interface AudioFiles {
  pathOf(sha256: Sha256): string;
  /** An empty folder for one piece of work; everything in it is gone afterwards. */
  openWorkDir(name: string): Promise<{ readonly path: string } & AsyncDisposable>;
  /** Moves a file to its place so that it is whole there, or not there at all, whenever the power fails. */
  keep(file: Finished): Promise<AudioFile>;
}

/** Opens the folder and clears what an interrupted run left: unfinished work, and files that no row names. */
export async function openAudioFiles(dir: string, known: readonly Sha256[]): Promise<AudioFiles> {
  const incoming = join(dir, "incoming");
  await rm(incoming, { recursive: true, force: true });
  await mkdir(incoming, { recursive: true, mode: 0o750 });
  await removeStrays(dir, new Set<string>(known));
  const pathOf = (sha256: string): string => join(dir, sha256.slice(0, 2), `${sha256.slice(2)}.mp3`);
  return {
    pathOf,
    openWorkDir: async (name) => {
      const path = join(incoming, name);
      await mkdir(path);
      return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
    },
    keep: async ({ path, bytes, kbps, sampleRateHz }) => {
      const sha256 = await hashOf(path);
      const place = pathOf(sha256);
      await mkdir(join(dir, sha256.slice(0, 2)), { recursive: true, mode: 0o750 });
      await flush(path);
      await rename(path, place);
      await flush(join(dir, sha256.slice(0, 2)));
      await flush(dir);
      return { sha256, bytes, kbps, sampleRateHz };
    },
  };
}

/** Of those named, the hashes whose file is missing or empty. */
export async function missingFiles(files: AudioFiles, named: readonly Sha256[]): Promise<Sha256[]> {
  const missing: Sha256[] = [];
  for (const sha256 of named) {
    const found = await stat(files.pathOf(sha256)).catch(() => undefined);
    if (found === undefined || found.size === 0) missing.push(sha256);
  }
  return missing;
}

async function hashOf(path: string): Promise<Sha256> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return Sha256.parse(hash.digest("hex"));
}

/** Also for folders: a rename is on the disk once its folder is. */
async function flush(path: string): Promise<void> {
  await using handle = await open(path, "r");
  await handle.sync();
}

async function removeStrays(dir: string, known: ReadonlySet<string>): Promise<void> {
  for (const folder of await readdir(dir)) {
    if (!/^[0-9a-f]{2}$/.test(folder)) continue;
    for (const file of await readdir(join(dir, folder))) {
      const sha256 = folder + file.replace(/\.mp3$/, "");
      if (!known.has(sha256)) await rm(join(dir, folder, file), { force: true });
    }
  }
}
