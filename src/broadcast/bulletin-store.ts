import { epochMs, type EpochMs } from "../kernel/time.ts";
import type { Text } from "../kernel/text.ts";
import type { Database, Row } from "../store/database.ts";
import type { Schema } from "../store/migrate.ts";
import type { Bulletin, BulletinAiring, BulletinContent, BulletinStep, Category } from "./bulletin-model.ts";
import type { Approval, Signature } from "./rules/approval.ts";
import type { BulletinClass } from "./rules/model.ts";

export interface BulletinStore {
  get(id: string): Bulletin | undefined;
  /** Newest change first, without the deleted. */
  all(): Bulletin[];
  put(bulletin: Bulletin): void;
  addStep(id: string, step: BulletinStep): void;
  steps(id: string): BulletinStep[];
  /** False when the airing is known already. */
  addAiring(id: string, airing: BulletinAiring): boolean;
  airings(id: string): BulletinAiring[];
  /** Ids of bulletins that have sounded with the seal they carry. */
  airedSeals(): ReadonlyMap<string, ReadonlySet<string>>;
}

export const BULLETIN_SCHEMA: Schema = {
  feature: "bulletins",
  steps: [
    `CREATE TABLE bulletin (
      id TEXT PRIMARY KEY,
      version INTEGER NOT NULL CHECK (version > 0),
      title TEXT NOT NULL CHECK (length(title) BETWEEN 1 AND 200),
      category TEXT NOT NULL,
      class TEXT NOT NULL CHECK (class IN ('ordinary', 'priority', 'emergency')),
      chime INTEGER NOT NULL CHECK (chime IN (0, 1)),
      content_type TEXT NOT NULL CHECK (content_type IN ('audio', 'text', 'relay')),
      audio_id TEXT,            -- the recording, the speech made from the text, or the relay's fallback
      spoken_text TEXT,         -- as the officer wrote it
      read_text TEXT,           -- as the voice reads it
      voice TEXT,
      relay_address TEXT,
      relay_duration_ms INTEGER CHECK (relay_duration_ms > 0),
      step TEXT NOT NULL CHECK (step IN ('draft', 'submitted', 'approved', 'returned')),
      lost_en TEXT,             -- why a draft lost its approval, in both languages
      lost_vi TEXT,
      seal TEXT CHECK (length(seal) = 64), -- SHA-256 of what was submitted and approved
      submitted_by TEXT, submitted_name TEXT, submitted_at_ms INTEGER, -- wall time, UTC milliseconds, like every *_at_ms
      decided_by TEXT, decided_name TEXT, decided_at_ms INTEGER,       -- who approved or returned it
      expires_at_ms INTEGER,    -- from here on the approval does not hold
      reason TEXT,              -- of a return
      author_by TEXT NOT NULL, author_name TEXT NOT NULL, author_at_ms INTEGER NOT NULL,
      changed_by TEXT NOT NULL, changed_name TEXT NOT NULL, changed_at_ms INTEGER NOT NULL,
      deleted_at_ms INTEGER,
      CHECK (content_type = 'relay' OR audio_id IS NOT NULL),
      CHECK (content_type <> 'text' OR (spoken_text IS NOT NULL AND read_text IS NOT NULL)),
      CHECK (content_type <> 'relay' OR (relay_address IS NOT NULL AND relay_duration_ms IS NOT NULL)),
      CHECK (step NOT IN ('submitted', 'approved') OR (seal IS NOT NULL AND submitted_at_ms IS NOT NULL)),
      CHECK (step NOT IN ('approved', 'returned') OR decided_at_ms IS NOT NULL)
    ) STRICT;
    CREATE TABLE bulletin_step (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      bulletin TEXT NOT NULL REFERENCES bulletin (id),
      step TEXT NOT NULL CHECK (step IN ('submit', 'approve', 'countersign', 'return', 'lose')),
      by_id TEXT NOT NULL,
      by_name TEXT NOT NULL,
      at_ms INTEGER NOT NULL,
      seal TEXT,
      reason TEXT
    ) STRICT;
    CREATE INDEX bulletin_step_of ON bulletin_step (bulletin, id);
    CREATE TABLE bulletin_airing (
      airing TEXT PRIMARY KEY,
      bulletin TEXT NOT NULL REFERENCES bulletin (id),
      at_ms INTEGER NOT NULL,
      seal TEXT NOT NULL        -- what sounded then
    ) STRICT;
    CREATE INDEX bulletin_airing_of ON bulletin_airing (bulletin, at_ms);`,
  ],
};

export function openBulletinStore(database: Database): BulletinStore {
  return {
    get: (id) => {
      const row = database.get("SELECT * FROM bulletin WHERE id = ?", id);
      return row === undefined ? undefined : bulletinOf(row);
    },
    all: () =>
      database
        .all("SELECT * FROM bulletin WHERE deleted_at_ms IS NULL ORDER BY changed_at_ms DESC, id")
        .map(bulletinOf),
    put: (bulletin) => {
      const row = rowOf(bulletin);
      const names = Object.keys(row);
      database.run(
        `INSERT INTO bulletin (${names.join(", ")}) VALUES (${names.map(() => "?").join(", ")})
         ON CONFLICT (id) DO UPDATE SET ${names.map((name) => `${name} = excluded.${name}`).join(", ")}`,
        ...Object.values(row),
      );
    },
    addStep: (id, { step, who, seal, reason }) => {
      database.run(
        "INSERT INTO bulletin_step (bulletin, step, by_id, by_name, at_ms, seal, reason) VALUES (?, ?, ?, ?, ?, ?, ?)",
        id,
        step,
        who.by,
        who.name,
        who.at,
        seal ?? null,
        reason ?? null,
      );
    },
    steps: (id) =>
      database.all("SELECT * FROM bulletin_step WHERE bulletin = ? ORDER BY id", id).map((row) => ({
        step: row["step"] as BulletinStep["step"],
        who: signature(row["by_id"], row["by_name"], row["at_ms"]),
        ...given("seal", row["seal"]),
        ...given("reason", row["reason"]),
      })),
    addAiring: (id, { airing, at, seal }) =>
      database.run(
        "INSERT INTO bulletin_airing (airing, bulletin, at_ms, seal) VALUES (?, ?, ?, ?) ON CONFLICT (airing) DO NOTHING",
        airing,
        id,
        at,
        seal,
      ).changes > 0,
    airings: (id) =>
      database.all("SELECT * FROM bulletin_airing WHERE bulletin = ? ORDER BY at_ms", id).map((row) => ({
        airing: String(row["airing"]),
        at: epochMs(Number(row["at_ms"])),
        seal: String(row["seal"]),
      })),
    airedSeals: () => {
      const seals = new Map<string, Set<string>>();
      for (const row of database.all("SELECT DISTINCT bulletin, seal FROM bulletin_airing")) {
        const id = String(row["bulletin"]);
        seals.set(id, (seals.get(id) ?? new Set()).add(String(row["seal"])));
      }
      return seals;
    },
  };
}

type Cell = string | number | null;

function rowOf(bulletin: Bulletin): Record<string, Cell> {
  const { content, approval, author, changed } = bulletin;
  return {
    id: bulletin.id,
    version: bulletin.version,
    title: bulletin.title,
    category: bulletin.category,
    class: bulletin.class,
    chime: bulletin.chime ? 1 : 0,
    content_type: content.type,
    audio_id: (content.type === "relay" ? content.fallbackAudioId : content.audioId) ?? null,
    spoken_text: content.type === "text" ? content.text : null,
    read_text: content.type === "text" ? content.readText : null,
    voice: content.type === "text" ? (content.voice ?? null) : null,
    relay_address: content.type === "relay" ? content.address : null,
    relay_duration_ms: content.type === "relay" ? content.durationMs : null,
    ...approvalCells(approval),
    ...cellsOf("author", author),
    ...cellsOf("changed", changed),
    deleted_at_ms: bulletin.deletedAt ?? null,
  };
}

function approvalCells(approval: Approval): Record<string, Cell> {
  const none = {
    ...{ lost_en: null, lost_vi: null, seal: null, expires_at_ms: null, reason: null },
    ...cellsOf("submitted", undefined),
    ...cellsOf("decided", undefined),
  };
  const { step } = approval;
  switch (step) {
    case "draft":
      return { ...none, step, lost_en: approval.lost?.en ?? null, lost_vi: approval.lost?.vi ?? null };
    case "submitted":
      return { ...none, step, seal: approval.seal, ...cellsOf("submitted", approval.submitted) };
    case "approved":
      return {
        ...none,
        step,
        seal: approval.seal,
        ...cellsOf("submitted", approval.submitted),
        ...cellsOf("decided", approval.approved),
        expires_at_ms: approval.expiresAt ?? null,
      };
    case "returned":
      return { ...none, step, ...cellsOf("decided", approval.returned), reason: approval.reason };
  }
}

function cellsOf(what: string, who: Signature | undefined): Record<string, Cell> {
  return {
    [`${what}_by`]: who?.by ?? null,
    [`${what}_name`]: who?.name ?? null,
    [`${what}_at_ms`]: who?.at ?? null,
  };
}

function bulletinOf(row: Row): Bulletin {
  return {
    id: String(row["id"]),
    version: Number(row["version"]),
    title: String(row["title"]),
    category: row["category"] as Category,
    class: row["class"] as BulletinClass,
    chime: row["chime"] === 1,
    content: contentOf(row),
    approval: approvalOf(row),
    author: signature(row["author_by"], row["author_name"], row["author_at_ms"]),
    changed: signature(row["changed_by"], row["changed_name"], row["changed_at_ms"]),
    ...instant("deletedAt", row["deleted_at_ms"]),
  };
}

function contentOf(row: Row): BulletinContent {
  switch (row["content_type"] as BulletinContent["type"]) {
    case "audio":
      return { type: "audio", audioId: String(row["audio_id"]) };
    case "text":
      return {
        type: "text",
        text: String(row["spoken_text"]),
        readText: String(row["read_text"]),
        audioId: String(row["audio_id"]),
        ...given("voice", row["voice"]),
      };
    case "relay":
      return {
        type: "relay",
        address: String(row["relay_address"]),
        durationMs: Number(row["relay_duration_ms"]),
        ...given("fallbackAudioId", row["audio_id"]),
      };
  }
}

function approvalOf(row: Row): Approval {
  const submitted = (): Signature =>
    signature(row["submitted_by"], row["submitted_name"], row["submitted_at_ms"]);
  const decided = (): Signature => signature(row["decided_by"], row["decided_name"], row["decided_at_ms"]);
  const seal = String(row["seal"]);
  switch (row["step"] as Approval["step"]) {
    case "draft": {
      if (row["lost_en"] === null) return { step: "draft" };
      const lost: Text = { en: String(row["lost_en"]), vi: String(row["lost_vi"]) };
      return { step: "draft", lost };
    }
    case "submitted":
      return { step: "submitted", submitted: submitted(), seal };
    case "approved":
      return {
        step: "approved",
        submitted: submitted(),
        approved: decided(),
        seal,
        ...instant("expiresAt", row["expires_at_ms"]),
      };
    case "returned":
      return { step: "returned", returned: decided(), reason: String(row["reason"]) };
  }
}

function signature(by: unknown, name: unknown, at: unknown): Signature {
  return { by: String(by), name: String(name), at: epochMs(Number(at)) };
}

function given<K extends string>(key: K, cell: unknown): Partial<Record<K, string>> {
  return (typeof cell === "string" ? { [key]: cell } : {}) as Partial<Record<K, string>>;
}

function instant<K extends string>(key: K, cell: unknown): Partial<Record<K, EpochMs>> {
  return (cell === null || cell === undefined ? {} : { [key]: epochMs(Number(cell)) }) as Partial<
    Record<K, EpochMs>
  >;
}
