import { createHash } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import type { Clock } from "../kernel/clock.ts";
import { epochMs, type EpochMs } from "../kernel/time.ts";
import type { Database, Row } from "../store/database.ts";
import type { Schema } from "../store/migrate.ts";
import type { CameraId, GapCause, Span } from "./rules/model.ts";

/** What a camera's chain tells: everything that was recorded, that is missing, and that was deleted. */
export type LedgerFact =
  | {
      readonly kind: "segment";
      readonly session: string;
      readonly n: number;
      readonly startAt: EpochMs;
      readonly endAt: EpochMs;
      readonly bytes: number;
      readonly sha256: string;
    }
  | { readonly kind: "gap"; readonly from: EpochMs; readonly to: EpochMs; readonly cause: GapCause }
  | {
      readonly kind: "deletion";
      /** Ledger numbers of the deleted segments' entries. */
      readonly entries: readonly number[];
      readonly bytes: number;
      readonly reason: "retention" | "quota" | "pressure" | "request";
    };

/** A hash chain per camera. Append in the transaction of the fact itself: both are stored or neither. */
export interface Ledger {
  append(camera: CameraId, fact: LedgerFact): { readonly n: number; readonly hash: string };
}

/** One link of a camera's chain. */
export interface LedgerEntry {
  /** From 1, without a hole. */
  readonly n: number;
  readonly at: EpochMs;
  readonly kind: LedgerFact["kind"];
  /** The fact as it was hashed: its values in the order of `FIELDS`. */
  readonly fields: readonly unknown[];
  /** SHA-256 of `JSON.stringify([hash before, camera, n, at, kind, ...fields])`, hex. */
  readonly hash: string;
}

export interface LedgerHead {
  readonly camera: CameraId;
  readonly n: number;
  readonly hash: string;
}

/** `brokenAt`: the first entry that was changed, or that is missing. */
export type LedgerVerdict =
  | { readonly whole: true; readonly count: number; readonly head: string }
  | { readonly whole: false; readonly brokenAt: number };

export interface LedgerReader {
  /** Entries `fromN` and after, by number. */
  entries(camera: CameraId, fromN: number, limit: number): readonly LedgerEntry[];
  /** The first entry of a segment or gap that touches the span. */
  firstTouching(camera: CameraId, span: Span): number | undefined;
  /** The last one. */
  lastTouching(camera: CameraId, span: Span): number | undefined;
  /** The hash of entry `n`; of entry 0 it is the one before the first. Undefined: there is no such entry. */
  hashOf(camera: CameraId, n: number): string | undefined;
  /** Where each camera's chain ends, by camera; also of cameras that were removed. */
  heads(): readonly LedgerHead[];
  /** Walks the whole chain, a page at a time, so that others get their turn. */
  verify(camera: CameraId): Promise<LedgerVerdict>;
}

/** The hash before the first entry. */
const GENESIS = "0".repeat(64);
const PAGE = 1_000;

export const LEDGER_SCHEMA: Schema = {
  feature: "camera-ledger",
  steps: [
    `CREATE TABLE camera_ledger (
      -- AUTOINCREMENT remembers the last number given out, so a ledger cut off at its end is noticed.
      seq INTEGER PRIMARY KEY AUTOINCREMENT,
      camera TEXT NOT NULL,
      n INTEGER NOT NULL CHECK (n > 0), -- place in the camera's chain
      at_ms INTEGER NOT NULL,           -- wall time of the entry, UTC milliseconds
      kind TEXT NOT NULL CHECK (kind IN ('segment', 'gap', 'deletion')),
      fields TEXT NOT NULL,             -- JSON array, in the order that is hashed
      hash TEXT NOT NULL CHECK (length(hash) = 64),
      -- What the fact covers; derived, so that it can't say something else than what was hashed.
      from_ms INTEGER GENERATED ALWAYS AS
        (CASE kind WHEN 'segment' THEN json_extract(fields, '$[2]') WHEN 'gap' THEN json_extract(fields, '$[0]') END),
      to_ms INTEGER GENERATED ALWAYS AS
        (CASE kind WHEN 'segment' THEN json_extract(fields, '$[3]') WHEN 'gap' THEN json_extract(fields, '$[1]') END),
      UNIQUE (camera, n)
    ) STRICT;
    CREATE INDEX camera_ledger_by_time ON camera_ledger (camera, to_ms, from_ms, n)
      WHERE to_ms IS NOT NULL;
    CREATE TRIGGER camera_ledger_no_update BEFORE UPDATE ON camera_ledger
      BEGIN SELECT RAISE(ABORT, 'the camera ledger is append-only'); END;
    CREATE TRIGGER camera_ledger_no_delete BEFORE DELETE ON camera_ledger
      BEGIN SELECT RAISE(ABORT, 'the camera ledger is append-only'); END;`,
  ],
};

export function openLedger({
  database,
  clock,
}: {
  readonly database: Database;
  readonly clock: Pick<Clock, "now">;
}): Ledger & LedgerReader {
  const headOf = (camera: string): { n: number; hash: string } => {
    const row = database.get(
      "SELECT n, hash FROM camera_ledger WHERE camera = ? ORDER BY n DESC LIMIT 1",
      camera,
    );
    return { n: Number(row?.["n"] ?? 0), hash: String(row?.["hash"] ?? GENESIS) };
  };
  const touching = (camera: CameraId, { from, to }: Span): { first?: number; last?: number } => {
    const row = database.get(
      `SELECT min(n) AS first, max(n) AS last FROM camera_ledger
       WHERE camera = ? AND to_ms IS NOT NULL AND to_ms > ? AND from_ms < ?`,
      ...[camera, from, to],
    );
    return row?.["first"] == null ? {} : { first: Number(row["first"]), last: Number(row["last"]) };
  };
  const entries: LedgerReader["entries"] = (camera, fromN, limit) =>
    database
      .all(
        "SELECT n, at_ms, kind, fields, hash FROM camera_ledger WHERE camera = ? AND n >= ? ORDER BY n LIMIT ?",
        camera,
        fromN,
        limit,
      )
      .map(asEntry);
  return {
    append: (camera, fact) =>
      database.transact(() => {
        const before = headOf(camera);
        const fields = fieldsOf(fact);
        const entry = { n: before.n + 1, at: clock.now(), kind: fact.kind, fields };
        const hash = chain(before.hash, camera, entry);
        database.run(
          "INSERT INTO camera_ledger (camera, n, at_ms, kind, fields, hash) VALUES (?, ?, ?, ?, ?, ?)",
          camera,
          entry.n,
          entry.at,
          entry.kind,
          JSON.stringify(fields),
          hash,
        );
        return { n: entry.n, hash };
      }),
    entries,
    firstTouching: (camera, span) => touching(camera, span).first,
    lastTouching: (camera, span) => touching(camera, span).last,
    hashOf: (camera, n) => {
      if (n === 0) return GENESIS;
      const row = database.get("SELECT hash FROM camera_ledger WHERE camera = ? AND n = ?", camera, n);
      return row === undefined ? undefined : String(row["hash"]);
    },
    heads: () => camerasOf(database).map((camera) => ({ camera, ...headOf(camera) })),
    verify: async (camera) => {
      let hash = GENESIS;
      let count = 0;
      for (;;) {
        const page = entries(camera, count + 1, PAGE);
        for (const entry of page) {
          hash = chain(hash, camera, entry);
          count += 1;
          if (entry.n !== count || entry.hash !== hash) return { whole: false, brokenAt: count };
        }
        if (page.length < PAGE) break;
        await setImmediate();
      }
      if (isCutOff(database)) return { whole: false, brokenAt: count + 1 };
      return { whole: true, count, head: hash };
    },
  };
}

/**
 * Whether an entry is missing at the end of the table; whose it was can't be told. Entries are never deleted, so the
 * last number given out is that of the last row.
 */
function isCutOff(database: Database): boolean {
  const given = database.get("SELECT seq FROM sqlite_sequence WHERE name = 'camera_ledger'");
  const last = database.get("SELECT max(seq) AS seq FROM camera_ledger");
  return Number(given?.["seq"] ?? 0) !== Number(last?.["seq"] ?? 0);
}

/** The order is part of the format: never change it, never put a field before another. */
function fieldsOf(fact: LedgerFact): readonly unknown[] {
  switch (fact.kind) {
    case "segment":
      return [fact.session, fact.n, fact.startAt, fact.endAt, fact.bytes, fact.sha256];
    case "gap":
      return [fact.from, fact.to, fact.cause];
    case "deletion":
      return [fact.entries, fact.bytes, fact.reason];
  }
}

/** An array, because the order of its parts can't differ between two writers as that of an object's keys can. */
function chain(before: string, camera: string, { n, at, kind, fields }: Omit<LedgerEntry, "hash">): string {
  const said = JSON.stringify([before, camera, n, at, kind, ...fields]);
  return createHash("sha256").update(said).digest("hex");
}

/** Hops from one camera to the next over the index: DISTINCT would read years of entries. */
function camerasOf(database: Database): CameraId[] {
  const found: CameraId[] = [];
  for (;;) {
    const row = database.get(
      "SELECT min(camera) AS camera FROM camera_ledger WHERE camera > ?",
      found.at(-1) ?? "",
    );
    if (typeof row?.["camera"] !== "string") return found;
    found.push(row["camera"] as CameraId);
  }
}

function asEntry(row: Row): LedgerEntry {
  const fields = JSON.parse(String(row["fields"])) as unknown[];
  return {
    n: Number(row["n"]),
    at: epochMs(Number(row["at_ms"])),
    kind: String(row["kind"]) as LedgerEntry["kind"],
    fields,
    hash: String(row["hash"]),
  };
}
