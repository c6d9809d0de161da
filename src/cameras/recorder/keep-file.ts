import { open, rm, truncate } from "node:fs/promises";
import { dirname, join } from "node:path";
import { asError } from "../../kernel/faults.ts";
import type { Log } from "../../kernel/log.ts";
import { epochMs, type EpochMs } from "../../kernel/time.ts";
import type { Database } from "../../store/database.ts";
import type { GapStore } from "../gap-store.ts";
import type { Ledger } from "../ledger.ts";
import { SEAM_MS } from "../rules/completeness.ts";
import type { CameraId, Segment } from "../rules/model.ts";
import type { SegmentStore } from "../segment-store.ts";
import { hashFile, measureFile, type Measured } from "./measure.ts";

export interface KeepParts {
  /** Folder of the ring. */
  readonly dir: string;
  readonly database: Database;
  readonly segments: SegmentStore;
  readonly gaps: Pick<GapStore, "add">;
  readonly ledger: Ledger;
  readonly log: Log;
  /** Brings a file's bytes to the disk; replaced where a failing disk is tested. */
  readonly sync?: (file: string) => Promise<void>;
}

/** Less than from one picture to the next. */
const ROUNDING_MS = 40;

export interface KeepOrder {
  readonly camera: CameraId;
  readonly session: string;
  readonly n: number;
  /** Below the ring's folder. */
  readonly path: string;
  /** When its first picture came, where the run's own time tells. */
  readonly startAt?: EpochMs;
  /** When the last byte was written, by our clock. */
  readonly closedAt: EpochMs;
  /** End of the file before it in the same run. */
  readonly follows: EpochMs | undefined;
  /** Found at a start. */
  readonly found: boolean;
}

/**
 * Makes a closed file a part of the ring: cut to its whole part, brought to the disk, hashed; then its row and its ledger
 * entry in one transaction. File first, row last. A file without a whole fragment is removed: undefined.
 */
export async function keepFile(order: KeepOrder, parts: KeepParts): Promise<Segment | undefined> {
  const { dir, database, segments, gaps, ledger, log, sync = syncFile } = parts;
  const file = join(dir, order.path);
  const measured = await measureFile(file);
  if (measured === undefined || measured.durationMs <= 0) {
    await rm(file, { force: true });
    return undefined;
  }
  if (measured.torn) await truncate(file, measured.wholeBytes);
  let suspect = false;
  try {
    await sync(file);
    await sync(dirname(file));
  } catch (error) {
    suspect = true;
    log.error({ err: asError(error), path: order.path }, "the disk reports an error; recording is suspect");
  }
  const sha256 = await hashFile(file);
  const bytes = await sizeOf(file);
  const startAt = startOf(measured, order);
  const endAt = epochMs(startAt + measured.durationMs);
  const { camera, session, n, path } = order;
  const { follows } = order;
  return database.transact(() => {
    // The camera paused between two files, too briefly for the run to be ended.
    if (follows !== undefined && startAt - follows > SEAM_MS) {
      gaps.add(camera, "stalled", { from: follows, to: startAt });
    }
    const { n: ledgerN } = ledger.append(camera, {
      kind: "segment",
      ...{ session, n, startAt, endAt, bytes, sha256 },
    });
    return segments.add({
      ...{ camera, session, n, path, startAt, endAt, bytes, sha256, ledgerN, suspect },
      codec: measured.codec,
      recovered: order.found || measured.torn,
    });
  });
}

/**
 * Without the run's own time by the closing: fragments are written as soon as they are whole, so a file's last byte is as
 * old as its last picture.
 */
function startOf({ durationMs }: Measured, { startAt, closedAt, follows }: KeepOrder): EpochMs {
  const start = startAt ?? epochMs(closedAt - durationMs);
  const joinsWithinMs = startAt === undefined ? SEAM_MS : ROUNDING_MS;
  return follows !== undefined && Math.abs(start - follows) <= joinsWithinMs ? follows : start;
}

/** Works on a read-only handle and on folders too: Linux flushes the file, whoever wrote it. */
export async function syncFile(file: string): Promise<void> {
  await using handle = await open(file, "r");
  await handle.datasync();
}

async function sizeOf(file: string): Promise<number> {
  await using handle = await open(file, "r");
  return (await handle.stat()).size;
}
