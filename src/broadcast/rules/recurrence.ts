import {
  civilOf,
  dayFrom,
  dayNumberOf,
  monthDayNumber,
  monthLengthOf,
  weekdayOf,
  type DayNumber,
  type DayRange,
} from "./days.ts";
import { lunarMonths, type LunarMonth } from "./lunar.ts";
import type { Recurrence, Slot } from "./model.ts";

type Rule<T extends Recurrence["type"]> = Extract<Recurrence, { type: T }>;

/** The days a slot's rule gives within the range, in order, before its exceptions. */
export function ruleDays(
  slot: Slot,
  range: DayRange,
  isHoliday: (day: DayNumber) => boolean,
): readonly DayNumber[] {
  const within = {
    first: Math.max(range.first, dayNumberOf(slot.from)),
    last: slot.to === undefined ? range.last : Math.min(range.last, dayNumberOf(slot.to)),
  };
  if (within.first > within.last) return [];
  const days = recurringDays(slot, within);
  const inSeason = seasonCheck(slot.seasons);
  return days.filter((day) => inSeason(day) && suitsHolidays(slot.holidays, day, isHoliday));
}

function recurringDays({ recurrence, from }: Slot, range: DayRange): DayNumber[] {
  switch (recurrence.type) {
    case "once": {
      const day = dayNumberOf(recurrence.date);
      return isWithin(day, range) ? [day] : [];
    }
    case "daily":
      return Array.from({ length: range.last - range.first + 1 }, (_, index) => range.first + index);
    case "weekly":
      return weeklyDays(recurrence, mondayOf(dayNumberOf(from)), range);
    case "monthly":
      return monthlyDays(recurrence, range);
    case "lunar":
      return lunarDays(recurrence, range);
  }
}

function weeklyDays(rule: Rule<"weekly">, firstMonday: DayNumber, range: DayRange): DayNumber[] {
  const weekdays = ascending(rule.weekdays);
  const stepDays = 7 * Math.max(1, rule.everyWeeks);
  const stepsBefore = Math.floor((mondayOf(range.first) - firstMonday) / stepDays);
  const days: DayNumber[] = [];
  for (let monday = firstMonday + stepsBefore * stepDays; monday <= range.last; monday += stepDays) {
    for (const weekday of weekdays) {
      const day = monday + weekday - 1;
      if (isWithin(day, range)) days.push(day);
    }
  }
  return days;
}

function monthlyDays(rule: Rule<"monthly">, range: DayRange): DayNumber[] {
  const days: DayNumber[] = [];
  let { year, month } = civilOf(range.first);
  for (;;) {
    const start = dayFrom({ year, month, day: 1 });
    if (start > range.last) return days;
    const length = monthLengthOf(year, month);
    const wanted = ascending(rule.days.map((day) => (day === "last" ? length : day)));
    for (const dayOfMonth of wanted) {
      const day = start + dayOfMonth - 1;
      if (dayOfMonth <= length && isWithin(day, range)) days.push(day);
    }
    [year, month] = month === 12 ? [year + 1, 1] : [year, month + 1];
  }
}

function lunarDays(rule: Rule<"lunar">, range: DayRange): DayNumber[] {
  const days: DayNumber[] = [];
  for (const month of lunarMonths(range)) {
    if (rule.month !== undefined && rule.month !== month.month) continue;
    if (month.leap && rule.leapMonth === "skip") continue;
    for (const dayOfMonth of lunarDaysOfMonth(rule, month)) {
      const day = month.firstDay + dayOfMonth - 1;
      if (isWithin(day, range)) days.push(day);
    }
  }
  return days;
}

function lunarDaysOfMonth(rule: Rule<"lunar">, { length }: LunarMonth): number[] {
  const wanted = rule.shortMonth === "skip" ? rule.days : rule.days.map((day) => Math.min(day, length));
  return ascending(wanted).filter((day) => day <= length);
}

function seasonCheck(seasons: Slot["seasons"]): (day: DayNumber) => boolean {
  if (seasons.length === 0) return () => true;
  const ranges = seasons.map(({ from, to }) => ({ from: monthDayNumber(from), to: monthDayNumber(to) }));
  return (day) => {
    const { month, day: dayOfMonth } = civilOf(day);
    const today = month * 100 + dayOfMonth;
    return ranges.some(({ from, to }) =>
      from <= to ? today >= from && today <= to : today >= from || today <= to,
    );
  };
}

function suitsHolidays(
  holidays: Slot["holidays"],
  day: DayNumber,
  isHoliday: (day: DayNumber) => boolean,
): boolean {
  switch (holidays) {
    case "ignore":
      return true;
    case "skip":
      return !isHoliday(day);
    case "only":
      return isHoliday(day);
  }
}

function isWithin(day: DayNumber, { first, last }: DayRange): boolean {
  return day >= first && day <= last;
}

function mondayOf(day: DayNumber): DayNumber {
  return day - weekdayOf(day) + 1;
}

function ascending(numbers: readonly number[]): number[] {
  return [...new Set(numbers)].sort((a, b) => a - b);
}
