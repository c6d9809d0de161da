import { afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { setTimeout as pause } from "node:timers/promises";
import { LEVEL, type AiringId } from "../../src/speakers/protocol.ts";
import { ShiftedUptime } from "../support/shifted-clock.ts";
import { correlate } from "../support/correlate.ts";
import { RunningAgent } from "../support/running-agent.ts";
import { ScriptedHall } from "../support/scripted-hall.ts";
import { makeSound, type Sound } from "../support/sound.ts";
import { until } from "../support/until.ts";

const PATH = "/stream/live";
const airing = "live-1" as AiringId;
const CHUNK_MS = 100;
// These tests listen in real time.
vi.setConfig({ testTimeout: 90_000 });

let hall: ScriptedHall;
let agent: RunningAgent;
let clock: ShiftedUptime;
let sound: Sound;
let stack: AsyncDisposableStack;
let sending: AbortController;

beforeAll(async () => {
  sound = await makeSound(30, 31);
});
beforeEach(async () => {
  stack = new AsyncDisposableStack();
  hall = stack.use(await ScriptedHall.open());
  clock = new ShiftedUptime();
  agent = stack.use(new RunningAgent(hall, { parts: { clock } }));
  sending = new AbortController();
  stack.defer(() => sending.abort());
  hall.openStream(PATH);
  await hall.plan({ version: 1, items: [] });
  await hall.online();
  await until("plan known", () => hall.state()?.planVersion === 1);
});
afterEach(() => stack.disposeAsync());

/** An encoder that runs in real time, whoever listens. */
async function broadcast(): Promise<void> {
  const chunkBytes = (64_000 / 8) * (CHUNK_MS / 1_000);
  const startAt = performance.now();
  for (let chunk = 0; !sending.signal.aborted; chunk += 1) {
    hall.push(PATH, sound.bytes.subarray(chunk * chunkBytes, (chunk + 1) * chunkBytes));
    await pause(Math.max(0, startAt + (chunk + 1) * CHUNK_MS - performance.now()));
  }
}

async function goLive(untilMs: number): Promise<void> {
  const at = hall.now();
  const source = { type: "stream", path: PATH, kbps: 64 } as const;
  await hall.order({
    kind: "play",
    airing,
    level: LEVEL.live,
    at,
    until: at + untilMs,
    source,
    afterPreempt: "drop",
  });
}

const heardMs = (): number => agent.wav(airing).length / 44.1;

test("plays what is said live until it is stopped", async () => {
  const sent = broadcast();
  await goLive(60_000);
  await until("heard for two seconds", () => heardMs() > 2_000);
  await hall.order({ kind: "stop", airing });
  const receipt = await hall.receiptOf(airing);
  expect(receipt).toMatchObject({ reason: "stopped", expectedMs: null, sha256: [] });
  expect(receipt.playedMs).toBeGreaterThan(1_500);
  expect(correlate(agent.wav(airing).subarray(0, 44_100), sound.samples).coefficient).toBeGreaterThan(0.8);
  sending.abort();
  await sent;
});

test("connects again when the stream breaks", async () => {
  const sent = broadcast();
  await goLive(60_000);
  await until("heard", () => heardMs() > 500);
  hall.dropListeners(PATH);
  await until("connected again", () => hall.listeners(PATH) === 1);
  const before = heardMs();
  await until("heard again", () => heardMs() > before + 1_000);
  await hall.order({ kind: "stop", airing });
  expect(await hall.receiptOf(airing)).toMatchObject({ outcome: "partial", reason: "stopped" });
  sending.abort();
  await sent;
});

test("falls silent when the controller is not heard for 20 s, and comes back with it", async () => {
  const sent = broadcast();
  await goLive(120_000);
  await until("heard", () => heardMs() > 500);
  hall.beats = false;
  clock.skip(21_000);
  await until("connection given up", () => hall.listeners(PATH) === 0);
  hall.beats = true;
  await until("listening again", () => hall.listeners(PATH) === 1);
  await hall.order({ kind: "stop", airing });
  const receipt = await hall.receiptOf(airing);
  expect(receipt.outcome).toBe("partial");
  sending.abort();
  await sent;
});

test("a stream that can't be reached is a silence with its reason", async () => {
  const at = hall.now();
  const source = { type: "stream", path: "/stream/nothing", kbps: 64 } as const;
  const order = { airing, level: LEVEL.live, at, until: at + 7_000, source } as const;
  await hall.order({ kind: "play", ...order, afterPreempt: "drop" });
  expect(await hall.receiptOf(airing)).toMatchObject({ outcome: "silent", reason: "stream-lost" });
});
