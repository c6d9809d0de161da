import type { Actor } from "../../identity/actor.ts";
import type { Audit } from "../../identity/audit.ts";
import type { Clock } from "../../kernel/clock.ts";
import { Fault } from "../../kernel/faults.ts";
import { text, type Text } from "../../kernel/text.ts";
import { DAY_MS, epochMs, type EpochMs } from "../../kernel/time.ts";
import type { Database, Row } from "../../store/database.ts";
import { BREACH_STEPS, breachStanding, type BreachStep } from "../rules/breach.ts";

export interface Breach {
  readonly id: number;
  /** What happened, as far as it is known. */
  readonly what: string;
  readonly foundAt: EpochMs;
  readonly notedBy: string;
  readonly steps: readonly {
    readonly step: BreachStep;
    readonly doneAt: EpochMs | null;
    readonly doneBy: string | null;
  }[];
}

/** The commune's breaches and how far each checklist has come. */
export interface Breaches {
  /** Throws Fault("invalid") for a day of finding that can't be. */
  add(what: string, foundAt: EpochMs, by: Actor): Breach;
  /** Newest first. */
  list(): readonly Breach[];
  /** Notes a step as done; what is done stays done. Throws Fault("not-found"). */
  finish(id: number, step: BreachStep, by: Actor): Breach;
  standing(breach: Breach): { readonly late: boolean; readonly said: Text };
}

interface BreachParts {
  readonly database: Database;
  readonly audit: Pick<Audit, "record">;
  readonly clock: Clock;
}

const OLDEST_FINDING_MS = 366 * DAY_MS;

export function openBreaches({ database, audit, clock }: BreachParts): Breaches {
  const stepsOf = (id: number): Breach["steps"] => {
    const done = new Map(
      database
        .all("SELECT * FROM breach_step WHERE breach = ?", id)
        .map((row) => [String(row["step"]), row] as const),
    );
    return BREACH_STEPS.map((step) => {
      const row = done.get(step);
      return {
        step,
        doneAt: row === undefined ? null : epochMs(Number(row["done_at_ms"])),
        doneBy: row === undefined ? null : String(row["done_by"]),
      };
    });
  };
  const asBreach = (row: Row): Breach => ({
    id: Number(row["id"]),
    what: String(row["what"]),
    foundAt: epochMs(Number(row["found_at_ms"])),
    notedBy: String(row["noted_by"]),
    steps: stepsOf(Number(row["id"])),
  });
  const get = (id: number): Breach => {
    const row = database.get("SELECT * FROM breach WHERE id = ?", id);
    if (row === undefined) throw noSuchBreach(id);
    return asBreach(row);
  };
  return {
    add: (what, foundAt, by) => {
      const now = clock.now();
      if (foundAt > now || foundAt < now - OLDEST_FINDING_MS) throw badFinding();
      return database.transact(() => {
        const { lastId } = database.run(
          "INSERT INTO breach (what, found_at_ms, noted_by) VALUES (?, ?, ?)",
          ...[what, foundAt, by.name],
        );
        audit.record({ actor: by, action: "breach.add", subject: String(lastId), details: { foundAt } });
        return get(lastId);
      });
    },
    list: () =>
      database.all("SELECT * FROM breach ORDER BY found_at_ms DESC, id DESC LIMIT 200").map(asBreach),
    finish: (id, step, by) =>
      database.transact(() => {
        get(id);
        const { changes } = database.run(
          "INSERT OR IGNORE INTO breach_step (breach, step, done_at_ms, done_by) VALUES (?, ?, ?, ?)",
          ...[id, step, clock.now(), by.name],
        );
        if (changes > 0) {
          audit.record({ actor: by, action: "breach.step", subject: String(id), details: { step } });
        }
        return get(id);
      }),
    standing: ({ foundAt, steps }) => {
      const notifiedAt = steps.find(({ step }) => step === "authority")?.doneAt ?? null;
      return breachStanding({ foundAt, notifiedAt }, clock.now());
    },
  };
}

function noSuchBreach(id: number): Fault {
  return new Fault("not-found", text(`There is no breach ${id}.`, `Không có sự cố ${id}.`), {
    field: "id",
    hint: text("See the list of breaches.", "Hãy xem danh sách sự cố."),
  });
}

function badFinding(): Fault {
  return new Fault(
    "invalid",
    text(
      "The time of finding lies in the future or more than a year back.",
      "Thời điểm phát hiện ở tương lai hoặc quá một năm trước.",
    ),
    {
      field: "foundAt",
      hint: text("Enter when it was found.", "Hãy nhập lúc thực sự phát hiện sự cố."),
    },
  );
}
