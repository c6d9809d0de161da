import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { LEVEL, type AiringId, type PlanItem, type PlayOrder } from "../../src/speakers/protocol.ts";
import { coefficientAt, correlate } from "../support/correlate.ts";
import { RunningAgent } from "../support/running-agent.ts";
import { ScriptedHall } from "../support/scripted-hall.ts";
import { makeSound, type Sound } from "../support/sound.ts";
import { until } from "../support/until.ts";

const FRAMES_PER_MS = 44.1;

// Real time passes here, on a machine that may be busy.
vi.setConfig({ testTimeout: 90_000 });

let hall: ScriptedHall;
let agent: RunningAgent;
let first: Sound;
let second: Sound;
let short: Sound;
let airings = 0;

beforeAll(async () => {
  hall = await ScriptedHall.open();
  [first, second, short] = await Promise.all([makeSound(2, 1), makeSound(1, 2), makeSound(0.6, 3)]);
  for (const sound of [first, second, short]) hall.offer(sound);
  agent = new RunningAgent(hall);
  // Without quiet hours, or the tests of the night would hear nothing.
  await hall.plan({ version: 1, items: [] });
  await hall.online();
  await until("plan known", () => hall.state()?.planVersion === 1);
  await hall.order({ kind: "prefetch", parts: [first.part, second.part, short.part] });
  await until("files fetched", () => [first, second, short].every((sound) => agent.has(sound)));
});
afterAll(async () => {
  await agent[Symbol.asyncDispose]();
  await hall[Symbol.asyncDispose]();
});
beforeEach(() => {
  hall.receipts.length = 0;
});

function play(sounds: readonly Sound[], changes: Partial<PlayOrder> = {}): PlayOrder {
  const at = changes.at ?? hall.now() + 1_000;
  return {
    kind: "play",
    airing: `airing-${(airings += 1)}` as AiringId,
    level: LEVEL.programme,
    at,
    until: at + 30_000,
    source: { type: "files", parts: sounds.map(({ part }) => part), offsetMs: 0 },
    afterPreempt: "resume",
    ...changes,
  };
}

function planned({ airing, level, at, until: endAt, source, afterPreempt }: PlayOrder): PlanItem {
  if (source.type !== "files") throw new Error("plans hold files");
  return { airing, level, at, until: endAt, source, afterPreempt };
}

test("plays a bulletin whole, at its time, and proves it", async () => {
  const order = play([first]);
  await hall.order(order);
  const receipt = await hall.receiptOf(order.airing);
  expect(receipt).toMatchObject({
    outcome: "played",
    plannedAt: order.at,
    expectedMs: 2_000,
    sha256: [first.file.sha256],
    via: "order",
  });
  expect(receipt.reason).toBeUndefined();
  expect(receipt.playedMs).toBeCloseTo(2_000, -1);
  // Generous, for a machine that does other things as well; the benches measure the real figure.
  expect(Math.abs(receipt.startErrorMs ?? Infinity)).toBeLessThan(500);
  expect(receipt.levelDbfs).toBeLessThan(-10);
  expect(receipt.levelDbfs).toBeGreaterThan(-40);
  expect(correlate(first.samples, agent.wav(order.airing))).toMatchObject({ lagFrames: 0 });
  expect(coefficientAt(first.samples, agent.wav(order.airing), 0)).toBeGreaterThan(0.99);
});

test("joins the parts of one airing without a gap", async () => {
  const order = play([short, second]);
  await hall.order(order);
  await hall.receiptOf(order.airing);
  const joined = Int16Array.from([...short.samples, ...second.samples]);
  expect(coefficientAt(joined, agent.wav(order.airing), 0)).toBeGreaterThan(0.99);
});

test("an order that comes late joins where the sound should be", async () => {
  const order = play([first], { at: hall.now() - 600 });
  await hall.order(order);
  const receipt = await hall.receiptOf(order.airing);
  expect(receipt).toMatchObject({ outcome: "partial", reason: "late", startErrorMs: null });
  const { lagFrames, coefficient } = correlate(agent.wav(order.airing), first.samples);
  expect(coefficient).toBeGreaterThan(0.85);
  // The recording begins with what lies more than the second in the sound that had passed.
  expect(lagFrames).toBeGreaterThan(600 * FRAMES_PER_MS);
});

test("an airing whose time is over never sounds", async () => {
  const at = hall.now() - 60_000;
  const order = play([first], { at, until: at + 50_000 });
  await hall.order(order);
  expect(await hall.receiptOf(order.airing)).toMatchObject({
    outcome: "silent",
    reason: "expired",
    startedAt: null,
  });
  expect(agent.wav(order.airing)).toHaveLength(0);
});

test.each([
  ["resume", "played"],
  ["restart", "played"],
  ["drop", "partial"],
] as const)("what an emergency cuts off: %s", async (afterPreempt, outcome) => {
  const ordinary = play([first], { afterPreempt });
  const alarm = play([short], { level: LEVEL.communeEmergency, at: ordinary.at + 800 });
  await hall.order(ordinary);
  await hall.order(alarm);
  const receipt = await hall.receiptOf(ordinary.airing);
  expect(await hall.receiptOf(alarm.airing)).toMatchObject({ outcome: "played" });
  expect(receipt.outcome).toBe(outcome);
  const heard = agent.wav(ordinary.airing);
  const pause = longestPause(heard);
  if (afterPreempt === "drop") {
    expect(receipt.reason).toBe("preempted");
    expect(heard.length).toBeLessThan(1_500 * FRAMES_PER_MS);
    return;
  }
  // Nothing of it sounds during the alarm, and it goes on right after.
  expect(pause.frames).toBeGreaterThan(550 * FRAMES_PER_MS);
  const goesOnAt = afterPreempt === "resume" ? pause.from : 0;
  const rest = heard.subarray(pause.from + pause.frames);
  const { lagFrames, coefficient } = correlate(first.samples.subarray(goesOnAt), rest);
  expect(coefficient).toBeGreaterThan(0.8);
  // To the sample in player.test.ts; here a busy machine may disturb it, though never by a whole second.
  expect(Math.abs(lagFrames)).toBeLessThan(900 * FRAMES_PER_MS);
});

test("an emergency is repeated until it is cancelled", async () => {
  const order = play([short], { level: LEVEL.communeEmergency, repeatEveryMs: 1_000 });
  await hall.order(order);
  await until("second repetition", () => agent.wav(order.airing).length > 1_700 * FRAMES_PER_MS);
  await hall.order({ kind: "stop", airing: order.airing });
  const receipt = await hall.receiptOf(order.airing);
  expect(receipt).toMatchObject({ outcome: "played", reason: "stopped" });
  const heard = agent.wav(order.airing);
  for (const beginsAt of [0, 44_100])
    expect(coefficientAt(short.samples, heard.subarray(beginsAt), 0)).toBeGreaterThan(0.9);
});

test("a volume forced for one airing leaves the speaker's own as it was", async () => {
  await hall.order({ kind: "volume", percent: 50 });
  const own = play([short]);
  const forced = play([short], { at: own.at + 900, volumePercent: 100 });
  const after = play([short], { at: own.at + 1_800 });
  for (const order of [own, forced, after]) await hall.order(order);
  const levels = [];
  for (const { airing } of [own, forced, after]) levels.push((await hall.receiptOf(airing)).levelDbfs ?? 0);
  await hall.order({ kind: "volume", percent: 100 });
  const [quiet = 0, loud = 0, quietAgain = 0] = levels;
  expect(loud - quiet).toBeCloseTo(6.02, 1);
  expect(quietAgain).toBeCloseTo(quiet, 1);
});

test("order and plan of the same airing are one airing, which never sounds again once it was stopped", async () => {
  const order = play([first], { until: hall.now() + 60_000 });
  await hall.order(order);
  await until("sounding", () => agent.wav(order.airing).length > 0);
  await hall.plan({ version: 2, items: [planned(order)] });
  await hall.order({ kind: "stop" });
  expect(await hall.receiptOf(order.airing)).toMatchObject({
    outcome: "partial",
    reason: "stopped",
    via: "order",
  });
  const heardFrames = agent.wav(order.airing).length;
  const { seq } = await hall.order(order);
  expect(await hall.ackOf(seq)).toMatchObject({ outcome: "done", reason: "ended before" });
  await hall.plan({ version: 3, items: [planned(order)] });
  await until("plan known", () => hall.state()?.planVersion === 3);
  const later = play([short]);
  await hall.order(later);
  await hall.receiptOf(later.airing);
  expect(agent.wav(order.airing)).toHaveLength(heardFrames);
  expect(hall.receipts.filter(({ airing }) => airing === order.airing)).toHaveLength(1);
});

test("a hold keeps even emergencies silent until it is lifted", async () => {
  await hall.order({ kind: "stop", holdUntil: hall.now() + 60_000 });
  const order = play([first], { level: LEVEL.upstreamEmergency, at: hall.now() });
  await hall.order(order);
  const { seq } = await hall.order({ kind: "selftest", toneMs: 200, volumePercent: 20 });
  expect(await hall.ackOf(seq)).toMatchObject({ outcome: "refused" });
  expect(agent.wav(order.airing)).toHaveLength(0);
  await hall.order({ kind: "stop", airing: "nothing-of-that-name" as AiringId, holdUntil: 0 });
  expect((await hall.receiptOf(order.airing)).playedMs).toBeGreaterThan(0);
});

test("a self-test tone is heard, but not over a broadcast", async () => {
  const order = play([short], { at: hall.now() });
  await hall.order(order);
  await until("sounding", () => agent.wav(order.airing).length > 0);
  const during = await hall.order({ kind: "selftest", toneMs: 200, volumePercent: 20 });
  expect(await hall.ackOf(during.seq)).toMatchObject({ outcome: "refused" });
  await hall.receiptOf(order.airing);
  const afterwards = await hall.order({ kind: "selftest", toneMs: 200, volumePercent: 20 });
  expect(await hall.ackOf(afterwards.seq)).toMatchObject({ outcome: "done" });
});

/** The longest run of silence inside a recording. */
function longestPause(samples: Int16Array): { from: number; frames: number } {
  let longest = { from: 0, frames: 0 };
  let from = 0;
  samples.forEach((sample, index) => {
    if (sample !== 0) from = index + 1;
    else if (index + 1 - from > longest.frames) longest = { from, frames: index + 1 - from };
  });
  return longest;
}
