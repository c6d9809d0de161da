import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { localZone } from "../../broadcast/rules/local-time.ts";
import { isStopped, type Clock } from "../../kernel/clock.ts";
import { asError, Fault } from "../../kernel/faults.ts";
import type { Log } from "../../kernel/log.ts";
import { runTogether } from "../../kernel/run-together.ts";
import { text } from "../../kernel/text.ts";
import { SECOND_MS } from "../../kernel/time.ts";
import { checkCapture } from "../../media/capture-check.ts";
import type { Database } from "../../store/database.ts";
import type { Cameras } from "../cameras.ts";
import { openGapStore } from "../gap-store.ts";
import type { Ledger } from "../ledger.ts";
import type { LiveSink, Recordings } from "../recordings.ts";
import type { CameraId, KeptSpan, OpenSegment, Segment, Span } from "../rules/model.ts";
import { openSegmentStore, type SegmentStore } from "../segment-store.ts";
import { newCameraLoop, type CameraLoop } from "./camera-loop.ts";
import { newCleaner, type DiskState, type Sacrifice } from "./cleaner.ts";
import { markDeleted, removeFiles } from "./deletion.ts";
import { keepFile, type KeepOrder } from "./keep-file.ts";
import { openPidFiles } from "./orphans.ts";
import { finishDeletions, recoverCamera } from "./recovery.ts";
import { openRing } from "./ring.ts";
import { watchSteps } from "./step-watch.ts";

export interface RecorderParts {
  readonly cameras: Cameras;
  readonly ledger: Ledger;
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Log;
  /** 0 ≤ x < 1. */
  readonly random: () => number;
  readonly tools: { readonly ffmpeg: string };
  /** Folder of the ring; made when it is missing. */
  readonly dir: string;
  readonly segmentSec: number;
  /** Part of the disk that stays free. */
  readonly reservePercent: number;
  readonly live: (camera: CameraId) => LiveSink;
  /** What no clean-up may touch. */
  readonly kept: (camera: CameraId, span: Span) => readonly KeptSpan[];
  /** A camera's recording status changed. */
  readonly onStatus: (camera: CameraId) => void;
  readonly timeZone: string;
  /** What goes before and after ordinary recordings when room is short. */
  readonly sacrifice?: Sacrifice;
  /** Asks the camera anew where its stream is, after some failures in a row. */
  readonly reresolve?: (camera: CameraId, signal: AbortSignal) => Promise<void>;
}

/** How much of the ring a camera takes. */
export interface CameraStorage {
  readonly camera: CameraId;
  readonly bytes: number;
  readonly files: number;
  readonly gaps: number;
}

export interface Recorder extends Recordings {
  /** Recovers what a crash left, then records every camera until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
  /**
   * Deletes the whole files that touch the span because somebody asked for it; `alongside` runs in the transaction that
   * marks them as deleted, and what it throws stops all of it. Throws Fault("conflict") while such a file is still being
   * written.
   */
  erase(camera: CameraId, span: Span, alongside: (files: readonly Segment[]) => void): Promise<void>;
  /** How the disk stood at the last look; undefined before the first. */
  disk(): DiskState | undefined;
  /** Cameras with files or gaps, also those that were removed. */
  storage(): readonly CameraStorage[];
}

const HEARTBEAT_EVERY_MS = 15 * SECOND_MS;
/** Cameras and disks are spared a common start. */
const STAGGER_MS = 250;
const RECOVERED_AT_ONCE = 4;

export async function openRecorder(parts: RecorderParts): Promise<Recorder> {
  const { cameras, ledger, database, clock, log, dir } = parts;
  await usable(dir);
  const segments = openSegmentStore(database);
  const gaps = openGapStore(database, ledger);
  const ring = openRing({ cameras, segments, gaps, clock, dir, onStatus: parts.onStatus });
  const pids = await openPidFiles(join(dir, "run"), log);
  const loops = new Map<CameraId, CameraLoop>();
  const cleaner = await newCleaner({
    ...{ dir, cameras, segments, ledger, database, clock, log, kept: parts.kept },
    reservePercent: parts.reservePercent,
    onStopChange: parts.onStatus,
    ...(parts.sacrifice !== undefined && { sacrifice: parts.sacrifice }),
  });
  const keep = async (order: KeepOrder): Promise<Segment | undefined> => {
    const segment = await keepFile(order, { dir, database, segments, gaps, ledger, log });
    if (segment !== undefined) ring.announce(segment);
    return segment;
  };
  const loopOf = (id: CameraId): CameraLoop =>
    newCameraLoop(id, {
      ...{ cameras, segments, gaps, ring, clock, dir, pids, keep },
      ...{ random: parts.random, live: parts.live, segmentSec: parts.segmentSec },
      log: log.child({ camera: id }),
      ffmpeg: parts.tools.ffmpeg,
      zone: localZone(parts.timeZone),
      isStopped: cleaner.isStopped,
      makeRoom: () => cleaner.makeRoom(),
      reresolve: parts.reresolve ?? (() => Promise.resolve()),
    });

  /** What was not recorded because we did not run; its end comes with the first new picture. */
  const noteAbsence = (id: CameraId): void => {
    const open = gaps.openGap(id);
    const last = segments.lastEndAt(id);
    const now = clock.now();
    if (open !== undefined) gaps.missing(id, "controller-down", open.from, segments.heartbeat() ?? now);
    else if (last !== undefined) gaps.missing(id, "controller-down", last, now);
  };

  const recover = async (signal: AbortSignal): Promise<void> => {
    await finishDeletions({ dir, segments });
    const since = segments.heartbeat();
    const ids = cameras.all().map(({ id }) => id);
    const next = async (): Promise<void> => {
      for (let id = ids.shift(); id !== undefined && !isStopped(signal); id = ids.shift()) {
        await recoverCamera(id, since, { dir, segments, log, keep }, signal);
        noteAbsence(id);
      }
    };
    await Promise.all(Array.from({ length: RECOVERED_AT_ONCE }, next));
  };

  const beat = async (signal: AbortSignal): Promise<void> => {
    do {
      try {
        segments.beat(clock.now());
      } catch (error) {
        log.debug({ err: asError(error) }, "the heartbeat can't be written");
      }
    } while (await clock.sleep(HEARTBEAT_EVERY_MS, signal));
  };

  const recordAll = async (signal: AbortSignal): Promise<void> => {
    const running = new Map<CameraId, Promise<void>>();
    let failure: Error | undefined;
    const stop = new AbortController();
    const either = AbortSignal.any([signal, stop.signal]);
    const begin = async (id: CameraId, delayMs: number): Promise<void> => {
      if (!(await clock.sleep(delayMs, either))) return;
      const loop = loopOf(id);
      loops.set(id, loop);
      await loop.run(either);
    };
    const start = (id: CameraId, delayMs: number): void => {
      if (running.has(id) || isStopped(either)) return;
      const work = begin(id, delayMs)
        .catch((error: unknown) => {
          failure = asError(error);
          stop.abort();
        })
        .finally(() => {
          running.delete(id);
          loops.delete(id);
        });
      running.set(id, work);
    };
    const changes = cameras.onChange((id) => {
      if (cameras.find(id) !== undefined) start(id, 0);
      loops.get(id)?.changed();
    });
    cameras.all().forEach(({ id }, index) => start(id, index * STAGGER_MS));
    await new Promise<void>((resolve) => {
      if (isStopped(either)) resolve();
      else either.addEventListener("abort", () => resolve(), { once: true });
    });
    changes[Symbol.dispose]();
    await Promise.all(running.values());
    if (failure !== undefined) throw failure;
  };

  return {
    ...ring.recordings,
    disk: cleaner.last,
    erase: async (camera, span, alongside) => {
      refuseUnfinished(ring.recordings.openSegment(camera), span, segments);
      const paths = database.transact(() => {
        const files = segments.touching(camera, span);
        alongside(files);
        return markDeleted({ camera, reason: "request", files }, { dir, database, segments, ledger, clock });
      });
      await removeFiles(paths, { dir, segments });
    },
    storage: () =>
      [...new Set([...cameras.all().map(({ id }) => id), ...segments.cameras()])].map((camera) => ({
        camera,
        bytes: segments.bytes(camera),
        files: segments.count(camera),
        gaps: gaps.count(camera),
      })),
    run: async (signal) => {
      await recover(signal);
      await checkCapture(parts.tools.ffmpeg, signal).catch((error: unknown) => {
        if (!isStopped(signal)) log.error({ err: asError(error) }, "this ffmpeg can't record cameras");
      });
      await cleaner.look().catch((error: unknown) => {
        log.error({ err: asError(error) }, "recordings can't be cleaned up");
      });
      await runTogether(
        [
          recordAll,
          beat,
          (stop) => cleaner.run(stop),
          (stop) =>
            watchSteps(
              clock,
              (at, byMs) => {
                log.warn({ byMs }, "the clock was set; recordings begin anew");
                for (const loop of loops.values()) loop.clockStepped(at);
              },
              stop,
            ),
        ],
        signal,
      );
    },
  };
}

/** The file before the open one is hashed and synced before its row is there. */
function refuseUnfinished(open: OpenSegment | undefined, span: Span, segments: SegmentStore): void {
  if (open === undefined) return;
  const isBeforeThere = open.n === 0 || segments.has(open.camera, open.session, open.n - 1);
  if (open.startAt >= span.to && isBeforeThere) return;
  throw new Fault(
    "conflict",
    text(
      "The last part of that time is still being written.",
      "Phần cuối của khoảng thời gian này đang được ghi.",
    ),
    { hint: text("Try again in a minute.", "Hãy thử lại sau một phút.") },
  );
}

async function usable(dir: string): Promise<void> {
  try {
    await mkdir(dir, { recursive: true, mode: 0o750 });
  } catch (error) {
    throw new Fault(
      "unavailable",
      {
        en: `The folder of recordings ${dir} can't be made: ${asError(error).message}.`,
        vi: `Không tạo được thư mục ghi hình ${dir}: ${asError(error).message}.`,
      },
      {
        field: "cameras.dir",
        cause: error,
        hint: {
          en: "Name a folder that the service may write to (cameras.dir).",
          vi: "Hãy chọn thư mục mà dịch vụ được phép ghi (cameras.dir).",
        },
      },
    );
  }
}
