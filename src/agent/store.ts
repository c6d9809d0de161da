import { z } from "zod";
import type { Database } from "../store/database.ts";
import type { Schema } from "../store/migrate.ts";
import { PlayOrder, REASONS, Sha256, type AudioPart } from "../speakers/protocol.ts";
import type { SettledOrder } from "./rules/orders.ts";
import type { MissingReason, Progress } from "./rules/receipt.ts";

export const AGENT_SCHEMA: Schema = {
  feature: "agent",
  steps: [
    `CREATE TABLE setting (
      name TEXT PRIMARY KEY,
      value TEXT NOT NULL
    ) STRICT;
    CREATE TABLE settled_order (
      scope TEXT NOT NULL,
      seq INTEGER NOT NULL CHECK (seq > 0),
      outcome TEXT NOT NULL CHECK (outcome IN ('done', 'refused', 'unsupported')),
      reason TEXT,
      expires_ms INTEGER NOT NULL, -- hall time
      PRIMARY KEY (scope, seq)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE forgotten_order (
      scope TEXT PRIMARY KEY,
      up_to INTEGER NOT NULL -- every number up to and with this one has been used
    ) STRICT;
    CREATE TABLE airing (
      airing TEXT PRIMARY KEY,
      via TEXT NOT NULL CHECK (via IN ('order', 'plan')),
      state TEXT NOT NULL CHECK (state IN ('waiting', 'begun', 'ended')),
      spec TEXT,     -- play order as JSON; null for one that was stopped before it was known
      standing TEXT NOT NULL, -- JSON: progress and how it runs behind the plan
      until_ms INTEGER NOT NULL -- hall time; rows are forgotten long after it
    ) STRICT;
    CREATE TABLE wanted_part (
      sha256 TEXT PRIMARY KEY, -- of its first file
      part TEXT NOT NULL,      -- JSON
      ordered_ms INTEGER NOT NULL
    ) STRICT;`,
  ],
};

/** One airing as it is remembered, across restarts. */
export interface AiringRow {
  readonly spec: PlayOrder;
  readonly via: "order" | "plan";
  readonly state: "waiting" | "begun";
  readonly lagMs: number;
  readonly stepMs: number;
  readonly resumesAtMs: number | undefined;
  readonly progress: Progress;
  /** Its sound is being ended; what is left to do is its receipt. */
  readonly ending: Ending | undefined;
}

export interface Ending {
  readonly at: number;
  /** What ended it before its time; undefined when its time was over. */
  readonly by: MissingReason | undefined;
}

/** Everything the agent must not forget when it is killed. */
export interface AgentStore {
  setting(name: SettingName): string | undefined;
  setSetting(name: SettingName, value: string): void;
  settledOrder(scope: string, seq: number): SettledOrder | undefined;
  forgottenUpTo(scope: string): number;
  settleOrder(order: { scope: string; seq: number; expiresAt: number }, settled: SettledOrder): void;
  /** Waiting and begun ones. */
  openAirings(): AiringRow[];
  putAiring(row: AiringRow): void;
  hasEnded(airing: string): boolean;
  /** From now on it never sounds, whether it was known or not. */
  endAiring(airing: string, until: number): void;
  wantParts(parts: readonly AudioPart[], now: number): void;
  wantedParts(): AudioPart[];
  /** Drops what can't matter any more. */
  prune(now: number): void;
}

type SettingName = "boot" | "volume" | "hold-until" | "plan" | "plan-received" | "clock-offset";

/** Orders remembered per scope at most; the oldest become one number. */
const ORDERS_KEPT = 1_000;
const KEPT_AFTER_MS = 8 * 86_400_000;
const PARTS_KEPT = 500;

const REASON_MS = z.record(z.string(), z.number());

const StandingColumn = z.object({
  lagMs: z.number(),
  stepMs: z.number(),
  resumesAtMs: z.number().optional(),
  startedAt: z.number().optional(),
  startErrorMs: z.number().optional(),
  playedMs: z.number(),
  squareSum: z.number(),
  sampleCount: z.number(),
  missedMs: REASON_MS,
  sha256: z.array(Sha256),
  seenAt: z.number(),
  ending: z.object({ at: z.number(), by: z.enum(REASONS).optional() }).optional(),
});

export function openAgentStore(database: Database): AgentStore {
  const forget = (scope: string, upTo: number): void => {
    database.run("DELETE FROM settled_order WHERE scope = ? AND seq <= ?", scope, upTo);
    database.run(
      `INSERT INTO forgotten_order (scope, up_to) VALUES (?, ?)
       ON CONFLICT (scope) DO UPDATE SET up_to = max(up_to, excluded.up_to)`,
      scope,
      upTo,
    );
  };
  return {
    setting: (name) => {
      const value = database.get("SELECT value FROM setting WHERE name = ?", name)?.["value"];
      return value === undefined ? undefined : String(value);
    },
    setSetting: (name, value) => {
      database.run(
        "INSERT INTO setting (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        name,
        value,
      );
    },
    settledOrder: (scope, seq) => {
      const row = database.get(
        "SELECT outcome, reason FROM settled_order WHERE scope = ? AND seq = ?",
        scope,
        seq,
      );
      if (row === undefined) return undefined;
      return {
        outcome: String(row["outcome"]) as SettledOrder["outcome"],
        reason: row["reason"] === null ? undefined : String(row["reason"]),
      };
    },
    forgottenUpTo: (scope) =>
      Number(database.get("SELECT up_to FROM forgotten_order WHERE scope = ?", scope)?.["up_to"] ?? 0),
    settleOrder: ({ scope, seq, expiresAt }, { outcome, reason }) => {
      database.transact(() => {
        database.run(
          "INSERT INTO settled_order (scope, seq, outcome, reason, expires_ms) VALUES (?, ?, ?, ?, ?)",
          scope,
          seq,
          outcome,
          reason ?? null,
          expiresAt,
        );
        const surplus = database.get(
          "SELECT seq FROM settled_order WHERE scope = ? ORDER BY seq DESC LIMIT 1 OFFSET ?",
          scope,
          ORDERS_KEPT,
        );
        if (surplus !== undefined) forget(scope, Number(surplus["seq"]));
      });
    },
    openAirings: () =>
      database
        .all("SELECT via, state, spec, standing FROM airing WHERE state <> 'ended' ORDER BY airing")
        .map(decodeAiring),
    putAiring: (row) => {
      database.run(
        `INSERT INTO airing (airing, via, state, spec, standing, until_ms) VALUES (?, ?, ?, ?, ?, ?)
         ON CONFLICT (airing) DO UPDATE SET via = excluded.via, state = excluded.state, spec = excluded.spec,
           standing = excluded.standing, until_ms = excluded.until_ms WHERE state <> 'ended'`,
        row.spec.airing,
        row.via,
        row.state,
        JSON.stringify(row.spec),
        JSON.stringify({
          lagMs: row.lagMs,
          stepMs: row.stepMs,
          resumesAtMs: row.resumesAtMs,
          ending: row.ending,
          ...row.progress,
        }),
        row.spec.until,
      );
    },
    hasEnded: (airing) =>
      database.get("SELECT 1 FROM airing WHERE airing = ? AND state = 'ended'", airing) !== undefined,
    endAiring: (airing, until) => {
      database.run(
        `INSERT INTO airing (airing, via, state, spec, standing, until_ms) VALUES (?, 'order', 'ended', NULL, '{}', ?)
         ON CONFLICT (airing) DO UPDATE SET state = 'ended', spec = NULL, standing = '{}'`,
        airing,
        until,
      );
    },
    wantParts: (parts, now) => {
      database.transact(() => {
        for (const part of parts) {
          database.run(
            `INSERT INTO wanted_part (sha256, part, ordered_ms) VALUES (?, ?, ?)
             ON CONFLICT (sha256) DO UPDATE SET part = excluded.part, ordered_ms = excluded.ordered_ms`,
            part.files[0]?.sha256 ?? "",
            JSON.stringify(part),
            now,
          );
        }
        database.run(
          `DELETE FROM wanted_part WHERE sha256 IN
             (SELECT sha256 FROM wanted_part ORDER BY ordered_ms DESC LIMIT -1 OFFSET ?)`,
          PARTS_KEPT,
        );
      });
    },
    wantedParts: () =>
      database
        .all("SELECT part FROM wanted_part ORDER BY ordered_ms DESC")
        .map((row) => JSON.parse(String(row["part"])) as AudioPart),
    prune: (now) => {
      database.transact(() => {
        database.run("DELETE FROM airing WHERE state = 'ended' AND until_ms < ?", now - KEPT_AFTER_MS);
        database.run("DELETE FROM wanted_part WHERE ordered_ms < ?", now - KEPT_AFTER_MS);
        // Only a run of expired orders from the lowest number on may be forgotten: a later one may still come again.
        const floors = database.all(
          `SELECT scope, max(seq) AS up_to FROM settled_order AS old WHERE expires_ms < ? AND NOT EXISTS
             (SELECT 1 FROM settled_order WHERE scope = old.scope AND seq < old.seq AND expires_ms >= ?)
           GROUP BY scope`,
          now - KEPT_AFTER_MS,
          now - KEPT_AFTER_MS,
        );
        for (const row of floors) forget(String(row["scope"]), Number(row["up_to"]));
      });
    },
  };
}

function decodeAiring(row: Record<string, unknown>): AiringRow {
  const { lagMs, stepMs, resumesAtMs, ending, ...progress } = StandingColumn.parse(
    JSON.parse(String(row["standing"])),
  );
  return {
    spec: PlayOrder.parse(JSON.parse(String(row["spec"]))),
    via: String(row["via"]) as AiringRow["via"],
    state: String(row["state"]) as AiringRow["state"],
    lagMs,
    stepMs,
    resumesAtMs,
    ending: ending === undefined ? undefined : { at: ending.at, by: ending.by },
    progress: {
      ...progress,
      startedAt: progress.startedAt,
      startErrorMs: progress.startErrorMs,
      missedMs: progress.missedMs,
    },
  };
}
