import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join, resolve } from "node:path";
import { z } from "zod";
import { openApi, type Api } from "../../src/cli/api.ts";
import { Fault } from "../../src/kernel/faults.ts";
import { decodeFile } from "../../src/media/decode.ts";
import { temporaryFolder } from "./temporary-folder.ts";
import { until } from "./until.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const Anything = z.unknown();
/** Processes start and bulletins sound in real time, on a machine that is busy with other tests. */
export const PATIENTLY = { patienceMs: 100_000, everyMs: 250 };
const never = new AbortController().signal;

export const AiringAnswer = z.object({
  outcome: z.string(),
  sentence: z.object({ vi: z.string() }),
  proof: z.object({ speakersPlayed: z.number(), speakersTotal: z.number(), durationPercent: z.number() }),
  speakers: z.array(
    z.object({
      speaker: z.string(),
      outcome: z.string(),
      startErrorMs: z.number().nullable(),
      playedMs: z.number(),
      expectedMs: z.number(),
      levelDbfs: z.number().nullable(),
      sentence: z.object({ vi: z.string() }).optional(),
    }),
  ),
});

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly said: string;
}

/** The program as people run it: the daemon and software loudspeakers as processes, on free ports, in one folder. */
export class RealHall implements AsyncDisposable {
  readonly dataDir: string;
  api!: Api;
  private readonly folder = temporaryFolder();
  private readonly configFile: string;
  private readonly settings: object;
  private readonly running = new Map<string, ChildProcess>();

  constructor(settings: object = {}) {
    this.dataDir = join(this.folder.path, "data");
    this.configFile = join(this.folder.path, "tienglang.json");
    this.settings = settings;
  }

  async start(): Promise<void> {
    await this.configure();
    const daemon = this.spawn("daemon", ["src/daemon/main.ts", "--config", this.configFile]);
    await until(
      "the daemon answers",
      async () => {
        if (daemon.exitCode !== null) throw new Error(`the daemon ended: ${this.said.get("daemon") ?? ""}`);
        try {
          this.api = await openApi(this.dataDir, "vi");
          return (await this.api.get("/api/health", z.object({ ok: z.boolean() }))).ok;
        } catch (error) {
          // Not up yet, or what a killed daemon left behind.
          if (error instanceof Fault) return false;
          throw error;
        }
      },
      PATIENTLY,
    );
  }

  /** Free ports, kept for the hall's whole life: its loudspeakers find it again after a restart. */
  private async configure(): Promise<void> {
    if (existsSync(this.configFile)) return;
    const host = "127.0.0.1";
    const [panel, broker, audio, radio] = await freePorts(4);
    const config = {
      dataDir: this.dataDir,
      panel: { host, port: panel },
      broker: { host, port: broker },
      streams: { host, port: audio, radioPort: radio },
      ...this.settings,
    };
    writeFileSync(this.configFile, JSON.stringify(config));
  }

  /** Starts the daemon a second time and waits for what becomes of it. */
  async startInVain(settings: object = {}): Promise<Ended> {
    await this.configure();
    const file = join(this.folder.path, "other.json");
    const config = JSON.parse(readFileSync(this.configFile, "utf8")) as object;
    writeFileSync(file, JSON.stringify({ ...config, ...settings }));
    const child = this.spawn("vain", ["src/daemon/main.ts", "--config", file]);
    await once(child, "exit");
    return { code: child.exitCode, signal: child.signalCode, said: this.said.get("vain") ?? "" };
  }

  async addHamlet(id: string, quietHours: readonly object[] = []): Promise<void> {
    await this.api.send("POST", "/api/hamlets", { body: { id, name: id, quietHours }, schema: Anything });
  }

  async addAgent(id: string, hamlet: string): Promise<void> {
    const { provisioning } = await this.api.send("POST", "/api/speakers", {
      body: { id, name: id, hamlet, profile: "native" },
      schema: z.object({ provisioning: z.object({ config: z.looseObject({}), caPem: z.string() }) }),
    });
    const dir = join(this.folder.path, id);
    mkdirSync(join(dir, "wav"), { recursive: true });
    writeFileSync(join(dir, "ca.pem"), provisioning.caPem);
    const { hall } = provisioning.config as { hall: { mqttUrl: string; audioUrl: string } };
    const config = {
      ...provisioning.config,
      hall: { mqttUrl: onLoopback(hall.mqttUrl), audioUrl: onLoopback(hall.audioUrl) },
      caFile: join(dir, "ca.pem"),
      dataDir: join(dir, "data"),
      output: { wavDir: join(dir, "wav") },
      clock: "system",
    };
    writeFileSync(join(dir, "agent.json"), JSON.stringify(config));
    this.startAgent(id);
  }

  startAgent(id: string): void {
    this.spawn(id, ["src/agent/main.ts", "--config", join(this.folder.path, id, "agent.json")]);
  }

  async untilOnline(count: number): Promise<void> {
    const Listed = z.object({ speakers: z.array(z.object({ presence: z.string() })) });
    await until(
      `${count} loudspeakers are online`,
      async () => {
        const { speakers } = await this.api.get("/api/speakers", Listed);
        return speakers.filter(({ presence }) => presence === "online").length === count;
      },
      PATIENTLY,
    );
  }

  /** Puts a sentence on the air `inMs` from now. Returns the airing and its canonical sound. */
  async say(text: string, inMs = 15_000): Promise<{ airing: string; at: number; sound: Int16Array }> {
    const at = Math.ceil((Date.now() + inMs) / 1_000) * 1_000;
    const said = await this.api.send("POST", "/api/say", {
      body: { text, everywhere: true, chime: false, at: new Date(at).toISOString() },
      schema: z.object({ airing: z.string(), bulletin: z.string() }),
    });
    const { content } = await this.api.get(
      `/api/bulletins/${said.bulletin}`,
      z.object({ content: z.object({ audioId: z.string() }) }),
    );
    return { airing: said.airing, at, sound: await this.soundOf(content.audioId) };
  }

  /** The canonical sound of a library audio, decoded. */
  async soundOf(audioId: string): Promise<Int16Array> {
    const { files } = await this.api.get(
      `/api/library/${audioId}`,
      z.object({ files: z.array(z.object({ sha256: z.string() })) }),
    );
    const sha256 = files[0]?.sha256 ?? "";
    return await wholeSound(join(this.dataDir, "audio", sha256.slice(0, 2), `${sha256.slice(2)}.mp3`));
  }

  async decoded(file: string): Promise<Int16Array> {
    return await wholeSound(file);
  }

  async record(airing: string): Promise<z.infer<typeof AiringAnswer>> {
    return await this.api.get(`/api/airings/${airing}`, AiringAnswer);
  }

  async untilOver(airing: string): Promise<z.infer<typeof AiringAnswer>> {
    let last: z.infer<typeof AiringAnswer> | undefined;
    await until(
      `${airing} is over`,
      async () => {
        last = await this.record(airing).catch(notYet);
        return last !== undefined && last.outcome !== "airing";
      },
      PATIENTLY,
    );
    if (last === undefined) throw new Error("no record");
    return last;
  }

  /** What a loudspeaker sounded of an airing. */
  async heard(speaker: string, airing: string): Promise<Int16Array> {
    return await wholeSound(join(this.folder.path, speaker, "wav", `${airing}.wav`));
  }

  async kill(name: string): Promise<void> {
    await this.end(name, "SIGKILL");
  }

  async stop(name: string): Promise<number | null> {
    const child = this.running.get(name);
    await this.end(name, "SIGTERM");
    return child?.exitCode ?? null;
  }

  pid(name: string): number {
    const pid = this.running.get(name)?.pid;
    if (pid === undefined) throw new Error(`${name} does not run`);
    return pid;
  }

  isRunning(name: string): boolean {
    const child = this.running.get(name);
    return child?.exitCode === null && child.signalCode === null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.running.keys()].map((name) => this.end(name, "SIGKILL")));
    this.folder[Symbol.dispose]();
  }

  private readonly said = new Map<string, string>();

  private spawn(name: string, args: readonly string[]): ChildProcess {
    const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"] });
    this.said.set(name, "");
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk: Buffer) =>
        this.said.set(name, `${this.said.get(name) ?? ""}${String(chunk)}`),
      );
    }
    this.running.set(name, child);
    return child;
  }

  private async end(name: string, signal: NodeJS.Signals): Promise<void> {
    const child = this.running.get(name);
    if (child?.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    child.kill(signal);
    await gone;
  }
}

/** An airing is recorded when it begins. */
function notYet(error: unknown): undefined {
  if (error instanceof Fault && error.kind === "not-found") return undefined;
  throw error;
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  await Promise.all(servers.map((server) => once(server, "listening")));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

function onLoopback(address: string): string {
  const url = new URL(address);
  return address.replace(url.hostname, "127.0.0.1");
}

async function wholeSound(file: string): Promise<Int16Array> {
  const pieces: Int16Array[] = [];
  for await (const piece of decodeFile({ ffmpeg: "ffmpeg" }, file, 0, never)) pieces.push(piece);
  const whole = new Int16Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const piece of pieces) {
    whole.set(piece, offset);
    offset += piece.length;
  }
  return whole;
}
