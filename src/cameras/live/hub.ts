import type { LocalZone } from "../../broadcast/rules/local-time.ts";
import { isStopped, type Clock } from "../../kernel/clock.ts";
import { Fault } from "../../kernel/faults.ts";
import type { Log } from "../../kernel/log.ts";
import { text, type Text } from "../../kernel/text.ts";
import { SECOND_MS } from "../../kernel/time.ts";
import type { capture, CaptureSpec } from "../../media/capture.ts";
import type { Cameras } from "../cameras.ts";
import type { LiveSink } from "../recordings.ts";
import { hiddenWords, waitingWords } from "../rules/live-words.ts";
import type { CameraId, RecordingState, StreamRole } from "../rules/model.ts";
import { concatBytes } from "../rules/mp4.ts";
import { pauseAt } from "../rules/weekly-hours.ts";
import { newLiveChannel, type LiveChannel, type LiveViewer } from "./channel.ts";
import { openMpeg1Feeds, type Mpeg1Viewer } from "./mpeg1-feeds.ts";
import { openSubStream, type SubStream } from "./sub-stream.ts";

interface LiveHubParts {
  readonly cameras: Pick<Cameras, "all" | "find" | "get" | "streamUrl" | "onChange">;
  /** How the recorder, which pulls the main streams, stands with a camera. */
  readonly state: (camera: CameraId) => RecordingState;
  readonly zone: LocalZone;
  readonly clock: Clock;
  readonly log: Log;
  readonly random: () => number;
  readonly tools: { readonly ffmpeg: string };
  readonly capture: typeof capture;
  readonly limits: LiveLimits;
}

interface LiveLimits {
  /** Of all cameras together. */
  readonly maxViewers: number;
  /** Cameras converted to MPEG-1 at a time. */
  readonly maxMpeg1: number;
}

/** The cameras' live pictures: each stream is pulled once, however many watch it. */
export interface LiveHub extends AsyncDisposable {
  /** Where the recorder puts a camera's main stream. */
  sink(camera: CameraId): LiveSink;
  /** A camera without a second stream shows its main one. Throws Fault("not-found"), Fault("unavailable") when full. */
  watch(camera: CameraId, stream: StreamRole, viewer: LiveViewer): Disposable;
  /** The same as MPEG-1, from the smallest stream the camera has. */
  watchMpeg1(camera: CameraId, viewer: Mpeg1Viewer): Disposable;
  readonly viewers: number;
  readonly conversions: number;
  /** Init segment and newest key frame of the main stream, as MP4; undefined: no picture, or it may not be shown. */
  picture(camera: CameraId): Uint8Array | undefined;
  /** Keeps pauses, and tells who waits why. */
  run(signal: AbortSignal): Promise<void>;
}

/** Four seconds of the fattest camera; sixteen cameras stay below a hundred megabytes. */
const MAX_GROUP_BYTES = 6 * 1_048_576;
/** A privacy pause must not begin late. */
const LOOK_EVERY_MS = SECOND_MS;

interface CameraLive {
  readonly main: LiveChannel;
  readonly sub: LiveChannel;
  readonly subStream: SubStream;
}

export function openLiveHub(parts: LiveHubParts): LiveHub {
  const { cameras, zone, clock, limits } = parts;
  const lives = new Map<CameraId, CameraLive>();
  const closing = new Set<PromiseLike<void>>();
  const feeds = openMpeg1Feeds({ ...parts, ffmpeg: parts.tools.ffmpeg, maxFeeds: limits.maxMpeg1 });
  let viewers = 0;

  const hidden = (id: CameraId): Text | undefined => {
    const camera = cameras.find(id);
    if (camera === undefined) return waitingWords("disabled");
    return hiddenWords(camera, pauseAt(camera, clock.now(), zone), zone);
  };
  const subSource = (id: CameraId): CaptureSpec | undefined => {
    const source = cameras.find(id)?.streams.sub;
    if (!source || hidden(id) !== undefined) return undefined;
    const url = cameras.streamUrl(id, "sub");
    if (url === undefined) return undefined;
    const { transport, codec } = source;
    return { ffmpeg: parts.tools.ffmpeg, url, transport, codec, audio: false };
  };
  const openLive = (id: CameraId): CameraLive => {
    const channel = { clock, maxGroupBytes: MAX_GROUP_BYTES };
    const main = newLiveChannel({ ...channel, whyNot: () => waitingWords(parts.state(id)) });
    const sub = newLiveChannel({ ...channel, whyNot: () => subWords(parts.state(id)) });
    const log = parts.log.child({ camera: id });
    const subStream = openSubStream({ ...parts, log, sink: sub, source: () => subSource(id) });
    const live = { main, sub, subStream };
    const words = hidden(id);
    main.block(words);
    sub.block(words);
    lives.set(id, live);
    return live;
  };
  const liveOf = (id: CameraId): CameraLive => lives.get(id) ?? openLive(id);
  const look = (id: CameraId, { main, sub }: CameraLive): void => {
    const words = hidden(id);
    for (const channel of [main, sub]) {
      channel.block(words);
      channel.look();
    }
  };
  const forget = (id: CameraId, live: CameraLive): void => {
    lives.delete(id);
    const closed = live.subStream[Symbol.asyncDispose]();
    closing.add(closed);
    void closed.then(() => closing.delete(closed));
  };
  const changes = cameras.onChange((id) => {
    const live = lives.get(id);
    if (live === undefined) return;
    look(id, live);
    live.subStream.restart();
    if (cameras.find(id) === undefined) forget(id, live);
  });
  const seat = (): Disposable => {
    if (viewers >= limits.maxViewers) throw full(limits.maxViewers);
    viewers += 1;
    return { [Symbol.dispose]: () => (viewers -= 1) };
  };
  const join = (id: CameraId, stream: StreamRole, viewer: LiveViewer): Disposable => {
    const live = liveOf(id);
    const leaving = new DisposableStack();
    if (stream === "sub" && cameras.get(id).streams.sub !== null) {
      leaving.use(live.subStream.acquire());
      leaving.use(live.sub.join(viewer));
    } else leaving.use(live.main.join(viewer));
    return leaving;
  };
  return {
    sink: (id) => liveOf(id).main,
    watch: (id, stream, viewer) => {
      cameras.get(id);
      using leaving = new DisposableStack();
      leaving.use(seat());
      leaving.use(join(id, stream, viewer));
      return leaving.move();
    },
    watchMpeg1: (id, viewer) => {
      cameras.get(id);
      using leaving = new DisposableStack();
      leaving.use(seat());
      leaving.use(feeds.join(id, (source) => join(id, "sub", source), viewer));
      return leaving.move();
    },
    get viewers() {
      return viewers;
    },
    get conversions() {
      return feeds.running;
    },
    picture: (id) => {
      const { init, group } = lives.get(id)?.main.current() ?? { init: undefined, group: [] };
      return init && group[0] && concatBytes([init.bytes, group[0].bytes]);
    },
    run: async (signal) => {
      while (!isStopped(signal)) {
        for (const [id, live] of lives) look(id, live);
        await clock.sleep(LOOK_EVERY_MS, signal);
      }
    },
    [Symbol.asyncDispose]: async () => {
      changes[Symbol.dispose]();
      await feeds[Symbol.asyncDispose]();
      for (const [id, live] of lives) forget(id, live);
      await Promise.all(closing);
    },
  };
}

/** The recorder's troubles are the second stream's too, except those that have to do with recording alone. */
function subWords(state: RecordingState): Text {
  return waitingWords(state === "disk-full" || state === "stalled" ? "starting" : state);
}

function full(maxViewers: number): Fault {
  return new Fault(
    "unavailable",
    text(
      `${maxViewers} live pictures are being watched already, as many as are let in.`,
      `Đang có ${maxViewers} khung hình trực tiếp được xem, đã đủ số lượng cho phép.`,
    ),
    {
      hint: text("Close some of them, then try again.", "Hãy đóng bớt khung hình đang xem rồi thử lại."),
    },
  );
}
