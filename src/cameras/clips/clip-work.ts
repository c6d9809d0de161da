import { isStopped, type Clock } from "../../kernel/clock.ts";
import { asError, Fault } from "../../kernel/faults.ts";
import type { Log } from "../../kernel/log.ts";
import { runTogether } from "../../kernel/run-together.ts";
import { text } from "../../kernel/text.ts";
import { epochMs, HOUR_MS, MINUTE_MS, SECOND_MS } from "../../kernel/time.ts";
import { stillOf } from "../../media/cut.ts";
import { asDiskFault } from "../../media/disk-fault.ts";
import type { MediaTools } from "../../media/tools.ts";
import type { Recordings } from "../recordings.ts";
import type { CameraId, Clip, Span } from "../rules/model.ts";
import type { ClipFiles } from "./clip-files.ts";
import { makeClip } from "./clip-maker.ts";
import type { ClipStore } from "./clip-store.ts";

/** Tells those who wait that something has changed. */
export interface Waker {
  wake(): void;
  next(): Promise<void>;
}

export interface ClipWorkParts {
  readonly store: ClipStore;
  readonly files: ClipFiles;
  readonly waker: Waker;
  readonly clock: Clock;
  readonly log: Log;
  readonly recordings: Pick<Recordings, "segments" | "openSegment" | "pathOf" | "gaps">;
  readonly tools: Pick<MediaTools, "ffmpeg">;
  readonly changed: (id: string) => void;
  readonly isHeld: (camera: CameraId, span: Span) => boolean;
  readonly expire: (clip: Clip) => Promise<void>;
}

/** Longer ones are made beside, so that nobody waits for a morning to be copied. */
const SHORT_CLIP_MS = 15 * MINUTE_MS;
const RETRY_AFTER_MS = 20 * SECOND_MS;
const MOST_ATTEMPTS = 5;
const PICTURE_WIDTH_PX = 320;
const CLEAN_EVERY_MS = HOUR_MS;
const LONGEST_NAP_MS = MINUTE_MS;

/** Makes the clips that are due and lets go of those whose time is over. */
export async function runClipWork(parts: ClipWorkParts, signal: AbortSignal): Promise<void> {
  await runTogether(
    [
      (stop) => runLane({ atMost: SHORT_CLIP_MS }, parts, stop),
      (stop) => runLane({ above: SHORT_CLIP_MS }, parts, stop),
      (stop) => runExpiry(parts, stop),
    ],
    signal,
  );
}

export function newWaker(): Waker {
  let next = Promise.withResolvers<undefined>();
  return {
    wake: () => {
      next.resolve(undefined);
      next = Promise.withResolvers();
    },
    next: () => next.promise,
  };
}

async function runLane(
  lengths: { readonly atMost?: number; readonly above?: number },
  parts: ClipWorkParts,
  signal: AbortSignal,
): Promise<void> {
  const { store, clock, waker } = parts;
  while (!isStopped(signal)) {
    const next = store.next(lengths);
    const inMs = next === undefined ? LONGEST_NAP_MS : Math.min(next.dueAt - clock.now(), LONGEST_NAP_MS);
    if (next !== undefined && inMs <= 0) {
      await make(next.clip, parts, signal);
      continue;
    }
    const awake = new AbortController();
    await Promise.race([waker.next(), clock.sleep(inMs, AbortSignal.any([signal, awake.signal]))]);
    awake.abort();
  }
}

async function make(clip: Clip, parts: ClipWorkParts, signal: AbortSignal): Promise<void> {
  const { store, files, changed, recordings, clock, tools } = parts;
  store.making(clip.id);
  changed(clip.id);
  const order = { camera: clip.camera, span: clip.requested, file: files.video(clip.id) };
  try {
    const made = await makeClip(order, { recordings, clock, ffmpeg: tools.ffmpeg }, signal);
    if (store.find(clip.id) === undefined) {
      // It was removed meanwhile.
      await files.remove(clip.id);
      return;
    }
    store.ready(clip.id, made);
    changed(clip.id);
    await keepPicture(clip.id, (made.delivered.to - made.delivered.from) / 2, parts, signal);
  } catch (error) {
    if (!isStopped(signal)) retryOrGiveUp(clip, asError(error), parts);
  }
}

/** A clip without its picture is still a clip. */
async function keepPicture(
  id: string,
  atMs: number,
  { files, tools, log }: ClipWorkParts,
  signal: AbortSignal,
): Promise<void> {
  try {
    const still = { ffmpeg: tools.ffmpeg, file: files.video(id), atMs, widthPx: PICTURE_WIDTH_PX };
    await files.keepPicture(id, await stillOf(still, signal));
  } catch (error) {
    if (!isStopped(signal)) log.warn({ err: asError(error), clip: id }, "a clip has no picture");
  }
}

function retryOrGiveUp(clip: Clip, error: Error, { store, clock, log, changed }: ClipWorkParts): void {
  const fault = asFault(error);
  const passing = fault.kind === "unavailable" || fault.kind === "timeout";
  const attempts = passing ? store.putOff(clip.id, epochMs(clock.now() + RETRY_AFTER_MS)) : MOST_ATTEMPTS;
  if (attempts >= MOST_ATTEMPTS) {
    store.failed(clip.id, fault.said);
    log.warn({ err: error, clip: clip.id }, "a clip could not be made");
  } else if (attempts === 1) {
    log.warn({ err: error, clip: clip.id }, "a clip can't be made yet; will keep trying");
  }
  changed(clip.id);
}

/** What the disk did to us; a bug stays one. */
function asFault(error: Error): Fault {
  const translated = asDiskFault(error, "");
  if (translated instanceof Fault) return translated;
  if (!("code" in error)) throw error;
  return new Fault(
    "unavailable",
    text(
      `The recording can't be read or the clip can't be written: ${error.message}.`,
      `Không đọc được bản ghi hoặc không ghi được đoạn trích: ${error.message}.`,
    ),
    { cause: error },
  );
}

/** Lets go of the clips whose time is over, except those that a case holds. */
export async function expireClips({ store, clock, isHeld, expire }: ClipWorkParts): Promise<void> {
  for (const clip of store.expired(clock.now())) {
    if (!isHeld(clip.camera, clip.requested)) await expire(clip);
  }
}

async function runExpiry(parts: ClipWorkParts, signal: AbortSignal): Promise<void> {
  do await expireClips(parts);
  while (await parts.clock.sleep(CLEAN_EVERY_MS, signal));
}
