import { isStopped, type Clock } from "../kernel/clock.ts";
import { Fault } from "../kernel/faults.ts";
import { text } from "../kernel/text.ts";
import { DAY_MS, epochMs, HOUR_MS, type EpochMs } from "../kernel/time.ts";
import { fragmentsOf, readSegmentSource, type SegmentSource } from "./clips/segment-source.ts";
import type { Recordings } from "./recordings.ts";
import type { CameraId, Segment, Span } from "./rules/model.ts";
import { sameDescription } from "./rules/mp4-init.ts";
import { boxesWithin } from "./rules/mp4.ts";
import { playingOf, runsOf, type Playing, type Run } from "./rules/playing.ts";

interface PlaybackOrder {
  readonly camera: CameraId;
  readonly span: Span;
  /** Wall time of the player's second 0; undefined: where what is delivered begins. */
  readonly origin: EpochMs | undefined;
}

/** A piece of the past, as one fragmented MP4. */
export interface Delivery {
  readonly codec: string;
  readonly span: Span;
  /** Where to go on asking; undefined: nothing later is recorded yet. */
  readonly next: EpochMs | undefined;
  content(signal: AbortSignal): AsyncGenerator<Uint8Array>;
}

/** Reads the ring for people who look back. */
export interface Playback {
  /** Undefined: nothing of that time is recorded. */
  deliver(order: PlaybackOrder): Promise<Delivery | undefined>;
  /** Start of the first recording that ends after `at`. */
  firstAfter(camera: CameraId, at: EpochMs): EpochMs | undefined;
  /** What can be played of the span, the file that is being written included. */
  runs(camera: CameraId, span: Span): Promise<readonly Run[]>;
}

interface PlaybackParts {
  readonly recordings: Pick<Recordings, "segments" | "openSegment" | "pathOf">;
  readonly clock: Pick<Clock, "now">;
}

/** Finished files that were looked through lately; a few kilobytes each. */
const MAX_REMEMBERED = 256;

export function openPlayback({ recordings, clock }: PlaybackParts): Playback {
  const remembered = new Map<number, SegmentSource>();
  const finished = async (segment: Segment): Promise<SegmentSource | undefined> => {
    const known = remembered.get(segment.id);
    remembered.delete(segment.id);
    const source = known ?? (await sourceAt(recordings.pathOf(segment), segment.startAt));
    if (source === undefined) return undefined;
    remembered.set(segment.id, source);
    for (const oldest of remembered.keys()) {
      if (remembered.size <= MAX_REMEMBERED) break;
      remembered.delete(oldest);
    }
    return source;
  };
  const openFile = async (camera: CameraId, span: Span): Promise<SegmentSource | undefined> => {
    const growing = recordings.openSegment(camera);
    if (growing === undefined || growing.startAt >= span.to) return undefined;
    return sourceAt(recordings.pathOf(growing), growing.startAt);
  };
  const sourcesOf = async (camera: CameraId, span: Span): Promise<readonly SegmentSource[]> => {
    // The open file first: should it be closed meanwhile, it is found among the finished ones.
    const growing = await openFile(camera, span);
    const sources: SegmentSource[] = [];
    for (const segment of recordings.segments(camera, span)) {
      const source = await finished(segment);
      if (source !== undefined) sources.push(source);
    }
    const isNew = growing !== undefined && sources.every(({ path }) => path !== growing.path);
    return isNew ? [...sources, growing] : sources;
  };
  const firstAfter = (camera: CameraId, at: EpochMs): EpochMs | undefined => {
    const now = clock.now();
    for (let from = at, lengthMs = HOUR_MS; from < now; lengthMs = Math.min(2 * lengthMs, 8 * DAY_MS)) {
      const to = epochMs(Math.min(from + lengthMs, now));
      const found = recordings.segments(camera, { from, to }).find(({ endAt }) => endAt > at);
      if (found !== undefined) return found.startAt;
      from = to;
    }
    const growing = recordings.openSegment(camera);
    return growing !== undefined && growing.startAt >= at ? growing.startAt : undefined;
  };
  return {
    firstAfter,
    deliver: async ({ camera, span, origin }) => {
      const sources = await sourcesOf(camera, span);
      const playing = playingOf(grouped(sources), span, origin);
      const [first] = playing?.parts ?? [];
      const opening = first && sources[first.file];
      if (playing === undefined || opening === undefined) return undefined;
      const { from, to } = playing;
      const later = playing.next ?? firstAfter(camera, epochMs(to + 1));
      return {
        codec: opening.init.codecs,
        span: { from, to },
        next: later === undefined ? undefined : epochMs(Math.max(later, to)),
        content: (signal) => contentOf({ sources, playing, opening, origin: origin ?? from }, signal),
      };
    },
    runs: async (camera, span) => {
      const growing = recordings.openSegment(camera);
      const source = await openFile(camera, span);
      const segments = recordings.segments(camera, span);
      const endMs = source?.fragments.at(-1)?.toMs;
      const isClosed = segments.some(({ path }) => path === growing?.path);
      if (source === undefined || endMs === undefined || isClosed) return runsOf(segments);
      const endAt = epochMs(Math.round(source.startAt + endMs));
      if (endAt <= span.from) return runsOf(segments);
      return runsOf([...segments, { startAt: source.startAt, endAt, codec: source.init.codecs }]);
    },
  };
}

/** A file that the clean-up took away a moment ago is not there; any other trouble is. */
async function sourceAt(path: string, startAt: EpochMs): Promise<SegmentSource | undefined> {
  try {
    return await readSegmentSource(path, startAt);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

function grouped(sources: readonly SegmentSource[]): (SegmentSource & { group: number })[] {
  const firsts: SegmentSource[] = [];
  return sources.map((source) => {
    let group = firsts.findIndex((first) => sameDescription(first.init, source.init));
    if (group < 0) group = firsts.push(source) - 1;
    return { ...source, group };
  });
}

interface Content {
  readonly sources: readonly SegmentSource[];
  readonly playing: Playing;
  readonly opening: SegmentSource;
  readonly origin: EpochMs;
}

async function* contentOf(
  { sources, playing, opening, origin }: Content,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  yield opening.initBytes;
  for (const { file, first, last, atMs } of playing.parts) {
    const source = sources[file];
    if (source === undefined) continue;
    for await (const fragment of fragmentsOf(source, { first, last, mediaMs: atMs - origin })) {
      if (isStopped(signal)) return;
      yield withoutLead(fragment);
    }
  }
}

/** Its own clock time would speak of another time than the one it is played at. */
function withoutLead(fragment: Uint8Array): Uint8Array {
  const moof = boxesWithin(fragment).find(({ type }) => type === "moof");
  return moof === undefined ? fragment : fragment.subarray(moof.start);
}

/** For a span that has nothing; says where something is. */
export function nothingRecorded(next: EpochMs | undefined): Fault {
  return new Fault(
    "not-found",
    text("Nothing is recorded of that time.", "Không có ghi hình vào thời điểm đó."),
    {
      hint:
        next === undefined
          ? text("Choose an earlier time.", "Hãy chọn thời điểm sớm hơn.")
          : text("Choose a later time.", "Hãy chọn thời điểm muộn hơn."),
    },
  );
}
