import { afterEach, beforeEach, expect, test } from "vitest";
import { EVENTS_SCHEMA, openEventStore, type EventStore } from "../../../src/cameras/events/event-store.ts";
import type { PullAnswer } from "../../../src/cameras/events/notifications.ts";
import { newSenses, type Senses } from "../../../src/cameras/events/senses.ts";
import type { CameraEvent } from "../../../src/cameras/rules/model.ts";
import { epochMs, MINUTE_MS, SECOND_MS } from "../../../src/kernel/time.ts";
import { openDatabase, type Database } from "../../../src/store/database.ts";
import { migrate } from "../../../src/store/migrate.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { RecordingLog } from "../../support/recording-log.ts";
import { GATE } from "../camera-house.ts";

const START = Date.parse("2026-11-23T03:00:00Z");

let clock: FakeClock;
let database: Database;
let store: EventStore;
let senses: Senses;

beforeEach(() => {
  clock = new FakeClock(START);
  database = openDatabase(":memory:");
  migrate(database, [EVENTS_SCHEMA]);
  store = openEventStore(database);
  senses = newSenses({
    camera: GATE,
    store,
    clock,
    log: new RecordingLog(),
    topics: [],
    clockOffsetMs: () => 0,
    emit: () => undefined,
  });
});

afterEach(() => database[Symbol.dispose]());

function heard(topic: string, value: string, change: "initialized" | "changed" = "changed"): PullAnswer {
  const said = clock.now();
  return { cameraNow: said, notifications: [{ topic, said, change, source: {}, data: { State: value } }] };
}

const MOTION = "tns1:VideoSource/MotionAlarm";
const INPUT = "tns1:Device/Trigger/DigitalInput";

const kept = (): CameraEvent[] => store.between(GATE, { from: epochMs(0), to: epochMs(START * 2) }, 99);

test("a movement the camera forgot to end is asked about after a minute and over after two", async () => {
  senses.heard(heard(MOTION, "true"));
  await clock.advance(59 * SECOND_MS);
  expect(senses.expire()).toBe(false);
  await clock.advance(SECOND_MS);
  expect(senses.expire()).toBe(true);
  await clock.advance(MINUTE_MS);
  expect(senses.expire()).toBe(false);
  // Nobody knows of it after it was last spoken of.
  expect(kept()).toMatchObject([{ at: START, endAt: START, on: false }]);
  expect(senses.now()).toMatchObject([{ on: false }]);
});

test("a movement that is spoken of again and again lasts", async () => {
  senses.heard(heard(MOTION, "true"));
  for (let minute = 0; minute < 5; minute += 1) {
    await clock.advance(MINUTE_MS);
    expect(senses.expire()).toBe(true);
    senses.heard(heard(MOTION, "true", "initialized"));
  }
  expect(kept()).toMatchObject([{ at: START, endAt: null, on: true }]);
  expect(senses.now()).toMatchObject([{ on: true, since: START }]);
});

test("an open door needs nobody to speak of it", async () => {
  senses.heard(heard(INPUT, "true"));
  await clock.advance(60 * MINUTE_MS);
  expect(senses.expire()).toBe(false);
  expect(kept()).toMatchObject([{ kind: "input", endAt: null }]);
});

test("a movement that expired does not go on: the next is a new one", async () => {
  senses.heard(heard(MOTION, "true"));
  await clock.advance(3 * MINUTE_MS);
  senses.expire();
  senses.heard(heard(MOTION, "true"));
  expect(kept()).toMatchObject([{ at: START }, { at: START + 3 * MINUTE_MS, endAt: null }]);
});

test("what was on when the line was lost is over then, until the camera says otherwise", async () => {
  senses.heard(heard(MOTION, "true"));
  await clock.advance(10 * SECOND_MS);
  senses.lost();
  expect(kept()).toMatchObject([{ endAt: START + 10 * SECOND_MS }]);
  expect(senses.now()).toMatchObject([{ on: null }]);
  await clock.advance(5 * MINUTE_MS);
  senses.heard(heard(MOTION, "true", "initialized"));
  expect(kept()).toMatchObject([{ at: START, endAt: null }]);
});

test("forgets what rests on rows that were taken back", () => {
  expect(() =>
    database.transact((): undefined => {
      senses.heard(heard(MOTION, "true"));
      throw new Error("disk full");
    }),
  ).toThrow("disk full");
  senses.forget();
  expect(senses.now()).toEqual([]);
  senses.heard(heard(MOTION, "true"));
  senses.heard(heard(MOTION, "false"));
  expect(kept()).toHaveLength(1);
});
