/**
 * CPU and memory of recording against bare `ffmpeg -c copy -f segment` on the same streams at the same time.
 * `recording.ts [seconds] [cameras,cameras,…] [mount]`; default 30 s of 1, 4 and 16 cameras on /noisy (1080p15, 3 Mbit/s).
 */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { CameraId } from "../../src/cameras/rules/model.ts";
import { cameraAt, openDesk } from "../../tests/cameras/recorder/support.ts";
import { openRtspServer, type RtspMount } from "../../tests/support/rtsp-server.ts";
import { temporaryFolder } from "../../tests/support/temporary-folder.ts";
import { until } from "../../tests/support/until.ts";

const [seconds = "30", counts = "1,4,16", mount = "noisy"] = process.argv.slice(2);
const MEASURED_MS = Number(seconds) * 1_000;
const TICKS_PER_SECOND = 100;
const PATIENTLY = { patienceMs: 120_000, everyMs: 100 };

/** User and system time of a process so far, seconds (proc(5), fields 14 and 15). */
function cpuSecondsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

function pssMegabytesOf(pid: number): number {
  const kilobytes = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1];
  return Number(kilobytes ?? 0) / 1_024;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);

/** What a script of one line would do, and nothing more. */
function bare(url: string, dir: string, name: string): ChildProcess {
  return spawn(
    "ffmpeg",
    [
      ...["-v", "error", "-nostdin", "-rtsp_transport", "tcp", "-allowed_media_types", "video", "-i", url],
      ...["-map", "0:v:0", "-c", "copy", "-f", "segment", "-segment_time", "30", "-reset_timestamps", "1"],
      join(dir, `${name}-%06d.mp4`),
    ],
    { stdio: "ignore" },
  );
}

async function measure(count: number, url: string): Promise<string> {
  using folder = temporaryFolder();
  const bareDir = join(folder.path, "bare");
  mkdirSync(bareDir);
  const cameras = Array.from({ length: count }, (_, index) =>
    cameraAt(url, { id: `cam${index}` as CameraId }),
  );
  await using desk = await openDesk({ cameras, segmentSec: 30 });
  await until(
    "all are recorded",
    () => cameras.every(({ id }) => desk.recorder.status(id).state === "recording"),
    PATIENTLY,
  );
  const children = cameras.map(({ id }) => bare(url, bareDir, id));
  try {
    await until("the bare ones write", () => readdirSync(bareDir).length === count, PATIENTLY);
    const ours = readdirSync(join(desk.dir, "run")).map((name) =>
      Number(readFileSync(join(desk.dir, "run", name), "utf8").split(" ")[0]),
    );
    const bares = children.map(({ pid = 0 }) => pid);
    const read = (): [number, number, number] => [
      sum(ours.map(cpuSecondsOf)),
      cpuSecondsOf(process.pid),
      sum(bares.map(cpuSecondsOf)),
    ];
    const before = read();
    await new Promise((resolve) => setTimeout(resolve, MEASURED_MS));
    const [ffmpeg = 0, node = 0, plain = 0] = read().map((now, index) => now - (before[index] ?? 0));
    const percent = (cpuSeconds: number): string => ((cpuSeconds / (MEASURED_MS / 1_000)) * 100).toFixed(1);
    const memory = sum(ours.map(pssMegabytesOf));
    return [
      `${String(count).padStart(2)} cameras:`,
      `recorder ${percent(ffmpeg + node)} % of a core (ffmpeg ${percent(ffmpeg)}, controller ${percent(node)}),`,
      `bare ffmpeg ${percent(plain)} %, ratio ${((ffmpeg + node) / plain).toFixed(2)},`,
      `PSS ${memory.toFixed(0)} MB ffmpeg + ${pssMegabytesOf(process.pid).toFixed(0)} MB controller`,
    ].join(" ");
  } finally {
    for (const child of children) {
      const gone = once(child, "exit");
      child.kill("SIGKILL");
      await gone;
    }
  }
}

await using server = await openRtspServer();
const url = server.url(mount as RtspMount);
for (const count of counts.split(",").map(Number)) console.log(await measure(count, url));
