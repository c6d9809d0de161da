import { epochMs, type EpochMs } from "../../kernel/time.ts";
import { dayNumberOf, localDateOf, msOfDay, type DayNumber, type DayRange } from "./days.ts";
import { holidaysIn } from "./holidays.ts";
import { compareText } from "./ladder.ts";
import { localZone, type LocalZone } from "./local-time.ts";
import type { Candidate, Holiday, LocalDate, Slot, SlotException, TimeWindow } from "./model.ts";
import { ruleDays } from "./recurrence.ts";

export interface CalendarRules {
  /** IANA name. */
  readonly timeZone: string;
  readonly holidays: readonly Holiday[];
}

/** The occurrences of slots whose planned time, [startAt, startAt + durationMs), meets the window; in order of start. */
export function expand(slots: readonly Slot[], window: TimeWindow, rules: CalendarRules): Candidate[] {
  const zone = localZone(rules.timeZone);
  const longestMs = slots.reduce((longest, { durationMs }) => Math.max(longest, durationMs), 0);
  const range: DayRange = {
    // A day to spare on both sides: a reading that a clock change skips sounds after it.
    first: zone.dayOf(epochMs(window.from - longestMs)) - 1,
    last: zone.dayOf(window.to) + 1,
  };
  const holidays = holidaysIn(rules.holidays, rangeWithExceptions(slots, range));
  const expansion = {
    window,
    zone,
    range,
    isHoliday: (day: DayNumber) => holidays.has(day),
    dates: new Map(),
  };
  const candidates = slots.flatMap((slot) => occurrencesOf(slot, expansion));
  return candidates.sort((a, b) => a.startAt - b.startAt || compareText(a.airing, b.airing));
}

interface Expansion {
  readonly window: TimeWindow;
  readonly zone: LocalZone;
  readonly range: DayRange;
  readonly isHoliday: (day: DayNumber) => boolean;
  /** Written dates, shared by all slots. */
  readonly dates: Map<DayNumber, LocalDate>;
}

function occurrencesOf(slot: Slot, expansion: Expansion): Candidate[] {
  const { window, zone, range, isHoliday, dates } = expansion;
  const exceptions = new Map(slot.exceptions.map((exception) => [dayNumberOf(exception.date), exception]));
  const startMs = msOfDay(slot.startTime);
  const found: Candidate[] = [];
  const add = (ruleDay: DayNumber, startAt: EpochMs): void => {
    if (startAt >= window.to || startAt + slot.durationMs <= window.from) return;
    let date = dates.get(ruleDay);
    if (date === undefined) dates.set(ruleDay, (date = localDateOf(ruleDay)));
    found.push(occurrence(slot, date, startAt));
  };
  for (const day of ruleDays(slot, range, isHoliday)) {
    if (!exceptions.has(day)) add(day, zone.instantOf(day, startMs));
  }
  for (const [day, exception] of exceptions) {
    if (exception.type === "cancelled" || !isRuleDay(slot, day, isHoliday)) continue;
    add(day, movedStart(exception, zone));
  }
  return found;
}

/** `<slot>.<date the rule gave>`: moved or not, the same occurrence keeps its name. */
export function airingOf(slot: string, date: LocalDate): string {
  return `${slot}.${date}`;
}

function occurrence(slot: Slot, date: LocalDate, startAt: EpochMs): Candidate {
  return {
    airing: airingOf(slot.id, date),
    title: slot.title,
    slot: slot.id,
    level: slot.level,
    startAt,
    durationMs: slot.durationMs,
    targets: slot.targets,
    afterPreempt: slot.afterPreempt,
    rank: slot.rank,
    ...(slot.byClock === undefined ? {} : { byClock: slot.byClock }),
    ...(slot.barred === undefined ? {} : { barred: slot.barred }),
  };
}

function movedStart(exception: Extract<SlotException, { type: "moved" }>, zone: LocalZone): EpochMs {
  return zone.instantOf(dayNumberOf(exception.toDate), msOfDay(exception.toTime));
}

function isRuleDay(slot: Slot, day: DayNumber, isHoliday: (day: DayNumber) => boolean): boolean {
  return ruleDays(slot, { first: day, last: day }, isHoliday).length > 0;
}

/** Occurrences are moved into the window from any day, and whether the rule gave that day may hang on a holiday. */
function rangeWithExceptions(slots: readonly Slot[], range: DayRange): DayRange {
  let { first, last } = range;
  for (const { exceptions, holidays } of slots) {
    if (holidays === "ignore") continue;
    for (const { date, type } of exceptions) {
      if (type === "cancelled") continue;
      const day = dayNumberOf(date);
      first = Math.min(first, day);
      last = Math.max(last, day);
    }
  }
  return { first, last };
}
