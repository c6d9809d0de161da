import { rm } from "node:fs/promises";
import { isStopped, type Clock } from "../kernel/clock.ts";
import { Fault } from "../kernel/faults.ts";
import type { Log } from "../kernel/log.ts";
import type { Text } from "../kernel/text.ts";
import { epochMs, HOUR_MS, MINUTE_MS, uptimeMs, type EpochMs } from "../kernel/time.ts";
import { GREY_HEIGHT_PX, GREY_WIDTH_PX, sampleKeyFrame } from "../media/frames.ts";
import type { MediaTools } from "../media/tools.ts";
import type { Recordings } from "./recordings.ts";
import type { CameraId, PictureVerdict, Segment } from "./rules/model.ts";
import {
  afterLook,
  FIRST_LOOK,
  isRateCollapsed,
  pictureWords,
  sampleOf,
  type GreyPicture,
  type PictureState,
} from "./rules/picture.ts";
import type { Thumbnails } from "./thumbnails.ts";

interface PictureWatchParts {
  readonly recordings: Pick<Recordings, "onSegment" | "pathOf" | "oldestAt" | "erased">;
  readonly thumbnails: Thumbnails;
  readonly tools: Pick<MediaTools, "ffmpeg">;
  readonly clock: Clock;
  readonly log: Log;
  /** A camera's verdict has changed. */
  readonly onChange: (camera: CameraId) => void;
  /** Default one minute. */
  readonly everyMs?: number;
}

export interface PictureReport {
  readonly verdict: PictureVerdict;
  readonly since: EpochMs;
  /** It sends less than a fifth of what it sent in the hour before. */
  readonly rateCollapsed: boolean;
  readonly said: Text;
}

/** Looks at a picture of each camera about once a minute, from the files of the ring: no stream is pulled for it. */
export interface PictureWatch {
  verdict(camera: CameraId): PictureReport;
  /** Looks at what comes, and removes thumbnails whose recordings are gone. */
  run(signal: AbortSignal): Promise<void>;
}

interface Watched {
  state: PictureState;
  last: GreyPicture | undefined;
  sampledAt: EpochMs | undefined;
  since: EpochMs;
  /** kbit/s of finished files with the ends of their times. */
  rates: readonly { readonly at: EpochMs; readonly kbps: number }[];
  rateCollapsed: boolean;
}

const PRUNE_EVERY_MS = HOUR_MS;
const RATES_FOR_MS = HOUR_MS;

export function openPictureWatch(parts: PictureWatchParts): PictureWatch {
  const { recordings, thumbnails, tools, clock, log, onChange, everyMs = MINUTE_MS } = parts;
  const cameras = new Map<CameraId, Watched>();
  const watchedOf = (camera: CameraId): Watched => {
    let watched = cameras.get(camera);
    if (watched === undefined) {
      watched = {
        state: FIRST_LOOK,
        last: undefined,
        sampledAt: undefined,
        since: clock.now(),
        rates: [],
        rateCollapsed: false,
      };
      cameras.set(camera, watched);
    }
    return watched;
  };
  const noteRate = (watched: Watched, { startAt, endAt, bytes }: Segment): void => {
    if (endAt <= startAt) return;
    const kbps = (bytes * 8) / (endAt - startAt);
    watched.rates = [...watched.rates, { at: endAt, kbps }].filter(({ at }) => at > endAt - RATES_FOR_MS);
    watched.rateCollapsed = isRateCollapsed(watched.rates.map((rate) => rate.kbps));
  };
  const look = async (segment: Segment, signal: AbortSignal): Promise<void> => {
    const watched = watchedOf(segment.camera);
    const thumbnail = await thumbnails.newFile(segment.camera);
    try {
      const points = await sampleKeyFrame(tools, { file: recordings.pathOf(segment), thumbnail }, signal);
      const picture = { points, widthPx: GREY_WIDTH_PX, heightPx: GREY_HEIGHT_PX };
      const before = watched.state.verdict;
      watched.state = afterLook(watched.state, sampleOf(picture, watched.last));
      watched.last = picture;
      await thumbnails.keep(thumbnail, segment.camera, segment.startAt);
      if (watched.state.verdict !== before) {
        watched.since = clock.now();
        log.info({ camera: segment.camera, picture: watched.state.verdict }, "picture has changed");
        onChange(segment.camera);
      }
    } finally {
      await rm(thumbnail, { force: true });
    }
  };
  /** One for each camera: when the machine is slow the newest counts. */
  const waiting = new Map<CameraId, Segment>();
  let wake = new AbortController();
  const listen = (segment: Segment): void => {
    const watched = watchedOf(segment.camera);
    const collapsed = watched.rateCollapsed;
    noteRate(watched, segment);
    if (watched.rateCollapsed !== collapsed) onChange(segment.camera);
    if (watched.sampledAt !== undefined && segment.startAt - watched.sampledAt < everyMs) return;
    watched.sampledAt = segment.startAt;
    waiting.set(segment.camera, segment);
    wake.abort();
  };
  /** A file cleaned away meanwhile, one without a picture, a full disk: the next file will tell. */
  const unlessOurs =
    (camera: string, signal: AbortSignal) =>
    (error: unknown): void => {
      if (isStopped(signal)) return;
      if (!(error instanceof Fault) && !(error instanceof Error && "code" in error)) throw error;
      log.debug({ camera, err: error }, "picture could not be looked at");
    };
  const prune = async (): Promise<void> => {
    for (const camera of await thumbnails.cameras()) {
      const oldestAt = recordings.oldestAt(camera) ?? clock.now();
      await thumbnails.removeWithin(camera, { from: epochMs(0), to: oldestAt });
      // A crash may have come between the recordings and their pictures.
      const erased = recordings.erased(camera, { from: oldestAt, to: clock.now() });
      for (const span of erased) await thumbnails.removeWithin(camera, span);
    }
  };
  return {
    verdict: (camera) => {
      const { state, since, rateCollapsed } = watchedOf(camera);
      const { verdict } = state;
      return { verdict, since, rateCollapsed, said: pictureWords(verdict, rateCollapsed) };
    },
    run: async (signal) => {
      using listening = new DisposableStack();
      listening.use(recordings.onSegment(listen));
      let pruneAt = clock.uptime();
      while (!isStopped(signal)) {
        wake = new AbortController();
        const [segment] = waiting.values();
        if (segment !== undefined) {
          waiting.delete(segment.camera);
          await look(segment, signal).catch(unlessOurs(segment.camera, signal));
        } else if (clock.uptime() >= pruneAt) {
          pruneAt = uptimeMs(clock.uptime() + PRUNE_EVERY_MS);
          await prune().catch(unlessOurs("all", signal));
        } else await clock.sleep(pruneAt - clock.uptime(), AbortSignal.any([signal, wake.signal]));
      }
    },
  };
}
