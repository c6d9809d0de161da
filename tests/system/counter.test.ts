import { readdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { WebSocket } from "ws";
import { z } from "zod";
import { runProcess } from "../../src/media/process.ts";
import { packetHashes } from "../cameras/made-ring.ts";
import { tienglang } from "../support/cli-process.ts";
import { openCounterCamera, type CounterCamera } from "../support/counter-camera.ts";
import { logIn } from "../support/logged-in.ts";
import { PATIENTLY, RealHall } from "../support/real-hall.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { until } from "../support/until.ts";

vi.setConfig({ testTimeout: 150_000, hookTimeout: 150_000 });

const ID = "quay-1";
const FIRST_PASSWORD = "mật khẩu quầy 1";
const Anything = z.unknown();
const MOTION_RULE = {
  ...{ on: "motion", actions: ["bookmark", "clip"], preRollSec: 3, postRollSec: 2 },
  ...{ say: null, quietForSec: 3_600, hours: [] },
};

const Span = z.object({ from: z.number(), to: z.number() });
const Clip = z.object({
  id: z.string(),
  origin: z.string(),
  state: z.string(),
  requested: Span,
  delivered: Span.nullable(),
});
const Gaps = z.array(Span.extend({ to: z.number().nullable(), cause: z.string() }));
const View = z.object({
  id: z.string(),
  status: z.object({ state: z.string(), since: z.number(), said: z.object({ vi: z.string() }) }),
});

let camera: CounterCamera;
let hall: RealHall;

/** The command line on the hall's machine; fails with what it says. */
async function done(args: readonly string[], input?: string): Promise<string> {
  const { code, out, err } = await tienglang(hall.dataDir, args, input === undefined ? {} : { input });
  if (code !== 0) throw new Error(`tienglang ${args.join(" ")} ended with ${code}: ${err}${out}`);
  return out;
}

async function view(): Promise<z.infer<typeof View>> {
  return await hall.api.get(`/api/cameras/${ID}`, View);
}

async function untilState(state: string): Promise<void> {
  await until(`the camera is ${state}`, async () => (await view()).status.state === state, PATIENTLY);
}

async function gaps(): Promise<z.infer<typeof Gaps>> {
  return (await hall.api.get(`/api/cameras/${ID}/completeness`, z.object({ gaps: Gaps }))).gaps;
}

async function runs(): Promise<z.infer<typeof Span>[]> {
  const now = Date.now();
  const path = `/api/cameras/${ID}/timeline?from=${now - 3_600_000}&to=${now}`;
  return (await hall.api.get(path, z.object({ runs: z.array(Span) }))).runs;
}

/** Waits until that much was recorded without a hole, ending now. */
async function untilRecorded(forMs: number): Promise<z.infer<typeof Span>> {
  let newest: z.infer<typeof Span> | undefined;
  await until(
    `${forMs} ms are recorded`,
    async () => {
      newest = (await runs()).at(-1);
      return newest !== undefined && newest.to - newest.from >= forMs;
    },
    PATIENTLY,
  );
  if (newest === undefined) throw new Error("nothing is recorded");
  return newest;
}

async function untilClipReady(id: string): Promise<z.infer<typeof Clip>> {
  let clip: z.infer<typeof Clip> | undefined;
  await until(
    `clip ${id} is made`,
    async () => {
      clip = await hall.api.get(`/api/clips/${id}`, Clip);
      if (clip.state === "failed") throw new Error("the clip failed");
      return clip.state === "ready";
    },
    PATIENTLY,
  );
  if (clip === undefined) throw new Error("no clip");
  return clip;
}

/** Of the whole ring, in the order of recording. */
async function ringHashes(): Promise<string[]> {
  const dir = join(hall.dataDir, "cameras/ring");
  const files = readdirSync(dir, { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith(".mp4"),
  );
  const hashes: string[] = [];
  for (const file of files.sort()) hashes.push(...(await packetHashes(join(dir, file))));
  return hashes;
}

/** Every packet of the file stands in the ring, in this order and without another between them. */
async function expectFromRing(file: string): Promise<void> {
  const cut = await packetHashes(file);
  expect(cut.length).toBeGreaterThan(15);
  const ring = await ringHashes();
  const at = ring.indexOf(cut[0] ?? "");
  expect(at).toBeGreaterThanOrEqual(0);
  expect(ring.slice(at, at + cut.length)).toEqual(cut);
}

/** Process ids of the ffmpegs that work in the hall's folder. */
function recorders(): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const words = readFileSync(`/proc/${pid}/cmdline`, "utf8");
        return words.includes(hall.dataDir) && readlinkSync(`/proc/${pid}/exe`).endsWith("ffmpeg");
      } catch {
        // Ended meanwhile, or somebody else's.
        return false;
      }
    });
}

async function openCase(number: string, span: z.infer<typeof Span>): Promise<string> {
  await done(["case", "open", number, "--title", "Va chạm tại quầy 1", "--reason", "Công an xã đề nghị"]);
  await done(["case", "hold", number, ID, "--from", iso(span.from), "--to", iso(span.to)]);
  return number;
}

function iso(at: number): string {
  return new Date(at).toISOString();
}

beforeAll(async () => {
  camera = await openCounterCamera(FIRST_PASSWORD);
  hall = new RealHall({ cameras: { segmentSeconds: 10, discoveryAddresses: ["127.0.0.1"] } });
  await hall.start();
  const where = ["127.0.0.1", "--port", String(camera.onvifPort), "--id", ID, "--name", "Quầy 1"];
  const why = ["--place", "Bộ phận Một cửa, quầy 1", "--purpose", "Giữ trật tự và an toàn nơi tiếp dân"];
  await done(["camera", "add", ...where, ...why, "--watch", "officer", "--password-stdin"], camera.password);
  // Only then: what happens before a movement is to be there.
  await untilRecorded(5_000);
  await hall.api.send("PUT", `/api/cameras/${ID}`, { body: { eventRules: [MOTION_RULE] }, schema: Anything });
});

afterAll(async () => {
  await hall[Symbol.asyncDispose]();
  await camera[Symbol.asyncDispose]();
});

test("a camera is found in the network, and known as ours", async () => {
  const asked = `127.0.0.1:${camera.discoveryPort}`;
  const found = JSON.parse(await done(["--json", "camera", "discover", asked])) as object[];
  expect(found).toContainEqual(expect.objectContaining({ port: camera.onvifPort, camera: ID }));
});

test("a wrong password is told in words, and nothing is kept", async () => {
  const args = [
    "--lang",
    "vi",
    "camera",
    "add",
    "127.0.0.1",
    "--port",
    String(camera.onvifPort),
    "--id",
    "khac",
  ];
  const { code, out, err } = await tienglang(hall.dataDir, [...args, "--password-stdin"], {
    input: "sai-roi",
  });
  expect(code).toBe(77);
  expect(err).toMatch(/mật khẩu/i);
  expect(`${out}${err}`).not.toContain("sai-roi");
  expect(await done(["camera", "list"])).not.toContain("khac");
});

test("a movement becomes a clip that begins before it, packet by packet what the ring holds", async () => {
  let made: z.infer<typeof Clip> | undefined;
  await until(
    "a movement made a clip",
    async () => {
      const { clips } = await hall.api.get(`/api/clips?camera=${ID}`, z.object({ clips: z.array(Clip) }));
      made = clips.find(({ origin, state }) => origin === "event" && state === "ready");
      return made !== undefined;
    },
    PATIENTLY,
  );
  const { events } = await hall.api.get(
    `/api/cameras/${ID}/events?from=${(made?.requested.from ?? 0) - 1}&to=${Date.now()}`,
    z.object({
      events: z.array(z.object({ at: z.number(), kind: z.string(), bookmarked: z.boolean().optional() })),
    }),
  );
  const motion = events.find(({ kind, at }) => kind === "motion" && at > (made?.requested.from ?? 0));
  expect(motion?.bookmarked).toBe(true);
  expect((motion?.at ?? 0) - (made?.delivered?.from ?? 0)).toBeGreaterThanOrEqual(2_500);
  using folder = temporaryFolder();
  const file = join(folder.path, "clip.mp4");
  await done(["clip", "save", made?.id ?? "", file]);
  await expectFromRing(file);
});

test("what has just happened is kept with one command", async () => {
  const words = ["clip", "make", ID, "--last", "1", "--reason", "Cãi nhau ở quầy"];
  const { id } = z.object({ id: z.string() }).parse(JSON.parse(await done(["--json", ...words])));
  const { requested, delivered } = await untilClipReady(id);
  expect(requested.to - requested.from).toBe(60_000);
  expect(requested.to - (delivered?.to ?? 0)).toBeLessThan(5_000);
  using folder = temporaryFolder();
  const file = join(folder.path, "clip.mp4");
  await done(["clip", "save", id, file]);
  await expectFromRing(file);
});

test("a case holds footage, and its package is verified by a stranger, to the byte", async () => {
  const { from, to } = await untilRecorded(8_000);
  const span = { from: from + 2_000, to: to - 1_000 };
  const number = await openCase("12/2026", span);
  using folder = temporaryFolder();
  const zip = join(folder.path, "goi.zip");
  const why = ["--reason", "Theo công văn 12", "--purpose", "Công an xã", "--redaction", "Không cần che"];
  const when = ["--from", iso(span.from), "--to", iso(span.to)];
  await done(["case", "export", number, ID, ...when, ...why, "--save", zip]);
  expect(await done(["evidence", "verify", zip])).toContain("RESULT: WHOLE");

  const dir = join(folder.path, "goi");
  const never = new AbortController().signal;
  await runProcess({ command: "/usr/bin/python3", args: ["-m", "zipfile", "-e", zip, dir] }, never);
  const verify = (): Promise<{ stdout: Buffer }> =>
    runProcess({ command: process.execPath, args: [join(dir, "verify.mjs"), dir] }, never);
  expect((await verify()).stdout.toString()).toContain("NGUYÊN VẸN");
  const names = readdirSync(dir, { recursive: true, encoding: "utf8" });
  const segment = names.find((name) => /segments?\/.*\.mp4$/.test(name)) ?? "";
  const bytes = readFileSync(join(dir, segment));
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
  writeFileSync(join(dir, segment), bytes);
  const tampered = await tienglang(hall.dataDir, ["evidence", "verify", dir]);
  expect(tampered).toMatchObject({ code: 65, out: expect.stringContaining(segment) });
  await expect(verify()).rejects.toThrow();
});

test("a camera without power is told with since when and why, and recorded again within 12 s", async () => {
  await untilRecorded(3_000);
  await camera.kill();
  await untilState("offline");
  expect(await done(["--lang", "vi", "camera", "list"])).toMatch(
    /Mất kết nối từ \d\d:\d\d \(.*\): camera không trả lời/,
  );
  await camera.start();
  const backAt = Date.now();
  await untilState("recording");
  expect(Date.now() - backAt).toBeLessThan(12_000);
  expect((await gaps()).at(-1)).toMatchObject({ cause: "camera-offline", to: expect.any(Number) });
});

test("a killed controller loses seconds, says so, and its evidence stays whole", async () => {
  const before = await untilRecorded(12_000);
  const span = { from: before.to - 9_000, to: before.to - 1_000 };
  await openCase("13/2026", span);
  const killedAt = Date.now();
  await hall.kill("daemon");
  await hall.start();
  await untilState("recording");
  const gap = (await gaps()).findLast(({ cause }) => cause === "controller-down");
  expect(killedAt - (gap?.from ?? 0)).toBeLessThan(6_000);
  expect(gap?.to).toBeGreaterThan(killedAt);
  expect(recorders()).toHaveLength(1);
  expect(await done(["evidence", "check", ID])).toContain("The chain is whole");
  const held = (await runs()).filter(({ from, to }) => from <= span.from && to >= span.to);
  expect(held).toHaveLength(1);
});

test("a password changed at the camera is asked for in words, and the new one works at once", async () => {
  await camera.kill();
  await camera.start("mật khẩu mới");
  await untilState("wrong-password");
  expect(await done(["--lang", "vi", "camera", "list"])).toContain("Camera từ chối mật khẩu");
  await done(["camera", "set", ID, "--password-stdin"], "mật khẩu mới\n");
  await untilState("recording");
  expect((await gaps()).at(-1)?.to).toEqual(expect.any(Number));
});

test("a viewer who may not see the camera is refused at each door, and that is written down", async () => {
  const password = "con trâu đi trước";
  await done(["user", "add", "khach", "--role", "viewer", "--password-stdin"], password);
  const guest = await logIn(hall.api, "khach", password);
  const now = Date.now();
  const playback = `/api/cameras/${ID}/playback?from=${now - 5_000}&to=${now}&origin=${now}`;
  const timeline = `/api/cameras/${ID}/timeline?from=${now - 5_000}&to=${now}`;
  for (const path of [playback, timeline]) expect((await guest.ask("GET", path)).status).toBe(403);
  const clip = { camera: ID, lastMinutes: 1, reason: "Tò mò" };
  expect((await guest.ask("POST", "/api/clips", clip)).status).toBe(403);

  const live = new WebSocket(
    `${hall.api.url.replace("https", "wss")}/api/cameras/${ID}/live?stream=main&as=mse`,
    {
      ca: hall.api.caPem,
      headers: guest.headers,
    },
  );
  const heard: string[] = [];
  const closed = new Promise<number>((resolve) => live.on("close", resolve).on("error", () => undefined));
  live.on("message", (data: Buffer) => heard.push(data.toString()));
  expect(await closed).toBe(1008);
  expect(heard.join("")).toContain('"error"');

  const path = `/api/audit?action=camera.refused&subject=${ID}`;
  const Entries = z.object({ entries: z.array(z.object({ details: z.object({ act: z.string() }) })) });
  const acts = (await hall.api.get(path, Entries)).entries.map(({ details }) => details.act);
  expect(acts).toEqual(expect.arrayContaining(["playback", "live", "timeline"]));
});

test("a camera that is taken away is gone at once, and its recordings can still be proven", async () => {
  const where = ["127.0.0.1", "--port", String(camera.onvifPort), "--id", "quay-2", "--name", "Quầy 2"];
  await done(["camera", "add", ...where, "--password-stdin"], camera.password);
  await until("both are recorded", () => recorders().length === 2, PATIENTLY);
  await done(["camera", "remove", "quay-2"]);
  expect(await done(["camera", "list"])).not.toContain("quay-2");
  await until("its recorder has ended", () => recorders().length === 1, PATIENTLY);
  expect(await done(["evidence", "check", "quay-2"])).toContain("The chain is whole");
});
