import { randomUUID } from "node:crypto";
import { mkdirSync } from "node:fs";
import { localZone } from "../../broadcast/rules/local-time.ts";
import type { Actor } from "../../identity/actor.ts";
import type { Audit } from "../../identity/audit.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { Log } from "../../kernel/log.ts";
import { runTogether } from "../../kernel/run-together.ts";
import { DAY_MS, epochMs, MINUTE_MS, type EpochMs } from "../../kernel/time.ts";
import type { MediaTools } from "../../media/tools.ts";
import type { Database } from "../../store/database.ts";
import type { Cameras } from "../cameras.ts";
import type { Recordings } from "../recordings.ts";
import type { Camera, CameraId, Clip, ClipOrigin, KeptSpan, Span } from "../rules/model.ts";
import { checkOrder, isHeldBack, noSuchClip, notReady } from "./clip-faults.ts";
import { filesIn, sweep } from "./clip-files.ts";
import { nothingRecorded } from "./clip-maker.ts";
import { openClipStore, type ClipQuery } from "./clip-store.ts";
import { expireClips, newWaker, runClipWork, type ClipWorkParts } from "./clip-work.ts";
import { runScheduledClips } from "./scheduled.ts";

export interface ClipOrder {
  readonly camera: CameraId;
  readonly from: EpochMs;
  readonly to: EpochMs;
  readonly reason: string;
  readonly origin: ClipOrigin;
  /** Instead of what the camera's settings say for this origin. */
  readonly keepDays?: number;
}

export interface Clips {
  /**
   * Makes it at once when its end is past, else then. Throws Fault("invalid") for a stretch that can't be, Fault("not-found")
   * to a person when nothing of that time is recorded.
   */
  request(order: ClipOrder, by: Actor | "system"): Clip;
  /** Moves the end of a clip that still waits for it; anything else stays as it is. Returns whether it was moved. */
  extend(id: string, to: EpochMs): boolean;
  find(id: string): Clip | undefined;
  /** Throws Fault("not-found"). */
  get(id: string): Clip;
  list(query: ClipQuery): readonly Clip[];
  /** Its file is gone when this resolves. Throws Fault("conflict") when a case holds its time. */
  remove(id: string, by: Actor): Promise<void>;
  /** Whose recordings touch the span, newest requests first. */
  touching(camera: CameraId, span: Span): readonly Clip[];
  /**
   * Takes them out of the register, in the caller's transaction; the function it gives then removes their files, which a
   * restart does as well. Nothing is asked about holds.
   */
  erase(clips: readonly Clip[], by: Actor): () => Promise<void>;
  /** Lets go of those whose time is over, now instead of at the next full round. */
  expire(): Promise<void>;
  /** Absolute path of a clip that is ready. Throws Fault("not-found") or Fault("conflict"). */
  fileOf(id: string): string;
  /** Absolute path of its picture, which may not be there. */
  pictureOf(id: string): string;
  /** Resolves when it is ready or has failed, or when the time is over. */
  settled(id: string, withinMs: number, signal: AbortSignal): Promise<Clip>;
  /** Stretches of the ring that clips within their time rest on. */
  kept(camera: CameraId, span: Span): readonly KeptSpan[];
  run(signal: AbortSignal): Promise<void>;
}

export interface ClipsParts {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly audit: Audit;
  readonly cameras: Pick<Cameras, "find" | "all">;
  readonly recordings: Pick<Recordings, "segments" | "openSegment" | "pathOf" | "gaps">;
  readonly tools: Pick<MediaTools, "ffmpeg">;
  /** In which the cameras' clip hours are meant. */
  readonly timeZone: string;
  /** Where the files lie; made when missing. */
  readonly dir: string;
  readonly notify: (event: { readonly type: "clip"; readonly id: string }) => void;
  /** A hold keeps a clip of its time past its day. */
  readonly isHeld: (camera: CameraId, span: Span) => boolean;
}

/** A clip of now lacks what ffmpeg has not written yet: a fragment, and the recorder's own delay. */
const SETTLES_AFTER_MS = 2_500;
/** How much longer than asked for a clip may be, to its key frames. */
const GROWN_MS = MINUTE_MS;
/** Where a camera that is gone can't say. */
const USUAL_KEEP_DAYS = 30;

export function openClips(parts: ClipsParts): Clips {
  const { database, clock, audit, recordings, dir } = parts;
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const store = openClipStore(database);
  const files = filesIn(dir);
  store.resetMaking();
  sweep(dir, store.ids());
  const waker = newWaker();
  const changed = (id: string): void => {
    waker.wake();
    parts.notify({ type: "clip", id });
  };
  const get = (id: string): Clip => {
    const clip = store.find(id);
    if (clip === undefined) throw noSuchClip(id);
    return clip;
  };
  const drop = (clip: Clip, by: Actor | "system", action: string): void => {
    const { camera, requested, delivered, sha256, bytes } = clip;
    database.transact(() => {
      store.remove(clip.id);
      audit.record({
        actor: by,
        action,
        subject: clip.id,
        details: { camera, requested, delivered, sha256, bytes },
      });
    });
  };
  const discard = async (clip: Clip, by: Actor | "system", action: string): Promise<void> => {
    drop(clip, by, action);
    // The row first: a file without one is swept at the next start.
    await files.remove(clip.id);
    changed(clip.id);
  };

  const work: ClipWorkParts = {
    ...{ ...parts, store, files, waker, changed },
    expire: (clip) => discard(clip, "system", "clip.expire"),
  };

  const clips: Clips = {
    request: (order, by) => {
      const now = clock.now();
      const camera = parts.cameras.find(order.camera);
      checkOrder(order, now);
      const requested: Span = { from: order.from, to: order.to };
      if (by !== "system" && order.to <= now && !isRecorded(recordings, order.camera, requested)) {
        throw nothingRecorded();
      }
      const clip = store.add({
        id: randomUUID(),
        camera: order.camera,
        origin: order.origin,
        reason: order.reason,
        byId: by === "system" ? "system" : by.id,
        byName: by === "system" ? "system" : by.name,
        requestedAt: now,
        requested,
        dueAt: dueAt(order.to, now),
        keepUntil: epochMs(Math.max(now, order.to) + keepDays(order, camera) * DAY_MS),
      });
      changed(clip.id);
      return clip;
    },
    extend: (id, to) => {
      const clip = store.find(id);
      if (clip?.state !== "waiting" || to <= clip.requested.to) return false;
      store.extend(id, to, {
        dueAt: dueAt(to, clock.now()),
        keepUntil: epochMs(clip.keepUntil + to - clip.requested.to),
      });
      changed(id);
      return true;
    },
    find: (id) => store.find(id),
    get,
    list: (query) => store.list(query),
    remove: async (id, by) => {
      const clip = get(id);
      if (parts.isHeld(clip.camera, whole(clip.requested, clip.delivered))) throw isHeldBack();
      await discard(clip, by, "clip.remove");
    },
    touching: (camera, span) =>
      store
        .list({
          camera,
          span: { from: epochMs(span.from - GROWN_MS), to: epochMs(span.to + GROWN_MS) },
          limit: Number.MAX_SAFE_INTEGER,
        })
        .filter(({ requested, delivered }) => {
          const { from, to } = whole(requested, delivered);
          return from < span.to && to > span.from;
        }),
    erase: (doomed, by) => {
      for (const clip of doomed) drop(clip, by, "clip.erase");
      return async () => {
        for (const { id } of doomed) {
          await files.remove(id);
          changed(id);
        }
      };
    },
    expire: () => expireClips(work),
    fileOf: (id) => {
      const clip = get(id);
      if (clip.state !== "ready") throw notReady(clip);
      return files.video(clip.id);
    },
    pictureOf: (id) => files.picture(get(id).id),
    settled: async (id, withinMs, signal) => {
      const late = new AbortController();
      const over = clock.sleep(withinMs, AbortSignal.any([signal, late.signal])).then(() => "over" as const);
      try {
        for (let clip = get(id); clip.state !== "ready" && clip.state !== "failed"; clip = get(id)) {
          if ((await Promise.race([over, waker.next()])) === "over") break;
        }
        return get(id);
      } finally {
        late.abort();
      }
    },
    kept: (camera, span) =>
      store
        .list({ camera, span, limit: Number.MAX_SAFE_INTEGER })
        .filter(({ state, keepUntil }) => state !== "failed" && keepUntil > clock.now())
        .map(({ requested, delivered }) => ({ ...whole(requested, delivered), why: "clip" })),
    run: (signal) =>
      runTogether(
        [
          (stop) => runClipWork(work, stop),
          (stop) =>
            runScheduledClips(
              {
                ...parts,
                request: (camera, span) =>
                  void clips.request({ camera, ...span, reason: "Theo lịch", origin: "schedule" }, "system"),
                zone: localZone(parts.timeZone),
                hasSchedule: (camera, span) => store.hasSchedule(camera, span),
              },
              stop,
            ),
        ],
        signal,
      ),
  };
  return clips;
}

function dueAt(to: EpochMs, now: EpochMs): EpochMs {
  return to <= now ? now : epochMs(to + SETTLES_AFTER_MS);
}

/** What someone asked for is kept like an event: longer than the ring, which goes on without it. */
function keepDays({ keepDays: asked, origin }: ClipOrder, camera: Camera | undefined): number {
  if (asked !== undefined) return asked;
  if (camera === undefined) return USUAL_KEEP_DAYS;
  const { retentionDays, eventRetentionDays } = camera;
  return origin === "schedule" ? retentionDays : Math.max(retentionDays, eventRetentionDays);
}

function isRecorded(
  recordings: Pick<Recordings, "segments" | "openSegment">,
  camera: CameraId,
  span: Span,
): boolean {
  const open = recordings.openSegment(camera);
  return recordings.segments(camera, span).length > 0 || (open !== undefined && open.startAt < span.to);
}

function whole(requested: Span, delivered: Span | null): Span {
  if (delivered === null) return requested;
  return {
    from: epochMs(Math.min(requested.from, delivered.from)),
    to: epochMs(Math.max(requested.to, delivered.to)),
  };
}
