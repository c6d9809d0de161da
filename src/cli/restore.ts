import { chown, readdir, rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import type { Clock } from "../kernel/clock.ts";
import { asError, Fault } from "../kernel/faults.ts";
import { text } from "../kernel/text.ts";
import { unpackArchive, type ArchiveContent } from "../store/archive.ts";
import { lockDataDir } from "../store/data-lock.ts";
import { openDatabase } from "../store/database.ts";

/** The daemon's database within its data folder. */
export const DATABASE_FILE = "tienglang.db";

export interface Restored extends ArchiveContent {
  /** Where the data is that was there before. */
  readonly keptAside: string;
}

/**
 * Puts a backup in the place of the data folder. Everything is unpacked beside it and checked first; the folder itself
 * is then exchanged by two renames, so what is wrong with the archive never touches what is there.
 */
export async function restoreData(file: string, dataDir: string, clock: Clock): Promise<Restored> {
  await using resources = new AsyncDisposableStack();
  resources.use(await lockDataDir(dataDir));
  const mark = new Date(clock.now()).toISOString().replace(/[:.]/g, "-");
  const fresh = `${dataDir}.restoring-${mark}`;
  const keptAside = `${dataDir}.before-restore-${mark}`;
  const content = await unpackArchive(file, fresh);
  try {
    checkDatabase(path.join(fresh, DATABASE_FILE));
    await giveTo(fresh, await stat(dataDir));
    await rename(dataDir, keptAside);
    await rename(fresh, dataDir);
  } catch (error) {
    await rm(fresh, { recursive: true, force: true });
    throw error instanceof Fault ? error : notExchanged(dataDir, asError(error));
  }
  return { ...content, keptAside };
}

function checkDatabase(file: string): void {
  using database = openDatabase(file);
  const answer = Object.values(database.get("PRAGMA integrity_check") ?? {})[0];
  if (
    answer === "ok" &&
    database.get("SELECT 1 FROM sqlite_schema WHERE name = 'schema_version'") !== undefined
  )
    return;
  throw new Fault(
    "corrupt",
    text("The database in the backup is damaged.", "Cơ sở dữ liệu trong bản sao lưu bị hỏng."),
    { hint: text("Take another backup file.", "Hãy dùng bản sao lưu khác.") },
  );
}

interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** Restored with sudo, the data must still belong to the daemon's user. */
async function giveTo(folder: string, { uid, gid }: Owner): Promise<void> {
  if (process.getuid?.() !== 0) return;
  await chown(folder, uid, gid);
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    await chown(path.join(entry.parentPath, entry.name), uid, gid);
  }
}

function notExchanged(dataDir: string, cause: Error): Fault {
  return new Fault(
    "unavailable",
    text(
      `${dataDir} can't be exchanged: ${cause.message}.`,
      `Không thay được thư mục ${dataDir}: ${cause.message}.`,
    ),
    {
      cause,
      hint: text(
        "It must not be a mount point, and its parent folder must be writable: use sudo.",
        "Thư mục không được là điểm gắn ổ đĩa và thư mục cha phải ghi được: hãy dùng sudo.",
      ),
    },
  );
}
