import { dayNumberOf, localDateOf } from "./days.ts";
import type { LocalDate, LocalTime, Slot, SlotException } from "./model.ts";

/** Which occurrences of a slot an edit means. `date` is the one the rule gave, also for an occurrence that was moved. */
export type EditScope =
  | { readonly type: "this"; readonly date: LocalDate }
  | { readonly type: "following"; readonly date: LocalDate }
  | { readonly type: "all" };

/** What to store in one transaction. */
export interface SlotEdit {
  /** New or changed slots, whole. */
  readonly put: readonly Slot[];
  /** Ids of slots that are no more. */
  readonly removed: readonly string[];
}

/**
 * Makes `slot` as the form left it, `edited`, for some of its occurrences. Exceptions are taken from `slot`. Where the
 * series splits, the edited part gets `newId`; the rest keeps its id, and with it the names of its airings.
 */
export function editOccurrences(slot: Slot, edited: Slot, scope: EditScope, newId: string): SlotEdit {
  const reach = effectiveScope(slot, scope);
  switch (reach.type) {
    case "all":
      return changed({ ...edited, id: slot.id, exceptions: slot.exceptions });
    case "following": {
      const { before, after } = splitExceptions(slot, reach.date);
      const tail = { ...edited, id: newId, from: reach.date, exceptions: after };
      return changed({ ...slot, to: dayBefore(reach.date), exceptions: before }, tail);
    }
    case "this":
      return editOne(slot, edited, reach.date, newId);
  }
}

export function cancelOccurrences(slot: Slot, scope: EditScope): SlotEdit {
  const reach = effectiveScope(slot, scope);
  switch (reach.type) {
    case "all":
      return { put: [], removed: [slot.id] };
    case "following": {
      const { before } = splitExceptions(slot, reach.date);
      return changed({ ...slot, to: dayBefore(reach.date), exceptions: before });
    }
    case "this":
      return changed(withException(slot, { date: reach.date, type: "cancelled" }));
  }
}

/** Moves one occurrence; back to where the rule puts it, the exception is forgotten. */
export function moveOccurrence(
  slot: Slot,
  date: LocalDate,
  to: { readonly date: LocalDate; readonly time: LocalTime },
): SlotEdit {
  if (to.date === date && to.time === slot.startTime) return restoreOccurrence(slot, date);
  return changed(withException(slot, { date, type: "moved", toDate: to.date, toTime: to.time }));
}

/** Takes back a cancelled or moved occurrence. */
export function restoreOccurrence(slot: Slot, date: LocalDate): SlotEdit {
  return changed({ ...slot, exceptions: slot.exceptions.filter((exception) => exception.date !== date) });
}

/** A change of time alone keeps the occurrence in its series; any other makes it a slot of its own. */
function editOne(slot: Slot, edited: Slot, date: LocalDate, newId: string): SlotEdit {
  const exception = slot.exceptions.find((candidate) => candidate.date === date);
  const onDate = exception?.type === "moved" ? exception.toDate : date;
  if (differsInTimeOnly(slot, edited)) {
    return moveOccurrence(slot, date, { date: onDate, time: edited.startTime });
  }
  const own: Slot = {
    ...edited,
    id: newId,
    recurrence: { type: "once", date: onDate },
    from: onDate,
    to: onDate,
    seasons: [],
    holidays: "ignore",
    exceptions: [],
  };
  return changed(withException(slot, { date, type: "cancelled" }), own);
}

/** From the first day on, and for what comes only once, all scopes mean all. */
function effectiveScope(slot: Slot, scope: EditScope): EditScope {
  if (slot.recurrence.type === "once") return { type: "all" };
  return scope.type === "following" && scope.date <= slot.from ? { type: "all" } : scope;
}

function splitExceptions(slot: Slot, date: LocalDate): { before: SlotException[]; after: SlotException[] } {
  return {
    before: slot.exceptions.filter((exception) => exception.date < date),
    after: slot.exceptions.filter((exception) => exception.date >= date),
  };
}

function withException(slot: Slot, exception: SlotException): Slot {
  const others = slot.exceptions.filter(({ date }) => date !== exception.date);
  const exceptions = [...others, exception].sort((a, b) => (a.date < b.date ? -1 : 1));
  return { ...slot, exceptions };
}

function differsInTimeOnly(slot: Slot, edited: Slot): boolean {
  const blank = { id: "", startTime: "", exceptions: [] };
  return sortedJson({ ...slot, ...blank }) === sortedJson({ ...edited, ...blank });
}

/** Objects with the same content have the same text, whatever the order of their fields. */
function sortedJson(value: object): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner !== "object" || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

function dayBefore(date: LocalDate): LocalDate {
  return localDateOf(dayNumberOf(date) - 1);
}

function changed(...put: readonly Slot[]): SlotEdit {
  return { put, removed: [] };
}
