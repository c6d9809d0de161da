import { Fault } from "../kernel/faults.ts";
import { text } from "../kernel/text.ts";
import type { EpochMs } from "../kernel/time.ts";
import { existingDate, existingTime, sayDate } from "./calendar-check.ts";
import type { KeptSlot, OccurrenceEdit, Scope, SlotDraft } from "./calendar-model.ts";
import type { Signature } from "./rules/approval.ts";
import type { LocalDate, LocalTime, Slot } from "./rules/model.ts";
import { cancelOccurrences, editOccurrences, moveOccurrence, restoreOccurrence } from "./rules/series.ts";

/** What an edit has to know besides the slot. */
export interface EditSituation {
  readonly who: Signature;
  /** For a slot the edit may open. */
  readonly newId: string;
  /** Whether an occurrence has started already. */
  readonly hasBegun: boolean;
  /** When the occurrence of this date starts and ends; undefined when there is none, or it is cancelled. */
  readonly spanOn: (date: LocalDate) => { readonly startAt: EpochMs; readonly endAt: number } | undefined;
}

/** A slot nobody has seen before. */
export function opened(draft: SlotDraft, id: string, who: Signature): KeptSlot {
  return {
    ...draft,
    id,
    series: id,
    version: 1,
    exceptions: [],
    sinceAt: who.at,
    created: who,
    changed: who,
  };
}

/** Every row that a change of a slot writes. */
export function changedSlots(
  slot: KeptSlot,
  draft: SlotDraft,
  scope: Scope,
  situation: EditSituation,
): KeptSlot[] {
  if (scope.type === "all" || isWhole(slot, scope.date, scope.type))
    return throughout(slot, draft, situation);
  const { who, newId } = situation;
  mustBeAhead(slot, scope.date, situation);
  const own = { ...opened(draft, newId, who), series: slot.series };
  const rulesScope = scope.type === "one" ? ({ type: "this", date: scope.date } as const) : scope;
  const { put } = editOccurrences(
    seriesOf(slot),
    seriesOf({ ...carried(slot), ...draft }),
    rulesScope,
    newId,
  );
  if (scope.type === "one" && put.length === 1) mustNotHaveBegun(slot, scope.date, situation);
  return put.map((rule) =>
    rule.id === slot.id ? revised(slot, who, datesOf(rule)) : { ...own, ...datesOf(rule) },
  );
}

/** Every row that a removal writes; none is ever deleted. */
export function removedSlots(slot: KeptSlot, scope: Scope, situation: EditSituation): KeptSlot[] {
  const { who } = situation;
  if (scope.type === "all" || isWhole(slot, scope.date, scope.type)) return [closed(slot, who, true)];
  mustBeAhead(slot, scope.date, situation);
  const rulesScope = scope.type === "one" ? ({ type: "this", date: scope.date } as const) : scope;
  const { put } = cancelOccurrences(seriesOf(slot), rulesScope);
  return put.map((rule) => revised(slot, who, datesOf(rule)));
}

/** The slot with one occurrence at another time. */
function movedSlot(
  slot: KeptSlot,
  date: LocalDate,
  to: { readonly date: LocalDate; readonly time: LocalTime },
  situation: EditSituation,
): KeptSlot[] {
  mustNotHaveBegun(slot, date, situation);
  return moveOccurrence(seriesOf(slot), date, to).put.map((rule) =>
    revised(slot, situation.who, datesOf(rule)),
  );
}

/** The slot with the occurrence of this date as the rule gives it. */
function restoredSlot(slot: KeptSlot, date: LocalDate, who: Signature): KeptSlot[] {
  if (slot.exceptions.some((exception) => exception.date === date))
    return restoreOccurrence(seriesOf(slot), date).put.map((rule) => revised(slot, who, datesOf(rule)));
  throw new Fault(
    "not-found",
    text(
      `The occurrence of ${date} was not changed.`,
      `Lần phát ngày ${sayDate(date)} chưa từng bị thay đổi.`,
    ),
    { field: "date", hint: text("Nothing needs restoring.", "Không cần khôi phục.") },
  );
}

/** What an edit of one occurrence writes. */
export function exceptedRows(
  kept: KeptSlot,
  date: LocalDate,
  edit: OccurrenceEdit,
  now: EditSituation,
): KeptSlot[] {
  existingDate(date, "date");
  switch (edit.type) {
    case "cancel":
      return removedSlots(kept, { type: "one", date }, now);
    case "move": {
      const to = { date: existingDate(edit.toDate, "toDate"), time: existingTime(edit.toTime, "toTime") };
      return movedSlot(kept, date, to, now);
    }
    case "restore":
      return restoredSlot(kept, date, now.who);
  }
}

/** A slot that falls once, and a change from its first day on, are changed as a whole. */
function isWhole(slot: KeptSlot, date: LocalDate, scope: "one" | "following"): boolean {
  return slot.recurrence.type === "once" || (scope === "following" && date <= slot.from);
}

/** A change of what or when of something that has begun opens a successor; see KeptSlot. */
function throughout(slot: KeptSlot, draft: SlotDraft, { who, hasBegun, newId }: EditSituation): KeptSlot[] {
  const sounds = differs(slot, draft, ["bulletinId", "kind", "startTime", "durationMs"]);
  const falls = differs(slot, draft, ["recurrence", "from", "seasons", "holidays"]);
  const merged = { ...carried(slot), ...draft };
  if (!sounds && !falls) return [revised(merged, who, {})];
  if (!hasBegun) return [revised(merged, who, { sinceAt: who.at })];
  const successor: KeptSlot = {
    ...opened(draft, newId, who),
    series: slot.series,
    version: slot.version + 1,
    exceptions: slot.exceptions,
  };
  return [successor, closed(slot, who, sounds)];
}

/** What a draft never says. */
function carried({
  id,
  series,
  version,
  exceptions,
  sinceAt,
  created,
  changed,
}: KeptSlot): Omit<KeptSlot, keyof SlotDraft | "closed"> {
  return { id, series, version, exceptions, sinceAt, created, changed };
}

/**
 * The slot as the rules of series take it. They look at its dates, and ask of the rest only whether it is the same:
 * the title stands for it.
 */
function seriesOf(slot: KeptSlot): Slot {
  const { bulletinId, kind, targets, volumePercent, durationMs, afterPreempt, rank } = slot;
  return {
    ...datesOf(slot),
    id: slot.id,
    title: JSON.stringify([bulletinId, kind, volumePercent, durationMs, afterPreempt, rank]),
    targets,
    level: 0,
    durationMs: 0,
    afterPreempt: "resume",
    rank: 0,
  };
}

type Dates = Pick<Slot, "startTime" | "recurrence" | "from" | "to" | "seasons" | "holidays" | "exceptions">;

function datesOf({ startTime, recurrence, from, to, seasons, holidays, exceptions }: Dates): Dates {
  const end = to === undefined ? {} : { to };
  return { startTime, recurrence, from, ...end, seasons, holidays, exceptions };
}

function revised(slot: KeptSlot, who: Signature, changes: Partial<KeptSlot>): KeptSlot {
  return { ...slot, ...changes, version: slot.version + 1, changed: who };
}

function closed(slot: KeptSlot, who: Signature, cut: boolean): KeptSlot {
  return revised(slot, who, { closed: { at: who.at, cut } });
}

function differs(slot: KeptSlot, draft: SlotDraft, fields: readonly (keyof SlotDraft)[]): boolean {
  return fields.some((field) => !isSame(slot[field], draft[field]));
}

/** For the plain data of drafts; the order of keys does not count. */
function isSame(a: unknown, b: unknown): boolean {
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return a === b;
  const [left, right] = [
    new Map<string, unknown>(Object.entries(a)),
    new Map<string, unknown>(Object.entries(b)),
  ];
  return left.size === right.size && [...left].every(([key, value]) => isSame(value, right.get(key)));
}

function mustBeAhead(slot: KeptSlot, date: LocalDate, { spanOn, who }: EditSituation): EpochMs {
  const span = spanOn(date);
  if (span === undefined)
    throw new Fault(
      "not-found",
      text(
        `Slot ${slot.id} has no occurrence on ${date}.`,
        `Lịch phát ${slot.id} không có lần phát ngày ${sayDate(date)}.`,
      ),
      {
        field: "date",
        hint: text("Choose an occurrence on the calendar.", "Hãy chọn một lần phát có trên lịch."),
      },
    );
  if (span.endAt <= who.at) throw hasSounded(date);
  return span.startAt;
}

/** A moved occurrence keeps its airing, and loudspeakers never sound an airing twice. */
function mustNotHaveBegun(slot: KeptSlot, date: LocalDate, situation: EditSituation): void {
  if (mustBeAhead(slot, date, situation) <= situation.who.at) throw hasSounded(date);
}

function hasSounded(date: LocalDate): Fault {
  return new Fault(
    "conflict",
    text(
      `The occurrence of ${date} has begun or is over.`,
      `Lần phát ngày ${sayDate(date)} đã bắt đầu hoặc đã phát xong.`,
    ),
    {
      field: "date",
      hint: text("Make a new slot to sound it again.", "Hãy tạo lịch mới nếu muốn phát lại."),
    },
  );
}
