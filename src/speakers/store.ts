import { z } from "zod";
import { epochMs, type EpochMs } from "../kernel/time.ts";
import type { Database, Row } from "../store/database.ts";
import type { Schema } from "../store/migrate.ts";
import { QuietHours, type HamletId, type SpeakerId } from "./protocol.ts";

/** The zone of loudspeakers that hears one thing: thôn, tổ dân phố. */
export interface Hamlet {
  readonly id: HamletId;
  readonly name: string;
  readonly quietHours: readonly QuietHours[];
  readonly caps: SessionCaps;
}

/** The commune's own limits below emergency. Left out: no limit. */
export interface SessionCaps {
  readonly sessionsPerDay?: number;
  readonly minutesPerSession?: number;
}

export interface HamletGroup {
  readonly id: string;
  readonly name: string;
  readonly hamlets: readonly HamletId[];
}

export interface Place {
  readonly latitude: number;
  readonly longitude: number;
}

/** One receiver-amplifier with its horns: cụm loa. */
export interface Speaker {
  readonly id: SpeakerId;
  readonly name: string;
  readonly hamlet: HamletId;
  /** Name of its firmware profile. */
  readonly profile: string;
  /** The volume it is to have; what it reports is in its status. */
  readonly volumePercent: number;
  readonly place?: Place;
  /** The hamlet its device was told when its secret was made: it obeys that hamlet's orders only. */
  readonly provisionedHamlet: HamletId;
  /** Of radio boxes only: the secret part of the address they play. */
  readonly streamToken?: string;
  readonly createdAt: EpochMs;
}

export const SPEAKERS_SCHEMA: Schema = {
  feature: "speakers",
  steps: [
    `CREATE TABLE hamlet (
      id TEXT PRIMARY KEY,
      name TEXT NOT NULL UNIQUE,
      quiet_hours TEXT NOT NULL, -- JSON: [{fromMinute, toMinute}], local time
      sessions_per_day INTEGER CHECK (sessions_per_day > 0),
      minutes_per_session INTEGER CHECK (minutes_per_session > 0)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE hamlet_group (
      id TEXT PRIMARY KEY,
      name TEXT NOT NULL UNIQUE
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE hamlet_group_member (
      group_id TEXT NOT NULL REFERENCES hamlet_group (id) ON DELETE CASCADE,
      hamlet TEXT NOT NULL REFERENCES hamlet (id) ON DELETE CASCADE,
      PRIMARY KEY (group_id, hamlet)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE speaker (
      id TEXT PRIMARY KEY,
      name TEXT NOT NULL,
      hamlet TEXT NOT NULL REFERENCES hamlet (id),
      profile TEXT NOT NULL,
      volume_percent INTEGER NOT NULL CHECK (volume_percent BETWEEN 0 AND 100),
      latitude REAL CHECK (latitude BETWEEN -90 AND 90),
      longitude REAL CHECK (longitude BETWEEN -180 AND 180),
      provisioned_hamlet TEXT NOT NULL, -- no reference: outlives the hamlet
      secret_hash TEXT,          -- native speakers; the secret itself is shown once and not kept
      stream_token TEXT UNIQUE,  -- radio boxes
      created_at_ms INTEGER NOT NULL,
      UNIQUE (hamlet, name)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE order_scope (
      scope TEXT PRIMARY KEY,
      last_seq INTEGER NOT NULL  -- outlives orders and speakers: no number comes twice
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE speaker_order (
      scope TEXT NOT NULL,
      seq INTEGER NOT NULL,
      kind TEXT NOT NULL,
      airing TEXT,
      starts_at_ms INTEGER,      -- of a play order
      issued_at_ms INTEGER NOT NULL,
      expires_at_ms INTEGER NOT NULL,
      envelope TEXT NOT NULL,    -- the bytes as first sent; repeats must be the same bytes
      recipients TEXT NOT NULL,  -- JSON: ids of the speakers it is for
      PRIMARY KEY (scope, seq)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX speaker_order_by_expiry ON speaker_order (expires_at_ms);
    -- A row per answer; a recipient without one is still waited for until the order expires.
    CREATE TABLE order_outcome (
      scope TEXT NOT NULL,
      seq INTEGER NOT NULL,
      speaker TEXT NOT NULL,
      outcome TEXT NOT NULL CHECK (outcome IN ('done', 'refused', 'unsupported', 'superseded', 'expired')),
      reason TEXT,
      PRIMARY KEY (scope, seq, speaker),
      FOREIGN KEY (scope, seq) REFERENCES speaker_order (scope, seq) ON DELETE CASCADE
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE speaker_plan (
      speaker TEXT PRIMARY KEY,
      version INTEGER NOT NULL CHECK (version > 0),
      issued_at_ms INTEGER NOT NULL,
      expires_at_ms INTEGER NOT NULL,
      covers_until_ms INTEGER NOT NULL, -- up to here nothing was left out
      frame TEXT NOT NULL,       -- JSON: time zone and quiet hours
      entries TEXT NOT NULL,     -- JSON: [at, until, digest] of each item
      left_out INTEGER NOT NULL, -- items that did not fit
      envelope TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE speaker_receipt (
      speaker TEXT NOT NULL,
      era INTEGER NOT NULL,      -- rises when a device has lost its memory and counts from 1 again
      n INTEGER NOT NULL CHECK (n > 0),
      digest TEXT NOT NULL,
      received_at_ms INTEGER NOT NULL,
      PRIMARY KEY (speaker, era, n)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE speaker_receipt_floor (
      speaker TEXT PRIMARY KEY,
      era INTEGER NOT NULL,
      up_to INTEGER NOT NULL,    -- every receipt of the era up to here is stored or given up
      last_at_ms INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;`,
  ],
};

const StoredQuietHours = z.array(QuietHours);

/** Rows of hamlets, groups and speakers. Rules about them are in hamlets.ts and registry.ts. */
export interface SpeakerStore {
  hamlets(): Hamlet[];
  hamlet(id: string): Hamlet | undefined;
  putHamlet(hamlet: Hamlet): void;
  deleteHamlet(id: string): void;
  groups(): HamletGroup[];
  putGroup(group: HamletGroup): void;
  deleteGroup(id: string): void;
  speakers(): Speaker[];
  speakerCount(): number;
  /** The speaker of that name in a hamlet. */
  namesake(hamlet: HamletId, name: string): SpeakerId | undefined;
  speaker(id: string): Speaker | undefined;
  speakerByToken(token: string): Speaker | undefined;
  putSpeaker(speaker: Speaker): void;
  setSecretHash(id: SpeakerId, hash: string): void;
  secretHash(id: string): string | undefined;
  secretHashes(): ReadonlyMap<string, string>;
  /** Forgets its orders, plan and receipts too; the numbers given out stay. */
  deleteSpeaker(id: SpeakerId): void;
}

export function openSpeakerStore(database: Database): SpeakerStore {
  return { ...hamletRows(database), ...groupRows(database), ...speakerRows(database) };
}

/** As a Vietnamese reader expects: Đ after D, Thôn 2 before Thôn 10. */
const collator = new Intl.Collator("vi", { numeric: true });
const byName = (a: { name: string }, b: { name: string }): number => collator.compare(a.name, b.name);

function hamletRows(database: Database) {
  return {
    hamlets: () => database.all("SELECT * FROM hamlet").map(asHamlet).sort(byName),
    hamlet: (id: string) => optional(database.get("SELECT * FROM hamlet WHERE id = ?", id), asHamlet),
    putHamlet: (hamlet: Hamlet) => {
      database.run(
        `INSERT INTO hamlet (id, name, quiet_hours, sessions_per_day, minutes_per_session) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT (id) DO UPDATE SET name = excluded.name, quiet_hours = excluded.quiet_hours,
           sessions_per_day = excluded.sessions_per_day, minutes_per_session = excluded.minutes_per_session`,
        hamlet.id,
        hamlet.name,
        JSON.stringify(hamlet.quietHours),
        hamlet.caps.sessionsPerDay ?? null,
        hamlet.caps.minutesPerSession ?? null,
      );
    },
    deleteHamlet: (id: string) => {
      database.run("DELETE FROM hamlet WHERE id = ?", id);
    },
  };
}

function groupRows(database: Database) {
  return {
    groups: (): HamletGroup[] => {
      const members = database.all("SELECT group_id, hamlet FROM hamlet_group_member ORDER BY hamlet");
      const groups = database.all("SELECT * FROM hamlet_group").map((row) => ({
        id: String(row["id"]),
        name: String(row["name"]),
        hamlets: members
          .filter((member) => member["group_id"] === row["id"])
          .map((member) => String(member["hamlet"]) as HamletId),
      }));
      return groups.sort(byName);
    },
    putGroup: (group: HamletGroup) =>
      database.transact(() => {
        database.run(
          "INSERT INTO hamlet_group (id, name) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET name = excluded.name",
          group.id,
          group.name,
        );
        database.run("DELETE FROM hamlet_group_member WHERE group_id = ?", group.id);
        for (const hamlet of group.hamlets) {
          database.run("INSERT INTO hamlet_group_member (group_id, hamlet) VALUES (?, ?)", group.id, hamlet);
        }
      }),
    deleteGroup: (id: string) => {
      database.run("DELETE FROM hamlet_group WHERE id = ?", id);
    },
  };
}

function speakerRows(database: Database) {
  // Every message and every decision asks for speakers. Nothing that a transaction may take back is kept.
  let kept: ReadonlyMap<string, Speaker> | undefined;
  const read = (): Map<string, Speaker> => {
    const all = database.all("SELECT * FROM speaker ORDER BY id").map(asSpeaker);
    return new Map(all.map((speaker) => [speaker.id, speaker]));
  };
  const speakers = (): ReadonlyMap<string, Speaker> => {
    if (kept === undefined && database.inTransaction) return read();
    return (kept ??= read());
  };
  return {
    speakers: () => [...speakers().values()],
    speakerCount: () => Number(database.get("SELECT count(*) AS n FROM speaker")?.["n"]),
    namesake: (hamlet: HamletId, name: string) =>
      optional(
        database.get("SELECT id FROM speaker WHERE hamlet = ? AND name = ?", hamlet, name),
        (row) => String(row["id"]) as SpeakerId,
      ),
    speaker: (id: string) =>
      kept === undefined && database.inTransaction
        ? optional(database.get("SELECT * FROM speaker WHERE id = ?", id), asSpeaker)
        : speakers().get(id),
    speakerByToken: (token: string) =>
      optional(database.get("SELECT * FROM speaker WHERE stream_token = ?", token), asSpeaker),
    putSpeaker: (speaker: Speaker) => {
      kept = undefined;
      database.run(
        `INSERT INTO speaker (id, name, hamlet, profile, volume_percent, latitude, longitude, provisioned_hamlet,
           stream_token, created_at_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (id) DO UPDATE SET name = excluded.name, hamlet = excluded.hamlet, profile = excluded.profile,
           volume_percent = excluded.volume_percent, latitude = excluded.latitude, longitude = excluded.longitude,
           provisioned_hamlet = excluded.provisioned_hamlet, stream_token = excluded.stream_token`,
        speaker.id,
        speaker.name,
        speaker.hamlet,
        speaker.profile,
        speaker.volumePercent,
        speaker.place?.latitude ?? null,
        speaker.place?.longitude ?? null,
        speaker.provisionedHamlet,
        speaker.streamToken ?? null,
        speaker.createdAt,
      );
    },
    setSecretHash: (id: SpeakerId, hash: string) => {
      database.run("UPDATE speaker SET secret_hash = ? WHERE id = ?", hash, id);
    },
    secretHash: (id: string) =>
      optional(
        database.get("SELECT secret_hash FROM speaker WHERE id = ? AND secret_hash IS NOT NULL", id),
        (row) => String(row["secret_hash"]),
      ),
    secretHashes: () =>
      new Map(
        database
          .all("SELECT id, secret_hash FROM speaker WHERE secret_hash IS NOT NULL")
          .map((row) => [String(row["id"]), String(row["secret_hash"])]),
      ),
    deleteSpeaker: (id: SpeakerId) =>
      database.transact(() => {
        kept = undefined;
        database.run("DELETE FROM speaker WHERE id = ?", id);
        database.run("DELETE FROM order_outcome WHERE speaker = ?", id);
        database.run("DELETE FROM speaker_plan WHERE speaker = ?", id);
        database.run("DELETE FROM speaker_receipt WHERE speaker = ?", id);
        database.run("DELETE FROM speaker_receipt_floor WHERE speaker = ?", id);
      }),
  };
}

function asHamlet(row: Row): Hamlet {
  const { sessions_per_day: sessions, minutes_per_session: minutes } = row;
  return {
    id: String(row["id"]) as HamletId,
    name: String(row["name"]),
    quietHours: StoredQuietHours.parse(JSON.parse(String(row["quiet_hours"]))),
    caps: {
      ...(sessions === null ? {} : { sessionsPerDay: Number(sessions) }),
      ...(minutes === null ? {} : { minutesPerSession: Number(minutes) }),
    },
  };
}

function asSpeaker(row: Row): Speaker {
  const { latitude, longitude, stream_token: token } = row;
  return {
    id: String(row["id"]) as SpeakerId,
    name: String(row["name"]),
    hamlet: String(row["hamlet"]) as HamletId,
    profile: String(row["profile"]),
    volumePercent: Number(row["volume_percent"]),
    ...(latitude === null || longitude === null
      ? {}
      : { place: { latitude: Number(latitude), longitude: Number(longitude) } }),
    provisionedHamlet: String(row["provisioned_hamlet"]) as HamletId,
    ...(token === null ? {} : { streamToken: String(token) }),
    createdAt: epochMs(Number(row["created_at_ms"])),
  };
}

function optional<T>(row: Row | undefined, make: (row: Row) => T): T | undefined {
  return row === undefined ? undefined : make(row);
}
