import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readWavFile } from "../../src/media/wav.ts";
import { LEVEL, type AiringId, type PlayOrder } from "../../src/speakers/protocol.ts";
import { correlate } from "../support/correlate.ts";
import { ScriptedHall } from "../support/scripted-hall.ts";
import { makeSound, type Sound } from "../support/sound.ts";
import { until } from "../support/until.ts";

// Programs start and sound in real time here, on a machine that may be busy.
vi.setConfig({ testTimeout: 90_000 });

let hall: ScriptedHall;
let sound: Sound;
let dir: string;
let configFile: string;
let stack: AsyncDisposableStack;

beforeEach(async () => {
  stack = new AsyncDisposableStack();
  hall = stack.use(await ScriptedHall.open());
  dir = mkdtempSync(join(tmpdir(), "agent-process-"));
  stack.defer(() => rmSync(dir, { recursive: true, force: true }));
  configFile = join(dir, "agent.json");
  writeFileSync(configFile, JSON.stringify(hall.agentConfig(dir)));
  sound = await makeSound(8, 51);
  hall.offer(sound);
  await hall.plan({ version: 1, items: [] });
});
afterEach(() => stack.disposeAsync());

function startProgram(): ChildProcess {
  const program = spawn(process.execPath, ["src/agent/main.ts", "--config", configFile], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  stack.defer(async () => {
    if (program.exitCode !== null || program.signalCode !== null) return;
    const gone = once(program, "exit");
    program.kill("SIGKILL");
    await gone;
  });
  return program;
}

async function killed(program: ChildProcess): Promise<void> {
  const gone = once(program, "exit");
  program.kill("SIGKILL");
  await gone;
  // The will tells the hall.
  await until("known to be gone", () => hall.states.at(-1)?.online === false);
}

async function isReady(): Promise<void> {
  await hall.online();
  await until("plan known", () => hall.state()?.planVersion === 1);
}

const heardFrames = (): number => {
  const file = join(dir, "wav", "news.wav");
  return existsSync(file) ? readWavFile(file).length : 0;
};

function news(at: number): PlayOrder {
  const source = { type: "files" as const, parts: [sound.part], offsetMs: 0 };
  const order = { airing: "news" as AiringId, level: LEVEL.programme, at, until: at + 60_000, source };
  return { kind: "play", ...order, afterPreempt: "resume" };
}

test("killed in the middle of an airing, it joins where it should be, and the receipt says what was lost", async () => {
  const program = startProgram();
  await isReady();
  await hall.order({ kind: "prefetch", parts: [sound.part] });
  await until("file there", () => existsSync(join(dir, "audio", sound.file.sha256)));
  const order = news(hall.now() + 1_000);
  await hall.order(order);
  await until("a second heard", () => heardFrames() > 44_100);
  await killed(program);
  startProgram();
  const receipt = await hall.receiptOf("news");
  expect(receipt).toMatchObject({ outcome: "partial", reason: "power-cut", plannedAt: order.at });
  // Both stretches lie in the recording where they left, with silence between them.
  const heard = readWavFile(join(dir, "wav", "news.wav"));
  const [head, tail] = [sound.samples.subarray(0, 44_100), sound.samples.subarray(-44_100)];
  expect(Math.abs(correlate(head, heard).lagFrames)).toBeLessThan(0.5 * 44_100);
  const { lagFrames, coefficient } = correlate(tail, heard.subarray(0, sound.samples.length + 22_050));
  expect(Math.abs(lagFrames - (sound.samples.length - 44_100))).toBeLessThan(0.5 * 44_100);
  expect(coefficient).toBeGreaterThan(0.8);
  expect(hall.receipts).toHaveLength(1);
});

test("an order that was carried out before a kill is not carried out again", async () => {
  const program = startProgram();
  await isReady();
  const { payload, seq } = await hall.order({ kind: "volume", percent: 33 });
  await hall.ackOf(seq);
  const louder = await hall.order({ kind: "volume", percent: 90 });
  await hall.ackOf(louder.seq);
  await killed(program);
  hall.acks.length = 0;
  startProgram();
  await isReady();
  await hall.publish(`loa/v1/${hall.speaker}/order`, payload);
  expect(await hall.ackOf(seq)).toMatchObject({ outcome: "done" });
  await until("volume kept", () => hall.state()?.volumePercent === 90);
});

test("a receipt outlives a kill until the hall has it", async () => {
  hall.acknowledges = false;
  const program = startProgram();
  await isReady();
  await hall.order({ ...news(hall.now() - 120_000), until: hall.now() - 60_000 });
  const { n } = await hall.receiptOf("news");
  await killed(program);
  hall.receipts.length = 0;
  hall.acknowledges = true;
  startProgram();
  expect(await hall.receiptOf("news")).toMatchObject({ n, outcome: "silent", reason: "expired" });
});

test("ends in order when told to, and says goodbye", async () => {
  const program = startProgram();
  await isReady();
  const gone = once(program, "exit");
  program.kill("SIGTERM");
  expect(await gone).toEqual([0, null]);
  expect(hall.states.at(-1)).toEqual({ online: false });
});

test("an order to reboot ends the program once", async () => {
  const program = startProgram();
  await isReady();
  const gone = once(program, "exit");
  const { seq } = await hall.order({ kind: "reboot" });
  expect(await gone).toEqual([0, null]);
  expect(await hall.ackOf(seq)).toMatchObject({ outcome: "done" });
});

test("a configuration that can't be used is explained in both languages, with exit code 78", async () => {
  writeFileSync(configFile, JSON.stringify({ ...hall.agentConfig(dir), volumePercent: 400, colour: "red" }));
  const program = startProgram();
  let said = "";
  program.stderr?.on("data", (piece: Buffer) => (said += piece.toString("utf8")));
  expect(await once(program, "close")).toEqual([78, null]);
  expect(said).toContain("volumePercent");
  expect(said).toContain("colour");
  expect(said).toMatch(/chưa đúng/);
});
