import { epochMs, type EpochMs } from "../kernel/time.ts";
import type { Database } from "./database.ts";
import type { Schema } from "./migrate.ts";

/** A message that waits for its acknowledgement. */
export interface OutboxEntry {
  /** Rises by at least one per entry of the stream; never used twice, not even after a delete or a crash. */
  readonly seq: number;
  readonly at: EpochMs;
  readonly payload: string;
}

/**
 * Messages kept until the other side has them. Put an entry in the transaction of the fact it reports: both are
 * stored or neither. Delivery is at least once and in order of `seq`; the receiver drops what it has seen.
 */
export interface Outbox {
  /** Returns the entry's number. `make` gets it, for payloads that carry their own number. */
  put(stream: string, at: EpochMs, make: (seq: number) => string): number;
  /** The oldest entries that are not acknowledged. */
  pending(stream: string, limit: number): OutboxEntry[];
  /** Forgets one entry. Unknown numbers change nothing: acknowledgements may come twice. */
  acknowledge(stream: string, seq: number): boolean;
  /** Forgets every entry up to and with `seq`. Returns how many. */
  acknowledgeUpTo(stream: string, seq: number): number;
  count(stream: string): number;
}

export const OUTBOX_SCHEMA: Schema = {
  feature: "outbox",
  steps: [
    `CREATE TABLE outbox_stream (
      stream TEXT PRIMARY KEY,
      -- Last number given out; outlives the entries, so that no number comes twice.
      last_seq INTEGER NOT NULL CHECK (last_seq >= 0)
    ) STRICT;
    CREATE TABLE outbox (
      stream TEXT NOT NULL REFERENCES outbox_stream (stream),
      seq INTEGER NOT NULL CHECK (seq > 0),
      at_ms INTEGER NOT NULL, -- wall time, UTC milliseconds
      payload TEXT NOT NULL,  -- encoded when put, so it survives any later change of types
      PRIMARY KEY (stream, seq)
    ) STRICT, WITHOUT ROWID;`,
  ],
};

export function openOutbox(database: Database): Outbox {
  return {
    put: (stream, at, make) =>
      database.transact(() => {
        const row = database.get(
          `INSERT INTO outbox_stream (stream, last_seq) VALUES (?, 1)
           ON CONFLICT (stream) DO UPDATE SET last_seq = last_seq + 1 RETURNING last_seq`,
          stream,
        );
        const seq = Number(row?.["last_seq"]);
        database.run(
          "INSERT INTO outbox (stream, seq, at_ms, payload) VALUES (?, ?, ?, ?)",
          stream,
          seq,
          at,
          make(seq),
        );
        return seq;
      }),
    pending: (stream, limit) =>
      database
        .all("SELECT seq, at_ms, payload FROM outbox WHERE stream = ? ORDER BY seq LIMIT ?", stream, limit)
        .map((row) => ({
          seq: Number(row["seq"]),
          at: epochMs(Number(row["at_ms"])),
          payload: String(row["payload"]),
        })),
    acknowledge: (stream, seq) =>
      database.run("DELETE FROM outbox WHERE stream = ? AND seq = ?", stream, seq).changes > 0,
    acknowledgeUpTo: (stream, seq) =>
      database.run("DELETE FROM outbox WHERE stream = ? AND seq <= ?", stream, seq).changes,
    count: (stream) =>
      Number(database.get("SELECT count(*) AS n FROM outbox WHERE stream = ?", stream)?.["n"] ?? 0),
  };
}
