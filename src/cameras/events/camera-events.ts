import type { Clock } from "../../kernel/clock.ts";
import type { Fault } from "../../kernel/faults.ts";
import type { Log } from "../../kernel/log.ts";
import { runTogether } from "../../kernel/run-together.ts";
import type { Text } from "../../kernel/text.ts";
import { DAY_MS, epochMs, HOUR_MS, type EpochMs } from "../../kernel/time.ts";
import type { Database } from "../../store/database.ts";
import type { Cameras } from "../cameras.ts";
import type { EventTopic } from "../rules/event-topics.ts";
import type { Camera, CameraEvent, CameraId, EventKind, Span } from "../rules/model.ts";
import { followCameras } from "./follow-cameras.ts";
import { runEventLoop } from "./event-loop.ts";
import { openEventStore } from "./event-store.ts";
import type { PullPoint } from "./pull-point.ts";
import { newSenses, type EventPhase, type Senses } from "./senses.ts";

/** What a camera's detectors say now. */
export interface EventsNow {
  /** Null: it is not asked (no ONVIF, or switched off). `unknown`: not heard yet since the start. */
  readonly link: "on" | "off" | "unknown" | null;
  readonly since: EpochMs;
  /** Why it can't be heard. */
  readonly said: Text | null;
  readonly states: readonly {
    readonly kind: EventKind;
    readonly topic: string;
    /** Null: not known now, or something that has no end. */
    readonly on: boolean | null;
    readonly since: EpochMs;
  }[];
}

export type EventListening = (event: CameraEvent, phase: EventPhase) => void;

export interface CameraEvents {
  /** Events that touch the span, by start; of more than 5,000 the newest. */
  between(camera: CameraId, span: Span): readonly CameraEvent[];
  current(camera: CameraId): EventsNow;
  bookmark(id: number): CameraEvent;
  onEvent(listener: EventListening): Disposable;
  /** Listens to every enabled camera that has ONVIF, as they come and go. */
  run(signal: AbortSignal): Promise<void>;
}

export interface CameraEventsParts {
  readonly database: Database;
  readonly cameras: Pick<Cameras, "all" | "find" | "credentials" | "onChange">;
  readonly clock: Clock;
  readonly log: Log;
  /** 0 ≤ x < 1. */
  readonly random: () => number;
  /** Reaches the camera; undefined: it has no event service. Throws a Fault. */
  readonly connect: (camera: Camera, signal: AbortSignal) => Promise<PullPoint | undefined>;
  /** How far the camera's clock was last found ahead of ours. */
  readonly clockOffsetMs: (camera: CameraId) => number | undefined;
  /** What its profile knows of its topics. */
  readonly topics: (camera: Camera) => readonly EventTopic[];
  /** The camera can be heard, or can't any more. */
  readonly onLink: (camera: CameraId) => void;
}

const MOST_EVENTS_ANSWERED = 5_000;
const MOST_EVENTS_KEPT = 200_000;
/** Of a camera that was taken off the list. */
const KEPT_AFTERWARDS_DAYS = 30;
const UNASKED: Pick<EventsNow, "link" | "said" | "states"> = { link: null, said: null, states: [] };

interface Listening {
  readonly senses: Senses;
  link: "on" | "off" | "unknown";
  since: EpochMs;
  why: Fault | undefined;
}

export function openCameraEvents(parts: CameraEventsParts): CameraEvents {
  const { database, cameras, clock } = parts;
  const store = openEventStore(database);
  store.endForgotten();
  const listeners = new Set<EventListening>();
  const heard = new Map<CameraId, Listening>();
  const openedAt = clock.now();

  const listenTo = async (camera: Camera, signal: AbortSignal): Promise<void> => {
    const log = parts.log.child({ camera: camera.id });
    const news: Parameters<EventListening>[] = [];
    const senses = newSenses({
      camera: camera.id,
      store,
      clock,
      log,
      topics: parts.topics(camera),
      clockOffsetMs: () => parts.clockOffsetMs(camera.id),
      emit: (event, phase) => news.push([event, phase]),
    });
    const stored = <T>(work: () => T extends PromiseLike<unknown> ? never : T): T => {
      try {
        return database.transact(work);
      } catch (error) {
        // A full disk took the rows back; what we believe must not rest on them.
        senses.forget();
        news.length = 0;
        throw error;
      }
    };
    /** Tells of events once they are stored for good. */
    const storing = <T>(work: () => T extends PromiseLike<unknown> ? never : T): T => {
      const result = stored(work);
      for (const [event, phase] of news.splice(0)) listeners.forEach((listener) => listener(event, phase));
      return result;
    };
    const listening: Listening = { senses, link: "unknown", since: clock.now(), why: undefined };
    heard.set(camera.id, listening);
    const turn = (link: "on" | "off", why: Fault | undefined): void => {
      const turned = listening.link !== link;
      if (turned) listening.since = clock.now();
      listening.link = link;
      listening.why = why;
      if (turned) parts.onLink(camera.id);
    };
    await runEventLoop(
      {
        clock,
        random: parts.random,
        log,
        connect: (stop) => parts.connect(camera, stop),
        listener: {
          linked: () => turn("on", undefined),
          lost: (why) => {
            storing(() => senses.lost());
            turn("off", why);
          },
          heard: (answer) => storing(() => senses.heard(answer)),
          wantsStates: () => storing(() => senses.expire()),
        },
      },
      signal,
    );
    heard.delete(camera.id);
    storing(() => senses.lost());
  };

  const fingerprint = (camera: Camera): string => howToListen(camera, cameras);

  return {
    between: (camera, span) => store.between(camera, span, MOST_EVENTS_ANSWERED),
    current: (id) => {
      const listening = heard.get(id);
      if (listening === undefined) return { ...UNASKED, since: openedAt };
      const { link, since, why, senses } = listening;
      const states = senses
        .now()
        .map(({ kind, topic, on, since: from }) => ({ kind, topic, on, since: from }));
      return { link, since, said: why?.said ?? null, states };
    },
    bookmark: (id) => store.bookmark(id),
    onEvent: (listener) => {
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
    run: (signal) =>
      runTogether(
        [
          (stop) => followCameras({ cameras, isAsked, fingerprint, each: listenTo }, stop),
          (stop) => keepTidy(stop),
        ],
        signal,
      ),
  };

  async function keepTidy(signal: AbortSignal): Promise<void> {
    do {
      let removed = 0;
      for (const id of store.cameras()) {
        const camera = cameras.find(id);
        const days = camera
          ? Math.max(camera.retentionDays, camera.eventRetentionDays)
          : KEPT_AFTERWARDS_DAYS;
        removed += store.removeBefore(id, epochMs(clock.now() - days * DAY_MS));
        removed += store.removeBeyond(id, MOST_EVENTS_KEPT);
      }
      if (removed > 0) parts.log.info({ removed }, "old camera events removed");
    } while (await clock.sleep(HOUR_MS, signal));
  }
}

/** What makes it necessary to begin anew. */
function howToListen(camera: Camera, cameras: Pick<Cameras, "credentials">): string {
  const { password } = cameras.credentials(camera.id);
  return JSON.stringify([camera.onvif, camera.user, camera.profile, password]);
}

function isAsked({ enabled, onvif }: Camera): boolean {
  return enabled && onvif !== null;
}
