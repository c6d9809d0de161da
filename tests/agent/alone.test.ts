import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { LEVEL, type AiringId, type SignedPlan } from "../../src/speakers/protocol.ts";
import { correlate } from "../support/correlate.ts";
import { RunningAgent } from "../support/running-agent.ts";
import { ScriptedHall } from "../support/scripted-hall.ts";
import { ShiftedClock } from "../support/shifted-clock.ts";
import { makeSound, type Sound } from "../support/sound.ts";
import { until } from "../support/until.ts";

const NIGHT = [{ fromMinute: 21 * 60 + 30, toMinute: 5 * 60 }];
// Real time passes here, on a machine that may be busy.
vi.setConfig({ testTimeout: 90_000 });
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

let hall: ScriptedHall;
let sound: Sound;
let stack: AsyncDisposableStack;
let clock: ShiftedClock;

beforeEach(async () => {
  stack = new AsyncDisposableStack();
  clock = new ShiftedClock(0);
  hall = stack.use(await ScriptedHall.open());
  sound = await makeSound(2.5, 41);
  hall.offer(sound);
  setTime("2026-11-23T16:00:00+07:00");
});
afterEach(() => stack.disposeAsync());

/** Of the hall and of the agent. */
function setTime(at: string): void {
  clock.shiftMs = Date.parse(at) - Date.now();
  hall.clockShiftMs = clock.shiftMs;
}

function item(airing: string, at: number, changes: object = {}): SignedPlan["items"][number] {
  const source = { type: "files" as const, parts: [sound.part], offsetMs: 0 };
  const times = { at, until: at + 60_000 };
  return {
    airing: airing as AiringId,
    level: LEVEL.programme,
    ...times,
    source,
    afterPreempt: "resume",
    ...changes,
  };
}

async function runAgent(dir?: string): Promise<RunningAgent> {
  const options = { changes: { clock: "system" }, parts: { clock } } as const;
  const agent = stack.use(new RunningAgent(hall, dir === undefined ? options : { ...options, dir }));
  await hall.online();
  return agent;
}

async function hasPlanAndFile(agent: RunningAgent, version = 1): Promise<void> {
  await until("plan and file on the device", () => hall.state()?.planVersion === version && agent.has(sound));
}

test("cut off from the hall, plays tomorrow's bulletin from its plan; the receipt comes when the network is back", async () => {
  const at = Date.parse("2026-11-24T17:00:00+07:00");
  const agent = await runAgent();
  await hall.plan({ version: 1, quietHours: NIGHT, items: [item("tomorrow", at)] });
  await hasPlanAndFile(agent);
  await hall.cut();
  setTime("2026-11-24T16:59:55+07:00");
  await until("heard whole", () => agent.wav("tomorrow").length >= sound.samples.length - 2_000);
  expect(correlate(sound.samples, agent.wav("tomorrow")).coefficient).toBeGreaterThan(0.95);
  expect(hall.receipts).toEqual([]);
  await hall.restore();
  expect(await hall.receiptOf("tomorrow")).toMatchObject({ outcome: "played", via: "plan", plannedAt: at });
});

test("quiet hours are kept by the speaker alone, whatever a plan or an order says", async () => {
  const at = Date.parse("2026-11-24T03:15:00+07:00");
  const agent = await runAgent();
  await hall.plan({ version: 1, quietHours: NIGHT, items: [item("at-night", at)] });
  await hasPlanAndFile(agent);
  await hall.cut();
  setTime("2026-11-24T03:14:58+07:00");
  await hall.restore();
  expect(await hall.receiptOf("at-night")).toMatchObject({ outcome: "silent", reason: "quiet-hours" });
  await hall.order({ kind: "play", ...item("ordered-at-night", hall.now(), { level: LEVEL.live }) });
  expect(await hall.receiptOf("ordered-at-night")).toMatchObject({
    outcome: "silent",
    reason: "quiet-hours",
  });
  await hall.order({ kind: "play", ...item("alarm", hall.now() + 500, { level: LEVEL.communeEmergency }) });
  expect(await hall.receiptOf("alarm")).toMatchObject({ outcome: "played" });
  for (const airing of ["at-night", "ordered-at-night"]) expect(agent.wav(airing)).toHaveLength(0);
});

test("a speaker that never had a plan keeps the usual night", async () => {
  setTime("2026-11-23T23:00:00+07:00");
  const agent = await runAgent();
  await hall.order({ kind: "play", ...item("late-show", hall.now()) });
  expect(await hall.receiptOf("late-show")).toMatchObject({ outcome: "silent", reason: "quiet-hours" });
  expect(agent.wav("late-show")).toHaveLength(0);
});

test("what sounds when the quiet hours begin is cut off there", async () => {
  setTime("2026-11-23T21:29:56+07:00");
  const at = Date.parse("2026-11-23T21:29:58.500+07:00");
  const agent = await runAgent();
  await hall.plan({ version: 1, quietHours: NIGHT, items: [item("evening", at)] });
  expect(await hall.receiptOf("evening")).toMatchObject({
    outcome: "partial",
    reason: "quiet-hours",
    expectedMs: 2_500,
  });
  expect(agent.wav("evening").length).toBeLessThan(1_600 * 44.1);
});

test.each([
  ["forward", HOUR_MS],
  ["back", -HOUR_MS],
])("a clock stepped %s by an hour during an airing does not disturb it", async (_direction, stepMs) => {
  const agent = await runAgent();
  await hall.plan({ version: 1, items: [] });
  await until("plan known", () => hall.state()?.planVersion === 1);
  await hall.order({ kind: "prefetch", parts: [sound.part] });
  await until("file there", () => agent.has(sound));
  await hall.order({ kind: "play", ...item("news", hall.now() + 1_000) });
  await until("heard", () => agent.wav("news").length > 20_000);
  clock.shiftMs += stepMs;
  expect(await hall.receiptOf("news")).toMatchObject({ outcome: "played", reason: "clock-step" });
  expect(correlate(sound.samples, agent.wav("news")).coefficient).toBeGreaterThan(0.95);
  expect(hall.receipts).toHaveLength(1);
});

test("an airing that a clock step jumps over is silent, and says why", async () => {
  const agent = await runAgent();
  const at = hall.now() + HOUR_MS;
  await hall.plan({ version: 1, items: [item("skipped", at)] });
  await hasPlanAndFile(agent);
  clock.shiftMs += 2 * HOUR_MS;
  expect(await hall.receiptOf("skipped")).toMatchObject({ outcome: "silent", reason: "clock-step" });
});

test("what should have sounded while the speaker was off is a silence with its reason; a plan that ran out is void", async () => {
  const first = await runAgent();
  const at = hall.now() + HOUR_MS;
  await hall.plan({ version: 1, items: [item("missed", at), item("too-old", at + 8 * DAY_MS)] });
  await hasPlanAndFile(first);
  await first.stop();
  setTime("2026-11-23T19:00:00+07:00");
  const again = await runAgent(first.dir);
  expect(await hall.receiptOf("missed")).toMatchObject({ outcome: "silent", reason: "power-cut" });
  await hall.cut();
  clock.shiftMs += 8 * DAY_MS - 2 * HOUR_MS - 1_000;
  hall.clockShiftMs = clock.shiftMs;
  hall.states.length = 0;
  await hall.restore();
  await hall.online();
  await hall.order({ kind: "play", ...item("now", hall.now() + 1_500) });
  await hall.receiptOf("now");
  expect(again.wav("too-old")).toHaveLength(0);
});
