import { createHash } from "node:crypto";
import { z } from "zod";
import { DAY_MS, epochMs, type EpochMs } from "../kernel/time.ts";
import type { Database, Row } from "../store/database.ts";
import { scopeOf, type PlanItem, type QuietHours, type SignedPlan, type SpeakerId } from "./protocol.ts";
import { fitPlan, needsNewPlan, type HeldPlan, type PlanEntry } from "./rules/plan-cover.ts";
import type { HallKey } from "./signing.ts";

/** What a speaker is to play by itself in the coming week: approved things only. */
export interface PlanDraft {
  readonly quietHours: readonly QuietHours[];
  readonly items: readonly PlanItem[];
}

export interface PlanNews {
  readonly version: number;
  /** False: the speaker's plan says the same already. */
  readonly isNew: boolean;
  /** Items of the coming week that did not fit; the nearest are kept. */
  readonly leftOut: number;
}

interface StoredPlan extends HeldPlan {
  readonly speaker: SpeakerId;
  readonly version: number;
  readonly expiresAt: EpochMs;
  readonly leftOut: number;
  /** JSON of the signed envelope. */
  readonly envelope: string;
}

export interface Plans {
  set(speaker: SpeakerId, draft: PlanDraft): PlanNews;
  get(speaker: SpeakerId): StoredPlan | undefined;
  all(): StoredPlan[];
  forget(speaker: SpeakerId): void;
}

/** Without the hall a speaker carries on for a week. */
const PLAN_LIFE_MS = 7 * DAY_MS;

/** What the smallest device must be able to hold (PROTOCOL.md, "Limits"). */
const PLAN_LIMIT = { items: 400, bytes: 131_072 } as const;

interface PlanParts {
  readonly database: Database;
  readonly key: HallKey;
  readonly now: () => EpochMs;
  readonly timeZone: string;
}

export function openPlans({ database, key, now, timeZone }: PlanParts): Plans {
  const plans = new Map<SpeakerId, StoredPlan>(
    database
      .all("SELECT * FROM speaker_plan")
      .map((row) => [String(row["speaker"]) as SpeakerId, asPlan(row)]),
  );
  const entryOf = entryMaker();

  const make = (speaker: SpeakerId, draft: PlanDraft, lastVersion: number): StoredPlan => {
    const issuedAt = now();
    const expiresAt = epochMs(issuedAt + PLAN_LIFE_MS);
    const items = ahead(draft.items, issuedAt, expiresAt);
    const entries = items.map(entryOf);
    const { kept, leftOut, coversUntil } = fitPlan(entries, expiresAt, PLAN_LIMIT);
    const version = lastVersion + 1;
    const signed: SignedPlan = {
      v: 1,
      scope: scopeOf.speaker(speaker),
      version,
      issuedAt,
      expiresAt,
      timeZone,
      quietHours: [...draft.quietHours],
      items: items.slice(0, kept),
    };
    return {
      speaker,
      version,
      issuedAt,
      expiresAt,
      coversUntil,
      frame: frameOf(draft, timeZone),
      entries: entries.slice(0, kept),
      leftOut,
      envelope: JSON.stringify(key.sealed(JSON.stringify(signed))),
    };
  };

  return {
    set: (speaker, draft) => {
      const held = plans.get(speaker);
      const at = now();
      const entries = ahead(draft.items, at, epochMs(at + PLAN_LIFE_MS)).map(entryOf);
      if (held !== undefined && !needsNewPlan(held, { frame: frameOf(draft, timeZone), entries }, at)) {
        return { version: held.version, isNew: false, leftOut: held.leftOut };
      }
      const plan = make(speaker, draft, held?.version ?? lastVersionOf(database, speaker));
      write(database, plan);
      plans.set(speaker, plan);
      return { version: plan.version, isNew: true, leftOut: plan.leftOut };
    },
    get: (speaker) => plans.get(speaker),
    all: () => [...plans.values()],
    forget: (speaker) => void plans.delete(speaker),
  };
}

/** Sorted, and only what can still sound before the plan is void. */
function ahead(items: readonly PlanItem[], now: EpochMs, expiresAt: EpochMs): PlanItem[] {
  return items
    .filter((item) => item.until > now && item.at < expiresAt)
    .sort((a, b) => a.at - b.at || (a.airing < b.airing ? -1 : 1));
}

/** Speakers of a hamlet share their items, so each is written and hashed once. */
function entryMaker(): (item: PlanItem) => PlanEntry {
  const known = new WeakMap<PlanItem, PlanEntry>();
  return (item) => {
    let entry = known.get(item);
    if (entry === undefined) {
      const json = JSON.stringify(item);
      const digest = createHash("sha256").update(json).digest("base64url").slice(0, 22);
      entry = { at: item.at, until: item.until, digest, bytes: Buffer.byteLength(json) + 1 };
      known.set(item, entry);
    }
    return entry;
  };
}

function frameOf({ quietHours }: PlanDraft, timeZone: string): string {
  return JSON.stringify([timeZone, quietHours.map(({ fromMinute, toMinute }) => [fromMinute, toMinute])]);
}

/** Numbers go on where a removed speaker of the same id left off. */
function lastVersionOf(database: Database, speaker: SpeakerId): number {
  const row = database.get("SELECT last_seq FROM order_scope WHERE scope = ?", `plan/${speaker}`);
  return Number(row?.["last_seq"] ?? 0);
}

function write(database: Database, plan: StoredPlan): void {
  database.transact(() => {
    database.run(
      `INSERT INTO speaker_plan (speaker, version, issued_at_ms, expires_at_ms, covers_until_ms, frame, entries,
         left_out, envelope) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (speaker) DO UPDATE SET version = excluded.version, issued_at_ms = excluded.issued_at_ms,
         expires_at_ms = excluded.expires_at_ms, covers_until_ms = excluded.covers_until_ms, frame = excluded.frame,
         entries = excluded.entries, left_out = excluded.left_out, envelope = excluded.envelope`,
      plan.speaker,
      plan.version,
      plan.issuedAt,
      plan.expiresAt,
      plan.coversUntil,
      plan.frame,
      JSON.stringify(plan.entries.map(({ at, until, digest }) => [at, until, digest])),
      plan.leftOut,
      plan.envelope,
    );
    database.run(
      `INSERT INTO order_scope (scope, last_seq) VALUES (?, ?)
       ON CONFLICT (scope) DO UPDATE SET last_seq = excluded.last_seq`,
      `plan/${plan.speaker}`,
      plan.version,
    );
  });
}

const StoredEntries = z.array(z.tuple([z.number(), z.number(), z.string()]));

function asPlan(row: Row): StoredPlan {
  return {
    speaker: String(row["speaker"]) as SpeakerId,
    version: Number(row["version"]),
    issuedAt: Number(row["issued_at_ms"]),
    expiresAt: epochMs(Number(row["expires_at_ms"])),
    coversUntil: Number(row["covers_until_ms"]),
    frame: String(row["frame"]),
    entries: StoredEntries.parse(JSON.parse(String(row["entries"]))).map(([at, until, digest]) => ({
      at,
      until,
      digest,
    })),
    leftOut: Number(row["left_out"]),
    envelope: String(row["envelope"]),
  };
}
