import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { LEVEL, topic, type AiringId, type PlayOrder } from "../../src/speakers/protocol.ts";
import { RunningAgent } from "../support/running-agent.ts";
import { ScriptedHall } from "../support/scripted-hall.ts";
import { makeSound, type Sound } from "../support/sound.ts";
import { until } from "../support/until.ts";

// Real time passes here, on a machine that may be busy.
vi.setConfig({ testTimeout: 90_000 });

let hall: ScriptedHall;
let agent: RunningAgent;
let sound: Sound;
let airings = 0;

beforeAll(async () => {
  hall = await ScriptedHall.open();
  sound = await makeSound(0.5, 5);
  hall.offer(sound);
  agent = new RunningAgent(hall);
  await hall.plan({ version: 1, items: [] });
  await hall.online();
  await until("plan known", () => hall.state()?.planVersion === 1);
  await fetched(agent);
});
afterAll(async () => {
  await agent[Symbol.asyncDispose]();
  await hall[Symbol.asyncDispose]();
});

function play(changes: Partial<PlayOrder> = {}): PlayOrder {
  const at = hall.now() + 500;
  return {
    kind: "play",
    airing: `order-${(airings += 1)}` as AiringId,
    level: LEVEL.programme,
    at,
    until: at + 30_000,
    source: { type: "files", parts: [sound.part], offsetMs: 0 },
    afterPreempt: "resume",
    ...changes,
  };
}

/** Everything sent before this has been dealt with when it is answered. */
async function settled(): Promise<void> {
  const { seq } = await hall.order({ kind: "time" });
  await hall.ackOf(seq);
}

test("a replayed order is answered again and carried out once", async () => {
  const order = play();
  const { payload, seq } = await hall.order(order);
  await hall.receiptOf(order.airing);
  await hall.publish(topic.order(hall.speaker), payload);
  await until("answered twice", () => hall.acks.filter((ack) => ack.seq === seq).length === 2);
  await settled();
  expect(hall.acks.filter((ack) => ack.seq === seq).map(({ outcome }) => outcome)).toEqual(["done", "done"]);
  expect(hall.receipts.filter(({ airing }) => airing === order.airing)).toHaveLength(1);
});

test("an expired order is refused and nothing sounds", async () => {
  const order = play();
  const { seq } = await hall.order(order, { ttlMs: -1 });
  expect(await hall.ackOf(seq)).toMatchObject({ outcome: "refused", reason: "expired" });
  expect(agent.wav(order.airing)).toHaveLength(0);
});

test.each([
  ["for another speaker", { scope: "speaker/loa-2" }],
  ["for another hamlet", { scope: "hamlet/thon-9" }],
])("an order %s is ignored without an answer", async (_name, how) => {
  const { seq } = await hall.order(play(), how);
  await settled();
  expect(hall.acks.some((ack) => ack.seq === seq)).toBe(false);
});

test.each([
  ["hamlet/thon-1", topic.allOrder],
  ["all", topic.allOrder],
])("an order for %s is carried out", async (scope, on) => {
  const order = play();
  await hall.order(order, { scope, topic: on });
  expect(await hall.receiptOf(order.airing)).toMatchObject({
    outcome: expect.stringMatching(/played|partial/) as string,
  });
});

test("what is malformed, forged or oversized is ignored, complained of once, and hurts nobody", async () => {
  const { payload, seq } = await hall.order({ kind: "volume", percent: 70 });
  await hall.ackOf(seq);
  await until("volume told", () => hall.state()?.volumePercent === 70);
  const forged = payload.replace('\\"percent\\":70', '\\"percent\\":99');
  const rubbish = [
    forged,
    "",
    "{}",
    "not json",
    Buffer.from([0xff, 0x00]),
    hall.signed({ v: 1, scope: "all", seq: 1_000_000 }),
    JSON.stringify({ signed: "x".repeat(700_000), signature: "AAAA" }),
  ];
  for (const bytes of [...rubbish, ...rubbish]) await hall.publish(topic.order(hall.speaker), bytes);
  await hall.publish(topic.plan(hall.speaker), "{}");
  await hall.publish(topic.receiptAck(hall.speaker), "{}");
  await hall.publish(topic.beat, "[]");
  const louder = await hall.order({ kind: "volume", percent: 71 });
  await hall.ackOf(louder.seq);
  await until("volume told", () => hall.state()?.volumePercent === 71);
  expect(agent.log.lines.filter((line) => line.includes("message from the hall ignored"))).toHaveLength(3);
});

test("an order that this speaker can't carry out says so", async () => {
  const { seq } = await hall.order({
    kind: "update",
    version: "9",
    file: { sha256: sound.file.sha256, bytes: 10 },
  });
  expect(await hall.ackOf(seq)).toMatchObject({ outcome: "unsupported" });
});

test.each([
  ["a lower version issued earlier", { version: 1, issuedAt: -60_000 }, false],
  ["for another speaker", { version: 90, scope: "speaker/loa-2" }, false],
  ["with an unknown time zone", { version: 91, timeZone: "Mars/Olympus" }, false],
  ["a higher version", { version: 50 }, true],
  ["a lower version issued later, after a restore", { version: 2, issuedAt: 60_000 }, true],
] as const)("a plan %s: taken %s", async (_name, draft, taken) => {
  const before = hall.state()?.planVersion;
  const issuedAt = hall.now() + ("issuedAt" in draft ? draft.issuedAt : 30_000);
  await hall.plan({ items: [], ...draft, issuedAt });
  if (taken) await until("plan taken", () => hall.state()?.planVersion === draft.version);
  await settled();
  if (!taken) expect(hall.state()?.planVersion).toBe(before);
  // Back to a known state for whichever test comes next.
  agent = await restarted();
});

/** A new device: the order of these tests must not matter. */
async function restarted(): Promise<RunningAgent> {
  await agent[Symbol.asyncDispose]();
  hall.states.length = 0;
  hall.acks.length = 0;
  hall.receipts.length = 0;
  const next = new RunningAgent(hall);
  await hall.plan({ version: 1, items: [], issuedAt: hall.now() });
  await hall.online();
  await until("plan known", () => hall.state()?.planVersion === 1);
  await fetched(next);
  return next;
}

async function fetched(by: RunningAgent): Promise<void> {
  await hall.order({ kind: "prefetch", parts: [sound.part] });
  await until("file fetched", () => by.has(sound));
}
