import { DAY_MS, type EpochMs } from "../../kernel/time.ts";
import type { CameraId, KeptSpan, Segment, Span } from "./model.ts";

/** Free space of the disk that holds the ring. */
export interface DiskSpace {
  readonly freeBytes: number;
  readonly totalBytes: number;
}

/** `ok`: nothing to do · `pressure`: old footage goes before its time · `critical`: recording is at risk. */
export type PressureLevel = "ok" | "pressure" | "critical";

export interface Pressure {
  readonly level: PressureLevel;
  /** Below this much free space footage is deleted … */
  readonly highBytes: number;
  /** … until so much is free again. */
  readonly lowBytes: number;
  readonly toFreeBytes: number;
}

const PEAK_HOURS_KEPT_FREE = 3;
/** On a small disk three hours of all cameras may be more than the disk: the reserve stays a part of it. */
const RESERVE_LIMIT_PERCENT = 20;
const CRITICAL_PART = 1 / 3;

/** How the disk stands. `hourlyBytes`: what all cameras together write in their busiest hour. */
export function pressureOf(
  { freeBytes, totalBytes }: DiskSpace,
  hourlyBytes: number,
  reservePercent: number,
): Pressure {
  const part = (percent: number): number => (totalBytes * percent) / 100;
  const limitBytes = part(Math.max(reservePercent, RESERVE_LIMIT_PERCENT));
  const highBytes = Math.min(Math.max(part(reservePercent), PEAK_HOURS_KEPT_FREE * hourlyBytes), limitBytes);
  const lowBytes = highBytes + Math.min(hourlyBytes, part(reservePercent));
  const level =
    freeBytes >= highBytes ? "ok" : freeBytes < highBytes * CRITICAL_PART ? "critical" : "pressure";
  return { level, highBytes, lowBytes, toFreeBytes: level === "ok" ? 0 : Math.ceil(lowBytes - freeBytes) };
}

/** A file that may be deleted, oldest first within its camera. */
export type RingFile = Pick<Segment, "id" | "startAt" | "endAt" | "bytes">;

export interface RingCamera {
  readonly camera: CameraId;
  readonly retentionDays: number;
  readonly quotaBytes: number | null;
  /** 1 to 9: under pressure a lower number is recorded longer. */
  readonly priority: number;
  /** Bytes of all its files on disk. */
  readonly bytes: number;
  /** Its oldest files, oldest first; not necessarily all. */
  readonly oldest: readonly RingFile[];
  readonly kept: readonly KeptSpan[];
}

export type DeletionReason = "retention" | "quota" | "pressure";

export interface Deletion {
  readonly camera: CameraId;
  readonly reason: DeletionReason;
  readonly files: readonly RingFile[];
}

/**
 * What to delete now: first what is past its days, then what is beyond a camera's bytes, then, as long as the disk asks
 * for more, the file that is oldest in proportion to its camera's days and priority. What is kept is never in it.
 */
export function deletionsFor(
  cameras: readonly RingCamera[],
  toFreeBytes: number,
  now: EpochMs,
): readonly Deletion[] {
  const chosen = new Map<string, RingFile[]>();
  const queues = cameras.map((camera) => ({
    camera,
    files: camera.oldest.filter((file) => !isKept(file, camera.kept)),
    bytes: camera.bytes,
  }));
  let leftBytes = toFreeBytes;
  const take = (queue: (typeof queues)[number], reason: DeletionReason): void => {
    const file = queue.files.shift();
    if (file === undefined) return;
    const key = `${queue.camera.camera} ${reason}`;
    chosen.set(key, [...(chosen.get(key) ?? []), file]);
    queue.bytes -= file.bytes;
    leftBytes -= file.bytes;
  };
  for (const queue of queues) {
    const { retentionDays, quotaBytes } = queue.camera;
    const expiredBefore = now - retentionDays * DAY_MS;
    while ((queue.files[0]?.endAt ?? now) < expiredBefore) take(queue, "retention");
    while (quotaBytes !== null && queue.bytes > quotaBytes && queue.files.length > 0) take(queue, "quota");
  }
  while (leftBytes > 0) {
    const next = queues
      .filter(({ files }) => files.length > 0)
      .reduce<(typeof queues)[number] | undefined>(
        (best, queue) => (best === undefined || weightOf(queue, now) > weightOf(best, now) ? queue : best),
        undefined,
      );
    if (next === undefined) break;
    take(next, "pressure");
  }
  return [...chosen].map(([key, files]) => {
    const [camera, reason] = key.split(" ") as [CameraId, DeletionReason];
    return { camera, reason, files };
  });
}

function weightOf(
  { camera, files }: { readonly camera: RingCamera; readonly files: readonly RingFile[] },
  now: EpochMs,
): number {
  const ageMs = now - (files[0]?.startAt ?? now);
  return (ageMs / (camera.retentionDays * DAY_MS)) * camera.priority;
}

export function isKept(
  { startAt, endAt }: Pick<Segment, "startAt" | "endAt">,
  kept: readonly Span[],
): boolean {
  return kept.some(({ from, to }) => from < endAt && to > startAt);
}

/** What stopping and starting of recordings the disk asks for; at most one camera a look. */
export type StopChange =
  { readonly change: "none" } | { readonly change: "stop" | "resume"; readonly camera: CameraId };

/**
 * When nothing more may be deleted and space still runs out, the camera of the least priority stops; the most important
 * of the stopped comes back first, once there is room again.
 */
export function stopChange(
  cameras: readonly Pick<RingCamera, "camera" | "priority">[],
  stopped: ReadonlySet<CameraId>,
  { level, freeBytes, highBytes }: Pick<Pressure, "level" | "highBytes"> & Pick<DiskSpace, "freeBytes">,
): StopChange {
  const byImportance = [...cameras].sort((a, b) => a.priority - b.priority || (a.camera < b.camera ? -1 : 1));
  if (level === "critical") {
    const last = byImportance.filter(({ camera }) => !stopped.has(camera)).at(-1);
    return last === undefined ? { change: "none" } : { change: "stop", camera: last.camera };
  }
  const first = freeBytes >= highBytes ? byImportance.find(({ camera }) => stopped.has(camera)) : undefined;
  return first === undefined ? { change: "none" } : { change: "resume", camera: first.camera };
}
