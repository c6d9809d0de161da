import { epochMs, type EpochMs } from "../kernel/time.ts";
import { Fault } from "../kernel/faults.ts";
import type { z } from "zod";
import type { Database, Row } from "../store/database.ts";
import type { Schema } from "../store/migrate.ts";
import type { KeptSlot } from "./calendar-model.ts";
import { ExceptionsWire, HolidaysWire, RecurrenceWire, SeasonsWire, TargetsWire } from "./calendar-wire.ts";
import type { Signature } from "./rules/approval.ts";
import type { AfterPreempt, Holiday, Slot } from "./rules/model.ts";

export const CALENDAR_SCHEMA: Schema = {
  feature: "calendar",
  steps: [
    `CREATE TABLE slot (
      id TEXT PRIMARY KEY,
      series TEXT NOT NULL,             -- id of the first slot of the series
      version INTEGER NOT NULL CHECK (version > 0),
      bulletin TEXT NOT NULL REFERENCES bulletin (id),
      kind TEXT NOT NULL CHECK (kind IN ('programme', 'filler')),
      start_time TEXT NOT NULL CHECK (start_time GLOB '[0-2][0-9]:[0-5][0-9]:[0-5][0-9]'), -- local
      recurrence TEXT NOT NULL,         -- JSON
      from_date TEXT NOT NULL CHECK (from_date GLOB '[0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9]'),
      to_date TEXT CHECK (to_date >= from_date),
      seasons TEXT NOT NULL,            -- JSON
      holidays TEXT NOT NULL CHECK (holidays IN ('ignore', 'skip', 'only')),
      exceptions TEXT NOT NULL,         -- JSON, by the date the rule gave
      targets TEXT NOT NULL,            -- JSON
      volume_percent INTEGER CHECK (volume_percent BETWEEN 0 AND 100),
      duration_ms INTEGER CHECK (duration_ms > 0), -- null: as long as the bulletin
      after_preempt TEXT CHECK (after_preempt IN ('resume', 'restart', 'drop')),
      rank INTEGER,                     -- null: the order was never asked for
      since_at_ms INTEGER NOT NULL,     -- wall time, UTC milliseconds, like every *_at_ms
      closed_at_ms INTEGER,             -- rows are closed, never deleted
      closed_cut INTEGER CHECK (closed_cut IN (0, 1)),
      created_by TEXT NOT NULL, created_name TEXT NOT NULL, created_at_ms INTEGER NOT NULL,
      changed_by TEXT NOT NULL, changed_name TEXT NOT NULL, changed_at_ms INTEGER NOT NULL,
      CHECK ((closed_at_ms IS NULL) = (closed_cut IS NULL))
    ) STRICT;
    CREATE INDEX slot_by_bulletin ON slot (bulletin);
    CREATE INDEX slot_by_series ON slot (series);
    CREATE TABLE calendar_holidays (
      only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
      version INTEGER NOT NULL CHECK (version > 0),
      holidays TEXT NOT NULL,           -- JSON
      changed_by TEXT NOT NULL, changed_name TEXT NOT NULL, changed_at_ms INTEGER NOT NULL
    ) STRICT;`,
  ],
};

export interface KeptHolidays {
  readonly version: number;
  readonly holidays: readonly Holiday[];
  readonly changed: Signature;
}

export interface CalendarStore {
  get(id: string): KeptSlot | undefined;
  /** Open slots, and those closed after this instant. */
  livingSince(at: EpochMs): KeptSlot[];
  put(slot: KeptSlot): void;
  /** Undefined until somebody has edited the list. */
  holidays(): KeptHolidays | undefined;
  putHolidays(kept: KeptHolidays): void;
}

export function openCalendarStore(database: Database): CalendarStore {
  return {
    get: (id) => {
      const row = database.get("SELECT * FROM slot WHERE id = ?", id);
      return row === undefined ? undefined : slotOf(row);
    },
    livingSince: (at) =>
      database
        .all("SELECT * FROM slot WHERE closed_at_ms IS NULL OR closed_at_ms > ? ORDER BY start_time, id", at)
        .map(slotOf),
    put: (slot) => {
      const row = rowOf(slot);
      const names = Object.keys(row);
      database.run(
        `INSERT INTO slot (${names.join(", ")}) VALUES (${names.map(() => "?").join(", ")})
         ON CONFLICT (id) DO UPDATE SET ${names.map((name) => `${name} = excluded.${name}`).join(", ")}`,
        ...Object.values(row),
      );
    },
    holidays: () => {
      const row = database.get("SELECT * FROM calendar_holidays");
      if (row === undefined) return undefined;
      return {
        version: Number(row["version"]),
        holidays: parsed(HolidaysWire, row, "holidays"),
        changed: signature(row, "changed"),
      };
    },
    putHolidays: ({ version, holidays, changed }) => {
      database.run(
        `INSERT INTO calendar_holidays (only_row, version, holidays, changed_by, changed_name, changed_at_ms)
         VALUES (1, ?, ?, ?, ?, ?)
         ON CONFLICT (only_row) DO UPDATE SET version = excluded.version, holidays = excluded.holidays,
           changed_by = excluded.changed_by, changed_name = excluded.changed_name, changed_at_ms = excluded.changed_at_ms`,
        version,
        JSON.stringify(holidays),
        changed.by,
        changed.name,
        changed.at,
      );
    },
  };
}

function rowOf(slot: KeptSlot): Record<string, string | number | null> {
  return {
    id: slot.id,
    series: slot.series,
    version: slot.version,
    bulletin: slot.bulletinId,
    kind: slot.kind,
    start_time: slot.startTime,
    recurrence: JSON.stringify(slot.recurrence),
    from_date: slot.from,
    to_date: slot.to ?? null,
    seasons: JSON.stringify(slot.seasons),
    holidays: slot.holidays,
    exceptions: JSON.stringify(slot.exceptions),
    targets: JSON.stringify(slot.targets),
    volume_percent: slot.volumePercent ?? null,
    duration_ms: slot.durationMs ?? null,
    after_preempt: slot.afterPreempt ?? null,
    rank: slot.rank ?? null,
    since_at_ms: slot.sinceAt,
    closed_at_ms: slot.closed?.at ?? null,
    closed_cut: slot.closed === undefined ? null : Number(slot.closed.cut),
    created_by: slot.created.by,
    created_name: slot.created.name,
    created_at_ms: slot.created.at,
    changed_by: slot.changed.by,
    changed_name: slot.changed.name,
    changed_at_ms: slot.changed.at,
  };
}

function slotOf(row: Row): KeptSlot {
  const closedAt = row["closed_at_ms"];
  return {
    id: String(row["id"]),
    series: String(row["series"]),
    version: Number(row["version"]),
    bulletinId: String(row["bulletin"]),
    kind: row["kind"] as KeptSlot["kind"],
    startTime: String(row["start_time"]),
    recurrence: parsed(RecurrenceWire, row, "recurrence"),
    from: String(row["from_date"]),
    ...present("to", row["to_date"], String),
    seasons: parsed(SeasonsWire, row, "seasons"),
    holidays: row["holidays"] as Slot["holidays"],
    exceptions: parsed(ExceptionsWire, row, "exceptions"),
    targets: parsed(TargetsWire, row, "targets"),
    ...present("volumePercent", row["volume_percent"], Number),
    ...present("durationMs", row["duration_ms"], Number),
    ...present("afterPreempt", row["after_preempt"], (cell) => cell as AfterPreempt),
    ...present("rank", row["rank"], Number),
    sinceAt: epochMs(Number(row["since_at_ms"])),
    ...(closedAt === null ? {} : { closed: { at: epochMs(Number(closedAt)), cut: row["closed_cut"] === 1 } }),
    created: signature(row, "created"),
    changed: signature(row, "changed"),
  };
}

function signature(row: Row, what: "created" | "changed"): Signature {
  return {
    by: String(row[`${what}_by`]),
    name: String(row[`${what}_name`]),
    at: epochMs(Number(row[`${what}_at_ms`])),
  };
}

function present<K extends string, T>(
  key: K,
  cell: unknown,
  decode: (cell: unknown) => T,
): Partial<Record<K, T>> {
  return (cell === null || cell === undefined ? {} : { [key]: decode(cell) }) as Partial<Record<K, T>>;
}

function parsed<T>(shape: z.ZodType<T>, row: Row, column: string): T {
  const result = shape.safeParse(JSON.parse(String(row[column])));
  if (result.success) return result.data;
  throw new Fault("corrupt", `slot ${String(row["id"])}: ${column} can't be read`, { cause: result.error });
}
