/**
 * One 64 kbit/s live programme to 1,000 listeners: CPU and memory of our audio server beside Debian's Icecast, both fed by the
 * same source and listened to by the same loader at the same time.
 *
 *   node scripts/bench/icy.ts [--listeners 1000] [--seconds 30]
 */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";

const FRAME_MS = (1_152 * 1_000) / 44_100;
const SETTLE_MS = 6_000;
const LONGEST_WAIT_MS = 40_000;
/** More than a head. */
const HEARD_BYTES = 4_000;
const CONNECT_AT_ONCE = 50;
/** Of /proc/<pid>/stat; USER_HZ is 100 on every Linux we run on. */
const CLOCK_TICK_MS = 10;

const { values } = parseArgs({
  options: { listeners: { type: "string", default: "1000" }, seconds: { type: "string", default: "30" } },
});
const listeners = Number(values.listeners);
const seconds = Number(values.seconds);

interface Peer {
  readonly name: string;
  readonly pid: number;
  readonly port: number;
  readonly pathOf: (index: number) => string;
  readonly feed: (frame: Buffer) => void;
}

interface Row {
  readonly name: string;
  readonly cpuPercent: number;
  readonly rssMb: number;
  readonly slowestKbps: number;
  readonly meanKbps: number;
}

await using resources = new AsyncDisposableStack();
const dir = await mkdtemp(join(tmpdir(), "tienglang-icy-"));
resources.defer(() => rm(dir, { recursive: true, force: true }));

const frames = toneFrames();
const ours = await openOurs("live");
const steady = await openOurs("steady");
const icecast = await openIcecast();
const peers = [ours, steady, ...(icecast === undefined ? [] : [icecast])];

const feeding = feedInRealTime(peers, frames);
resources.defer(() => clearInterval(feeding));
// Icecast knows a mount point from its first bytes on.
await sleep(1_500);

const received = new Map<string, number[]>();
for (const peer of peers) received.set(peer.name, await listen(peer));
console.log(
  `${listeners} listeners each on ${peers.map(({ name }) => name).join(", ")}; measuring ${seconds} s …`,
);
await everyoneHears();
await sleep(SETTLE_MS);
const before = peers.map(({ pid }) => cpuMs(pid));
const bytesBefore = peers.map(({ name }) => [...(received.get(name) ?? [])]);
const loaderBefore = process.cpuUsage();
const startedAt = performance.now();
await sleep(seconds * 1_000);
const elapsedMs = performance.now() - startedAt;
const loaderPercent = loaderCpuPercent(loaderBefore, elapsedMs);
report(peers.map((peer, index) => rowOf(peer, index)));

/** Icecast takes its time to serve who connected; a listener that hears nothing would cost nothing. */
async function everyoneHears(): Promise<void> {
  const deadlineAt = performance.now() + LONGEST_WAIT_MS;
  const deaf = (): number => [...received.values()].flat().filter((bytes) => bytes < HEARD_BYTES).length;
  while (deaf() > 0 && performance.now() < deadlineAt) await sleep(200);
  if (deaf() > 0)
    console.log(`${deaf()} listeners still hear nothing: the CPU of their server is too low below`);
}

function rowOf({ name, pid }: Peer, index: number): Row {
  const counts = (received.get(name) ?? []).map(
    (bytes, n) => ((bytes - (bytesBefore[index]?.[n] ?? 0)) * 8) / elapsedMs,
  );
  return {
    name,
    cpuPercent: ((cpuMs(pid) - (before[index] ?? 0)) * 100) / elapsedMs,
    rssMb: rssMb(pid),
    slowestKbps: Math.min(...counts),
    meanKbps: counts.reduce((sum, kbps) => sum + kbps, 0) / counts.length,
  };
}

function report(rows: readonly Row[]): void {
  console.log(
    `\n${"".padEnd(34)}${"CPU %".padStart(8)}${"RSS MB".padStart(9)}${"mean kbit/s".padStart(13)}${"slowest".padStart(9)}`,
  );
  for (const { name, cpuPercent, rssMb: rss, meanKbps, slowestKbps } of rows) {
    const numbers = [
      cpuPercent.toFixed(2).padStart(8),
      rss.toFixed(0).padStart(9),
      meanKbps.toFixed(1).padStart(13),
    ];
    console.log(name.padEnd(34) + numbers.join("") + slowestKbps.toFixed(1).padStart(9));
  }
  console.log(`loader: ${loaderPercent.toFixed(0)} % of one of ${cpus().length} cores`);
  const peer = rows[2];
  if (peer === undefined) {
    console.log("Icecast is not installed (apt-get install icecast2): no ratio.");
    return;
  }
  for (const row of rows.slice(0, 2)) {
    const ratio = row.cpuPercent / peer.cpuPercent;
    console.log(
      `${row.name}: ${ratio.toFixed(2)} x Icecast's CPU${ratio < 1 ? "" : "  (bar missed: it should be below 1)"}`,
    );
  }
}

function loaderCpuPercent(from: NodeJS.CpuUsage, forMs: number): number {
  const { user, system } = process.cpuUsage(from);
  return (user + system) / 10 / forMs;
}

function toneFrames(): Buffer[] {
  const encode = [
    "-c:a",
    "libmp3lame",
    "-b:a",
    "64k",
    "-reservoir",
    "0",
    "-write_xing",
    "0",
    "-id3v2_version",
    "0",
  ];
  const source = "aevalsrc=0.3*sin(2*PI*(300*t+20*t*t)):s=44100:d=20";
  const args = [
    "-hide_banner",
    "-loglevel",
    "error",
    "-f",
    "lavfi",
    "-i",
    source,
    ...encode,
    "-f",
    "mp3",
    "pipe:1",
  ];
  const { stdout, status } = spawnSync("ffmpeg", args, { maxBuffer: 10_000_000 });
  if (status !== 0) throw new Error("ffmpeg is needed to make the programme");
  const result: Buffer[] = [];
  for (let at = 0; at + 4 < stdout.length;) {
    const bytes = 208 + (((stdout[at + 2] ?? 0) >> 1) & 1);
    result.push(stdout.subarray(at, at + bytes));
    at += bytes;
  }
  return result;
}

/** One frame each 26.1 ms, as an encoder gives them. */
function feedInRealTime(to: readonly Peer[], sound: readonly Buffer[]): NodeJS.Timeout {
  const beganAt = performance.now();
  let sent = 0;
  return setInterval(() => {
    for (; sent * FRAME_MS < performance.now() - beganAt; sent += 1) {
      const frame = sound[sent % sound.length];
      if (frame !== undefined) for (const { feed } of to) feed(frame);
    }
  }, 13);
}

async function openOurs(kind: "live" | "steady"): Promise<Peer> {
  const server = join(import.meta.dirname, "icy-server.ts");
  const child = spawn(process.execPath, [server, String(listeners), kind], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  endWith(child);
  const [first] = (await once(child.stdout, "data")) as [Buffer];
  const name = kind === "live" ? "ours, live (0.3 s pieces)" : "ours, relay and files (1 s pieces)";
  return {
    name,
    pid: child.pid ?? 0,
    port: Number(first.toString("utf8")),
    pathOf: (index) => `/icy/token-${index}`,
    feed: (frame) => child.stdin.write(frame),
  };
}

async function openIcecast(): Promise<Peer | undefined> {
  if (spawnSync("icecast2", ["-v"]).error !== undefined) return undefined;
  const port = await freePort();
  const config = join(dir, "icecast.xml");
  await writeFile(config, icecastConfig(port));
  // It gives up root's rights by itself and must still reach its folder.
  await chmod(dir, 0o777);
  const child = spawn("sh", ["-c", `ulimit -n 8192; exec icecast2 -c ${config}`], { stdio: "ignore" });
  endWith(child);
  const source = await dial(port);
  source.write(
    `SOURCE /live HTTP/1.0\r\nAuthorization: Basic ${Buffer.from("source:bench").toString("base64")}\r\n` +
      "Content-Type: audio/mpeg\r\nice-name: bench\r\nice-bitrate: 64\r\n\r\n",
  );
  const [answer] = (await once(source, "data")) as [Buffer];
  if (!answer.toString("latin1").includes("200 OK"))
    throw new Error(`Icecast refuses the source: ${answer.toString()}`);
  resources.adopt(source, (open) => void open.destroy());
  return {
    name: "Icecast",
    pid: child.pid ?? 0,
    port,
    pathOf: () => "/live",
    feed: (frame) => source.write(frame),
  };
}

function icecastConfig(port: number): string {
  const owner =
    process.getuid?.() === 0 ? "<changeowner><user>nobody</user><group>nogroup</group></changeowner>" : "";
  return `<icecast>
  <limits><clients>${listeners + 100}</clients><sources>2</sources></limits>
  <authentication><source-password>bench</source-password><admin-user>admin</admin-user><admin-password>bench</admin-password></authentication>
  <hostname>localhost</hostname>
  <listen-socket><port>${port}</port><bind-address>127.0.0.1</bind-address></listen-socket>
  <paths><basedir>${dir}</basedir><logdir>${dir}</logdir><webroot>/usr/share/icecast2/web</webroot><adminroot>/usr/share/icecast2/admin</adminroot></paths>
  <logging><accesslog>access.log</accesslog><errorlog>error.log</errorlog><loglevel>1</loglevel></logging>
  <security><chroot>0</chroot>${owner}</security>
</icecast>`;
}

/** Opens the listeners; the counts of their bytes go on rising. */
async function listen({ port, pathOf }: Peer): Promise<number[]> {
  const counts = Array.from({ length: listeners }, () => 0);
  for (let from = 0; from < listeners; from += CONNECT_AT_ONCE) {
    const some = Array.from({ length: Math.min(CONNECT_AT_ONCE, listeners - from) }, async (_, n) => {
      const index = from + n;
      const socket = await dial(port);
      resources.adopt(socket, (open) => void open.destroy());
      socket.on("data", (piece) => (counts[index] = (counts[index] ?? 0) + piece.length));
      socket.write(`GET ${pathOf(index)} HTTP/1.0\r\n\r\n`);
    });
    await Promise.all(some);
  }
  return counts;
}

async function dial(port: number): Promise<Socket> {
  for (let attempt = 0; ; attempt += 1) {
    const socket = connect(port, "127.0.0.1");
    try {
      await once(socket, "connect");
      return socket;
    } catch (error) {
      if (attempt === 50) throw error;
      await sleep(100);
    }
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, "close");
  return port;
}

function endWith(child: ChildProcess): void {
  resources.defer(async () => {
    const gone = once(child, "exit");
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGTERM");
    await gone;
  });
}

function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  // The program's name, in brackets, may hold spaces.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * CLOCK_TICK_MS;
}

function rssMb(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1] ?? 0) / 1_024;
}
