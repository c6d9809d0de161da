import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { isStopped } from "../../kernel/clock.ts";
import type { Log } from "../../kernel/log.ts";
import { DAY_MS, epochMs, type EpochMs } from "../../kernel/time.ts";
import type { CameraId, Segment } from "../rules/model.ts";
import type { SegmentStore } from "../segment-store.ts";
import { syncFile, type KeepOrder } from "./keep-file.ts";

interface RecoveryParts {
  readonly dir: string;
  readonly segments: SegmentStore;
  readonly log: Log;
  readonly keep: (order: KeepOrder) => Promise<Segment | undefined>;
}

const RECORDED = /^([a-z0-9-]+)-(\d{6,})\.mp4$/;
const DAY = /^\d{8}$/;
/** A file without its row can only be of the last days: what could not be entered is tried again at once. */
const LOOK_BACK_MS = 2 * DAY_MS;

/** Removes files whose deletion was begun and not finished. */
export async function finishDeletions({ dir, segments }: Omit<RecoveryParts, "keep" | "log">): Promise<void> {
  const garbage = segments.garbage();
  for (const path of garbage) await rm(join(dir, path), { force: true });
  for (const folder of new Set(garbage.map(folderOf)))
    await syncFile(join(dir, folder)).catch(() => undefined);
  segments.dropGarbage(garbage);
}

export function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/"));
}

/**
 * Enters what a crash left behind: files that lie in the ring without a row are cut to their whole part and kept, those
 * without a picture removed. `since`: when the recorder was last known to run. Returns how many were kept.
 */
export async function recoverCamera(
  camera: CameraId,
  since: EpochMs | undefined,
  { dir, segments, log, keep }: RecoveryParts,
  signal: AbortSignal,
): Promise<number> {
  const days = (await listed(join(dir, camera))).filter((name) => DAY.test(name)).sort();
  const oldest = since === undefined ? "" : dayName(epochMs(since - LOOK_BACK_MS));
  let kept = 0;
  for (const day of days.filter((name) => name >= oldest)) {
    const folder = `${camera}/${day}`;
    let follows: { session: string; end: EpochMs } | undefined;
    for (const name of (await listed(join(dir, folder))).sort()) {
      if (isStopped(signal)) return kept;
      const [, session, number] = RECORDED.exec(name) ?? [];
      if (session === undefined || segments.has(camera, session, Number(number))) continue;
      const path = `${folder}/${name}`;
      const segment = await keep({
        ...{ camera, session, path, n: Number(number), found: true },
        closedAt: epochMs(Math.round((await stat(join(dir, path))).mtimeMs)),
        follows: follows?.session === session ? follows.end : undefined,
      });
      follows = segment === undefined ? undefined : { session, end: segment.endAt };
      kept += segment === undefined ? 0 : 1;
      log.warn({ path, kept: segment !== undefined }, "a recording was left over from before the start");
    }
  }
  return kept;
}

function dayName(at: EpochMs): string {
  return new Date(at).toISOString().slice(0, 10).replaceAll("-", "");
}

async function listed(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}
