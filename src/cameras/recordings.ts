import type { EpochMs } from "../kernel/time.ts";
import type {
  CameraId,
  Completeness,
  Gap,
  OpenSegment,
  RecordingStatus,
  Segment,
  Span,
} from "./rules/model.ts";

/** The ring as others read it: what is on disk, and what is missing. */
export interface Recordings {
  /** Finished segments still on disk that touch the span, by start. */
  segments(camera: CameraId, span: Span): readonly Segment[];
  /** The file that is being written; its whole fragments can be read at any time. */
  openSegment(camera: CameraId): OpenSegment | undefined;
  /** Absolute path. */
  pathOf(segment: Pick<Segment, "path">): string;
  /** Gaps that touch the span, by start; an open gap has `to: null`. */
  gaps(camera: CameraId, span: Span): readonly Gap[];
  /** Stretches that touch the span and were deleted because somebody asked for it, by start. */
  erased(camera: CameraId, span: Span): readonly Span[];
  completeness(camera: CameraId, span: Span): Completeness;
  /** Start of the oldest segment on disk. */
  oldestAt(camera: CameraId): EpochMs | undefined;
  status(camera: CameraId): RecordingStatus;
  /** After a segment was closed, hashed and stored. */
  onSegment(listener: (segment: Segment) => void): Disposable;
}

/** Takes a camera's live leg: fragmented MP4 as ffmpeg writes it, in pieces of any size. */
export interface LiveSink {
  /** A new run of the program: an init segment comes next. */
  begin(): void;
  push(bytes: Uint8Array): void;
  end(): void;
}
