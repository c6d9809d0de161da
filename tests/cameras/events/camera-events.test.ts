import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { notification } from "../../../scripts/demo-camera/device-events.ts";
import type { Device } from "../../../scripts/demo-camera/device.ts";
import type { CameraId } from "../../../src/cameras/rules/model.ts";
import { DAY_MS, epochMs, MINUTE_MS, SECOND_MS } from "../../../src/kernel/time.ts";
import { openOnvifDevice } from "../../support/onvif-device.ts";
import { openOnvifMock } from "../../support/onvif-mock.ts";
import { until } from "../../support/until.ts";
import { aCamera, GATE } from "../camera-house.ts";
import { openTalk, type Talk } from "../onvif/camera-talk.ts";
import { openEventHouse, type EventHouse } from "./event-house.ts";

const YEARS_MS = 12 * 365 * DAY_MS;

let talk: Talk;
let device: Device;
let house: EventHouse | undefined;

beforeAll(() => {
  talk = openTalk();
});

afterAll(() => talk[Symbol.asyncDispose]());

beforeEach(async () => {
  device = await openOnvifDevice();
});

afterEach(async () => {
  await house?.[Symbol.asyncDispose]();
  house = undefined;
  await device[Symbol.asyncDispose]();
});

/** Opens the house and waits until it has heard the first states. */
async function listening(more: Parameters<typeof openEventHouse>[1] = {}): Promise<EventHouse> {
  house = openEventHouse({ peer: device, talk }, more);
  const { events } = house;
  await until("it listens", () => events.current(GATE).states.length === 3);
  return house;
}

/** Lets the loop come back at once, whatever its back-off: the camera is changed and so listened to anew. */
function again({ cameras }: EventHouse, profile: string): void {
  cameras.change(GATE, { profile });
}

test("a movement is an event with a beginning and an end", async () => {
  const { events, news, kept } = await listening();
  expect(events.current(GATE)).toMatchObject({ link: "on", said: null });
  const before = Date.now();
  device.events.sense("motion", true);
  await until("it began", () => news.length === 1);
  expect(kept()).toMatchObject([
    {
      camera: GATE,
      kind: "motion",
      on: true,
      endAt: null,
      topic: "tns1:RuleEngine/CellMotionDetector/Motion",
    },
  ]);
  device.events.sense("motion", false);
  await until("it ended", () => news.length === 2);
  const [event] = kept();
  expect(news).toEqual(["begin motion", "end motion"]);
  expect(event?.on).toBe(false);
  expect(event?.at).toBeGreaterThanOrEqual(before - 1);
  expect(event?.endAt).toBeGreaterThanOrEqual(event?.at ?? Infinity);
});

test("what is on before we listen is a state and no event", async () => {
  device.events.sense("input", true);
  const { events, kept } = await listening();
  const states = events.current(GATE).states.map(({ kind, on }) => ({ kind, on }));
  expect(states).toEqual([
    { kind: "motion", on: false },
    { kind: "tamper", on: false },
    { kind: "input", on: true },
  ]);
  expect(kept()).toEqual([]);
});

test("a movement that flickers is one event", async () => {
  const { news, kept } = await listening();
  for (const on of [true, false, true, false]) device.events.sense("motion", on);
  await until("all of it came", () => news.length === 4);
  expect(news).toEqual(["begin motion", "end motion", "go-on motion", "end motion"]);
  expect(kept()).toHaveLength(1);
});

describe.each(["Z", "+07:00"] as const)("times written with %s", (timeForm) => {
  test.each([
    ["a clock that is right", 0],
    ["a clock that is years behind", -YEARS_MS],
  ])("on a camera with %s", async (_name, clockOffsetMs) => {
    Object.assign(device.faults, { timeForm, clockOffsetMs, topicsWithDot: true });
    const { news, kept } = await listening();
    const before = Date.now();
    device.events.sense("tamper", true);
    await until("it came", () => news.length === 1);
    const [event] = kept();
    expect(event).toMatchObject({ kind: "tamper", topic: "tns1:RuleEngine/TamperDetector/Tamper" });
    expect(event?.at).toBeGreaterThan(before - 3 * SECOND_MS);
    expect(event?.at).toBeLessThanOrEqual(Date.now());
  });
});

test("the measured offset of the clock is believed before the one told in passing", async () => {
  const { news, kept } = await listening({ clockOffsetMs: () => -5 * MINUTE_MS });
  const said = new Date(Date.now() - 7 * MINUTE_MS);
  const topic = "tns1:VideoSource/MotionAlarm";
  device.events.tell(
    notification({
      topic,
      at: said.toISOString(),
      change: "Changed",
      source: "Source",
      item: "State",
      value: "1",
    }),
  );
  await until("it came", () => news.length === 1);
  expect(kept()[0]?.at).toBe(said.getTime() + 5 * MINUTE_MS);
});

test("a lost subscription is noticed, said, and made anew; what is still on goes on", async () => {
  const { events, news, kept, log } = await listening();
  device.events.sense("motion", true);
  await until("it began", () => news.length === 1);
  device.events.forgetSubscriptions();
  await until("the loss is noticed", () => events.current(GATE).link === "off");
  expect(events.current(GATE).states.map(({ on }) => on)).toEqual([null, null, null]);
  expect(events.current(GATE).said?.vi).not.toBe("");
  await until("it listens again", () => events.current(GATE).link === "on" && news.length === 3);
  expect(news).toEqual(["begin motion", "end motion", "go-on motion"]);
  expect(kept()).toMatchObject([{ on: true, endAt: null }]);
  expect(log.lines.filter((line) => line.startsWith("warn"))).toEqual([
    "warn camera events are lost; will keep trying",
  ]);
});

test.each([
  ["refuses subscriptions", { refusesSubscriptions: true }],
  ["refuses the password", { refusesEverybody: true }],
  ["answers a pull with garbage", { speech: "garbage", speechFor: ["PullMessages"] }],
  ["answers a pull with 200 MB", { speech: "huge", speechFor: ["PullMessages"] }],
  ["cuts a pull in the middle", { speech: "not-http", speechFor: ["PullMessages"] }],
] as const)("a camera that %s is off, in words, and heard again when it is better", async (_name, faults) => {
  Object.assign(device.faults, faults);
  house = openEventHouse({ peer: device, talk });
  const { events } = house;
  await until("it is off", () => events.current(GATE).link === "off");
  const said = events.current(GATE).said;
  expect(said?.vi).not.toBe(said?.en);
  Object.assign(device.faults, { refusesSubscriptions: false, refusesEverybody: false, speech: null });
  again(house, "another");
  await until("it listens", () => events.current(GATE).states.length === 3);
});

test("closed pulls, a Renew that says little and unknown operations are no loss", async () => {
  Object.assign(device.faults, {
    pullClosedAfterMs: 700,
    renewWithoutCurrentTime: true,
    noSynchronizationPoint: true,
  });
  house = openEventHouse({ peer: device, talk });
  const { events, news, log } = house;
  const pulls = (): number => device.asked.filter((operation) => operation === "PullMessages").length;
  await until("it was asked again and again", () => pulls() > 3);
  device.events.sense("motion", true);
  await until("it came", () => news.length === 1);
  expect(events.current(GATE).link).toBe("on");
  expect(log.lines).toEqual(["info listening to the camera's events"]);
});

test("an independent device that answers every pull at once is heard, and its movement is one", async () => {
  await using mock = await openOnvifMock();
  house = openEventHouse({ peer: mock, talk });
  const { kept, events } = house;
  await until("its movement came", () => kept().length > 0);
  const before = Date.now();
  expect(kept()).toHaveLength(1);
  expect(kept()[0]).toMatchObject({ kind: "motion", on: true });
  // Its messages carry the present, its clock says 2000.
  expect(kept()[0]?.at).toBeGreaterThan(before - MINUTE_MS);
  expect(events.current(GATE).link).toBe("on");
});

test("cameras behind one address do not wait for each other", async () => {
  await using other = await openOnvifDevice();
  await using third = await openOnvifDevice();
  const { cameras, events } = await listening();
  for (const [id, { address, port }] of [["hai", other] as const, ["ba", third] as const]) {
    cameras.add(aCamera({ id: id as CameraId, onvif: { host: address, port } }));
    await until("it is heard", () => events.current(id as CameraId).states.length === 3);
  }
  const pulls = ({ asked }: Device): number => asked.filter((name) => name === "PullMessages").length;
  // The first brought the states; the second waits for news, side by side with the others'.
  await until("all wait for news", () => [device, other, third].every((one) => pulls(one) >= 2), {
    patienceMs: 10_000,
  });
});

test("gives its place back when it is stopped", async () => {
  const { kept } = await listening();
  device.events.sense("motion", true);
  await until("it began", () => kept().length === 1);
  expect(device.events.subscriberCount).toBe(1);
  await house?.stop();
  expect(device.events.subscriberCount).toBe(0);
  expect(kept()[0]?.endAt).not.toBeNull();
});

test("follows cameras as they are switched off and on, and leaves the others alone", async () => {
  const { cameras, events } = await listening();
  cameras.change(GATE, { name: "Quầy 9" });
  cameras.change(GATE, { enabled: false });
  await until("it is let go", () => events.current(GATE).link === null);
  expect(events.current(GATE).states).toEqual([]);
  expect(device.events.subscriberCount).toBe(0);
  cameras.change(GATE, { enabled: true });
  await until("it listens again", () => events.current(GATE).states.length === 3);
  expect(device.asked.filter((operation) => operation === "CreatePullPointSubscription")).toHaveLength(2);
});

test("a camera without ONVIF is not asked", () => {
  house = openEventHouse({ peer: device, talk }, { camera: { onvif: null } });
  expect(house.events.current(GATE)).toMatchObject({ link: null, said: null, states: [] });
});

test("a flood of invented detectors stops at a limit", async () => {
  const { news, log, kept } = await listening();
  for (let number = 0; number < 90; number += 1) {
    const at = new Date().toISOString();
    device.events.tell(
      notification({
        topic: `tns1:Invented/N${number}`,
        at,
        change: "Changed",
        source: "Rule",
        item: "State",
        value: "1",
      }),
    );
  }
  await until("it was told", () => log.lines.length > 1);
  await until("the rest came", () => news.length === 61);
  expect(kept()).toHaveLength(61);
  expect(log.lines.at(-1)).toBe("warn camera has too many detectors; the rest are not heard");
});

test("events are kept as long as the camera says, and no longer", async () => {
  const { events, kept, database } = await listening({
    camera: { retentionDays: 3, eventRetentionDays: 5 },
  });
  await house?.stop();
  const add = (daysAgo: number): void => {
    const atMs = epochMs(Date.now() - daysAgo * DAY_MS);
    database.run(
      `INSERT INTO camera_event (camera, at_ms, arrived_ms, end_ms, kind, topic, momentary, source, data)
       VALUES (?, ?, ?, ?, 'motion', 't', 1, '{}', '{}')`,
      GATE,
      atMs,
      atMs,
      atMs,
    );
  };
  add(4);
  add(6);
  const stopping = new AbortController();
  const running = events.run(stopping.signal);
  await until("the old one is gone", () => kept().length === 1);
  stopping.abort();
  await running;
});
