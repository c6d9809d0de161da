import type { LocalZone } from "../../broadcast/rules/local-time.ts";
import { isStopped, type Clock } from "../../kernel/clock.ts";
import { Fault } from "../../kernel/faults.ts";
import type { Log } from "../../kernel/log.ts";
import { epochMs, SECOND_MS, type EpochMs } from "../../kernel/time.ts";
import type { Cameras } from "../cameras.ts";
import type { GapStore } from "../gap-store.ts";
import type { LiveSink } from "../recordings.ts";
import { causeAfter, stateAfter, type EndReason } from "../rules/ffmpeg-words.ts";
import type { Camera, CameraId, GapCause, RecordingState, Segment } from "../rules/model.ts";
import { HEALTHY_AFTER_MS, RERESOLVE_AFTER_FAILURES, retryAfterMs } from "../rules/recording-watch.ts";
import { pauseAt } from "../rules/weekly-hours.ts";
import type { SegmentStore } from "../segment-store.ts";
import type { KeepOrder } from "./keep-file.ts";
import { answersRtsp, waitForCamera } from "./knock.ts";
import type { PidFiles } from "./orphans.ts";
import type { Ring } from "./ring.ts";
import { runSession, type SessionEnd } from "./session.ts";

export interface CameraLoopParts {
  readonly cameras: Cameras;
  readonly segments: SegmentStore;
  readonly gaps: GapStore;
  readonly ring: Ring;
  readonly clock: Clock;
  readonly log: Log;
  readonly random: () => number;
  readonly ffmpeg: string;
  readonly dir: string;
  readonly segmentSec: number;
  readonly zone: LocalZone;
  readonly pids: PidFiles;
  readonly live: (camera: CameraId) => LiveSink;
  readonly keep: (order: KeepOrder) => Promise<Segment | undefined>;
  /** The disk has no room for this camera. */
  readonly isStopped: (camera: CameraId) => boolean;
  /** Makes room after a write failed. */
  readonly makeRoom: () => Promise<void>;
  /** Asks the camera anew where its stream is. */
  readonly reresolve: (camera: CameraId, signal: AbortSignal) => Promise<void>;
}

/** A camera is looked at at least this often, though nobody calls: pauses begin and end by the clock. */
const LOOK_EVERY_MS = SECOND_MS;

type Rest = { readonly state: RecordingState; readonly cause: GapCause } | undefined;

/** Records one camera for ever: run after run, with what lies between them written down. */
export function newCameraLoop(id: CameraId, parts: CameraLoopParts): CameraLoop {
  const { cameras, gaps, segments, ring, clock, log } = parts;
  let failures = 0;
  let codec: Camera["streams"]["main"]["codec"] | undefined;
  let waiting: KeepOrder[] = [];
  let interrupt = new AbortController();
  let running = false;
  /** The first new picture, while the gap before it could not be closed. */
  let resumedAt: EpochMs | undefined;
  let steppedAt: EpochMs | undefined;

  /** Undefined also when the camera was removed meanwhile. */
  const addressNow = (): string | undefined =>
    cameras.find(id) === undefined ? undefined : cameras.streamUrl(id, "main");
  const restNow = (): Rest => {
    const camera = cameras.find(id);
    if (camera?.enabled !== true) return { state: "disabled", cause: "disabled" };
    const paused = pauseAt(camera, clock.now(), parts.zone) !== undefined;
    if (paused) return { state: "paused", cause: "privacy-pause" };
    if (parts.isStopped(id)) return { state: "disk-full", cause: "disk-full" };
    return addressNow() === undefined ? { state: "stream-gone", cause: "stream-gone" } : undefined;
  };
  const keyNow = (): string => {
    const main = cameras.find(id)?.streams.main;
    const address = addressNow();
    return JSON.stringify([address, main?.transport, main?.codec, cameras.find(id)?.audio]);
  };
  let key = keyNow();
  const show = (state: RecordingState, detail: string | null = null): void => {
    const before = ring.recordings.status(id);
    const gap = gaps.openGap(id);
    const since = state === before.state && state !== "recording" ? before.since : (gap?.from ?? clock.now());
    ring.setStatus(id, { state, since, kbps: null, fps: null, detail });
  };
  /** A full disk may refuse the row; what is missing is said again with the next try, an end with the next look. */
  const written = (write: () => void): boolean => {
    try {
      write();
      return true;
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      log.error({ err: error }, "a gap can't be written down");
      return false;
    }
  };
  const missing = (cause: GapCause, from: EpochMs): void =>
    void written(() => gaps.missing(id, cause, from, clock.now()));
  const closeGap = (): void => {
    const at = resumedAt;
    if (at !== undefined && written(() => gaps.close(id, at))) resumedAt = undefined;
  };
  /** What is missing begins where the last recording ended, or where the camera came to us. */
  const missingFrom = (): EpochMs =>
    segments.lastEndAt(id) ?? epochMs(Math.min(cameras.find(id)?.addedAt ?? clock.now(), clock.now()));

  const rest = async ({ state, cause }: NonNullable<Rest>, signal: AbortSignal): Promise<void> => {
    failures = 0;
    missing(cause, missingFrom());
    show(state);
    log.info({ state }, "not recording");
    while (!isStopped(signal)) {
      await clock.sleep(LOOK_EVERY_MS, signal);
      if (restNow()?.state !== state) return;
    }
  };

  const run = async (camera: Camera, url: string, signal: AbortSignal): Promise<SessionEnd> => {
    const session = newSessionId(clock.now(), parts.random);
    const resting = new AbortController();
    const looking = (async () => {
      while (await clock.sleep(LOOK_EVERY_MS, AbortSignal.any([signal, resting.signal]))) {
        closeGap();
        if (restNow() !== undefined) resting.abort();
      }
    })();
    if (ring.recordings.status(id).state !== "recording")
      show(failures === 0 ? "starting" : stateNow(ring, id));
    running = true;
    const end = await runSession(
      {
        ...{ camera, url, session, segmentSec: parts.segmentSec, codec: codec ?? camera.streams.main.codec },
        folder: `${id}/${dayOf(clock.now())}`,
      },
      {
        ...{ clock, log, ffmpeg: parts.ffmpeg, dir: parts.dir, live: parts.live(id), keep: parts.keep },
        onPid: (pid) => void parts.pids.note(id, pid),
        onFirst: (startAt) => {
          resumedAt = startAt;
          closeGap();
          if (failures > 0) log.info({ failures }, "recording again");
          show("recording");
        },
        onOpen: (open) => ring.setOpen(id, open),
        onRates: (rates) => {
          const status = ring.recordings.status(id);
          if (status.state === "recording") ring.setStatus(id, { ...status, ...rates });
        },
      },
      AbortSignal.any([signal, resting.signal]),
    );
    running = false;
    closeGap();
    resting.abort();
    await looking;
    await parts.pids.forget(id);
    waiting.push(...end.unkept);
    return end;
  };

  /** Files whose rows could not be written while the disk was full. */
  const enterWaiting = async (): Promise<void> => {
    const again = waiting;
    waiting = [];
    for (const order of again) {
      await parts.keep(order).catch(() => void waiting.push(order));
    }
  };

  const failed = async (reason: EndReason, end: SessionEnd, signal: AbortSignal): Promise<void> => {
    if (end.ranMs >= HEALTHY_AFTER_MS) failures = 0;
    if (reason === "wrong-tag") {
      const told = codec ?? cameras.find(id)?.streams.main.codec;
      codec = told === "h265" ? "h264" : "h265";
    }
    if (reason === "disk-full") await parts.makeRoom();
    missing(causeAfter(reason), missingFrom());
    show(stateAfter(reason), end.detail);
    if (failures === 0) log.warn({ reason, detail: end.detail }, "recording ended; will keep trying");
    else log.debug({ reason, failures }, "still not recording");
    const waitMs = retryAfterMs(reason, failures, parts.random());
    failures += 1;
    if (failures === RERESOLVE_AFTER_FAILURES) {
      await parts.reresolve(id, signal).catch((error: unknown) => {
        log.debug({ err: error }, "the stream's address can't be asked");
      });
    }
    const url = addressNow();
    const away = reason === "offline" || reason === "stalled";
    if (away && url !== undefined) {
      await waitForCamera(waitMs, { clock, answers: (stop) => answersRtsp(url, stop) }, signal);
    } else await clock.sleep(waitMs, signal);
  };

  const turn = async (signal: AbortSignal): Promise<void> => {
    const resting = restNow();
    const camera = cameras.find(id);
    const url = addressNow();
    if (resting !== undefined || camera === undefined || url === undefined) {
      if (resting !== undefined) await rest(resting, signal);
      return;
    }
    await enterWaiting();
    const end = await run(camera, url, signal);
    if (steppedAt !== undefined) {
      missing("clock-step", epochMs(Math.min(steppedAt, missingFrom())));
      steppedAt = undefined;
      return;
    }
    if (end.reason !== "told") await failed(end.reason, end, signal);
    else if (restNow() === undefined) missing("stream-changed", missingFrom());
  };

  return {
    run: async (signal) => {
      while (!isStopped(signal) && cameras.find(id) !== undefined) {
        interrupt = new AbortController();
        await turn(AbortSignal.any([signal, interrupt.signal]));
      }
      show(cameras.find(id) === undefined ? "disabled" : "starting");
      if (isStopped(signal)) missing("controller-down", missingFrom());
      else written(() => gaps.close(id, clock.now()));
    },
    changed: () => {
      const before = key;
      key = keyNow();
      if (key === before) return;
      failures = 0;
      codec = undefined;
      interrupt.abort();
    },
    clockStepped: (at) => {
      if (!running) return;
      steppedAt = at;
      interrupt.abort();
    },
  };
}

export interface CameraLoop {
  /** Until the signal aborts or the camera is gone. */
  run(signal: AbortSignal): Promise<void>;
  /** The camera's settings are others now: what runs is ended and begun anew with them. */
  changed(): void;
  /** The wall clock jumped; `at` is the new time. What runs is ended, and a new run begins with a new name. */
  clockStepped(at: EpochMs): void;
}

function stateNow(ring: Ring, id: CameraId): RecordingState {
  return ring.recordings.status(id).state;
}

function dayOf(at: EpochMs): string {
  return new Date(at).toISOString().slice(0, 10).replaceAll("-", "");
}

/** Sorts by time; two runs that begin in one second differ. */
function newSessionId(at: EpochMs, random: () => number): string {
  const time = new Date(at).toISOString().slice(0, 19).replaceAll(/[-:]/g, "").toLowerCase();
  const tail = Math.floor(random() * 36 ** 5)
    .toString(36)
    .padStart(5, "0");
  return `${time}-${tail}`;
}
