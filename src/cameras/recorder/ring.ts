import { join } from "node:path";
import type { Clock } from "../../kernel/clock.ts";
import type { Cameras } from "../cameras.ts";
import type { GapStore } from "../gap-store.ts";
import type { Recordings } from "../recordings.ts";
import { completenessOf, SEAM_MS } from "../rules/completeness.ts";
import type { CameraId, OpenSegment, RecordingStatus, Segment } from "../rules/model.ts";
import { joined } from "../rules/spans.ts";
import type { SegmentStore } from "../segment-store.ts";

interface RingParts {
  readonly cameras: Cameras;
  readonly segments: SegmentStore;
  readonly gaps: GapStore;
  readonly clock: Clock;
  readonly dir: string;
  readonly onStatus: (camera: CameraId) => void;
}

/** The ring and what the recorder says about it. */
export interface Ring {
  readonly recordings: Recordings;
  setOpen(camera: CameraId, open: OpenSegment | undefined): void;
  setStatus(camera: CameraId, status: RecordingStatus): void;
  announce(segment: Segment): void;
}

export function openRing({ cameras, segments, gaps, clock, dir, onStatus }: RingParts): Ring {
  const openFiles = new Map<CameraId, OpenSegment>();
  const statuses = new Map<CameraId, RecordingStatus>();
  const listeners = new Set<(segment: Segment) => void>();
  const recordings: Recordings = {
    segments: (camera, span) => segments.touching(camera, span),
    openSegment: (camera) => openFiles.get(camera),
    pathOf: ({ path }) => join(dir, path),
    gaps: (camera, span) => gaps.touching(camera, span),
    erased: (camera, span) => joined(segments.erased(camera, span), SEAM_MS),
    completeness: (camera, span) => {
      const now = clock.now();
      const running = openFiles.get(camera);
      return completenessOf({
        span,
        now,
        addedAt: cameras.find(camera)?.addedAt ?? segments.oldest(camera, 1)[0]?.startAt ?? span.to,
        recorded: [
          ...segments.recorded(camera, span),
          ...(running === undefined || running.startAt >= now ? [] : [{ from: running.startAt, to: now }]),
        ],
        gaps: gaps.touching(camera, span),
        erased: joined(segments.erased(camera, span), SEAM_MS),
      });
    },
    oldestAt: (camera) => segments.oldest(camera, 1)[0]?.startAt,
    status: (camera) =>
      statuses.get(camera) ?? {
        state: cameras.find(camera)?.enabled === false ? "disabled" : "starting",
        since: clock.now(),
        kbps: null,
        fps: null,
        detail: null,
      },
    onSegment: (listener) => {
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
  };
  return {
    recordings,
    setOpen: (camera, open) => {
      if (open === undefined) openFiles.delete(camera);
      else openFiles.set(camera, open);
    },
    setStatus: (camera, status) => {
      const before = statuses.get(camera);
      statuses.set(camera, status);
      const changed =
        before?.state !== status.state || before.since !== status.since || before.detail !== status.detail;
      if (changed) onStatus(camera);
    },
    announce: (segment) => {
      for (const listener of [...listeners]) listener(segment);
    },
  };
}
