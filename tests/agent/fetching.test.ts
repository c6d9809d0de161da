import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { LEVEL, type AiringId, type PlayOrder } from "../../src/speakers/protocol.ts";
import { RunningAgent } from "../support/running-agent.ts";
import { ScriptedHall } from "../support/scripted-hall.ts";
import { makeSound, type Sound } from "../support/sound.ts";
import { until } from "../support/until.ts";

// Real time passes here, on a machine that may be busy.
vi.setConfig({ testTimeout: 90_000 });

let hall: ScriptedHall;
let sound: Sound;
let stack: AsyncDisposableStack;

beforeEach(async () => {
  stack = new AsyncDisposableStack();
  hall = stack.use(await ScriptedHall.open());
  sound = await makeSound(0.5, 11);
  await hall.plan({ version: 1, items: [] });
});
afterEach(() => stack.disposeAsync());

async function runAgent(options: ConstructorParameters<typeof RunningAgent>[1] = {}): Promise<RunningAgent> {
  const agent = stack.use(new RunningAgent(hall, options));
  await hall.online();
  await until("plan known", () => hall.state()?.planVersion === 1);
  return agent;
}

function play(changes: Partial<PlayOrder> = {}): PlayOrder {
  const at = hall.now();
  const source = { type: "files", parts: [sound.part], offsetMs: 0 } as const;
  const order = {
    airing: "needs-a-file" as AiringId,
    level: LEVEL.programme,
    at,
    until: at + 60_000,
    source,
  };
  return { kind: "play", ...order, afterPreempt: "resume", ...changes } as PlayOrder;
}

test.each([["corrupt"], ["truncated"], ["gone"], ["endless"]] as const)(
  "a file that comes %s is fetched again until it is whole",
  async (behaviour) => {
    hall.offer(sound, behaviour, "whole");
    const agent = await runAgent();
    await hall.order({ kind: "prefetch", parts: [sound.part] });
    await until("fetched again", () => agent.has(sound));
  },
);

test("a fetch that broke off goes on where it was", async () => {
  hall.offer(sound, "truncated", "whole");
  const agent = await runAgent();
  await hall.order({ kind: "prefetch", parts: [sound.part] });
  await until("fetched", () => agent.has(sound));
  const [first, again] = hall.fetched.map((entry) => Number(entry.split("@")[1]));
  expect(first).toBe(0);
  expect(again).toBeGreaterThan(0);
});

test("an airing whose file never came is silent, and says why; what is lower sounds meanwhile", async () => {
  const other = await makeSound(0.5, 12);
  hall.offer(sound, "corrupt");
  hall.offer(other);
  await runAgent();
  const missing = play({ until: hall.now() + 4_000, level: LEVEL.priority });
  const present = play({
    airing: "has-its-file" as AiringId,
    source: { type: "files", parts: [other.part], offsetMs: 0 },
    repeatEveryMs: 1_000,
    until: hall.now() + 4_000,
  });
  await hall.order(missing);
  await hall.order(present);
  expect(await hall.receiptOf("has-its-file")).not.toMatchObject({ outcome: "silent" });
  expect(await hall.receiptOf("needs-a-file")).toMatchObject({ outcome: "silent", startedAt: null });
  expect((await hall.receiptOf("needs-a-file")).reason).toMatch(/file-corrupt|file-missing/);
});

test("a file that has rotted on the disk is noticed before it sounds, and fetched again", async () => {
  hall.offer(sound);
  const agent = await runAgent();
  await hall.order({ kind: "prefetch", parts: [sound.part] });
  await until("fetched", () => agent.has(sound));
  writeFileSync(join(agent.dir, "audio", sound.file.sha256), Buffer.alloc(sound.bytes.length, 0xff));
  const order = play({ at: hall.now() + 1_000, repeatEveryMs: 1_000, until: hall.now() + 4_500 });
  await hall.order(order);
  await until("fetched again", () => hall.fetched.length === 2);
  expect((await hall.receiptOf(order.airing)).playedMs).toBeGreaterThan(0);
});

test("a SIM speaker fetches the small encoding, but plays what it has", async () => {
  const small = await makeSound(0.5, 11, 24);
  hall.offer(sound);
  hall.offer(small);
  const part = { durationMs: 500, files: [sound.file, small.file] };
  const agent = await runAgent({ changes: { prefer: "sim" } });
  await hall.order({ kind: "prefetch", parts: [part] });
  await until("fetched", () => agent.has(small));
  expect(hall.fetched).toEqual([`${small.file.sha256.slice(0, 4)}@0`]);
});

test("a full disk stops the fetching, not the speaker; with room it goes on", async () => {
  let freeBytes = 0;
  hall.offer(sound);
  const agent = await runAgent({ parts: { freeBytes: () => freeBytes } });
  await hall.order({ kind: "prefetch", parts: [sound.part] });
  await until("complained", () =>
    agent.log.lines.includes("warn audio file can't be fetched; will keep retrying"),
  );
  await until("missing", () => hall.state()?.missing.length === 1);
  expect(hall.fetched).toEqual([]);
  freeBytes = 1e9;
  await until("fetched", () => agent.has(sound));
});

test("a small budget keeps what is needed and forgets the rest", async () => {
  const others = await Promise.all([21, 22, 23].map((seed) => makeSound(0.5, seed)));
  for (const each of [sound, ...others]) hall.offer(each);
  await runAgent({ changes: { storageBytes: 3 * sound.bytes.length } });
  const order = play({ at: hall.now() + 30_000, until: hall.now() + 60_000 });
  await hall.order(order);
  for (const other of others) await hall.order({ kind: "prefetch", parts: [other.part] });
  await until("three fetched", () => hall.fetched.length >= 3);
  await until("the fourth has no room", () => hall.state()?.missing.length === 1);
  expect(hall.state()?.missing).not.toContain(sound.file.sha256);
});
