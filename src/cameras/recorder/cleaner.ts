import { statfs } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../../kernel/clock.ts";
import { asError } from "../../kernel/faults.ts";
import type { Log } from "../../kernel/log.ts";
import { epochMs, HOUR_MS, SECOND_MS, type EpochMs } from "../../kernel/time.ts";
import type { Database } from "../../store/database.ts";
import type { Cameras } from "../cameras.ts";
import type { Ledger } from "../ledger.ts";
import type { CameraId, KeptSpan, Segment, Span } from "../rules/model.ts";
import {
  deletionsFor,
  isKept,
  pressureOf,
  stopChange,
  type Deletion,
  type DiskSpace,
  type Pressure,
  type RingCamera,
} from "../rules/storage-policy.ts";
import type { SegmentStore } from "../segment-store.ts";
import { newBalloon, type Balloon } from "./balloon.ts";
import { markDeleted, removeFiles } from "./deletion.ts";

export interface CleanerParts {
  readonly dir: string;
  readonly cameras: Cameras;
  readonly segments: SegmentStore;
  readonly ledger: Ledger;
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly reservePercent: number;
  readonly kept: (camera: CameraId, span: Span) => readonly KeptSpan[];
  readonly onStopChange: (camera: CameraId) => void;
  /** What goes before and after ordinary recordings when room is short. */
  readonly sacrifice?: Sacrifice;
}

/** Other features' files on the disk of recordings. */
export interface Sacrifice {
  /** Before any recording: what is worth least. */
  first(bytes: number): Promise<void>;
  /** After all recordings that may go: what is past its time and was not yet cleaned up. */
  last(): Promise<void>;
}

/** How the ring's disk stood at the last look. */
export interface DiskState extends DiskSpace, Pressure {
  readonly hourlyBytes: number;
  /** Cameras that are not recorded for want of room. */
  readonly stopped: readonly CameraId[];
}

export interface Cleaner {
  /** Deletes what is due, and what the disk asks for. */
  look(): Promise<DiskState>;
  /** After a write failed for want of space: lets the balloon go, then deletes. */
  makeRoom(): Promise<void>;
  readonly isStopped: (camera: CameraId) => boolean;
  readonly last: () => DiskState | undefined;
  run(signal: AbortSignal): Promise<void>;
}

const LOOK_EVERY_MS = 30 * SECOND_MS;
/** While room is short: cameras that stand still wait for it. */
const LOOK_AGAIN_MS = 5 * SECOND_MS;
/** Files looked at a time; a look goes on in rounds while there is more to delete. */
const FILES_AT_ONCE = 200;
const ROUNDS = 50;
/** Of a camera whose own days nobody knows any more. */
const DAYS_OF_REMOVED = 30;

export async function newCleaner(parts: CleanerParts): Promise<Cleaner> {
  const { dir, segments, clock, log } = parts;
  const stopped = new Set<CameraId>();
  const balloon: Balloon = newBalloon(join(dir, "balloon"), (await spaceOf(dir)).totalBytes);
  let last: DiskState | undefined;
  let busiestBytes = 0;
  let looking: Promise<DiskState> | undefined;

  const hourlyBytes = (): number => {
    const lastHour = segments.bytesSince(epochMs(clock.now() - HOUR_MS));
    // The busiest hour is forgotten slowly, by a tenth each day.
    busiestBytes = Math.max(lastHour, busiestBytes * 0.9 ** ((LOOK_EVERY_MS / HOUR_MS) * (1 / 24)));
    return busiestBytes;
  };

  const apply = async ({ camera, reason, files }: Deletion): Promise<void> => {
    const paths = markDeleted({ camera, reason, files: files as readonly Segment[] }, parts);
    await removeFiles(paths, parts);
    if (reason === "pressure")
      log.warn({ camera, files: paths.length }, "old recordings deleted to make room");
  };

  const measure = async (): Promise<DiskSpace & Pressure & { hourlyBytes: number }> => {
    const space = await spaceOf(dir);
    const hourly = hourlyBytes();
    return { ...space, ...pressureOf(space, hourly, parts.reservePercent), hourlyBytes: hourly };
  };

  const look = async (): Promise<DiskState> => {
    let state = await measure();
    if (state.toFreeBytes > 0 && parts.sacrifice !== undefined) {
      await parts.sacrifice.first(state.toFreeBytes);
      state = await measure();
    }
    for (let round = 0; round < ROUNDS; round += 1) {
      const deletions = deletionsFor(ringCameras(parts), state.toFreeBytes, clock.now());
      if (deletions.length === 0) break;
      for (const deletion of deletions) await apply(deletion);
      state = await measure();
    }
    if (state.toFreeBytes > 0 && parts.sacrifice !== undefined) {
      await parts.sacrifice.last();
      state = await measure();
    }
    const change = stopChange(ringCameras(parts), stopped, state);
    if (change.change === "stop") {
      stopped.add(change.camera);
      log.error({ camera: change.camera }, "recording stops: the disk is full of what must be kept");
      parts.onStopChange(change.camera);
    } else if (change.change === "resume") {
      stopped.delete(change.camera);
      log.info({ camera: change.camera }, "recording goes on: there is room again");
      parts.onStopChange(change.camera);
    }
    await balloon.fill(state.freeBytes, state.lowBytes).catch((error: unknown) => {
      log.debug({ err: asError(error) }, "no room for the balloon");
      return balloon.release();
    });
    last = { ...state, stopped: [...stopped] };
    return last;
  };

  /** Two looks at once would delete the same files. */
  const lookOnce = (): Promise<DiskState> => {
    looking ??= look().finally(() => {
      looking = undefined;
    });
    return looking;
  };

  return {
    look: lookOnce,
    makeRoom: async () => {
      await balloon.release();
      await looking?.catch(() => undefined);
      await lookOnce();
    },
    isStopped: (camera) => stopped.has(camera),
    last: () => last,
    run: async (signal) => {
      let lookedAt = clock.uptime();
      while (await clock.sleep(LOOK_AGAIN_MS, signal)) {
        const short = stopped.size > 0 || last?.level === "critical";
        if (!short && clock.uptime() - lookedAt < LOOK_EVERY_MS) continue;
        lookedAt = clock.uptime();
        await lookOnce().catch((error: unknown) => {
          log.error({ err: asError(error) }, "recordings can't be cleaned up");
        });
      }
    },
  };
}

async function spaceOf(dir: string): Promise<DiskSpace> {
  const { bavail, blocks, bsize } = await statfs(dir);
  return { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
}

function ringCameras({ cameras, segments, clock, kept }: CleanerParts): RingCamera[] {
  const everything: Span = { from: epochMs(0), to: clock.now() };
  const ids = new Set([...segments.cameras(), ...cameras.all().map(({ id }) => id)]);
  return [...ids].map((camera) => {
    const { retentionDays, quotaBytes, priority } = cameras.find(camera) ??
      cameras.removed(camera) ?? {
        retentionDays: DAYS_OF_REMOVED,
        quotaBytes: null,
        priority: 9,
      };
    const spans = kept(camera, everything);
    const oldest = deletable(camera, segments, spans);
    return {
      camera,
      retentionDays,
      quotaBytes,
      priority,
      bytes: segments.bytes(camera),
      oldest,
      kept: spans,
    };
  });
}

/** Past what is kept: a hold of many days must not hide what lies after it. */
function deletable(camera: CameraId, segments: SegmentStore, kept: readonly KeptSpan[]): Segment[] {
  const found: Segment[] = [];
  let after: EpochMs | undefined;
  while (found.length < FILES_AT_ONCE) {
    const page = segments.oldest(camera, FILES_AT_ONCE, after);
    found.push(...page.filter((segment) => !isKept(segment, kept)));
    after = page.at(-1)?.startAt;
    if (page.length < FILES_AT_ONCE) break;
  }
  return found;
}
