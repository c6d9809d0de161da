import type { Clock } from "../../kernel/clock.ts";
import type { Log } from "../../kernel/log.ts";
import { epochMs, type EpochMs } from "../../kernel/time.ts";
import { hear, staleness, type Sense } from "../rules/event-senses.ts";
import { atByOurClock } from "../rules/event-times.ts";
import { tell, type EventTopic, type Notification } from "../rules/event-topics.ts";
import type { CameraEvent, CameraId } from "../rules/model.ts";
import type { EventStore } from "./event-store.ts";
import type { PullAnswer } from "./notifications.ts";

/** An event has begun, ended, or gone on after it had seemed to be over. */
export type EventPhase = "begin" | "end" | "go-on";

/** What one camera's detectors say, and the events that come of it. */
export interface Senses {
  heard(answer: PullAnswer): void;
  /** What was on is over as far as we know; nothing is known now. */
  lost(): void;
  /** Ends movements that the camera forgot to end. True: there is one that it should be asked about. */
  expire(): boolean;
  /** Everything, without a word: as if the camera had never been heard. */
  forget(): void;
  now(): readonly Sense[];
}

interface SensesParts {
  readonly camera: CameraId;
  readonly store: EventStore;
  readonly clock: Clock;
  readonly log: Log;
  /** Of the camera's profile. */
  readonly topics: readonly EventTopic[];
  /** Measured; how far the camera's clock is ahead. */
  readonly clockOffsetMs: () => number | undefined;
  readonly emit: (event: CameraEvent, phase: EventPhase) => void;
}

/** A camera that invents detectors must not fill the memory. */
const MOST_SENSES = 64;

export function newSenses(parts: SensesParts): Senses {
  const { store, clock, log } = parts;
  const senses = new Map<string, Sense>();
  let full = false;

  const end = (key: string, sense: Sense, { at, on }: { at: EpochMs; on: false | null }): void => {
    const event = sense.event?.endedAt === null ? store.setEnd(sense.event.id, at) : undefined;
    senses.set(key, {
      ...sense,
      on,
      since: at,
      event: event === undefined ? sense.event : { id: event.id, endedAt: event.endAt },
    });
    if (event !== undefined) parts.emit(event, "end");
  };

  const begin = (key: string, sense: Sense, notification: Notification): void => {
    const event = store.add({
      camera: parts.camera,
      at: sense.since,
      arrivedAt: clock.now(),
      kind: sense.kind,
      topic: sense.topic,
      momentary: sense.on === null,
      source: notification.source,
      data: notification.data,
    });
    senses.set(key, { ...sense, event: { id: event.id, endedAt: event.endAt } });
    parts.emit(event, "begin");
  };

  const goOn = (key: string, sense: Sense): void => {
    if (sense.event === null) throw new Error("a sense without an event can't go on");
    const event = store.setEnd(sense.event.id, null);
    senses.set(key, { ...sense, event: { id: event.id, endedAt: null } });
    parts.emit(event, "go-on");
  };

  const isTooMany = (key: string): boolean => {
    if (senses.has(key) || senses.size < MOST_SENSES) return false;
    if (!full) log.warn({ mostSenses: MOST_SENSES }, "camera has too many detectors; the rest are not heard");
    full = true;
    return true;
  };

  const take = (notification: Notification, at: EpochMs): void => {
    const told = tell(notification, parts.topics);
    const { key, kind, topic, on } = told;
    if (isTooMany(key)) return;
    const before = senses.get(key);
    const step = hear(before, { told, initialized: notification.change === "initialized", at });
    const sense: Sense = {
      kind,
      topic,
      on,
      since: before?.on === on && step === "nothing" ? before.since : at,
      heardAt: clock.uptime(),
      event: before?.event ?? null,
    };
    senses.set(key, sense);
    if (step === "begin" || step === "moment") begin(key, sense, notification);
    else if (step === "end") end(key, sense, { at, on: false });
    else if (step === "go-on") goOn(key, sense);
  };

  return {
    heard: ({ cameraNow, notifications }) => {
      const arrivedAt = clock.now();
      const measured = parts.clockOffsetMs();
      const offsetsMs = [measured, cameraNow === undefined ? undefined : cameraNow - arrivedAt].filter(
        (offset) => offset !== undefined,
      );
      for (const notification of notifications)
        take(notification, atByOurClock({ said: notification.said, arrivedAt, offsetsMs }));
    },
    lost: () => {
      for (const [key, sense] of senses) end(key, sense, { at: clock.now(), on: null });
    },
    expire: () => {
      let doubtful = false;
      for (const [key, sense] of senses) {
        const state = staleness(sense, clock.uptime());
        doubtful ||= state === "doubtful";
        if (state !== "expired") continue;
        const heardAt = epochMs(clock.now() - (clock.uptime() - sense.heardAt));
        end(key, sense, { at: heardAt, on: false });
      }
      return doubtful;
    },
    forget: () => senses.clear(),
    now: () => [...senses.values()],
  };
}
