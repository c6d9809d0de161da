import type { Clock } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import { SECOND_MS, type EpochMs } from "../kernel/time.ts";
import type { AiringId, AudioSource } from "../speakers/protocol.ts";
import type { Interval, Timeline } from "./rules/model.ts";
import type { RadioBox } from "./streams/box-feeds.ts";
import type { Programme } from "./streams/programme.ts";
import { playFiles } from "./streams/play-files.ts";
import type { Streams } from "./streams/streams.ts";

/** Radio boxes take no orders and keep no plan: the hall plays to them what the resolver says, interval by interval. */
export interface BoxPlayer extends AsyncDisposable {
  sync(timelines: ReadonlyMap<string, Timeline>, now: EpochMs): void;
}

interface BoxSound {
  readonly title: string;
  readonly source: AudioSource;
  readonly plannedAt: EpochMs;
  readonly repeatEveryMs: number | undefined;
}

interface BoxPlayerParts {
  /** The audio server opens later than this. */
  readonly streams: () => Streams;
  readonly boxes: () => readonly RadioBox[];
  /** Undefined for what is not on air. */
  readonly soundOf: (airing: AiringId) => BoxSound | undefined;
  readonly pathOf: (sha256: string) => string | undefined;
  readonly clock: Clock;
  readonly log: Log;
}

interface Running {
  readonly stop: AbortController;
  readonly done: Promise<void>;
}

/** Started this long ahead; the pacer itself waits for the instant. */
const AHEAD_MS = 10 * SECOND_MS;
const LOOK_EVERY_MS = 500;

export function openBoxPlayer(parts: BoxPlayerParts): BoxPlayer {
  const { clock, log } = parts;
  const running = new Map<string, Running>();

  const play = async (interval: Interval, boxes: readonly RadioBox[], signal: AbortSignal): Promise<void> => {
    const sound = parts.soundOf(interval.airing as AiringId);
    if (sound === undefined) return;
    const { title, source, plannedAt, repeatEveryMs } = sound;
    if (source.type === "stream") {
      await follow(source.path.split("/").at(-1) ?? "", interval, boxes, signal);
      return;
    }
    const position =
      repeatEveryMs === undefined
        ? { at: interval.startAt, offsetMs: source.offsetMs + interval.offsetMs }
        : { at: plannedAt, offsetMs: source.offsetMs, repeatEveryMs };
    const order = { airing: interval.airing, title, parts: source.parts, until: interval.endAt, ...position };
    await playFiles(order, boxes, { clock, streams: parts.streams(), pathOf: parts.pathOf }, signal);
  };

  /** A stream may open late or anew (a restart, a relay that failed): the boxes are put on it whenever it is there. */
  const follow = async (
    id: string,
    { startAt, endAt }: Interval,
    boxes: readonly RadioBox[],
    signal: AbortSignal,
  ): Promise<void> => {
    const streams = parts.streams();
    if (!(await clock.sleep(startAt - clock.now(), signal))) return;
    let heard: Programme | undefined;
    do {
      const programme = streams.programme(id);
      if (programme !== undefined && programme !== heard) {
        for (const { speaker } of boxes) streams.assignBox(speaker, programme);
        heard = programme;
      }
    } while (clock.now() < endAt && (await clock.sleep(LOOK_EVERY_MS, signal)));
    if (heard === undefined) return;
    for (const { speaker } of streams.feeds.on(heard)) {
      if (boxes.some((box) => box.speaker === speaker)) streams.assignBox(speaker, undefined);
    }
  };

  const start = (key: string, interval: Interval, boxes: readonly RadioBox[]): void => {
    const stop = new AbortController();
    const done = play(interval, boxes, stop.signal).catch((error: unknown) => {
      log.error({ err: error, airing: interval.airing }, "radio boxes can't be played to");
    });
    running.set(key, { stop, done });
  };

  return {
    sync: (timelines, now) => {
      const wanted = Map.groupBy(
        parts.boxes().flatMap((box) => {
          const intervals = timelines.get(box.speaker)?.intervals ?? [];
          return intervals
            .filter(({ startAt, endAt }) => startAt <= now + AHEAD_MS && endAt > now)
            .filter(({ airing }) => parts.soundOf(airing as AiringId) !== undefined)
            .map((interval) => ({ box, interval }));
        }),
        ({ interval: { airing, startAt, endAt } }) => `${airing} ${startAt} ${endAt}`,
      );
      for (const [key, { stop }] of running) {
        if (wanted.has(key)) continue;
        stop.abort();
        running.delete(key);
      }
      for (const [key, members] of wanted) {
        const [first] = members;
        if (first !== undefined && !running.has(key)) {
          start(
            key,
            first.interval,
            members.map(({ box }) => box),
          );
        }
      }
    },
    [Symbol.asyncDispose]: async () => {
      for (const { stop } of running.values()) stop.abort();
      await Promise.all([...running.values()].map(({ done }) => done));
    },
  };
}
