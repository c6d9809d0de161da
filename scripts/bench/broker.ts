/**
 * Our broker against Debian's Mosquitto, in one run on this machine: node_modules/.bin/node scripts/bench/broker.ts
 *
 * Each broker has core 0 to itself, the loader has core 1. The ratios compare processor time per delivery, read from
 * /proc for the broker's whole process: unlike a rate it does not depend on whether the loader or a neighbour on the
 * machine was the limit. Where the loader used more than 85 % of its core, the rate is marked as a lower bound.
 */
import { fork, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newDeviceSecret } from "../../src/broker/credentials.ts";
import { openCommuneCa } from "../../src/identity/commune-ca.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { openPinoLog } from "../../src/kernel/pino-log.ts";
import type { Task, TaskResult } from "./broker-wire.ts";

const CLIENTS = 500;
const IDLE_CLIENTS = 1_000;
const SECONDS = 3;
/** Linux counts processor time in hundredths of a second (USER_HZ). */
const MS_PER_TICK = 10;
const LOADER_LIMIT = 0.85;

const TASKS: readonly (readonly [name: string, task: Task])[] = [
  ["fan-out 1 to 500, QoS 0", { kind: "fan-out", qos: 0, clients: CLIENTS, seconds: SECONDS }],
  ["fan-out 1 to 500, QoS 1", { kind: "fan-out", qos: 1, clients: CLIENTS, seconds: SECONDS }],
  ["10 orders a second to 500, QoS 1", { kind: "paced", qos: 1, clients: CLIENTS, shots: 40 }],
  ["fan-in 500 to 1, QoS 0", { kind: "fan-in", qos: 0, clients: CLIENTS, seconds: SECONDS }],
  ["fan-in 500 to 1, QoS 1", { kind: "fan-in", qos: 1, clients: CLIENTS, seconds: SECONDS }],
  [`storm of ${IDLE_CLIENTS} connections`, { kind: "storm", clients: IDLE_CLIENTS }],
];

interface Peer {
  readonly name: string;
  readonly port: number;
  readonly process: ChildProcess;
}

interface Measured extends TaskResult {
  readonly brokerCpuMs: number;
}

const folder = mkdtempSync(join(tmpdir(), "bench-broker-"));
const secret = newDeviceSecret();

async function openOurs(): Promise<Peer> {
  const ca = await openCommuneCa({
    dir: folder,
    communeName: "bench",
    clock: systemClock,
    log: openPinoLog("error"),
  });
  await ca.serverCertificate(["localhost", "127.0.0.1"]);
  const child = forkOn(0, "broker-peer.ts", [
    join(folder, "server.crt"),
    join(folder, "server.key"),
    secret,
    String(IDLE_CLIENTS + 1),
  ]);
  const [{ port }] = (await once(child, "message")) as [{ port: number }];
  return { name: "ours", port, process: child };
}

async function openMosquitto(): Promise<Peer> {
  const port = await freePort();
  const config = join(folder, "mosquitto.conf");
  writeFileSync(
    config,
    `listener ${port} 127.0.0.1
allow_anonymous true
persistence false
set_tcp_nodelay true
max_queued_messages 0
max_inflight_messages 0
log_dest none
user root
`,
  );
  const child = spawn("taskset", ["-c", "0", "mosquitto", "-c", config], { stdio: "ignore" });
  await listening(port);
  return { name: "mosquitto", port, process: child };
}

function forkOn(core: number, file: string, args: readonly string[] = []): ChildProcess {
  const path = new URL(file, import.meta.url).pathname;
  return fork(path, [...args], { execPath: "taskset", execArgv: ["-c", String(core), process.execPath] });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

async function listening(port: number): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const socket = connect({ host: "127.0.0.1", port });
    const open = await once(socket, "connect").then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (open) return;
    await systemClock.sleep(50, new AbortController().signal);
  }
  throw new Error(`nothing listens on ${port}; is mosquitto installed (apt-get install mosquitto)?`);
}

/** Fields 14 and 15 of /proc/pid/stat, proc(5); the name before them may hold spaces. */
function cpuMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK;
}

function rssKb(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
}

function pidOf({ process: child, name }: Peer): number {
  if (child.pid === undefined) throw new Error(`${name} has not started`);
  return child.pid;
}

async function measure(loader: ChildProcess, peer: Peer, task: Task): Promise<Measured> {
  const pid = pidOf(peer);
  let cpu = cpuMs(pid);
  const result = new Promise<TaskResult>((resolve, reject) => {
    peer.process.once("exit", () => reject(new Error(`${peer.name} has ended`)));
    loader
      .removeAllListeners("message")
      .on("message", (message: { measuring?: true; measured?: true; result?: TaskResult }) => {
        if (message.measuring === true) cpu = cpuMs(pid);
        if (message.measured === true) cpu = cpuMs(pid) - cpu;
        if (message.result !== undefined) resolve(message.result);
      });
  });
  loader.send({ port: peer.port, secret, task });
  return { ...(await result), brokerCpuMs: cpu };
}

async function memoryPerClientKb(loader: ChildProcess, peer: Peer): Promise<number> {
  const settle = (): Promise<boolean> => systemClock.sleep(2_000, new AbortController().signal);
  const before = rssKb(pidOf(peer));
  await measure(loader, peer, { kind: "hold", clients: IDLE_CLIENTS });
  await settle();
  const grown = (rssKb(pidOf(peer)) - before) / IDLE_CLIENTS;
  await measure(loader, peer, { kind: "release" });
  return grown;
}

function row(
  name: string,
  { count, expected, wallMs, brokerCpuMs, loaderShare, p50Ms, p99Ms }: Measured,
): string {
  const mark = loaderShare > LOADER_LIMIT ? "≥" : " ";
  return [
    name.padEnd(12),
    `${mark}${((count / wallMs) * 1_000).toFixed(0)}/s`.padStart(11),
    `${((brokerCpuMs * 1_000) / count).toFixed(1)} us`.padStart(10),
    `${((brokerCpuMs / wallMs) * 100).toFixed(0)} %`.padStart(7),
    `${(loaderShare * 100).toFixed(0)} %`.padStart(8),
    p50Ms.toFixed(1).padStart(8),
    p99Ms.toFixed(1).padStart(8),
    String(expected - count).padStart(6),
  ].join(" ");
}

async function compare(loader: ChildProcess, peers: readonly Peer[]): Promise<void> {
  for (const [name, task] of TASKS) {
    console.log(`\n${name}`);
    console.log("broker              rate   cpu/each  broker   loader   p50 ms   p99 ms   lost");
    const each: number[] = [];
    for (const peer of peers) {
      const measured = await measure(loader, peer, task);
      each.push(measured.brokerCpuMs / measured.count);
      console.log(row(peer.name, measured));
    }
    console.log(`  processor time of ours, against mosquitto: ${ratio(each)}`);
  }
}

function ratio([ours = 0, theirs = 0]: readonly number[]): string {
  return theirs === 0 ? "mosquitto's is too small to measure" : `${(ours / theirs).toFixed(2)}x`;
}

const loader = forkOn(1, "broker-loader.ts");
const peers = [await openOurs(), await openMosquitto()];
try {
  console.log(`memory per idle client, of ${IDLE_CLIENTS}, fresh brokers`);
  const memory: number[] = [];
  for (const peer of peers) {
    const perClientKb = await memoryPerClientKb(loader, peer);
    memory.push(perClientKb);
    console.log(
      `${peer.name.padEnd(12)} ${perClientKb.toFixed(1)} KB (now ${(rssKb(pidOf(peer)) / 1_024).toFixed(0)} MB)`,
    );
  }
  console.log(`  ours, against mosquitto: ${ratio(memory)}`);
  await compare(loader, peers);
} finally {
  loader.kill();
  for (const peer of peers) peer.process.kill();
  rmSync(folder, { recursive: true });
}
