import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { BrokerMetrics } from "../../src/broker/broker.ts";
import { newPki } from "./support.ts";

const MEGABYTE = 1_048_576;
const FLOOD_BYTES = 200 * MEGABYTE;

interface Answer {
  readonly plainPort: number;
  readonly metrics: BrokerMetrics;
}

let child: ChildProcess;
let plainPort: number;

beforeAll(async () => {
  const { certPem, keyPem } = await newPki();
  const program = new URL("fixtures/broker-process.ts", import.meta.url);
  child = fork(program, [certPem, keyPem], { execArgv: [] });
  ({ plainPort } = await nextAnswer());
});

afterAll(async () => {
  child.disconnect();
  await once(child, "exit");
});

async function nextAnswer(): Promise<Answer> {
  const [answer] = (await once(child, "message")) as [Answer];
  return answer;
}

async function metrics(): Promise<BrokerMetrics> {
  const answer = nextAnswer();
  child.send("metrics");
  return (await answer).metrics;
}

/** Writes until the broker closes the connection or everything is written. */
async function pour(socket: Socket, bytes: number): Promise<number> {
  const piece = Buffer.alloc(65_536);
  const closed = new Promise<void>((resolve) => {
    socket.once("close", () => resolve());
  });
  let poured = 0;
  while (poured < bytes && !socket.destroyed) {
    poured += piece.length;
    const drained = new Promise<void>((resolve) => {
      socket.write(piece, () => resolve());
    });
    await Promise.race([drained, closed]);
  }
  return poured;
}

test.each([
  ["a CONNECT", 0x10],
  ["a PUBLISH", 0x30],
])("200 MB announced as %s before anyone is let in cost no memory", async (_name, first) => {
  const before = await metrics();
  const socket = connect({ host: "127.0.0.1", port: plainPort });
  socket.on("error", () => socket.destroy());
  // Fixed header with a length of 200 MB, §2.2.3.
  socket.write(Buffer.from([first, 0x80, 0x80, 0x80, 0x64]));
  const poured = await pour(socket, FLOOD_BYTES);
  const after = await metrics();
  expect(socket.destroyed).toBe(true);
  // What the kernel took before the connection was closed; the unguarded broker takes all of it (+207 MB).
  expect(poured).toBeLessThan(FLOOD_BYTES / 4);
  expect(after.refusedCount.oversized).toBe(before.refusedCount.oversized + 1);
  expect((after.processRssBytes - before.processRssBytes) / MEGABYTE).toBeLessThan(32);
});
