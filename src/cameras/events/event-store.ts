import { epochMs, type EpochMs } from "../../kernel/time.ts";
import type { Database, Row } from "../../store/database.ts";
import type { Schema } from "../../store/migrate.ts";
import type { CameraEvent, CameraId, EventKind, Span } from "../rules/model.ts";

export const EVENTS_SCHEMA: Schema = {
  feature: "camera-events",
  steps: [
    `CREATE TABLE camera_event (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      camera TEXT NOT NULL,
      at_ms INTEGER NOT NULL,      -- wall time by our clock, UTC milliseconds
      arrived_ms INTEGER NOT NULL, -- when the message came
      end_ms INTEGER CHECK (end_ms >= at_ms), -- NULL: goes on
      kind TEXT NOT NULL CHECK (kind IN ('motion', 'tamper', 'input', 'other')),
      topic TEXT NOT NULL,
      momentary INTEGER NOT NULL CHECK (momentary IN (0, 1)), -- 1: something without an end
      source TEXT NOT NULL,        -- JSON, SimpleItems as the camera sent them
      data TEXT NOT NULL,          -- JSON, likewise
      bookmarked INTEGER NOT NULL DEFAULT 0 CHECK (bookmarked IN (0, 1))
    ) STRICT;
    CREATE INDEX camera_event_by_start ON camera_event (camera, at_ms);
    CREATE INDEX camera_event_by_end ON camera_event (camera, end_ms);`,
  ],
};

export interface EventDraft {
  readonly camera: CameraId;
  readonly at: EpochMs;
  readonly arrivedAt: EpochMs;
  readonly kind: EventKind;
  readonly topic: string;
  readonly momentary: boolean;
  readonly source: Readonly<Record<string, string>>;
  readonly data: Readonly<Record<string, string>>;
}

export interface EventStore {
  add(draft: EventDraft): CameraEvent;
  /** Null: it goes on after all. */
  setEnd(id: number, endAt: EpochMs | null): CameraEvent;
  bookmark(id: number): CameraEvent;
  /** Those that touch the span, by start; of very many the newest. */
  between(camera: CameraId, span: Span, limit: number): CameraEvent[];
  /** Ends whatever was going on when the daemon was last stopped: at its own beginning, because nobody watched on. */
  endForgotten(): void;
  /** Those that ended before; returns how many. */
  removeBefore(camera: CameraId, before: EpochMs): number;
  /** All but the newest. */
  removeBeyond(camera: CameraId, kept: number): number;
  /** Also of cameras that are gone. */
  cameras(): CameraId[];
}

export function openEventStore(database: Database): EventStore {
  const get = (id: number): CameraEvent => {
    const row = database.get("SELECT * FROM camera_event WHERE id = ?", id);
    if (row === undefined) throw new Error(`no camera event ${id}`);
    return asEvent(row);
  };
  return {
    add: ({ camera, at, arrivedAt, kind, topic, momentary, source, data }) => {
      const { lastId } = database.run(
        `INSERT INTO camera_event (camera, at_ms, arrived_ms, end_ms, kind, topic, momentary, source, data)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        camera,
        at,
        arrivedAt,
        momentary ? at : null,
        kind,
        topic,
        momentary ? 1 : 0,
        JSON.stringify(source),
        JSON.stringify(data),
      );
      return get(lastId);
    },
    setEnd: (id, endAt) => {
      database.run("UPDATE camera_event SET end_ms = max(?, at_ms) WHERE id = ?", endAt, id);
      return get(id);
    },
    bookmark: (id) => {
      database.run("UPDATE camera_event SET bookmarked = 1 WHERE id = ?", id);
      return get(id);
    },
    between: (camera, { from, to }, limit) =>
      database
        .all(
          `SELECT * FROM (
             SELECT * FROM camera_event WHERE camera = ?1 AND at_ms >= ?2 AND at_ms < ?3
             UNION ALL
             SELECT * FROM camera_event WHERE camera = ?1 AND at_ms < ?2 AND end_ms > ?2
             UNION ALL
             SELECT * FROM camera_event WHERE camera = ?1 AND at_ms < ?2 AND end_ms IS NULL
             ORDER BY at_ms DESC, id DESC LIMIT ?4
           ) ORDER BY at_ms, id`,
          camera,
          from,
          to,
          limit,
        )
        .map(asEvent),
    endForgotten: () => {
      database.run("UPDATE camera_event SET end_ms = at_ms WHERE end_ms IS NULL");
    },
    removeBefore: (camera, before) =>
      database.run("DELETE FROM camera_event WHERE camera = ? AND end_ms < ?", camera, before).changes,
    removeBeyond: (camera, kept) =>
      database.run(
        `DELETE FROM camera_event WHERE camera = ?1 AND end_ms IS NOT NULL AND id <=
           (SELECT id FROM camera_event WHERE camera = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)`,
        camera,
        kept,
      ).changes,
    cameras: () =>
      database.all("SELECT DISTINCT camera FROM camera_event").map((row) => row["camera"] as CameraId),
  };
}

function asEvent(row: Row): CameraEvent {
  const endMs = row["end_ms"];
  return {
    id: Number(row["id"]),
    camera: row["camera"] as CameraId,
    at: epochMs(Number(row["at_ms"])),
    arrivedAt: epochMs(Number(row["arrived_ms"])),
    kind: row["kind"] as EventKind,
    topic: String(row["topic"]),
    on: row["momentary"] === 1 ? null : endMs === null,
    endAt: endMs === null ? null : epochMs(Number(endMs)),
    bookmarked: row["bookmarked"] === 1,
  };
}
