import { epochMs, type EpochMs } from "../kernel/time.ts";
import { Sha256, type AudioFile } from "../speakers/protocol.ts";
import type { Database, Row } from "../store/database.ts";
import type { Schema } from "../store/migrate.ts";

/** A sound that can be put on the air. Never changes; a correction is a new one. */
export interface Audio {
  readonly id: string;
  readonly name: string;
  readonly origin: "upload" | "speech" | "chime";
  readonly createdAt: EpochMs;
  /** Id of who brought it in; `system` for our own. */
  readonly by: string;
  /** Of the canonical file as it decodes. */
  readonly durationMs: number;
  /** Of the canonical file (64 kbit/s, 44.1 kHz): what an approval binds to. */
  readonly sha256: Sha256;
  /** Canonical first. */
  readonly files: readonly AudioFile[];
  readonly loudness: {
    /** Null where loudness can't be measured: silence and very short sounds. */
    readonly beforeLufs: number | null;
    readonly beforePeakDbtp: number | null;
    readonly afterLufs: number | null;
    readonly afterPeakDbtp: number | null;
  };
  readonly trimmedHeadMs: number;
  readonly trimmedTailMs: number;
  /** For speech: what was written, what was said, by which voice. */
  readonly speech?: { readonly text: string; readonly readText: string; readonly voice: string };
}

/** Words of this commune and how they are said. */
export type Glossary = Readonly<Record<string, string>>;

export interface LibraryStore {
  add(audio: Audio): void;
  get(id: string): Audio | undefined;
  /** Newest first, without chimes. `before` pages on. */
  list(page: { readonly limit: number; readonly before?: EpochMs }): Audio[];
  hasFile(sha256: string): boolean;
  /** Every file that any audio consists of. */
  files(): Sha256[];
  glossary(): Glossary;
  setGlossary(glossary: Glossary): void;
}

export const LIBRARY_SCHEMA: Schema = {
  feature: "library",
  steps: [
    `CREATE TABLE audio (
      id TEXT PRIMARY KEY,
      name TEXT NOT NULL,
      origin TEXT NOT NULL CHECK (origin IN ('upload', 'speech', 'chime')),
      created_at_ms INTEGER NOT NULL, -- wall time, UTC milliseconds
      by_actor TEXT NOT NULL,
      duration_ms INTEGER NOT NULL CHECK (duration_ms > 0),
      before_lufs REAL,
      before_peak_dbtp REAL,
      after_lufs REAL,
      after_peak_dbtp REAL,
      trimmed_head_ms INTEGER NOT NULL CHECK (trimmed_head_ms >= 0),
      trimmed_tail_ms INTEGER NOT NULL CHECK (trimmed_tail_ms >= 0),
      -- All three for speech, none for the others.
      text TEXT,
      read_text TEXT,
      voice TEXT,
      CHECK ((origin = 'speech') = (text IS NOT NULL AND read_text IS NOT NULL AND voice IS NOT NULL))
    ) STRICT;
    CREATE INDEX audio_newest ON audio (created_at_ms DESC);
    CREATE TABLE audio_file (
      audio TEXT NOT NULL REFERENCES audio (id),
      -- 0 is the canonical file.
      position INTEGER NOT NULL CHECK (position >= 0),
      -- The same sound brought in twice is one file of two audios.
      sha256 TEXT NOT NULL CHECK (length(sha256) = 64),
      bytes INTEGER NOT NULL CHECK (bytes > 0),
      kbps INTEGER NOT NULL CHECK (kbps > 0),
      sample_rate_hz INTEGER NOT NULL CHECK (sample_rate_hz > 0),
      PRIMARY KEY (audio, position)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX audio_file_hash ON audio_file (sha256);
    CREATE TABLE glossary (
      word TEXT PRIMARY KEY,
      reading TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;`,
  ],
};

export function openLibraryStore(database: Database): LibraryStore {
  const filesOf = (id: string): AudioFile[] =>
    database
      .all("SELECT sha256, bytes, kbps, sample_rate_hz FROM audio_file WHERE audio = ? ORDER BY position", id)
      .map((row) => ({
        sha256: Sha256.parse(row["sha256"]),
        bytes: Number(row["bytes"]),
        kbps: Number(row["kbps"]),
        sampleRateHz: Number(row["sample_rate_hz"]),
      }));
  const audioOf = (row: Row): Audio => decodeAudio(row, filesOf(String(row["id"])));
  return {
    add: (audio) => database.transact(() => insertAudio(database, audio)),
    get: (id) => {
      const row = database.get("SELECT * FROM audio WHERE id = ?", id);
      return row === undefined ? undefined : audioOf(row);
    },
    list: ({ limit, before }) =>
      database
        .all(
          "SELECT * FROM audio WHERE origin <> 'chime' AND created_at_ms < ? ORDER BY created_at_ms DESC, id LIMIT ?",
          before ?? Number.MAX_SAFE_INTEGER,
          limit,
        )
        .map(audioOf),
    hasFile: (sha256) =>
      database.get("SELECT 1 FROM audio_file WHERE sha256 = ? LIMIT 1", sha256) !== undefined,
    files: () =>
      database.all("SELECT DISTINCT sha256 FROM audio_file").map((row) => Sha256.parse(row["sha256"])),
    glossary: () =>
      Object.fromEntries(
        database
          .all("SELECT word, reading FROM glossary ORDER BY word")
          .map((row) => [String(row["word"]), String(row["reading"])]),
      ),
    setGlossary: (glossary) =>
      database.transact(() => {
        database.run("DELETE FROM glossary");
        for (const [word, reading] of Object.entries(glossary)) {
          database.run("INSERT INTO glossary (word, reading) VALUES (?, ?)", word, reading);
        }
      }),
  };
}

function insertAudio(database: Database, audio: Audio): void {
  const { loudness, speech } = audio;
  database.run(
    `INSERT INTO audio (id, name, origin, created_at_ms, by_actor, duration_ms, before_lufs, before_peak_dbtp,
       after_lufs, after_peak_dbtp, trimmed_head_ms, trimmed_tail_ms, text, read_text, voice)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    audio.id,
    audio.name,
    audio.origin,
    audio.createdAt,
    audio.by,
    audio.durationMs,
    loudness.beforeLufs,
    loudness.beforePeakDbtp,
    loudness.afterLufs,
    loudness.afterPeakDbtp,
    audio.trimmedHeadMs,
    audio.trimmedTailMs,
    speech?.text ?? null,
    speech?.readText ?? null,
    speech?.voice ?? null,
  );
  audio.files.forEach((file, position) => {
    database.run(
      "INSERT INTO audio_file (audio, position, sha256, bytes, kbps, sample_rate_hz) VALUES (?, ?, ?, ?, ?, ?)",
      audio.id,
      position,
      file.sha256,
      file.bytes,
      file.kbps,
      file.sampleRateHz,
    );
  });
}

function decodeAudio(row: Row, files: readonly AudioFile[]): Audio {
  const [canonical] = files;
  if (canonical === undefined) throw new Error(`audio ${String(row["id"])} has no file`);
  return {
    id: String(row["id"]),
    name: String(row["name"]),
    origin: row["origin"] as Audio["origin"],
    createdAt: epochMs(Number(row["created_at_ms"])),
    by: String(row["by_actor"]),
    durationMs: Number(row["duration_ms"]),
    sha256: canonical.sha256,
    files,
    loudness: {
      beforeLufs: numberOrNull(row["before_lufs"]),
      beforePeakDbtp: numberOrNull(row["before_peak_dbtp"]),
      afterLufs: numberOrNull(row["after_lufs"]),
      afterPeakDbtp: numberOrNull(row["after_peak_dbtp"]),
    },
    trimmedHeadMs: Number(row["trimmed_head_ms"]),
    trimmedTailMs: Number(row["trimmed_tail_ms"]),
    ...(row["text"] === null
      ? {}
      : {
          speech: {
            text: String(row["text"]),
            readText: String(row["read_text"]),
            voice: String(row["voice"]),
          },
        }),
  };
}

function numberOrNull(value: Row[string] | undefined): number | null {
  return value === null || value === undefined ? null : Number(value);
}
