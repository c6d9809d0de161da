import { execFileSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, statfsSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const MEGABYTE = 1_048_576;
const SHARED_MEMORY = "/dev/shm";

/** A file system that really fills up. */
interface SmallDisk extends Disposable {
  readonly path: string;
  /** Writes until nothing more fits, but leaves `leftBytes`. */
  fill(leftBytes: number): void;
  empty(): void;
}

/**
 * A tmpfs of its own where mounting is allowed, else a folder of a container's small /dev/shm. Quotas and size limits of
 * a process fail in other ways than a full disk does, so nothing else will do.
 */
export function openSmallDisk(megabytes: number): SmallDisk {
  const mounted = mountTmpfs(megabytes);
  const path = mounted ?? sharedMemory(megabytes);
  const filler = join(path, "filler");
  return {
    path,
    fill: (leftBytes) => {
      const file = openSync(filler, "a");
      try {
        for (;;) {
          const { bavail, bsize } = statfsSync(path);
          const bytes = Math.min(MEGABYTE, bavail * bsize - leftBytes);
          if (bytes <= 0) return;
          writeSync(file, new Uint8Array(bytes));
        }
      } finally {
        closeSync(file);
      }
    },
    empty: () => rmSync(filler, { force: true }),
    [Symbol.dispose]: () => {
      if (mounted !== undefined) execFileSync("umount", ["--lazy", mounted]);
      rmSync(path, { recursive: true, force: true });
    },
  };
}

function mountTmpfs(megabytes: number): string | undefined {
  const path = mkdtempSync(join(tmpdir(), "small-disk-"));
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${megabytes}m`, "tmpfs", path], { stdio: "ignore" });
    return path;
  } catch {
    rmSync(path, { recursive: true, force: true });
    return undefined;
  }
}

function sharedMemory(megabytes: number): string {
  const { bavail, bsize } = statfsSync(SHARED_MEMORY);
  if (bavail * bsize > 8 * megabytes * MEGABYTE) {
    throw new Error("a small disk is needed: give the tests the right to mount a tmpfs");
  }
  return mkdtempSync(join(SHARED_MEMORY, "small-disk-"));
}
