import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile, truncate, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { measureFile } from "../../../src/cameras/recorder/measure.ts";
import { openRtspServer, type RtspServer } from "../../support/rtsp-server.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { until } from "../../support/until.ts";
import { cameraAt, gapsOf, GATE, openDesk, segmentsOf } from "./support.ts";

const PATIENTLY = { patienceMs: 90_000, everyMs: 50 };
const LONG = { timeout: 180_000 };
/** What may be lost of a camera by a kill. */
const LOSS_LIMIT_MS = 6_000;
const PROGRAM = resolve(import.meta.dirname, "../../fixtures/recorder-process.ts");

let server: RtspServer;

beforeAll(async () => {
  server = await openRtspServer();
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

async function recordedFiles(dir: string): Promise<string[]> {
  const names = await readdir(dir, { recursive: true }).catch(() => []);
  return names.filter((name) => name.endsWith(".mp4")).map((name) => join(dir, name));
}

async function recordedMs(dir: string): Promise<number> {
  const files = await recordedFiles(dir);
  return (await Promise.all(files.map(measureFile))).reduce((sum, file) => sum + (file?.durationMs ?? 0), 0);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function ffmpegOf(dir: string): Promise<number> {
  const pids = await readdir(join(dir, "run")).catch(() => []);
  if (pids.length === 0) return 0;
  const words = await readFile(join(dir, "run", GATE), "utf8").catch(() => "");
  return Number(words.split(" ")[0] ?? 0);
}

test("a kill of ffmpeg costs less than 6 s, and says so", LONG, async () => {
  await using desk = await openDesk({ cameras: [cameraAt(server.url("sub"))], segmentSec: 30 });
  await until("seconds are recorded", async () => (await recordedMs(desk.dir)) > 4_000, PATIENTLY);
  const killedAt = Date.now();
  process.kill(await ffmpegOf(desk.dir), "SIGKILL");
  await until("the gap is over", () => gapsOf(desk)[0]?.to != null, PATIENTLY);
  const [segment] = segmentsOf(desk);
  expect(killedAt - (segment?.endAt ?? 0)).toBeLessThan(LOSS_LIMIT_MS);
  const [gap] = gapsOf(desk);
  expect(gap).toMatchObject({ from: segment?.endAt, cause: "camera-offline" });
  expect((gap?.to ?? 0) - (gap?.from ?? 0)).toBeLessThan(LOSS_LIMIT_MS);
});

test(
  "a kill of the whole recorder: ffmpeg dies with it, the torn file is kept, the absence is a gap",
  LONG,
  async () => {
    using folder = temporaryFolder();
    const dir = join(folder.path, "ring");
    const child = spawn(process.execPath, [PROGRAM, folder.path, server.url("sub")], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await until("seconds are recorded", async () => (await recordedMs(dir)) > 4_000, PATIENTLY);
    const ffmpeg = await ffmpegOf(dir);
    expect(isAlive(ffmpeg)).toBe(true);
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
    const killedAt = Date.now();
    await until("ffmpeg is gone too", () => !isAlive(ffmpeg), PATIENTLY);
    const [torn = ""] = await recordedFiles(dir);
    await writeFile(torn, "half a fragment", { flag: "a" });
    await writeFile(join(torn, "../20200101t000000-empty-000000.mp4"), "");
    await truncate(join(torn, "../20200101t000000-empty-000000.mp4"), 0);

    await using desk = await openDesk({ cameras: [cameraAt(server.url("sub"))], folder: folder.path });
    await until("it records again", () => gapsOf(desk)[0]?.to != null, PATIENTLY);
    const [segment] = segmentsOf(desk);
    expect(segment).toMatchObject({ recovered: true, n: 0 });
    expect(killedAt - (segment?.endAt ?? 0)).toBeLessThan(LOSS_LIMIT_MS);
    expect(gapsOf(desk)[0]).toMatchObject({ from: segment?.endAt, cause: "controller-down" });
    expect((await measureFile(torn))?.torn).toBe(false);
    expect(await recordedFiles(desk.dir)).not.toContain(join(torn, "../20200101t000000-empty-000000.mp4"));
    expect(desk.log.lines).toContain("warn a recording was left over from before the start");
  },
);

test(
  "a recorder that was left over is ended at the start, a stranger with its number is not",
  LONG,
  async () => {
    using folder = temporaryFolder();
    const orphan = spawn("sleep", ["300"], { stdio: "ignore" });
    const stranger = spawn("sleep", ["300"], { stdio: "ignore" });
    try {
      const stat = await readFile(`/proc/${orphan.pid ?? 0}/stat`, "utf8");
      const startTime = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
      const first = await openDesk({ cameras: [], folder: folder.path });
      await first[Symbol.asyncDispose]();
      await writeFile(join(folder.path, "ring/run/gate"), `${orphan.pid ?? 0} ${startTime}\n`);
      await writeFile(join(folder.path, "ring/run/hall"), `${stranger.pid ?? 0} 12\n`);
      const gone = once(orphan, "exit");
      const second = await openDesk({ cameras: [], folder: folder.path });
      await gone;
      await second[Symbol.asyncDispose]();
      expect(isAlive(stranger.pid ?? 0)).toBe(true);
    } finally {
      orphan.kill("SIGKILL");
      stranger.kill("SIGKILL");
    }
  },
);
