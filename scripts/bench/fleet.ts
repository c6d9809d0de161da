/**
 * The daemon with 500 light loudspeakers over TLS, and as many real software loudspeakers as this machine carries:
 * emergency from request to order received (beside a bare Mosquitto that fans out the same bytes), first sound, start
 * skew of a prefetched airing, time to ready, memory. `node scripts/bench/fleet.ts [--agents 6]`
 */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface, type Interface } from "node:readline";
import { parseArgs } from "node:util";
import { connectAsync } from "mqtt";
import { z } from "zod";
import { RealHall } from "../../tests/support/real-hall.ts";

const { values } = parseArgs({
  options: { agents: { type: "string", default: "6" }, lights: { type: "string", default: "500" } },
});
const LIGHTS = Number(values.lights);
const AGENTS = Number(values.agents);
const ROUNDS = 7;

class Loader {
  private readonly child: ChildProcess;
  private readonly lines: AsyncIterator<string>;
  constructor() {
    this.child = spawn(process.execPath, [resolve(import.meta.dirname, "fleet-loader.ts")], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    if (this.child.stdout === null) throw new Error("no output");
    const lines: Interface = createInterface({ input: this.child.stdout });
    this.lines = lines[Symbol.asyncIterator]();
  }
  async ask(question: object): Promise<{ at: number[]; cpuSeconds: number }> {
    this.child.stdin?.write(`${JSON.stringify(question)}\n`);
    const { value } = (await this.lines.next()) as { value: string };
    return z
      .object({ at: z.array(z.number()).default([]), cpuSeconds: z.number().default(0) })
      .parse(JSON.parse(value));
  }
  async end(): Promise<void> {
    const gone = once(this.child, "exit");
    this.child.stdin?.end();
    this.child.kill("SIGTERM");
    await gone;
  }
}

const quantile = (sorted: readonly number[], q: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN;
const shown = (all: readonly number[]): string => {
  const sorted = all.toSorted((a, b) => a - b);
  return `p50 ${quantile(sorted, 0.5).toFixed(1)} ms, p99 ${quantile(sorted, 0.99).toFixed(1)} ms, max ${(sorted.at(-1) ?? Number.NaN).toFixed(1)} ms (n ${sorted.length})`;
};
const wallNow = (): number => performance.timeOrigin + performance.now();

await using hall = new RealHall();
const startedAt = performance.now();
await hall.start();
console.log(
  `time to ready (first start, with key and chime making): ${Math.round(performance.now() - startedAt)} ms`,
);
await hall.addHamlet("thon-1");
for (let index = 1; index <= AGENTS; index += 1) await hall.addAgent(`loa-that-${index}`, "thon-1");
await hall.untilOnline(AGENTS);

const Made = z.object({
  provisioning: z.object({
    config: z.object({ id: z.string(), secret: z.string(), hall: z.object({ mqttUrl: z.string() }) }),
    caPem: z.string(),
  }),
});
const speakers: { id: string; secret: string; hamlet: string }[] = [];
let url = "";
let caPem = "";
for (let index = 1; index <= LIGHTS; index += 1) {
  const { provisioning } = await hall.api.send("POST", "/api/speakers", {
    body: { id: `nhe-${index}`, name: `nhe-${index}`, hamlet: "thon-1", profile: "native" },
    schema: Made,
  });
  speakers.push({ id: provisioning.config.id, secret: provisioning.config.secret, hamlet: "thon-1" });
  url = `mqtts://127.0.0.1:${new URL(provisioning.config.hall.mqttUrl).port}`;
  caPem = provisioning.caPem;
}
const loader = new Loader();
await loader.ask({ url, caPem, speakers });
await hall.untilOnline(LIGHTS + AGENTS);

// Emergencies: the chime's order is the first thing every speaker gets.
const toOrder: number[] = [];
const toSound: number[] = [];
const Declared = z.object({ airing: z.string() });
for (let round = 0; round < ROUNDS; round += 1) {
  const requestedAt = wallNow();
  const { airing } = await hall.api.send("POST", "/api/emergency", {
    body: {
      text: "Nước lũ đang lên nhanh, bà con di chuyển đến nơi cao ngay.",
      title: "Lũ",
      everywhere: true,
      lastsMinutes: 5,
    },
    schema: Declared,
  });
  const { at } = await loader.ask({ wait: `${airing}.chime`, count: LIGHTS });
  toOrder.push(...at.map((instant) => instant - requestedAt));
  if (at.length < LIGHTS) console.log(`round ${round}: only ${at.length} of ${LIGHTS} got the order`);
  const record = await hall.untilOver(`${airing}.chime`);
  const Planned = z.object({ plannedAt: z.number() });
  const { plannedAt } = await hall.api.get(`/api/airings/${airing}.chime`, Planned);
  for (const { startErrorMs } of record.speakers)
    if (startErrorMs !== null) toSound.push(plannedAt + startErrorMs - requestedAt);
  await hall.api.send("POST", `/api/airings/${airing}/stop`, { body: {}, schema: z.unknown() });
}
console.log(`emergency, request to order received by ${LIGHTS}: ${shown(toOrder)}; bar p99 250 ms`);
console.log(
  `emergency, request to first sound on ${AGENTS} real loudspeakers: ${shown(toSound)}; bar 1000 ms`,
);

// The same number of bytes through a bare Mosquitto, to as many plain clients of the same loader program.
const folder = mkdtempSync(join(tmpdir(), "fleet-bench-"));
if (spawnSync("mosquitto", ["-h"]).error === undefined) {
  const port = 20_000 + (process.pid % 20_000);
  writeFileSync(
    join(folder, "mosquitto.conf"),
    `listener ${port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\n`,
  );
  const mosquitto = spawn("mosquitto", ["-c", join(folder, "mosquitto.conf")], { stdio: "ignore" });
  const peer = new Loader();
  await new Promise((resume) => setTimeout(resume, 500));
  await peer.ask({
    url: `mqtt://127.0.0.1:${port}`,
    topics: ["all"],
    speakers: speakers.map(({ id, hamlet }) => ({ id, hamlet })),
  });
  const publisher = await connectAsync(`mqtt://127.0.0.1:${port}`);
  const bare: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const name = `${round}`.padEnd(700, ".");
    const sentAt = wallNow();
    await publisher.publishAsync("all", name, { qos: 1 });
    const { at } = await peer.ask({ wait: name, count: LIGHTS });
    bare.push(...at.map((instant) => instant - sentAt));
  }
  await publisher.endAsync();
  await peer.end();
  mosquitto.kill();
  const p99 = (all: readonly number[]): number =>
    quantile(
      all.toSorted((a, b) => a - b),
      0.99,
    );
  console.log(`bare Mosquitto, publish to received by ${LIGHTS}: ${shown(bare)}`);
  console.log(
    `ratio of the p99s, whole daemon with TLS, signature and SQLite / bare Mosquitto: ${(p99(toOrder) / p99(bare)).toFixed(2)}`,
  );
}
rmSync(folder, { recursive: true, force: true });

// Start skew: everyone has plan and file; the order is a formality.
const { airing } = await hall.say("Kính mời bà con họp thôn lúc 19 giờ tối nay.", 25_000);
const { at: ordered } = await loader.ask({ wait: airing, count: LIGHTS });
const over = await hall.untilOver(airing);
const errors = over.speakers.flatMap(({ startErrorMs }) => (startErrorMs === null ? [] : [startErrorMs]));
console.log(
  `start of a prefetched airing on ${errors.length} real loudspeakers, off the planned instant: ${shown(errors.map(Math.abs))}; bar ±50 ms`,
);
console.log(`its order reached ${ordered.length} of ${LIGHTS} light ones ahead of the instant`);

const status = readFileSync(`/proc/${hall.pid("daemon")}/status`, "utf8");
console.log(
  `memory of the daemon with ${LIGHTS + AGENTS} loudspeakers: ${Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1_024)} MB; bar 250 MB with 200`,
);
await hall.stop("daemon");
const again = performance.now();
await hall.start();
console.log(`time to ready (later start): ${Math.round(performance.now() - again)} ms; bar 2000 ms`);
await loader.end();
