import { rm, rmdir } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../../kernel/clock.ts";
import type { Database } from "../../store/database.ts";
import type { Ledger, LedgerFact } from "../ledger.ts";
import type { CameraId, Segment } from "../rules/model.ts";
import type { SegmentStore } from "../segment-store.ts";
import { syncFile } from "./keep-file.ts";
import { folderOf } from "./recovery.ts";

interface DeletionParts {
  readonly dir: string;
  readonly database: Database;
  readonly segments: SegmentStore;
  readonly ledger: Ledger;
  readonly clock: Pick<Clock, "now">;
}

interface RingDeletion {
  readonly camera: CameraId;
  readonly reason: Extract<LedgerFact, { readonly kind: "deletion" }>["reason"];
  readonly files: readonly Segment[];
}

/**
 * First half: from here on the files are gone for everyone, and a restart goes on with the second half. Those that
 * somebody else has deleted meanwhile are left out. Returns the paths to remove.
 */
export function markDeleted(
  { camera, reason, files }: RingDeletion,
  { database, segments, ledger, clock }: DeletionParts,
): readonly string[] {
  return database.transact(() => {
    const there = files.filter(({ id }) => segments.isOnDisk(id));
    if (there.length === 0) return [];
    const bytes = there.reduce((sum, file) => sum + file.bytes, 0);
    ledger.append(camera, { kind: "deletion", entries: there.map(({ ledgerN }) => ledgerN), bytes, reason });
    segments.markDeleted(
      there.map(({ id }) => id),
      clock.now(),
      reason,
    );
    return there.map(({ path }) => path);
  });
}

/** Second half: the files themselves. */
export async function removeFiles(
  paths: readonly string[],
  { dir, segments }: Pick<DeletionParts, "dir" | "segments">,
): Promise<void> {
  for (const path of paths) await rm(join(dir, path), { force: true });
  for (const folder of new Set(paths.map(folderOf))) {
    await syncFile(join(dir, folder)).catch(() => undefined);
    // Only an empty one goes; today's is made again when it is needed.
    await rmdir(join(dir, folder)).catch(() => undefined);
  }
  segments.dropGarbage(paths);
}
