import { mkdtemp, readdir, rm } from "node:fs/promises";
import path from "node:path";
import type { Readable } from "node:stream";
import { CLI_ACCESS_FILE } from "../identity/cli-access.ts";
import type { Clock } from "../kernel/clock.ts";
import { filesBelow, writeArchive, type ArchiveSource } from "../store/archive.ts";
import type { Database } from "../store/database.ts";

/** The data folder as one archive. */
export interface SavedData {
  archive(): Readable;
}

interface SavedDataParts {
  readonly dataDir: string;
  readonly database: Database;
  /** Name of the database's file within the data folder. */
  readonly databaseFile: string;
  /** Folders and files (relative, with `/`) that are made anew and need no saving. */
  readonly skipped: readonly string[];
  readonly version: string;
  readonly clock: Clock;
}

/** Also sweeps away what a backup that was killed left behind. */
export async function openSavedData(parts: SavedDataParts): Promise<SavedData> {
  const { dataDir, database, databaseFile, skipped, version, clock } = parts;
  for (const name of await readdir(dataDir)) {
    if (name.startsWith(COPY_PREFIX)) await rm(path.join(dataDir, name), { recursive: true, force: true });
  }
  const made = [
    CLI_ACCESS_FILE,
    `${CLI_ACCESS_FILE}.new`,
    databaseFile,
    `${databaseFile}-wal`,
    `${databaseFile}-shm`,
  ];
  const left = new Set([...made, ...skipped]);
  const isSkipped = (name: string): boolean => left.has(name) || name.startsWith(COPY_PREFIX);
  // The copy of the database comes first: every audio file that it names was complete before it was made.
  const sources = async function* (): AsyncGenerator<ArchiveSource> {
    const folder = await mkdtemp(path.join(dataDir, COPY_PREFIX));
    try {
      const copy = path.join(folder, "copy.db");
      database.copyTo(copy);
      yield { name: databaseFile, file: copy };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
    yield* filesBelow(dataDir, isSkipped);
  };
  return { archive: () => writeArchive(sources(), { version, createdAt: clock.now() }) };
}

const COPY_PREFIX = "backup-";
