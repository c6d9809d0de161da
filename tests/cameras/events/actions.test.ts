import { expect, test } from "vitest";
import { runEventActions, type EventActionsParts } from "../../../src/cameras/events/actions.ts";
import type { EventListening } from "../../../src/cameras/events/camera-events.ts";
import type { EventPhase } from "../../../src/cameras/events/senses.ts";
import type { CameraEvent, EventRule, Span } from "../../../src/cameras/rules/model.ts";
import { Fault } from "../../../src/kernel/faults.ts";
import { epochMs, MINUTE_MS, SECOND_MS } from "../../../src/kernel/time.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { RecordingLog } from "../../support/recording-log.ts";
import { aCamera, GATE, MemoryCameras } from "../camera-house.ts";

/** Monday, 10:00 in Vietnam. */
const TEN = Date.parse("2026-11-23T03:00:00Z");

const RULE: EventRule = {
  on: "motion",
  actions: ["clip"],
  preRollSec: 10,
  postRollSec: 20,
  say: null,
  quietForSec: 60,
  hours: [],
};

interface World extends AsyncDisposable {
  readonly clock: FakeClock;
  readonly log: RecordingLog;
  readonly cameras: MemoryCameras;
  /** Everything that was done: `bookmark 1`, `notify motion`, `say …`. */
  readonly did: readonly string[];
  /** Seconds from ten o'clock to the beginning and the end of each clip, as they are now. */
  readonly clips: () => readonly (readonly [number, number])[];
  /** The first emits a new event, the others say more of it. */
  begin(on?: boolean | null): number;
  end(event: number): void;
  goOn(event: number): void;
  /** Ends it, and waits for what is still being done. */
  finish(): Promise<void>;
}

function openWorld(rules: readonly Partial<EventRule>[], parts: Partial<EventActionsParts> = {}): World {
  const clock = new FakeClock(TEN);
  const log = new RecordingLog();
  const cameras = new MemoryCameras(aCamera({ eventRules: rules.map((rule) => ({ ...RULE, ...rule })) }));
  const did: string[] = [];
  const clips: { span: Span }[] = [];
  const listeners = new Set<EventListening>();
  const stop = new AbortController();
  const known = new Map<number, CameraEvent>();
  const emit = (event: CameraEvent, phase: EventPhase): void => {
    known.set(event.id, event);
    listeners.forEach((listener) => listener(event, phase));
  };
  const get = (id: number): CameraEvent => {
    const event = known.get(id);
    if (event === undefined) throw new Error(`no event ${id}`);
    return event;
  };
  const running = Promise.allSettled([
    runEventActions(
      {
        cameras,
        clock,
        log,
        timeZone: "Asia/Ho_Chi_Minh",
        events: {
          onEvent: (listener) => {
            listeners.add(listener);
            return { [Symbol.dispose]: () => void listeners.delete(listener) };
          },
          bookmark: (id) => {
            did.push(`bookmark ${id}`);
            return get(id);
          },
        },
        clips: {
          request: (_camera, span, reason) => {
            did.push(`clip: ${reason}`);
            clips.push({ span });
            return String(clips.length - 1);
          },
          extend: (id, to) => {
            const clip = clips[Number(id)];
            if (clip === undefined || clip.span.to <= clock.now()) return false;
            clip.span = { ...clip.span, to };
            return true;
          },
        },
        notify: ({ type, camera, kind, at }) => did.push(`${type} ${camera} ${kind} ${at - TEN}`),
        say: (said, speakers) => {
          did.push(`say ${said} to ${speakers.join(", ")}`);
          return Promise.resolve();
        },
        ...parts,
      },
      stop.signal,
    ),
  ]);
  const finish = async (): Promise<void> => {
    stop.abort();
    for (const end of await running) if (end.status === "rejected") throw end.reason;
  };
  return {
    clock,
    log,
    cameras,
    did,
    clips: () =>
      clips.map(({ span }) => [(span.from - TEN) / SECOND_MS, (span.to - TEN) / SECOND_MS] as const),
    begin: (on = null) => {
      const at = clock.now();
      const id = known.size + 1;
      const endAt = on === null ? at : null;
      emit({ id, camera: GATE, at, arrivedAt: at, kind: "motion", topic: "t", on, endAt }, "begin");
      return id;
    },
    end: (id) => emit({ ...get(id), on: false, endAt: clock.now() }, "end"),
    goOn: (id) => emit({ ...get(id), on: true, endAt: null }, "go-on"),
    finish,
    [Symbol.asyncDispose]: finish,
  };
}

test("does all that a rule says, once", async () => {
  await using world = openWorld([
    {
      actions: ["bookmark", "clip", "notify", "say", "notify"],
      say: { text: "Xin mời ngồi chờ.", speakers: ["loa-quay"] },
    },
    { on: "tamper", actions: ["notify"] },
  ]);
  world.begin();
  expect(world.did).toEqual([
    "bookmark 1",
    "clip: Có chuyển động",
    "camera-event cong-vao motion 0",
    "say Xin mời ngồi chờ. to loa-quay",
  ]);
});

test("a clip of a moment has its rolls", async () => {
  await using world = openWorld([{}]);
  world.begin();
  await world.clock.advance(MINUTE_MS);
  expect(world.clips()).toEqual([[-10, 20]]);
});

test("a clip grows while its event goes on, and ends with its post-roll", async () => {
  await using world = openWorld([{ postRollSec: 6 }]);
  const event = world.begin(true);
  await world.clock.advance(31 * SECOND_MS);
  world.end(event);
  await world.clock.advance(MINUTE_MS);
  expect(world.clips()).toEqual([[-10, 37]]);
});

test("an event that goes on after all stretches its clip", async () => {
  await using world = openWorld([{}]);
  const event = world.begin(true);
  await world.clock.advance(4 * SECOND_MS);
  world.end(event);
  await world.clock.advance(3 * SECOND_MS);
  world.goOn(event);
  await world.clock.advance(33 * SECOND_MS);
  world.end(event);
  await world.clock.advance(MINUTE_MS);
  expect(world.clips()).toEqual([[-10, 60]]);
});

test("a second movement in the post-roll goes into the same clip, though the rule rests", async () => {
  await using world = openWorld([{}]);
  world.begin();
  await world.clock.advance(15 * SECOND_MS);
  world.begin();
  await world.clock.advance(15 * SECOND_MS);
  expect(world.clips()).toEqual([[-10, 35]]);
  await world.clock.advance(10 * SECOND_MS);
  world.begin();
  await world.clock.advance(30 * SECOND_MS);
  world.begin();
  expect(world.clips()).toEqual([
    [-10, 35],
    [60, 90],
  ]);
});

test("an event that never ends makes one clip of ten minutes", async () => {
  await using world = openWorld([{ quietForSec: 0 }]);
  world.begin(true);
  await world.clock.advance(30 * MINUTE_MS);
  expect(world.clips()).toEqual([[-10, 590]]);
});

test("acts in its hours alone", async () => {
  const hours = [{ weekdays: [1], fromMinute: 600, toMinute: 601 }];
  await using world = openWorld([{ actions: ["bookmark"], hours, quietForSec: 0 }]);
  world.begin();
  await world.clock.advance(MINUTE_MS);
  world.begin();
  expect(world.did).toEqual(["bookmark 1"]);
});

test("takes a rule that was changed meanwhile as it is now", async () => {
  await using world = openWorld([{ actions: ["bookmark"] }]);
  world.cameras.change(GATE, { eventRules: [{ ...RULE, actions: ["notify"] }] });
  world.begin();
  expect(world.did).toEqual(["camera-event cong-vao motion 0"]);
});

const refusal = (): never => {
  throw new Fault("unavailable", "no disk");
};

test("what can't be cut or said is logged, and the rest is done", async () => {
  await using world = openWorld(
    [
      {
        actions: ["clip", "say", "bookmark"],
        say: { text: "Xin chào", speakers: [] },
      },
    ],
    {
      clips: { request: refusal, extend: refusal },
      say: () => Promise.reject(new Fault("unavailable", "no speaker")),
    },
  );
  world.begin();
  await world.clock.advance(5 * SECOND_MS);
  expect(world.did).toEqual(["bookmark 1"]);
  expect(world.log.lines).toEqual([
    "warn no clip of a camera's event",
    "warn nothing was said at the counter",
  ]);
});

test("our own bug in speaking ends it", async () => {
  const world = openWorld([{ actions: ["say"], say: { text: "Xin chào", speakers: [] } }], {
    say: () => Promise.reject(new TypeError("ours")),
  });
  world.begin();
  await world.clock.advance(5 * SECOND_MS);
  await expect(world.finish()).rejects.toThrow("ours");
});

test("old news is kept and not acted upon", async () => {
  const heard: EventListening[] = [];
  await using world = openWorld([{ actions: ["bookmark"] }], {
    events: {
      onEvent: (listener) => {
        heard.push(listener);
        return { [Symbol.dispose]: () => undefined };
      },
      bookmark: refusal,
    },
  });
  const at = epochMs(TEN - 10 * MINUTE_MS);
  const event = { id: 1, camera: GATE, at, arrivedAt: world.clock.now(), topic: "t", on: null, endAt: at };
  heard.forEach((listener) => listener({ ...event, kind: "motion" }, "begin"));
  expect(heard).toHaveLength(1);
});
