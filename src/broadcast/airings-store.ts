import { epochMs, type EpochMs } from "../kernel/time.ts";
import type { Text } from "../kernel/text.ts";
import { z } from "zod";
import { AudioSource, Receipt, type AiringId, type SpeakerId } from "../speakers/protocol.ts";
import type { Database, Row } from "../store/database.ts";
import type { SQLOutputValue } from "node:sqlite";
import type { Schema } from "../store/migrate.ts";
import type { AfterPreempt, Targets } from "./rules/model.ts";

export type AiringKind = "slot" | "live" | "emergency";
export type AiringState = "airing" | "ended";
/**
 * How it ended: by itself, by a person, because its place on the calendar was taken away while it sounded, because
 * the hall was dark or its clock jumped over it, or it was never allowed to sound.
 */
export type EndedBy = "itself" | "stopped" | "withdrawn" | "missed" | "barred";

export interface Airing {
  readonly id: AiringId;
  readonly kind: AiringKind;
  readonly title: string;
  readonly level: number;
  readonly slot: string | undefined;
  readonly targets: Targets;
  /** Undefined for relays: their stream is opened anew by whoever carries them on. */
  readonly source: AudioSource | undefined;
  readonly afterPreempt: AfterPreempt;
  readonly repeatEveryMs: number | undefined;
  readonly volumePercent: number | undefined;
  readonly plannedAt: EpochMs;
  /** Nothing of it sounds from here on; moves when something more urgent interrupts it. */
  readonly until: EpochMs;
  readonly state: AiringState;
  readonly endedAt: EpochMs | undefined;
  readonly endedBy: EndedBy | undefined;
  /** Why it was never allowed to sound. */
  readonly cause: Text | undefined;
}

export interface Share {
  readonly speaker: SpeakerId;
  readonly at: EpochMs;
  readonly expectedMs: number;
}

export interface Stop {
  readonly at: EpochMs;
  readonly holdUntil: EpochMs | undefined;
}

export const AIRINGS_SCHEMA: Schema = {
  feature: "airings",
  steps: [
    `CREATE TABLE airing (
      id TEXT PRIMARY KEY,
      kind TEXT NOT NULL CHECK (kind IN ('slot', 'live', 'emergency')),
      title TEXT NOT NULL,
      level INTEGER NOT NULL CHECK (level BETWEEN 200 AND 1000),
      slot TEXT,
      targets TEXT NOT NULL,          -- JSON Targets
      source TEXT,                    -- JSON AudioSource; null for relays
      after_preempt TEXT NOT NULL CHECK (after_preempt IN ('resume', 'restart', 'drop')),
      repeat_every_ms INTEGER CHECK (repeat_every_ms > 0),
      volume_percent INTEGER CHECK (volume_percent BETWEEN 0 AND 100),
      planned_at_ms INTEGER NOT NULL, -- wall time, UTC milliseconds, like every *_at_ms
      until_ms INTEGER NOT NULL CHECK (until_ms >= planned_at_ms),
      state TEXT NOT NULL CHECK (state IN ('airing', 'ended')),
      ended_at_ms INTEGER,
      ended_by TEXT CHECK (ended_by IN ('itself', 'stopped', 'withdrawn', 'missed', 'barred')),
      cause TEXT,                     -- JSON Text, for what was barred
      told INTEGER NOT NULL DEFAULT 0 CHECK (told IN (0, 1)), -- its proof was announced
      CHECK ((state = 'ended') = (ended_at_ms IS NOT NULL))
    ) STRICT;
    CREATE INDEX airing_by_time ON airing (planned_at_ms);
    CREATE INDEX airing_on_air ON airing (state) WHERE state = 'airing';
    CREATE INDEX airing_untold ON airing (told) WHERE told = 0;
    CREATE TABLE airing_share (
      airing TEXT NOT NULL REFERENCES airing (id),
      speaker TEXT NOT NULL,          -- no reference: the proof outlives the speaker
      at_ms INTEGER NOT NULL,
      expected_ms INTEGER NOT NULL CHECK (expected_ms >= 0),
      PRIMARY KEY (airing, speaker)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE airing_receipt (
      airing TEXT NOT NULL,           -- no reference: a dark hall hears of an airing by its receipts
      speaker TEXT NOT NULL,
      receipt TEXT NOT NULL,          -- JSON Receipt, as sent
      received_at_ms INTEGER NOT NULL,
      PRIMARY KEY (airing, speaker)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE stop_all (
      id INTEGER PRIMARY KEY,
      at_ms INTEGER NOT NULL,
      hold_until_ms INTEGER
    ) STRICT;
    CREATE TABLE playout_mark (
      only INTEGER PRIMARY KEY CHECK (only = 1),
      decided_at_ms INTEGER NOT NULL  -- up to here the calendar has been carried out
    ) STRICT;`,
  ],
};

export interface AiringStore {
  add(airing: Airing, shares: readonly Share[]): void;
  get(id: AiringId): Airing | undefined;
  onAir(): Airing[];
  /** On air, or over without its proof having been announced. */
  untold(): Airing[];
  markTold(id: AiringId): void;
  between(from: EpochMs, to: EpochMs): Airing[];
  setShares(id: AiringId, until: EpochMs, shares: readonly Share[]): void;
  sharesOf(id: AiringId): Share[];
  end(id: AiringId, at: EpochMs, by: EndedBy): void;
  /** The fuller of two receipts of one speaker stays: after a power cut a second one tells the rest. */
  addReceipt(speaker: SpeakerId, receipt: Receipt, at: EpochMs): void;
  receiptsOf(id: AiringId): Map<SpeakerId, Receipt>;
  /** Who has a share and has sent no receipt. */
  awaited(id: AiringId): SpeakerId[];
  addStop(stop: Stop): void;
  /** Stops at or after `at`, and older ones whose hold reaches past it. */
  stopsSince(at: EpochMs): Stop[];
  /** Shortens every hold to end at `at`. */
  releaseHolds(at: EpochMs): void;
  decidedAt(): EpochMs | undefined;
  setDecidedAt(at: EpochMs): void;
}

const StoredTargets = z.discriminatedUnion("type", [
  z.object({ type: z.literal("everywhere") }),
  z.object({ type: z.literal("some"), hamlets: z.array(z.string()), speakers: z.array(z.string()) }),
]);

const optional = <T>(
  value: SQLOutputValue | undefined,
  decode: (value: string | number) => T,
): T | undefined => (typeof value === "string" || typeof value === "number" ? decode(value) : undefined);

function airingOf(row: Row): Airing {
  return {
    id: row["id"] as AiringId,
    kind: row["kind"] as AiringKind,
    title: String(row["title"]),
    level: Number(row["level"]),
    slot: optional(row["slot"], String),
    targets: StoredTargets.parse(JSON.parse(String(row["targets"]))),
    source: optional(row["source"], (json) => AudioSource.parse(JSON.parse(String(json)))),
    afterPreempt: row["after_preempt"] as AfterPreempt,
    repeatEveryMs: optional(row["repeat_every_ms"], Number),
    volumePercent: optional(row["volume_percent"], Number),
    plannedAt: epochMs(Number(row["planned_at_ms"])),
    until: epochMs(Number(row["until_ms"])),
    state: row["state"] as AiringState,
    endedAt: optional(row["ended_at_ms"], (at) => epochMs(Number(at))),
    endedBy: optional(row["ended_by"], (by) => by as EndedBy),
    cause: optional(row["cause"], (json) => JSON.parse(String(json)) as Text),
  };
}

export function openAiringStore(database: Database): AiringStore {
  const putShares = (id: AiringId, shares: readonly Share[]): void => {
    for (const { speaker, at, expectedMs } of shares) {
      database.run(
        `INSERT INTO airing_share (airing, speaker, at_ms, expected_ms) VALUES (?, ?, ?, ?)
         ON CONFLICT (airing, speaker) DO UPDATE SET at_ms = excluded.at_ms, expected_ms = excluded.expected_ms`,
        id,
        speaker,
        at,
        Math.round(expectedMs),
      );
    }
  };
  return {
    add: (airing, shares) =>
      database.transact(() => {
        database.run(
          `INSERT INTO airing (id, kind, title, level, slot, targets, source, after_preempt, repeat_every_ms,
             volume_percent, planned_at_ms, until_ms, state, ended_at_ms, ended_by, cause)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
          airing.id,
          airing.kind,
          airing.title,
          airing.level,
          airing.slot ?? null,
          JSON.stringify(airing.targets),
          airing.source === undefined ? null : JSON.stringify(airing.source),
          airing.afterPreempt,
          airing.repeatEveryMs ?? null,
          airing.volumePercent ?? null,
          airing.plannedAt,
          airing.until,
          airing.state,
          airing.endedAt ?? null,
          airing.endedBy ?? null,
          airing.cause === undefined ? null : JSON.stringify(airing.cause),
        );
        putShares(airing.id, shares);
      }),
    get: (id) => {
      const row = database.get("SELECT * FROM airing WHERE id = ?", id);
      return row === undefined ? undefined : airingOf(row);
    },
    onAir: () =>
      database.all("SELECT * FROM airing WHERE state = 'airing' ORDER BY planned_at_ms, id").map(airingOf),
    untold: () =>
      database.all("SELECT * FROM airing WHERE told = 0 ORDER BY planned_at_ms, id").map(airingOf),
    markTold: (id) => {
      database.run("UPDATE airing SET told = 1 WHERE id = ?", id);
    },
    between: (from, to) =>
      database
        .all(
          "SELECT * FROM airing WHERE planned_at_ms >= ? AND planned_at_ms < ? ORDER BY planned_at_ms, id",
          from,
          to,
        )
        .map(airingOf),
    setShares: (id, until, shares) =>
      database.transact(() => {
        database.run("UPDATE airing SET until_ms = max(planned_at_ms, ?) WHERE id = ?", until, id);
        putShares(id, shares);
      }),
    sharesOf: (id) =>
      database
        .all("SELECT speaker, at_ms, expected_ms FROM airing_share WHERE airing = ? ORDER BY speaker", id)
        .map((row) => ({
          speaker: row["speaker"] as SpeakerId,
          at: epochMs(Number(row["at_ms"])),
          expectedMs: Number(row["expected_ms"]),
        })),
    end: (id, at, by) => {
      database.run(
        "UPDATE airing SET state = 'ended', ended_at_ms = ?, ended_by = ? WHERE id = ? AND state = 'airing'",
        at,
        by,
        id,
      );
    },
    addReceipt: (speaker, receipt, at) => {
      database.run(
        `INSERT INTO airing_receipt (airing, speaker, receipt, received_at_ms) VALUES (?, ?, ?, ?)
         ON CONFLICT (airing, speaker) DO UPDATE SET receipt = excluded.receipt, received_at_ms = excluded.received_at_ms
         WHERE excluded.receipt ->> 'playedMs' >= airing_receipt.receipt ->> 'playedMs'`,
        receipt.airing,
        speaker,
        JSON.stringify(receipt),
        at,
      );
    },
    receiptsOf: (id) =>
      new Map(
        database
          .all("SELECT speaker, receipt FROM airing_receipt WHERE airing = ?", id)
          .map((row) => [row["speaker"] as SpeakerId, Receipt.parse(JSON.parse(String(row["receipt"])))]),
      ),
    awaited: (id) =>
      database
        .all(
          `SELECT speaker FROM airing_share WHERE airing = ?
           EXCEPT SELECT speaker FROM airing_receipt WHERE airing = ?`,
          id,
          id,
        )
        .map((row) => row["speaker"] as SpeakerId),
    addStop: ({ at, holdUntil }) => {
      database.run("INSERT INTO stop_all (at_ms, hold_until_ms) VALUES (?, ?)", at, holdUntil ?? null);
    },
    stopsSince: (at) =>
      database
        .all(
          "SELECT at_ms, hold_until_ms FROM stop_all WHERE at_ms >= ? OR hold_until_ms > ? ORDER BY id",
          at,
          at,
        )
        .map((row) => ({
          at: epochMs(Number(row["at_ms"])),
          holdUntil: optional(row["hold_until_ms"], (until) => epochMs(Number(until))),
        })),
    releaseHolds: (at) => {
      database.run("UPDATE stop_all SET hold_until_ms = ? WHERE hold_until_ms > ?", at, at);
    },
    decidedAt: () =>
      optional(database.get("SELECT decided_at_ms FROM playout_mark")?.["decided_at_ms"], (at) =>
        epochMs(Number(at)),
      ),
    setDecidedAt: (at) => {
      database.run(
        "INSERT INTO playout_mark (only, decided_at_ms) VALUES (1, ?) ON CONFLICT (only) DO UPDATE SET decided_at_ms = excluded.decided_at_ms",
        at,
      );
    },
  };
}
