import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Log } from "../../kernel/log.ts";
import type { CameraId } from "../rules/model.ts";

/** Notes which ffmpeg belongs to which camera, so that one left over from a crash is found at the next start. */
export interface PidFiles {
  note(camera: CameraId, pid: number): Promise<void>;
  forget(camera: CameraId): Promise<void>;
}

/** Kills what the notes of an earlier run still name. A process of the same number but another start time is a stranger. */
export async function openPidFiles(dir: string, log: Log): Promise<PidFiles> {
  await mkdir(dir, { recursive: true, mode: 0o750 });
  for (const name of await readdir(dir)) {
    const [pid, startTime] = (await readFile(join(dir, name), "utf8")).trim().split(" ");
    const number = Number(pid);
    if (Number.isSafeInteger(number) && number > 1 && (await startTimeOf(number)) === startTime) {
      log.warn({ pid: number }, "a recorder was left over; ending it");
      kill(number);
    }
    await rm(join(dir, name), { force: true });
  }
  return {
    note: async (camera, pid) => {
      const startTime = await startTimeOf(pid);
      if (startTime !== undefined) await writeFile(join(dir, camera), `${pid} ${startTime}\n`);
    },
    forget: (camera) => rm(join(dir, camera), { force: true }),
  };
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    // It may end by itself at this very moment.
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

/** Field 22 of /proc/<pid>/stat (proc(5)), counted after the name, which may hold spaces and brackets. */
async function startTimeOf(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  return stat
    .slice(stat.lastIndexOf(")") + 2)
    .split(" ")
    .at(19);
}
