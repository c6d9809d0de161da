import { existsSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { createServer } from "node:net";
import path from "node:path";
import type { Check } from "../kernel/check.ts";
import { asError } from "../kernel/faults.ts";
import { text } from "../kernel/text.ts";
import { runProcess } from "../media/process.ts";
import { findMediaTools } from "../media/tools.ts";
import { lockDataDir } from "../store/data-lock.ts";
import { openDatabase } from "../store/database.ts";
import type { Session } from "./command.ts";
import { DATABASE_FILE } from "./restore.ts";

const NODE_NEEDED = 26;
const FREE_NEEDED_BYTES = 200e6;
const FREE_WANTED_BYTES = 1e9;
/** Made by systemd-timesyncd once it has the time (systemd-timesyncd.service(8)). */
const TIMESYNC_MARK = "/run/systemd/timesync/synchronized";

/** What the machine itself has to have, whether or not the daemon runs. */
export async function machineChecks({ signal }: Session): Promise<Check[]> {
  return [node(process.versions.node), await clock(signal)];
}

/** What a daemon that does not run would need at its next start. */
export async function hallChecks(session: Session): Promise<Check[]> {
  const { settings, signal } = session;
  const { media, panel, broker, streams, dataDir } = settings;
  const tools = findMediaTools({
    ...(typeof media.ffmpeg === "string" && { ffmpeg: media.ffmpeg }),
    ...(typeof media.ffprobe === "string" && { ffprobe: media.ffprobe }),
    ...(typeof media.espeak === "string" && { espeak: media.espeak }),
  });
  return [
    await tool("ffmpeg", tools.ffmpeg, "-version", signal),
    await tool("ffprobe", tools.ffprobe, "-version", signal),
    await tool("espeak-ng", tools.espeak, "--version", signal),
    await port("panel.port", panel.host, panel.port),
    await port("broker.port", broker.host, broker.port),
    await port("streams.port", streams.host, streams.port),
    await port("streams.radioPort", streams.host, streams.radioPort),
    await disk(dataDir),
    await database(dataDir),
  ];
}

function node(version: string): Check {
  const fine = Number(version.split(".", 1)[0]) >= NODE_NEEDED;
  const said = text(`Node ${version}`, `Node ${version}`);
  if (fine) return { id: "node", outcome: "ok", said };
  return {
    id: "node",
    outcome: "fail",
    said,
    remedy: text(
      `Node ${NODE_NEEDED} comes with npm ci; start by scripts/tienglang.`,
      `Node ${NODE_NEEDED} được cài cùng npm ci; hãy chạy bằng scripts/tienglang.`,
    ),
  };
}

async function clock(signal: AbortSignal): Promise<Check> {
  const id = "clock";
  if (existsSync(TIMESYNC_MARK) || (await timedate(signal)) === "yes") {
    return {
      id,
      outcome: "ok",
      said: text("The clock follows network time", "Đồng hồ máy được đồng bộ qua mạng"),
    };
  }
  return {
    id,
    outcome: "warn",
    said: text(
      `The clock (${new Date().toISOString()}) is not known to follow network time`,
      `Chưa rõ đồng hồ máy (${new Date().toISOString()}) có được đồng bộ qua mạng`,
    ),
    remedy: text(
      "timedatectl set-ntp true, or compare it with a watch: without it bulletins sound at the wrong minute.",
      "Chạy timedatectl set-ntp true, hoặc so với đồng hồ chuẩn: sai giờ thì bản tin phát sai phút.",
    ),
  };
}

/** What systemd says, or nothing on machines without it. */
async function timedate(signal: AbortSignal): Promise<string> {
  const asked = runProcess(
    { command: "timedatectl", args: ["show", "-p", "NTPSynchronized", "--value"] },
    signal,
  );
  return asked.then(
    ({ stdout }) => stdout.toString("utf8").trim(),
    () => "",
  );
}

async function tool(name: string, command: string, asking: string, signal: AbortSignal): Promise<Check> {
  try {
    const { stdout } = await runProcess({ command, args: [asking] }, signal);
    const version = stdout.toString("utf8").split("\n", 1)[0]?.slice(0, 80) ?? "";
    return { id: name, outcome: "ok", said: text(version, version) };
  } catch (error) {
    const { message } = asError(error);
    return {
      id: name,
      outcome: "fail",
      said: text(`${name} does not run: ${message}`, `${name} không chạy được: ${message}`),
      remedy: text("apt-get install ffmpeg espeak-ng", "apt-get install ffmpeg espeak-ng"),
    };
  }
}

/** Whether a daemon could listen there. */
function port(setting: string, host: string, number: number): Promise<Check> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error) =>
      resolve({
        id: setting,
        outcome: "fail",
        said: text(
          `Port ${number} is not free: ${error.message}`,
          `Cổng ${number} không dùng được: ${error.message}`,
        ),
        remedy: text(
          `Stop what uses it (ss -ltnp), or set ${setting} in the configuration.`,
          `Dừng chương trình đang dùng (ss -ltnp), hoặc đặt ${setting} trong cấu hình.`,
        ),
      }),
    );
    server.listen(number, host, () =>
      server.close(() =>
        resolve({
          id: setting,
          outcome: "ok",
          said: text(`Port ${number} is free`, `Cổng ${number} còn trống`),
        }),
      ),
    );
  });
}

async function disk(dataDir: string): Promise<Check> {
  const folder = nearest(dataDir);
  const { bavail, bsize } = await statfs(folder);
  const freeBytes = bavail * bsize;
  const gigabytes = (freeBytes / 1e9).toFixed(1);
  const said = text(`${gigabytes} GB free in ${folder}`, `Còn trống ${gigabytes} GB trong ${folder}`);
  if (freeBytes >= FREE_WANTED_BYTES) return { id: "disk", outcome: "ok", said };
  const outcome = freeBytes >= FREE_NEEDED_BYTES ? "warn" : "fail";
  return { id: "disk", outcome, said, remedy: text("Free some space.", "Hãy giải phóng dung lượng.") };
}

/** The folder itself, or the first above it that is there. */
function nearest(folder: string): string {
  return existsSync(folder) ? folder : nearest(path.dirname(folder));
}

/** Only under the lock: a daemon that is just starting must not find its database held. */
async function database(dataDir: string): Promise<Check> {
  const id = "database";
  const file = path.join(dataDir, DATABASE_FILE);
  if (!existsSync(file)) {
    return { id, outcome: "ok", said: text(`No database yet (${file})`, `Chưa có cơ sở dữ liệu (${file})`) };
  }
  try {
    await using resources = new AsyncDisposableStack();
    resources.use(await lockDataDir(dataDir));
    using opened = openDatabase(file);
    const answer = String(Object.values(opened.get("PRAGMA integrity_check") ?? {})[0]);
    if (answer !== "ok") throw new Error(answer);
    return { id, outcome: "ok", said: text("The database is sound", "Cơ sở dữ liệu nguyên vẹn") };
  } catch (error) {
    const { message } = asError(error);
    return {
      id,
      outcome: "fail",
      said: text(
        `The database can't be checked: ${message}`,
        `Không kiểm tra được cơ sở dữ liệu: ${message}`,
      ),
      remedy: text(
        "Restore the last backup: tienglang restore.",
        "Hãy khôi phục bản sao lưu gần nhất: tienglang restore.",
      ),
    };
  }
}
