import { z } from "zod";
import { epochMs, type EpochMs } from "../../kernel/time.ts";
import type { Text } from "../../kernel/text.ts";
import type { Database, Row } from "../../store/database.ts";
import type { Schema } from "../../store/migrate.ts";
import type { CameraId, Clip, GapCause, Span } from "../rules/model.ts";
import type { MadeClip } from "./clip-maker.ts";

export const CLIPS_SCHEMA: Schema = {
  feature: "clips",
  steps: [
    `CREATE TABLE clip (
      id TEXT PRIMARY KEY, -- ours; also the name of its file
      camera TEXT NOT NULL,
      origin TEXT NOT NULL CHECK (origin IN ('hand', 'event', 'schedule', 'rating', 'upstream')),
      reason TEXT NOT NULL,
      by_id TEXT NOT NULL,
      by_name TEXT NOT NULL,
      requested_at_ms INTEGER NOT NULL, -- wall time, UTC milliseconds, as all below
      from_ms INTEGER NOT NULL,
      to_ms INTEGER NOT NULL CHECK (to_ms > from_ms),
      state TEXT NOT NULL CHECK (state IN ('waiting', 'making', 'ready', 'failed')),
      due_ms INTEGER NOT NULL,          -- not to be made before
      attempts INTEGER NOT NULL DEFAULT 0,
      keep_until_ms INTEGER NOT NULL,
      delivered_from_ms INTEGER,
      delivered_to_ms INTEGER,
      bytes INTEGER,
      sha256 TEXT CHECK (length(sha256) = 64),
      gaps TEXT NOT NULL DEFAULT '[]',  -- JSON
      failure TEXT,                     -- JSON of both languages
      CHECK ((state = 'ready') = (sha256 IS NOT NULL)),
      CHECK ((state = 'failed') = (failure IS NOT NULL))
    ) STRICT;
    CREATE INDEX clip_by_camera ON clip (camera, from_ms);
    CREATE INDEX clip_by_request ON clip (requested_at_ms);
    CREATE INDEX clip_to_make ON clip (due_ms) WHERE state IN ('waiting', 'making');
    CREATE UNIQUE INDEX clip_of_schedule ON clip (camera, from_ms, to_ms) WHERE origin = 'schedule';`,
  ],
};

/** A clip as it is asked for, before anything of it is made. */
export interface NewClip extends Pick<
  Clip,
  "id" | "camera" | "origin" | "reason" | "requestedAt" | "keepUntil"
> {
  readonly byId: string;
  readonly byName: string;
  readonly requested: Span;
  readonly dueAt: EpochMs;
}

export interface ClipQuery {
  readonly camera?: CameraId;
  /** Only clips that touch it. */
  readonly span?: Span;
  readonly limit: number;
}

export interface ClipStore {
  add(clip: NewClip): Clip;
  find(id: string): Clip | undefined;
  /** Newest requests first. */
  list(query: ClipQuery): readonly Clip[];
  /** The clip to be made next among those not longer (or not shorter) than the limit, and when. */
  next(lengthMs: {
    readonly atMost?: number;
    readonly above?: number;
  }): { clip: Clip; dueAt: EpochMs } | undefined;
  extend(id: string, to: EpochMs, until: { readonly dueAt: EpochMs; readonly keepUntil: EpochMs }): void;
  making(id: string): void;
  ready(id: string, made: Pick<MadeClip, "delivered" | "gaps" | "bytes" | "sha256">): void;
  /** Back to waiting. Returns how often it was tried. */
  putOff(id: string, dueAt: EpochMs): number;
  failed(id: string, why: Text): void;
  remove(id: string): void;
  /** What was being made when the daemon ended is to be made again. */
  resetMaking(): void;
  expired(now: EpochMs): readonly Clip[];
  ids(): ReadonlySet<string>;
  hasSchedule(camera: CameraId, span: Span): boolean;
}

export function openClipStore(database: Database): ClipStore {
  const find = (id: string): Clip | undefined => {
    const row = database.get("SELECT * FROM clip WHERE id = ?", id);
    return row === undefined ? undefined : asClip(row);
  };
  return {
    add: (clip) => {
      database.run(
        `INSERT INTO clip (id, camera, origin, reason, by_id, by_name, requested_at_ms, from_ms, to_ms, state, due_ms,
           keep_until_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'waiting', ?, ?)`,
        ...[clip.id, clip.camera, clip.origin, clip.reason, clip.byId, clip.byName],
        ...[clip.requestedAt, clip.requested.from, clip.requested.to, clip.dueAt, clip.keepUntil],
      );
      return found(find(clip.id));
    },
    find,
    list: ({ camera = null, span, limit }) =>
      database
        .all(
          `SELECT * FROM clip WHERE (?1 IS NULL OR camera = ?1) AND (?2 IS NULL OR to_ms > ?2) AND (?3 IS NULL OR from_ms < ?3)
           ORDER BY requested_at_ms DESC, id LIMIT ?4`,
          camera,
          span?.from ?? null,
          span?.to ?? null,
          limit,
        )
        .map(asClip),
    next: ({ atMost = Number.MAX_SAFE_INTEGER, above = 0 }) => {
      const row = database.get(
        `SELECT * FROM clip WHERE state IN ('waiting', 'making') AND to_ms - from_ms <= ? AND to_ms - from_ms > ?
         ORDER BY due_ms, requested_at_ms LIMIT 1`,
        atMost,
        above,
      );
      return row === undefined ? undefined : { clip: asClip(row), dueAt: epochMs(Number(row["due_ms"])) };
    },
    extend: (id, to, { dueAt, keepUntil }) => {
      database.run(
        "UPDATE clip SET to_ms = ?, due_ms = ?, keep_until_ms = max(keep_until_ms, ?) WHERE id = ? AND state = 'waiting'",
        ...[to, dueAt, keepUntil, id],
      );
    },
    making: (id) => {
      database.run("UPDATE clip SET state = 'making', attempts = attempts + 1 WHERE id = ?", id);
    },
    ready: (id, { delivered, gaps, bytes, sha256 }) => {
      database.run(
        `UPDATE clip SET state = 'ready', delivered_from_ms = ?, delivered_to_ms = ?, bytes = ?, sha256 = ?, gaps = ?
         WHERE id = ?`,
        ...[delivered.from, delivered.to, bytes, sha256, JSON.stringify(gaps), id],
      );
    },
    putOff: (id, dueAt) => {
      const row = database.get(
        "UPDATE clip SET state = 'waiting', due_ms = ? WHERE id = ? RETURNING attempts",
        dueAt,
        id,
      );
      return Number(row?.["attempts"] ?? 0);
    },
    failed: (id, why) => {
      database.run(
        `UPDATE clip SET state = 'failed', failure = ?, sha256 = NULL, bytes = NULL, delivered_from_ms = NULL,
           delivered_to_ms = NULL WHERE id = ?`,
        JSON.stringify({ vi: why.vi, en: why.en }),
        id,
      );
    },
    remove: (id) => {
      database.run("DELETE FROM clip WHERE id = ?", id);
    },
    resetMaking: () => {
      database.run("UPDATE clip SET state = 'waiting' WHERE state = 'making'");
    },
    expired: (now) =>
      database
        .all("SELECT * FROM clip WHERE keep_until_ms <= ? AND state IN ('ready', 'failed')", now)
        .map(asClip),
    ids: () => new Set(database.all("SELECT id FROM clip").map((row) => String(row["id"]))),
    hasSchedule: (camera, { from, to }) =>
      database.get(
        "SELECT 1 FROM clip WHERE origin = 'schedule' AND camera = ? AND from_ms = ? AND to_ms = ?",
        ...[camera, from, to],
      ) !== undefined,
  };
}

function found(clip: Clip | undefined): Clip {
  if (clip === undefined) throw new Error("a clip that was just stored is not there");
  return clip;
}

const Instant = z.int().transform(epochMs);
const Gaps = z.array(
  z.object({ from: Instant, to: Instant, cause: z.string().transform((cause) => cause as GapCause) }),
);
const Failure = z.object({ vi: z.string(), en: z.string() });

function asClip(row: Row): Clip {
  const { delivered_from_ms: from, delivered_to_ms: to, bytes, sha256, failure } = row;
  return {
    id: String(row["id"]),
    camera: String(row["camera"]) as CameraId,
    origin: String(row["origin"]) as Clip["origin"],
    reason: String(row["reason"]),
    by: String(row["by_name"]),
    requestedAt: epochMs(Number(row["requested_at_ms"])),
    requested: { from: epochMs(Number(row["from_ms"])), to: epochMs(Number(row["to_ms"])) },
    delivered: from == null ? null : { from: epochMs(Number(from)), to: epochMs(Number(to)) },
    state: String(row["state"]) as Clip["state"],
    failure: failure == null ? null : Failure.parse(JSON.parse(String(failure))),
    bytes: bytes == null ? null : Number(bytes),
    sha256: sha256 == null ? null : String(sha256),
    gaps: Gaps.parse(JSON.parse(String(row["gaps"]))),
    keepUntil: epochMs(Number(row["keep_until_ms"])),
  };
}
