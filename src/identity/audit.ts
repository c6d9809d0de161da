import { createHash } from "node:crypto";
import type { Clock } from "../kernel/clock.ts";
import { epochMs, type EpochMs } from "../kernel/time.ts";
import type { Database, Row } from "../store/database.ts";
import type { Schema } from "../store/migrate.ts";
import type { Actor } from "./actor.ts";

/** Something a person or the daemon did, and what it was done to. */
export interface AuditAct {
  readonly actor: Actor | "system";
  /** `<thing>.<verb>`: `bulletin.approve`, `speaker.add`, `stop-all`. */
  readonly action: string;
  /** Id of what it was done to; empty when there is none. */
  readonly subject: string;
  /** Never secrets. */
  readonly details?: Readonly<Record<string, unknown>>;
}

export interface AuditEntry {
  readonly seq: number;
  readonly at: EpochMs;
  readonly actorId: string;
  readonly actorName: string;
  readonly action: string;
  readonly subject: string;
  readonly details: unknown;
  /** SHA-256 over this entry and the hash before it, hex. */
  readonly hash: string;
}

export interface AuditQuery {
  /** Only entries older than this number. */
  readonly beforeSeq?: number;
  readonly limit: number;
  readonly action?: string;
  readonly subject?: string;
}

/** `brokenAt`: the first entry that was changed, or that is missing. */
export type AuditVerdict =
  | { readonly whole: true; readonly count: number; readonly head: string }
  | { readonly whole: false; readonly brokenAt: number };

/** The append-only trail. An entry recorded inside a transaction is stored with what it tells of, or not at all. */
export interface Audit {
  record(act: AuditAct): void;
  /** Newest first. */
  read(query: AuditQuery): AuditEntry[];
  /** Reads the whole trail. */
  verify(): AuditVerdict;
}

/** The hash before the first entry. */
const GENESIS = "0".repeat(64);

export const AUDIT_SCHEMA: Schema = {
  feature: "audit",
  steps: [
    `CREATE TABLE audit (
      -- AUTOINCREMENT remembers the last number given out, so a trail cut off at its end is noticed.
      seq INTEGER PRIMARY KEY AUTOINCREMENT,
      at_ms INTEGER NOT NULL, -- wall time, UTC milliseconds
      actor_id TEXT NOT NULL,
      actor_name TEXT NOT NULL,
      action TEXT NOT NULL,
      subject TEXT NOT NULL,
      details TEXT NOT NULL,  -- JSON
      hash TEXT NOT NULL UNIQUE CHECK (length(hash) = 64)
    ) STRICT;
    CREATE INDEX audit_by_subject ON audit (subject, seq);
    CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit
      BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;
    CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
      BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;`,
  ],
};

export function openAudit({ database, clock }: { database: Database; clock: Clock }): Audit {
  const last = (): { seq: number; hash: string } => {
    const row = database.get("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1");
    return { seq: Number(row?.["seq"] ?? 0), hash: String(row?.["hash"] ?? GENESIS) };
  };
  return {
    record: ({ actor, action, subject, details = {} }) =>
      database.transact(() => {
        const before = last();
        const entry = {
          seq: before.seq + 1,
          atMs: clock.now(),
          actorId: actor === "system" ? "system" : actor.id,
          actorName: actor === "system" ? "system" : actor.name,
          action,
          subject,
          details: JSON.stringify(details),
        };
        database.run(
          "INSERT INTO audit (seq, at_ms, actor_id, actor_name, action, subject, details, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
          entry.seq,
          entry.atMs,
          entry.actorId,
          entry.actorName,
          entry.action,
          entry.subject,
          entry.details,
          chain(before.hash, entry),
        );
      }),
    read: ({ beforeSeq = Number.MAX_SAFE_INTEGER, limit, action = null, subject = null }) =>
      database
        .all(
          `SELECT * FROM audit WHERE seq < ?1 AND (?2 IS NULL OR action = ?2) AND (?3 IS NULL OR subject = ?3)
           ORDER BY seq DESC LIMIT ?4`,
          beforeSeq,
          action,
          subject,
          limit,
        )
        .map(asEntry),
    verify: () => {
      let hash = GENESIS;
      let count = 0;
      for (const row of pages(database)) {
        const stored = asStored(row);
        hash = chain(hash, stored);
        count += 1;
        if (stored.seq !== count || hash !== row["hash"]) return { whole: false, brokenAt: count };
      }
      const given = database.get("SELECT seq FROM sqlite_sequence WHERE name = 'audit'");
      if (Number(given?.["seq"] ?? 0) !== count) return { whole: false, brokenAt: count + 1 };
      return { whole: true, count, head: hash };
    },
  };
}

interface Stored {
  readonly seq: number;
  readonly atMs: number;
  readonly actorId: string;
  readonly actorName: string;
  readonly action: string;
  readonly subject: string;
  readonly details: string;
}

/** An array, because the order of its parts can't differ between two writers as that of an object's keys can. */
function chain(before: string, { seq, atMs, actorId, actorName, action, subject, details }: Stored): string {
  const said = JSON.stringify([before, seq, atMs, actorId, actorName, action, subject, details]);
  return createHash("sha256").update(said).digest("hex");
}

/** Years of entries are walked without holding them all. */
function* pages(database: Database): Generator<Row> {
  let after = 0;
  for (;;) {
    const rows = database.all("SELECT * FROM audit WHERE seq > ? ORDER BY seq LIMIT 1000", after);
    yield* rows;
    const lastRow = rows.at(-1);
    if (lastRow === undefined) return;
    after = Number(lastRow["seq"]);
  }
}

function asStored(row: Row): Stored {
  return {
    seq: Number(row["seq"]),
    atMs: Number(row["at_ms"]),
    actorId: String(row["actor_id"]),
    actorName: String(row["actor_name"]),
    action: String(row["action"]),
    subject: String(row["subject"]),
    details: String(row["details"]),
  };
}

function asEntry(row: Row): AuditEntry {
  const { seq, atMs, actorId, actorName, action, subject, details } = asStored(row);
  const parsed: unknown = JSON.parse(details);
  return {
    seq,
    at: epochMs(atMs),
    actorId,
    actorName,
    action,
    subject,
    details: parsed,
    hash: String(row["hash"]),
  };
}
