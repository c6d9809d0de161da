import type { Clock } from "../../kernel/clock.ts";
import { Fault } from "../../kernel/faults.ts";
import type { Log } from "../../kernel/log.ts";
import { backoffMs } from "../../kernel/supervise.ts";
import { text, type Text } from "../../kernel/text.ts";
import { MINUTE_MS, SECOND_MS } from "../../kernel/time.ts";
import { openMpeg1, type Mpeg1 } from "../../media/mpeg1.ts";
import type { CameraId } from "../rules/model.ts";
import type { LiveViewer } from "./channel.ts";

/** Someone whose browser can't play the camera's codec. */
export interface Mpeg1Viewer {
  bufferedBytes(): number;
  /** MPEG-TS. */
  data(bytes: Uint8Array): void;
  dropped(pieces: number): void;
  waiting(said: Text): void;
}

interface Mpeg1FeedsParts {
  readonly ffmpeg: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Cameras converted at a time. */
  readonly maxFeeds: number;
}

/** Conversions for old browsers: one for each camera that needs it, however many watch, and only while they do. */
export interface Mpeg1Feeds extends AsyncDisposable {
  /**
   * `joinSource` makes the conversion a viewer of the camera's own stream. Throws Fault("unavailable") when as many
   * cameras are converted already as this machine can bear.
   */
  join(camera: CameraId, joinSource: (viewer: LiveViewer) => Disposable, viewer: Mpeg1Viewer): Disposable;
  readonly running: number;
}

const MAX_WIDTH_PX = 640;
const KBPS = 1_200;
const MAX_BUFFERED_BYTES = 2 * 1_048_576;
/** What was left out for a slow viewer goes on when it has caught up so far. */
const RESUME_BELOW_BYTES = 262_144;
const RESTART_BACKOFF = { firstMs: 2 * SECOND_MS, longestMs: MINUTE_MS, healthyAfterMs: MINUTE_MS };

export function openMpeg1Feeds(parts: Mpeg1FeedsParts): Mpeg1Feeds {
  const feeds = new Map<CameraId, Feed>();
  const closing = new Set<PromiseLike<void>>();
  const close = (camera: CameraId, feed: Feed): void => {
    feeds.delete(camera);
    const closed = feed[Symbol.asyncDispose]();
    closing.add(closed);
    void closed.then(() => closing.delete(closed));
  };
  return {
    join: (camera, joinSource, viewer) => {
      let feed = feeds.get(camera);
      if (feed === undefined) {
        if (feeds.size >= parts.maxFeeds) throw tooMany(parts.maxFeeds);
        feed = openFeed(parts, joinSource);
        feeds.set(camera, feed);
      }
      const joined = feed;
      const leave = joined.join(viewer);
      return {
        [Symbol.dispose]: () => {
          leave[Symbol.dispose]();
          if (joined.viewers === 0 && feeds.get(camera) === joined) close(camera, joined);
        },
      };
    },
    get running() {
      return feeds.size;
    },
    [Symbol.asyncDispose]: async () => {
      for (const [camera, feed] of feeds) close(camera, feed);
      await Promise.all(closing);
    },
  };
}

interface Feed extends AsyncDisposable {
  join(viewer: Mpeg1Viewer): Disposable;
  readonly viewers: number;
}

function openFeed(parts: Mpeg1FeedsParts, joinSource: (viewer: LiveViewer) => Disposable): Feed {
  const stop = new AbortController();
  const seats = new Map<Mpeg1Viewer, { lost: number }>();
  const ended: PromiseLike<void>[] = [];
  let muxer: Mpeg1 | undefined;
  let waiting: Text | undefined;
  /** In a row, without a picture in between. */
  let failures = 0;

  const end = (): void => {
    if (muxer !== undefined) ended.push(muxer[Symbol.asyncDispose]());
    muxer = undefined;
  };
  const spread = (bytes: Uint8Array): void => {
    failures = 0;
    for (const [viewer, seat] of seats) {
      const buffered = viewer.bufferedBytes();
      if (buffered > MAX_BUFFERED_BYTES || (seat.lost > 0 && buffered > RESUME_BELOW_BYTES)) {
        seat.lost += 1;
        continue;
      }
      if (seat.lost > 0) viewer.dropped(seat.lost);
      seat.lost = 0;
      viewer.data(bytes);
    }
  };
  /** A muxer that ends by itself is begun anew from the next group of pictures. */
  const restart = async (failed: Mpeg1, words: string): Promise<void> => {
    if (muxer !== failed) return;
    muxer = undefined;
    if (failures === 0) parts.log.warn({ words }, "conversion to MPEG-1 has ended; starting it again");
    else parts.log.debug({ words, failures }, "conversion to MPEG-1 has ended again");
    const pauseMs = backoffMs(failures, RESTART_BACKOFF, 1);
    failures += 1;
    if (!(await parts.clock.sleep(pauseMs, stop.signal))) return;
    source[Symbol.dispose]();
    source = joinSource(viewerOfSource);
  };
  const viewerOfSource: LiveViewer = {
    bufferedBytes: () => muxer?.bufferedBytes ?? 0,
    init: ({ bytes }) => {
      end();
      waiting = undefined;
      const started = openMpeg1({ ffmpeg: parts.ffmpeg, maxWidthPx: MAX_WIDTH_PX, kbps: KBPS }, spread);
      muxer = started;
      started.write(bytes);
      void started.ended.then((words) => restart(started, words));
    },
    fragment: ({ bytes }) => muxer?.write(bytes),
    // The muxer lost them, not those who watch: its picture stands still for a moment.
    dropped: () => undefined,
    waiting: (said) => {
      end();
      waiting = said;
      for (const viewer of seats.keys()) viewer.waiting(said);
    },
  };
  let source = joinSource(viewerOfSource);
  return {
    join: (viewer) => {
      seats.set(viewer, { lost: 0 });
      if (waiting !== undefined) viewer.waiting(waiting);
      return { [Symbol.dispose]: () => seats.delete(viewer) };
    },
    get viewers() {
      return seats.size;
    },
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      source[Symbol.dispose]();
      end();
      await Promise.all(ended);
    },
  };
}

function tooMany(maxFeeds: number): Fault {
  return maxFeeds === 0
    ? new Fault(
        "unavailable",
        text(
          "Your browser can't play this camera's pictures, and this machine does not convert them.",
          "Trình duyệt của bạn không phát được hình của camera này và máy chủ không bật chuyển đổi.",
        ),
        { hint: USE_ANOTHER_BROWSER },
      )
    : new Fault(
        "unavailable",
        text(
          `Your browser can't play this camera's pictures, and ${maxFeeds} cameras are being converted already: more than that slows the recording down.`,
          `Trình duyệt của bạn không phát được hình của camera này, và đang có ${maxFeeds} camera được chuyển đổi: thêm nữa sẽ làm chậm việc ghi hình.`,
        ),
        { hint: USE_ANOTHER_BROWSER },
      );
}

const USE_ANOTHER_BROWSER = text(
  "Use a browser that plays it, close another converted camera, or set the camera to H.264.",
  "Hãy dùng trình duyệt khác, đóng bớt camera đang chuyển đổi, hoặc đặt camera về H.264.",
);
