import { epochMs, MINUTE_MS, type EpochMs } from "../kernel/time.ts";
import type { Database, Row } from "../store/database.ts";
import type { Schema } from "../store/migrate.ts";
import type { CameraId, Segment, Span } from "./rules/model.ts";

export const RECORDINGS_SCHEMA: Schema = {
  feature: "recordings",
  steps: [
    `CREATE TABLE recording_segment (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      camera TEXT NOT NULL,
      session TEXT NOT NULL,
      n INTEGER NOT NULL CHECK (n >= 0),        -- place within the session
      path TEXT,                                -- below the ring's folder; NULL once it is deleted
      start_ms INTEGER NOT NULL,                -- wall time, UTC milliseconds
      end_ms INTEGER NOT NULL CHECK (end_ms >= start_ms),
      bytes INTEGER NOT NULL CHECK (bytes > 0),
      sha256 TEXT NOT NULL CHECK (length(sha256) = 64),
      ledger_n INTEGER NOT NULL,                -- its entry in the camera's ledger
      codec TEXT NOT NULL,                      -- RFC 6381
      recovered INTEGER NOT NULL CHECK (recovered IN (0, 1)),
      suspect INTEGER NOT NULL CHECK (suspect IN (0, 1)),
      deleted_at_ms INTEGER,                    -- the row stays as proof of what was there
      deleted_why TEXT,
      CHECK ((path IS NULL) = (deleted_at_ms IS NOT NULL)),
      UNIQUE (camera, session, n)
    ) STRICT;
    CREATE INDEX recording_segment_time ON recording_segment (camera, start_ms);
    CREATE INDEX recording_segment_on_disk ON recording_segment (camera, start_ms, bytes) WHERE path IS NOT NULL;
    CREATE TABLE recording_gap (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      camera TEXT NOT NULL,
      from_ms INTEGER NOT NULL,
      to_ms INTEGER CHECK (to_ms >= from_ms),   -- NULL while it lasts
      cause TEXT NOT NULL
    ) STRICT;
    CREATE INDEX recording_gap_time ON recording_gap (camera, from_ms);
    CREATE UNIQUE INDEX recording_gap_open ON recording_gap (camera) WHERE to_ms IS NULL;
    -- Files whose rows are already deleted: unlinked at once, or at the next start.
    CREATE TABLE recording_garbage (path TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
    -- When the recorder was last known to run; after a crash the controller's absence begins there.
    CREATE TABLE recording_heartbeat (
      one INTEGER PRIMARY KEY CHECK (one = 1),
      at_ms INTEGER NOT NULL
    ) STRICT;`,
    `CREATE INDEX recording_segment_erased ON recording_segment (camera, start_ms) WHERE deleted_why = 'request';`,
  ],
};

export type NewSegment = Omit<Segment, "id">;

/** Rows of the ring's files. Who calls wraps several into one transaction. */
export interface SegmentStore {
  add(segment: NewSegment): Segment;
  has(camera: CameraId, session: string, n: number): boolean;
  /** On disk and touching the span, by start. */
  touching(camera: CameraId, span: Span): readonly Segment[];
  /** Also what has been deleted since, by start. */
  recorded(camera: CameraId, span: Span): readonly Span[];
  isOnDisk(id: number): boolean;
  /** Deleted because somebody asked for it, by start. */
  erased(camera: CameraId, span: Span): readonly Span[];
  /** On disk, by start, those that begin later than `after`. */
  oldest(camera: CameraId, limit: number, after?: EpochMs): readonly Segment[];
  /** The newest that was recorded, deleted or not. */
  lastEndAt(camera: CameraId): EpochMs | undefined;
  bytes(camera: CameraId): number;
  /** Of all cameras: bytes whose recording ended since then. */
  bytesSince(at: EpochMs): number;
  count(camera: CameraId): number;
  /** Cameras with files, also those that are no longer kept. */
  cameras(): readonly CameraId[];
  markDeleted(ids: readonly number[], at: EpochMs, why: string): void;
  garbage(): readonly string[];
  dropGarbage(paths: readonly string[]): void;
  heartbeat(): EpochMs | undefined;
  beat(at: EpochMs): void;
}

/** No file spans more: files are cut after 5 minutes at most, at the next key frame. */
const LONGEST_FILE_MS = 30 * MINUTE_MS;

export function openSegmentStore(database: Database): SegmentStore {
  const spanOf = (row: Row): Span => ({
    from: epochMs(Number(row["start_ms"])),
    to: epochMs(Number(row["end_ms"])),
  });
  /** Adding up a month of files takes the database long. */
  const sums = new Map<CameraId, number>();
  /** One look into the index for each camera: DISTINCT would walk every file. */
  const cameras = (): CameraId[] => {
    const found: CameraId[] = [];
    for (;;) {
      const row = database.get(
        "SELECT min(camera) AS camera FROM recording_segment WHERE path IS NOT NULL AND camera > ?",
        found.at(-1) ?? "",
      );
      if (typeof row?.["camera"] !== "string") return found;
      found.push(row["camera"] as CameraId);
    }
  };
  const number = (row: Row | undefined): number | undefined =>
    row?.["n"] === null || row?.["n"] === undefined ? undefined : Number(row["n"]);
  return {
    add: (segment) => {
      const { lastId } = database.run(
        `INSERT INTO recording_segment
           (camera, session, n, path, start_ms, end_ms, bytes, sha256, ledger_n, codec, recovered, suspect)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        ...[segment.camera, segment.session, segment.n, segment.path, segment.startAt, segment.endAt],
        ...[segment.bytes, segment.sha256, segment.ledgerN, segment.codec],
        ...[segment.recovered ? 1 : 0, segment.suspect ? 1 : 0],
      );
      const sum = sums.get(segment.camera);
      if (sum !== undefined) sums.set(segment.camera, sum + segment.bytes);
      return { id: lastId, ...segment };
    },
    has: (camera, session, n) =>
      database.get(
        "SELECT 1 FROM recording_segment WHERE camera = ? AND session = ? AND n = ?",
        ...[camera, session, n],
      ) !== undefined,
    touching: (camera, { from, to }) =>
      database
        .all(
          `SELECT * FROM recording_segment
           WHERE camera = ? AND path IS NOT NULL AND start_ms < ? AND start_ms > ? AND end_ms > ?
           ORDER BY start_ms, id`,
          ...[camera, to, from - LONGEST_FILE_MS, from],
        )
        .map(segmentOf),
    recorded: (camera, { from, to }) =>
      database
        .all(
          `SELECT start_ms, end_ms FROM recording_segment
           WHERE camera = ? AND start_ms < ? AND start_ms > ? AND end_ms > ? ORDER BY start_ms`,
          ...[camera, to, from - LONGEST_FILE_MS, from],
        )
        .map(spanOf),
    isOnDisk: (id) =>
      database.get("SELECT 1 FROM recording_segment WHERE id = ? AND path IS NOT NULL", id) !== undefined,
    erased: (camera, { from, to }) =>
      database
        .all(
          `SELECT start_ms, end_ms FROM recording_segment
           WHERE camera = ? AND deleted_why = 'request' AND start_ms < ? AND end_ms > ? ORDER BY start_ms`,
          ...[camera, to, from],
        )
        .map(spanOf),
    oldest: (camera, limit, after) =>
      database
        .all(
          `SELECT * FROM recording_segment WHERE camera = ? AND path IS NOT NULL AND start_ms > ?
           ORDER BY start_ms LIMIT ?`,
          ...[camera, after ?? Number.MIN_SAFE_INTEGER, limit],
        )
        .map(segmentOf),
    lastEndAt: (camera) => {
      // By id, not by time: after the clock was set back the newest file is not the one that ends last.
      const end = number(
        database.get(
          "SELECT end_ms AS n FROM recording_segment WHERE camera = ? ORDER BY id DESC LIMIT 1",
          camera,
        ),
      );
      return end === undefined ? undefined : epochMs(end);
    },
    bytes: (camera) => {
      const known = sums.get(camera);
      if (known !== undefined) return known;
      const sum =
        number(
          database.get(
            "SELECT sum(bytes) AS n FROM recording_segment WHERE camera = ? AND path IS NOT NULL",
            camera,
          ),
        ) ?? 0;
      sums.set(camera, sum);
      return sum;
    },
    bytesSince: (at) =>
      cameras().reduce((sum, camera) => {
        const row = database.get(
          "SELECT sum(bytes) AS n FROM recording_segment WHERE camera = ? AND path IS NOT NULL AND start_ms >= ?",
          ...[camera, at],
        );
        return sum + (number(row) ?? 0);
      }, 0),
    count: (camera) =>
      number(
        database.get(
          "SELECT count(*) AS n FROM recording_segment WHERE camera = ? AND path IS NOT NULL",
          camera,
        ),
      ) ?? 0,
    cameras,
    markDeleted: (ids, at, why) => {
      sums.clear();
      for (const id of ids) {
        database.run(
          `INSERT OR IGNORE INTO recording_garbage (path)
           SELECT path FROM recording_segment WHERE id = ? AND path IS NOT NULL`,
          id,
        );
        database.run(
          "UPDATE recording_segment SET path = NULL, deleted_at_ms = ?, deleted_why = ? WHERE id = ?",
          ...[at, why, id],
        );
      }
    },
    garbage: () => database.all("SELECT path FROM recording_garbage").map(({ path }) => String(path)),
    dropGarbage: (paths) =>
      database.transact(() => {
        for (const path of paths) database.run("DELETE FROM recording_garbage WHERE path = ?", path);
      }),
    heartbeat: () => {
      const at = number(database.get("SELECT at_ms AS n FROM recording_heartbeat"));
      return at === undefined ? undefined : epochMs(at);
    },
    beat: (at) =>
      void database.run(
        "INSERT INTO recording_heartbeat (one, at_ms) VALUES (1, ?) ON CONFLICT (one) DO UPDATE SET at_ms = excluded.at_ms",
        at,
      ),
  };
}

function segmentOf(row: Row): Segment {
  return {
    id: Number(row["id"]),
    camera: String(row["camera"]) as CameraId,
    session: String(row["session"]),
    n: Number(row["n"]),
    path: String(row["path"]),
    startAt: epochMs(Number(row["start_ms"])),
    endAt: epochMs(Number(row["end_ms"])),
    bytes: Number(row["bytes"]),
    sha256: String(row["sha256"]),
    ledgerN: Number(row["ledger_n"]),
    codec: String(row["codec"]),
    recovered: row["recovered"] === 1,
    suspect: row["suspect"] === 1,
  };
}
