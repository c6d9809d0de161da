import { mkdir, readdir, readFile, rename, rm, rmdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { asError } from "../kernel/faults.ts";
import { DAY_MS, epochMs, MINUTE_MS, type EpochMs } from "../kernel/time.ts";
import type { CameraId, Span } from "./rules/model.ts";

export interface Thumbnail {
  readonly at: EpochMs;
  readonly jpeg: Uint8Array;
}

/** Small pictures of the past, about one a minute and camera, as files named by their time. */
export interface Thumbnails {
  /** Where a new picture may be written; `keep` then takes it over. */
  newFile(camera: CameraId): Promise<string>;
  keep(file: string, camera: CameraId, at: EpochMs): Promise<void>;
  /** The newest at or before that time, if it is not older than ten minutes. */
  nearestBefore(camera: CameraId, at: EpochMs): Promise<Thumbnail | undefined>;
  /** Removes what lies in the span: pictures must not outlive the recording they are of. */
  removeWithin(camera: CameraId, span: Span): Promise<void>;
  /** Removes the oldest of all cameras, whole days, until so many bytes are free or today's are left. */
  removeOldest(bytes: number): Promise<void>;
  /** Every camera with pictures, also those that are no longer there. */
  cameras(): Promise<readonly CameraId[]>;
  bytes(camera: CameraId): Promise<number>;
}

const REACH_MS = 10 * MINUTE_MS;
const DAY = /^\d{4}-\d{2}-\d{2}$/;
const FILE = /^(\d{12,14})\.jpg$/;

export function openThumbnails({ dir }: { readonly dir: string }): Thumbnails {
  let made = 0;
  const folderOf = (camera: CameraId, at: EpochMs): string =>
    join(dir, camera, new Date(at).toISOString().slice(0, 10));
  const timesIn = async (folder: string): Promise<readonly EpochMs[]> => {
    const names = await readdir(folder).catch(noneWhenMissing);
    return names
      .flatMap((name) => FILE.exec(name)?.[1] ?? [])
      .map((digits) => epochMs(Number(digits)))
      .sort((a, b) => a - b);
  };
  const sizeOf = async (folder: string): Promise<number> => {
    let sum = 0;
    for (const time of await timesIn(folder)) sum += (await stat(join(folder, `${time}.jpg`))).size;
    return sum;
  };
  return {
    newFile: async (camera) => {
      await mkdir(join(dir, camera), { recursive: true, mode: 0o700 });
      made += 1;
      return join(dir, camera, `new-${made}.jpg`);
    },
    keep: async (file, camera, at) => {
      const folder = folderOf(camera, at);
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await rename(file, join(folder, `${at}.jpg`));
    },
    nearestBefore: async (camera, at) => {
      const earliest = epochMs(at - REACH_MS);
      for (const folder of new Set([folderOf(camera, at), folderOf(camera, earliest)])) {
        const found = (await timesIn(folder)).findLast((time) => time <= at && time >= earliest);
        if (found === undefined) continue;
        return { at: found, jpeg: await readFile(join(folder, `${found}.jpg`)) };
      }
      return undefined;
    },
    removeWithin: async (camera, { from, to }) => {
      const days = await readdir(join(dir, camera)).catch(noneWhenMissing);
      for (const day of days) {
        const begins = Date.parse(`${day}T00:00:00Z`);
        if (!(begins < to && begins + DAY_MS > from)) continue;
        const folder = join(dir, camera, day);
        const times = await timesIn(folder);
        const doomed = times.filter((time) => time >= from && time < to);
        for (const time of doomed) await rm(join(folder, `${time}.jpg`), { force: true });
        if (doomed.length === times.length) await rmdir(folder).catch(unlessInUse);
      }
    },
    removeOldest: async (bytes) => {
      const folders: { readonly day: string; readonly folder: string }[] = [];
      for (const camera of await readdir(dir).catch(noneWhenMissing)) {
        for (const day of await readdir(join(dir, camera)).catch(noneWhenMissing)) {
          if (DAY.test(day)) folders.push({ day, folder: join(dir, camera, day) });
        }
      }
      const newest = folders.reduce((last, { day }) => (day > last ? day : last), "");
      let left = bytes;
      for (const { day, folder } of folders.sort((a, b) => (a.day < b.day ? -1 : 1))) {
        if (left <= 0 || day === newest) return;
        left -= await sizeOf(folder);
        await rm(folder, { recursive: true, force: true });
      }
    },
    cameras: async () => (await readdir(dir).catch(noneWhenMissing)) as CameraId[],
    bytes: async (camera) => {
      let sum = 0;
      for (const day of await readdir(join(dir, camera)).catch(noneWhenMissing)) {
        sum += await sizeOf(join(dir, camera, day));
      }
      return sum;
    },
  };
}

function noneWhenMissing(error: unknown): string[] {
  const { code } = asError(error) as NodeJS.ErrnoException;
  if (code === "ENOENT" || code === "ENOTDIR") return [];
  throw error;
}

/** A picture may have come meanwhile. */
function unlessInUse(error: unknown): void {
  const { code } = asError(error) as NodeJS.ErrnoException;
  if (code !== "ENOTEMPTY" && code !== "ENOENT") throw error;
}
