import { EVENTS_SCHEMA } from "../../../src/cameras/events/event-store.ts";
import {
  openCameraEvents,
  type CameraEvents,
  type CameraEventsParts,
} from "../../../src/cameras/events/camera-events.ts";
import type { EventPhase } from "../../../src/cameras/events/senses.ts";
import type { Camera, CameraEvent } from "../../../src/cameras/rules/model.ts";
import { systemClock } from "../../../src/kernel/clock.ts";
import { epochMs } from "../../../src/kernel/time.ts";
import { openDatabase, type Database } from "../../../src/store/database.ts";
import { migrate } from "../../../src/store/migrate.ts";
import { RecordingLog } from "../../support/recording-log.ts";
import { aCamera, GATE, MemoryCameras } from "../camera-house.ts";
import type { Talk } from "../onvif/camera-talk.ts";

/** All of time. */
const EVER = { from: epochMs(0), to: epochMs(4_000_000_000_000) };

export interface EventHouse extends AsyncDisposable {
  readonly cameras: MemoryCameras;
  readonly events: CameraEvents;
  readonly database: Database;
  readonly log: RecordingLog;
  /** `begin motion`, `end motion`, in order. */
  readonly news: readonly string[];
  readonly kept: () => readonly CameraEvent[];
  /** Ends the loops and waits for them. */
  stop(): Promise<void>;
}

interface Peers {
  readonly peer: { readonly address: string; readonly port: number };
  /** Our ONVIF client; its thread is slow to start, so one serves a whole file of tests. */
  readonly talk: Talk;
}

/** The event loops over our real ONVIF client, listening to one camera. */
export function openEventHouse(
  { peer, talk }: Peers,
  { camera, ...more }: Partial<CameraEventsParts> & { readonly camera?: Partial<Camera> } = {},
): EventHouse {
  const log = new RecordingLog();
  const database = openDatabase(":memory:");
  migrate(database, [EVENTS_SCHEMA]);
  const cameras = new MemoryCameras(aCamera({ onvif: { host: peer.address, port: peer.port }, ...camera }));
  const events = openCameraEvents({
    database,
    cameras,
    clock: systemClock,
    log,
    // The shortest of waits.
    random: () => 0,
    connect: async ({ onvif }) => {
      if (onvif === null) return undefined;
      return (await talk.open({ address: onvif.host, port: onvif.port })).events;
    },
    clockOffsetMs: () => undefined,
    topics: () => [],
    onLink: () => undefined,
    ...more,
  });
  const news: string[] = [];
  events.onEvent(({ kind }: CameraEvent, phase: EventPhase) => news.push(`${phase} ${kind}`));
  const stopping = new AbortController();
  const running = Promise.allSettled([events.run(stopping.signal)]);
  const stop = async (): Promise<void> => {
    stopping.abort();
    for (const end of await running) if (end.status === "rejected") throw end.reason;
  };
  return {
    cameras,
    events,
    database,
    log,
    news,
    kept: () => events.between(GATE, EVER),
    stop,
    [Symbol.asyncDispose]: async () => {
      await stop();
      database[Symbol.dispose]();
    },
  };
}
