import { createHash } from "node:crypto";
import { createReadStream, mkdirSync, readdirSync, rmSync, statSync, statfsSync, utimesSync } from "node:fs";
import { open, rename } from "node:fs/promises";
import { join } from "node:path";
import { Sha256 } from "../speakers/protocol.ts";
import { Fault } from "../kernel/faults.ts";

interface KeptFile {
  readonly sha256: Sha256;
  readonly bytes: number;
  /** Wall time of this machine, milliseconds. */
  readonly usedAt: number;
}

/** Audio on this device, by hash. What is listed was whole when it was stored; `verified` looks again. */
export interface AudioFiles {
  has(sha256: Sha256): boolean;
  pathOf(sha256: Sha256): string;
  list(): KeptFile[];
  remove(sha256: Sha256): void;
  /** Reads the file and compares; one that has rotted is removed. Marks it as used. */
  verified(sha256: Sha256, usedAt: number): Promise<boolean>;
  /** Bytes that an interrupted fetch left. */
  partialBytes(sha256: Sha256): number;
  discardPartial(sha256: Sha256): void;
  /** Adds to what is there from `fromByte` on. Throws a Fault when the disk does not take it. */
  appendPartial(sha256: Sha256, fromByte: number, chunks: AsyncIterable<Uint8Array>): Promise<void>;
  /** Takes a fetched file in, once its hash is right; false, and gone, when it is wrong. */
  accept(sha256: Sha256): Promise<boolean>;
  freeBytes(): number;
}

export function openAudioFiles(dir: string): AudioFiles {
  const wholeDir = join(dir, "audio");
  const partialDir = join(dir, "partial");
  mkdirSync(wholeDir, { recursive: true });
  mkdirSync(partialDir, { recursive: true });
  const bytesOf = new Map<Sha256, number>();
  for (const name of readdirSync(wholeDir)) {
    const sha256 = Sha256.safeParse(name);
    if (sha256.success) bytesOf.set(sha256.data, statSync(join(wholeDir, name)).size);
  }
  const pathOf = (sha256: Sha256): string => join(wholeDir, sha256);
  const partialOf = (sha256: Sha256): string => join(partialDir, sha256);
  const remove = (sha256: Sha256): void => {
    bytesOf.delete(sha256);
    rmSync(pathOf(sha256), { force: true });
  };
  const sizeOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  return {
    has: (sha256) => bytesOf.has(sha256),
    pathOf,
    list: () =>
      [...bytesOf].map(([sha256, bytes]) => ({
        sha256,
        bytes,
        usedAt: statSync(pathOf(sha256), { throwIfNoEntry: false })?.mtimeMs ?? 0,
      })),
    remove,
    verified: async (sha256, usedAt) => {
      if (!bytesOf.has(sha256)) return false;
      if ((await hashOf(pathOf(sha256))) !== sha256) {
        remove(sha256);
        return false;
      }
      utimesSync(pathOf(sha256), usedAt / 1_000, usedAt / 1_000);
      return true;
    },
    partialBytes: (sha256) => sizeOf(partialOf(sha256)),
    discardPartial: (sha256) => rmSync(partialOf(sha256), { force: true }),
    appendPartial: async (sha256, fromByte, chunks) => {
      const file = await naming(partialOf(sha256), () => open(partialOf(sha256), fromByte > 0 ? "r+" : "w"));
      await using closing = file;
      let at = fromByte;
      for await (const chunk of chunks) {
        await naming(partialOf(sha256), () => closing.write(chunk, 0, chunk.length, at));
        at += chunk.length;
      }
      // Renamed only after its bytes are on the disk: a power cut must not leave a whole name over half a file.
      await naming(partialOf(sha256), () => closing.sync());
    },
    accept: async (sha256) => {
      if ((await hashOf(partialOf(sha256))) !== sha256) {
        rmSync(partialOf(sha256), { force: true });
        return false;
      }
      await rename(partialOf(sha256), pathOf(sha256));
      bytesOf.set(sha256, sizeOf(pathOf(sha256)));
      return true;
    },
    freeBytes: () => {
      const { bavail, bsize } = statfsSync(dir);
      return bavail * bsize;
    },
  };
}

async function hashOf(file: string): Promise<string | undefined> {
  const hash = createHash("sha256");
  try {
    for await (const chunk of createReadStream(file)) hash.update(chunk as Uint8Array);
  } catch (error) {
    // Unreadable is as good as wrong: it will be fetched again.
    if (error instanceof Error && "code" in error) return undefined;
    throw error;
  }
  return hash.digest("hex");
}

async function naming<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw new Fault("unavailable", `can't write ${file}`, { cause });
  }
}
