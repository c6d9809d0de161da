import { z } from "zod";
import { epochMs, HOUR_MS, type EpochMs, DAY_MS } from "../kernel/time.ts";
import type { Database, Row } from "../store/database.ts";
import { SpeakerId, type Ack, type Order, type SignedOrder } from "./protocol.ts";
import { supersedes, type OrderShape } from "./rules/supersede.ts";
import type { HallKey } from "./signing.ts";

/** What became of an order at one speaker. `superseded`: a later order made it pointless before it was acknowledged. */
export type OrderOutcome = "pending" | "done" | "refused" | "unsupported" | "expired" | "superseded";

/** An order as it was signed and stored, and what each speaker it is for has done with it. */
export interface SentOrder {
  readonly scope: string;
  readonly seq: number;
  readonly shape: OrderShape;
  readonly issuedAt: EpochMs;
  readonly expiresAt: EpochMs;
  /** JSON of the signed envelope: repeats are these same bytes. */
  readonly envelope: string;
  readonly outcomes: Map<SpeakerId, OrderOutcome>;
  /** How many outcomes are pending. */
  pendingCount: number;
  /** Told when nothing is pending any more. */
  readonly watchers: Set<() => void>;
}

export interface OrderBook {
  /** Numbers, signs and stores an order for these speakers; what it makes pointless is dropped. */
  issue(scope: string, order: Order, to: readonly SpeakerId[], ttlMs: number): SentOrder;
  /** Orders that this speaker has not answered and that are still in time, oldest first. */
  pendingOf(speaker: SpeakerId): SentOrder[];
  /** All orders with something pending. */
  pending(): Iterable<SentOrder>;
  /** Takes an acknowledgement in; it reaches the disk with the next `flush`. False when nothing waited for it. */
  acknowledge(speaker: SpeakerId, ack: Ack): boolean;
  flush(): void;
  /** Marks what is past its time. */
  expire(now: EpochMs): void;
  /** Whether it is still stored: an order issued in a transaction that was undone must not go out. */
  isStored(order: SentOrder): boolean;
  /** The latest stop of everything in each scope that is still in time, answered or not. */
  lastingStops(now: EpochMs): SentOrder[];
  forget(speaker: SpeakerId): void;
}

interface OrderParts {
  readonly database: Database;
  readonly key: HallKey;
  readonly now: () => EpochMs;
}

/** Expired orders stay this long for whoever asks why a speaker was silent. */
const KEPT_AFTER_EXPIRY_MS = 7 * DAY_MS;

export function openOrderBook({ database, key, now }: OrderParts): OrderBook {
  const open = new Map<string, SentOrder>();
  for (const order of loadOpen(database, now())) open.set(keyOf(order), order);
  let answers: {
    order: SentOrder;
    speaker: SpeakerId;
    outcome: OrderOutcome;
    reason?: string | undefined;
  }[] = [];
  let sweptAt = now();

  const settle = (order: SentOrder, speaker: SpeakerId, outcome: OrderOutcome): void => {
    order.outcomes.set(speaker, outcome);
    order.pendingCount -= 1;
    if (order.pendingCount > 0) return;
    open.delete(keyOf(order));
    for (const watcher of [...order.watchers]) watcher();
  };
  const supersede = (newer: SentOrder): void => {
    for (const older of [...open.values()]) {
      if (older === newer || !supersedes(newer.shape, older.shape, newer.issuedAt)) continue;
      for (const speaker of newer.outcomes.keys()) {
        if (older.outcomes.get(speaker) !== "pending") continue;
        settle(older, speaker, "superseded");
        writeOutcome(database, { order: older, speaker, outcome: "superseded" });
      }
    }
  };

  return {
    issue: (scope, order, to, ttlMs) =>
      database.transact(() => {
        const issuedAt = now();
        const expiresAt = epochMs(issuedAt + ttlMs);
        const seq = nextSeq(database, scope, issuedAt);
        const signed: SignedOrder = { v: 1, scope, seq, issuedAt, expiresAt, order };
        const sent: SentOrder = {
          scope,
          seq,
          shape: shapeOf(order),
          issuedAt,
          expiresAt,
          envelope: JSON.stringify(key.sealed(JSON.stringify(signed))),
          outcomes: new Map(to.map((speaker) => [speaker, "pending"])),
          pendingCount: to.length,
          watchers: new Set(),
        };
        write(database, sent);
        supersede(sent);
        if (to.length > 0) open.set(keyOf(sent), sent);
        return sent;
      }),
    pendingOf: (speaker) => [...open.values()].filter((order) => order.outcomes.get(speaker) === "pending"),
    pending: () => open.values(),
    acknowledge: (speaker, { scope, seq, outcome, reason }) => {
      const order = open.get(keyOf({ scope, seq }));
      if (order?.outcomes.get(speaker) !== "pending") return false;
      answers.push({ order, speaker, outcome, reason });
      settle(order, speaker, outcome);
      return true;
    },
    flush: () => {
      if (answers.length === 0) return;
      const batch = answers;
      answers = [];
      database.transact(() => batch.forEach((answer) => writeOutcome(database, answer)));
    },
    expire: (at) => {
      for (const order of [...open.values()].filter((candidate) => candidate.expiresAt <= at)) {
        for (const [speaker, outcome] of [...order.outcomes]) {
          if (outcome === "pending") settle(order, speaker, "expired");
        }
      }
      if (Math.abs(at - sweptAt) < HOUR_MS) return;
      sweptAt = at;
      database.run("DELETE FROM speaker_order WHERE expires_at_ms < ?", at - KEPT_AFTER_EXPIRY_MS);
    },
    isStored: (order) =>
      database.get(
        "SELECT 1 FROM speaker_order WHERE scope = ? AND seq = ? AND envelope = ?",
        order.scope,
        order.seq,
        order.envelope,
      ) !== undefined,
    lastingStops: (at) =>
      database
        .all(
          `SELECT * FROM speaker_order WHERE kind = 'stop' AND airing IS NULL AND expires_at_ms > ?
           ORDER BY issued_at_ms, seq`,
          at,
        )
        .map((row) => {
          const order = asOrder(database, row);
          return open.get(keyOf(order)) ?? order;
        }),
    forget: (speaker) => {
      for (const order of [...open.values()]) {
        if (order.outcomes.get(speaker) !== "pending") continue;
        settle(order, speaker, "expired");
        // Should its id be given to another speaker, that one must not get these orders.
        writeOutcome(database, { order, speaker, outcome: "expired" });
      }
    },
  };
}

function keyOf({ scope, seq }: { scope: string; seq: number }): string {
  return `${scope}#${seq}`;
}

function shapeOf(order: Order): OrderShape {
  if (order.kind === "play") return { kind: order.kind, airing: order.airing, startsAt: order.at };
  return order.kind === "stop" ? { kind: order.kind, airing: order.airing } : { kind: order.kind };
}

/**
 * At least the wall clock in milliseconds: a hall restored from an old backup, or begun anew, does not give out numbers
 * that its speakers have seen and would refuse as replays.
 */
function nextSeq(database: Database, scope: string, now: EpochMs): number {
  const row = database.get(
    `INSERT INTO order_scope (scope, last_seq) VALUES (?1, ?2)
     ON CONFLICT (scope) DO UPDATE SET last_seq = max(last_seq + 1, ?2) RETURNING last_seq`,
    scope,
    now,
  );
  return Number(row?.["last_seq"]);
}

function write(database: Database, order: SentOrder): void {
  database.run(
    `INSERT INTO speaker_order (scope, seq, kind, airing, starts_at_ms, issued_at_ms, expires_at_ms, envelope,
       recipients) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    order.scope,
    order.seq,
    order.shape.kind,
    order.shape.airing ?? null,
    order.shape.startsAt ?? null,
    order.issuedAt,
    order.expiresAt,
    order.envelope,
    // One row however many they are: an emergency for hundreds must not wait for hundreds of rows.
    JSON.stringify([...order.outcomes.keys()]),
  );
}

function writeOutcome(
  database: Database,
  answer: { order: SentOrder; speaker: SpeakerId; outcome: OrderOutcome; reason?: string | undefined },
): void {
  const { order, speaker, outcome, reason } = answer;
  database.run(
    "INSERT OR REPLACE INTO order_outcome (scope, seq, speaker, outcome, reason) VALUES (?, ?, ?, ?, ?)",
    order.scope,
    order.seq,
    speaker,
    outcome,
    reason ?? null,
  );
}

/** What a daemon that was killed left behind. */
function loadOpen(database: Database, now: EpochMs): SentOrder[] {
  return database
    .all("SELECT * FROM speaker_order WHERE expires_at_ms > ? ORDER BY issued_at_ms, seq", now)
    .map((row) => asOrder(database, row))
    .filter((order) => order.pendingCount > 0);
}

const Recipients = z.array(SpeakerId);

function asOrder(database: Database, row: Row): SentOrder {
  const scope = String(row["scope"]);
  const seq = Number(row["seq"]);
  const recipients = Recipients.parse(JSON.parse(String(row["recipients"])));
  const outcomes = new Map<SpeakerId, OrderOutcome>(recipients.map((speaker) => [speaker, "pending"]));
  const answered = database.all(
    "SELECT speaker, outcome FROM order_outcome WHERE scope = ? AND seq = ?",
    scope,
    seq,
  );
  for (const answer of answered) {
    outcomes.set(String(answer["speaker"]) as SpeakerId, String(answer["outcome"]) as OrderOutcome);
  }
  return {
    scope,
    seq,
    shape: {
      kind: String(row["kind"]),
      airing: textOf(row, "airing"),
      startsAt: row["starts_at_ms"] === null ? undefined : Number(row["starts_at_ms"]),
    },
    issuedAt: epochMs(Number(row["issued_at_ms"])),
    expiresAt: epochMs(Number(row["expires_at_ms"])),
    envelope: String(row["envelope"]),
    outcomes,
    pendingCount: recipients.length - answered.length,
    watchers: new Set(),
  };
}

function textOf(row: Row, column: string): string | undefined {
  const value = row[column];
  return typeof value === "string" ? value : undefined;
}
