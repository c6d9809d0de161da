/**
 * Starts Tiếng Làng with a demo hamlet: the daemon, three software loudspeakers and a synthetic camera as processes of
 * their own, which speak the real protocols. Adds what is missing through the API, puts a spoken bulletin on the calendar for the next
 * full minute and says what became of it. Ctrl-C ends everything.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { z } from "zod";
import { openApi, type Api } from "../src/cli/api.ts";
import { asError, Fault } from "../src/kernel/faults.ts";
import { isStopped, systemClock as clock } from "../src/kernel/clock.ts";
import { loadConfig } from "../src/daemon/config.ts";
import { demoCamera } from "./demo-camera/join.ts";

const ROOT = resolve(import.meta.dirname, "..");
const CONFIG_FILE = join(ROOT, "config/tienglang.json");
const SPEAKERS = ["loa-dinh-lang", "loa-nha-van-hoa", "loa-cho"];
const NAMES = ["Loa đình làng", "Loa nhà văn hóa", "Loa chợ"];
const HAMLET = { id: "thon-thu-nghiem", name: "Thôn thử nghiệm" };
const NEWS =
  "Kính mời bà con nghe bản tin thử nghiệm của Tiếng Làng. Hôm nay UBND xã tiếp công dân từ 7h30 đến 11h30 tại bộ phận Một cửa. Trân trọng cảm ơn.";
/** The speakers fetch the bulletin meanwhile. */
const SHORTEST_LEAD_MS = 15_000;
const MINUTE_MS = 60_000;
const STOP_WITHIN_MS = 15_000;

const say = (line: string): void => console.log(line);
const stop = new AbortController();
const children: { readonly name: string; readonly child: ChildProcess }[] = [];
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => stop.abort());

async function run(): Promise<void> {
  const config = loadConfig(CONFIG_FILE);
  const logDir = join(config.dataDir, "log");
  mkdirSync(logDir, { recursive: true, mode: 0o700 });
  start(
    "daemon",
    ["--disable-warning=ExperimentalWarning", "src/daemon/main.ts", "--config", CONFIG_FILE],
    logDir,
  );
  const api = await whenReady(config.dataDir);
  const agents = await provision(api, config);
  for (const { id, file } of agents) start(id, ["src/agent/main.ts", "--config", file], logDir);
  await startCamera(api, config.dataDir, logDir);
  await until("ba cụm loa kết nối", async () => (await onlineOf(api)).length >= SPEAKERS.length);
  say(
    `Đã kết nối ${SPEAKERS.length}/${SPEAKERS.length} cụm loa thử nghiệm (demo loudspeakers are connected).`,
  );
  const { airing, at } = await schedule(api);
  const shown = new Intl.DateTimeFormat("vi-VN", {
    timeZone: config.commune.timeZone,
    timeStyle: "medium",
    dateStyle: "short",
  }).format(at);
  say(`Một bản tin đọc bằng tiếng Việt sẽ phát lúc ${shown} (a spoken bulletin will sound then).`);
  say(`Âm thanh phát ra được ghi tại ${join(config.dataDir, "demo")}/*/wav (what sounds is recorded there).`);
  await proofOf(api, airing);
  say("Nhấn Ctrl-C để dừng tất cả (Ctrl-C stops everything).");
  await clock.sleep(Number.MAX_SAFE_INTEGER, stop.signal);
}

/** A demo hamlet without a camera is still worth hearing: what goes wrong here is said, and ends nothing. */
async function startCamera(api: Api, dataDir: string, logDir: string): Promise<void> {
  try {
    const camera = await demoCamera(join(dataDir, "demo/camera/camera.json"));
    let isReady = false;
    const heard = (line: string): void => {
      if (line.startsWith("ready ")) isReady = true;
      else say(`camera: ${line}`);
    };
    start("camera", [...camera.args], logDir, { env: camera.env, heard });
    await until("camera thử nghiệm khởi động", () => Promise.resolve(isReady));
    say(await camera.join(api));
  } catch (error) {
    if (isStopped(stop.signal)) throw error;
    const why = error instanceof Fault ? error.in("vi") : asError(error).message;
    say(`Không có camera thử nghiệm (no demo camera): ${why}`);
  }
}

interface StartOrder {
  readonly env?: Readonly<Record<string, string>>;
  readonly heard?: (line: string) => void;
}

/** Its words go to the terminal, its log to a file. An end that nobody asked for ends the demo. */
function start(
  name: string,
  args: string[],
  logDir: string,
  { env = {}, heard = say }: StartOrder = {},
): void {
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...env },
  });
  children.push({ name, child });
  createInterface({ input: child.stdout }).on("line", heard);
  createInterface({ input: child.stderr }).on("line", (line) => {
    if (line.startsWith("{")) appendFileSync(join(logDir, `${name}.log`), `${line}\n`);
    else say(`${name}: ${line}`);
  });
  child.once("exit", (code, killedBy) => {
    if (isStopped(stop.signal)) return;
    say(`${name} đã tự dừng (${killedBy ?? code ?? ""}). Xem ${join(logDir, `${name}.log`)}.`);
    process.exitCode = 1;
    stop.abort();
  });
}

async function endAll(): Promise<void> {
  stop.abort();
  const running = children.filter(({ child }) => child.exitCode === null && child.signalCode === null);
  if (running.length > 0) say("Đang dừng… (stopping)");
  await Promise.all(
    running.map(async ({ child }) => {
      const gone = once(child, "exit");
      child.kill("SIGTERM");
      const slow = setTimeout(() => child.kill("SIGKILL"), STOP_WITHIN_MS);
      await gone;
      clearTimeout(slow);
    }),
  );
}

/** Asks every quarter of a second until the answer is yes; failures meanwhile are no answer. */
async function until(what: string, ask: () => Promise<boolean>, withinMs = MINUTE_MS): Promise<void> {
  const startedAt = clock.uptime();
  let last: unknown;
  while (clock.uptime() - startedAt < withinMs) {
    const answer = await ask().catch((error: unknown) => {
      last = error;
      return false;
    });
    if (answer) return;
    if (!(await clock.sleep(250, stop.signal))) throw new Error("đã dừng");
  }
  throw new Error(`Chờ quá lâu: ${what}. ${last === undefined ? "" : asError(last).message}`);
}

async function whenReady(dataDir: string): Promise<Api> {
  let api: Api | undefined;
  await until("chương trình khởi động", async () => {
    api = await openApi(dataDir, "vi");
    await api.get("/api/health", z.object({ ok: z.literal(true) }));
    return true;
  });
  if (api === undefined) throw new Error("chương trình không khởi động");
  return api;
}

const Listed = z.object({ speakers: z.array(z.object({ id: z.string(), presence: z.string() })) });

async function onlineOf(api: Api): Promise<string[]> {
  const { speakers } = await api.get("/api/speakers", Listed);
  return speakers
    .filter(({ id, presence }) => SPEAKERS.includes(id) && presence === "online")
    .map(({ id }) => id);
}

const Provisioned = z.object({
  provisioning: z.object({ config: z.record(z.string(), z.unknown()), caPem: z.string() }),
});
const AnyAnswer = z.unknown();

/** Configuration files of the three agents; a speaker whose file was lost gets a new secret. */
async function provision(
  api: Api,
  config: ReturnType<typeof loadConfig>,
): Promise<{ id: string; file: string }[]> {
  const { hamlets } = await api.get(
    "/api/hamlets",
    z.object({ hamlets: z.array(z.object({ id: z.string() })) }),
  );
  if (!hamlets.some(({ id }) => id === HAMLET.id)) {
    // Without quiet hours: the demo is heard at whatever hour it is started.
    await api.send("POST", "/api/hamlets", { body: { ...HAMLET, quietHours: [] }, schema: AnyAnswer });
    say(
      `Đã tạo “${HAMLET.name}”, không đặt giờ yên tĩnh để nghe thử được ngay (demo hamlet without quiet hours).`,
    );
  }
  const { speakers } = await api.get("/api/speakers", Listed);
  const agents: { id: string; file: string }[] = [];
  for (const [index, id] of SPEAKERS.entries()) {
    const dir = join(config.dataDir, "demo", id);
    const file = join(dir, "agent.json");
    agents.push({ id, file });
    const known = speakers.some((speaker) => speaker.id === id);
    if (known && existsSync(file)) continue;
    const path = known ? `/api/speakers/${id}/renew` : "/api/speakers";
    const body = known ? {} : { id, name: NAMES[index], hamlet: HAMLET.id, profile: "native" };
    const { provisioning } = await api.send("POST", path, { body, schema: Provisioned });
    writeAgent(dir, provisioning, config, index === 0);
  }
  return agents;
}

function writeAgent(
  dir: string,
  { config: given, caPem }: z.infer<typeof Provisioned>["provisioning"],
  { broker, streams }: ReturnType<typeof loadConfig>,
  isFirst: boolean,
): void {
  mkdirSync(join(dir, "wav"), { recursive: true, mode: 0o700 });
  const caFile = join(dir, "commune-ca.pem");
  writeFileSync(caFile, caPem);
  const config = {
    ...given,
    hall: { mqttUrl: `mqtts://127.0.0.1:${broker.port}`, audioUrl: `https://127.0.0.1:${streams.port}` },
    caFile,
    dataDir: join(dir, "data"),
    // One voice is enough on one sound card.
    output: { ...(isFirst && hasSoundCard() && { alsa: "default" }), wavDir: join(dir, "wav") },
    clock: "system",
  };
  writeFileSync(join(dir, "agent.json"), JSON.stringify(config, null, 2), { mode: 0o600 });
}

function hasSoundCard(): boolean {
  const list = "/proc/asound/cards";
  return existsSync(list) && !readFileSync(list, "utf8").includes("no soundcards");
}

/** The bulletin of the first start is said again at later ones: what was approved stays approved. */
async function schedule(api: Api): Promise<{ airing: string; at: number }> {
  const at = Math.ceil((clock.now() + SHORTEST_LEAD_MS) / MINUTE_MS) * MINUTE_MS;
  const body = { text: NEWS, hamlets: [HAMLET.id], at: new Date(at).toISOString() };
  const said = await api.send("POST", "/api/say", {
    body,
    schema: z.object({ airing: z.string(), at: z.number() }),
  });
  return said;
}

const Over = z.object({
  airing: z.string(),
  outcome: z.string(),
  sentence: z.object({ vi: z.string() }),
  speakers: z.array(
    z.object({
      name: z.string(),
      startErrorMs: z.number().nullable(),
      sentence: z.object({ vi: z.string() }).optional(),
    }),
  ),
});

/** Waits for the line that says what was heard, and prints it. */
async function proofOf(api: Api, airing: string): Promise<void> {
  let said: z.infer<typeof Over> | undefined;
  await until(
    "biên nhận của các cụm loa",
    async () => {
      const record = await api.get(`/api/airings/${airing}`, Over);
      said = record;
      return record.outcome !== "airing";
    },
    5 * MINUTE_MS,
  );
  if (said === undefined) return;
  const errors = said.speakers.map(({ name, startErrorMs, sentence }) =>
    startErrorMs === null
      ? `${name}: ${sentence?.vi ?? "không phát"}`
      : `${name}: lệch ${startErrorMs.toFixed(1)} ms`,
  );
  say(`${said.sentence.vi} (${errors.join("; ")})`);
}

try {
  await run();
} catch (error) {
  if (!isStopped(stop.signal)) {
    say(error instanceof Fault ? error.in("vi") : asError(error).message);
    process.exitCode = 1;
  }
} finally {
  await endAll();
}
