import fc from "fast-check";
import { expect, test } from "vitest";
import { civilOf, dayNumberOf, localDateOf, weekdayOf } from "../../../src/broadcast/rules/days.ts";
import type { Recurrence, Slot } from "../../../src/broadcast/rules/model.ts";
import { ruleDays } from "../../../src/broadcast/rules/recurrence.ts";
import { slot } from "../../support/slots.ts";

const weekly = (everyWeeks: number, ...weekdays: number[]): Recurrence => ({
  type: "weekly",
  everyWeeks,
  weekdays,
});
const monthly = (...days: (number | "last")[]): Recurrence => ({ type: "monthly", days });
const lunar = (days: number[], more: Partial<Extract<Recurrence, { type: "lunar" }>> = {}): Recurrence => ({
  type: "lunar",
  days,
  leapMonth: "skip",
  shortMonth: "skip",
  ...more,
});

function datesOf(change: Partial<Slot>, from: string, to: string, holidays: readonly string[] = []): string {
  const days = ruleDays(slot({ from: "2020-01-01", ...change }), range(from, to), (day) =>
    holidays.includes(localDateOf(day)),
  );
  return days.map(localDateOf).join(" ");
}

function range(from: string, to: string): { first: number; last: number } {
  return { first: dayNumberOf(from), last: dayNumberOf(to) };
}

test.each<[string, Partial<Slot>, string, string, string]>([
  ["once", { recurrence: { type: "once", date: "2026-11-24" } }, "2026-11-01", "2026-11-30", "2026-11-24"],
  ["once, elsewhere", { recurrence: { type: "once", date: "2026-12-24" } }, "2026-11-01", "2026-11-30", ""],
  ["daily", {}, "2026-12-30", "2027-01-02", "2026-12-30 2026-12-31 2027-01-01 2027-01-02"],
  ["daily from its first day", { from: "2026-11-23" }, "2026-11-21", "2026-11-24", "2026-11-23 2026-11-24"],
  ["daily to its last day", { to: "2026-11-22" }, "2026-11-21", "2026-11-24", "2026-11-21 2026-11-22"],
  ["after its last day", { to: "2026-11-20" }, "2026-11-21", "2026-11-24", ""],
  [
    "weekdays",
    { recurrence: weekly(1, 5, 1, 1) },
    "2026-11-23",
    "2026-11-30",
    "2026-11-23 2026-11-27 2026-11-30",
  ],
  [
    "every two weeks, counted from the first one",
    { recurrence: weekly(2, 2, 7), from: "2026-11-11" },
    "2026-11-01",
    "2026-12-10",
    "2026-11-15 2026-11-24 2026-11-29 2026-12-08",
  ],
  [
    "every three weeks across the new year",
    { recurrence: weekly(3, 4), from: "2026-12-01" },
    "2026-12-20",
    "2027-02-05",
    "2026-12-24 2027-01-14 2027-02-04",
  ],
  [
    "the 31st passes over short months",
    { recurrence: monthly(31) },
    "2026-01-01",
    "2026-06-30",
    "2026-01-31 2026-03-31 2026-05-31",
  ],
  [
    "the last day, once where it is also named",
    { recurrence: monthly("last", 28, 1) },
    "2026-02-01",
    "2026-03-31",
    "2026-02-01 2026-02-28 2026-03-01 2026-03-28 2026-03-31",
  ],
  ["29 February in a leap year only", { recurrence: monthly(29) }, "2028-02-01", "2028-03-01", "2028-02-29"],
  [
    "mồng một and rằm",
    { recurrence: lunar([15, 1]) },
    "2026-02-01",
    "2026-04-10",
    "2026-02-02 2026-02-17 2026-03-03 2026-03-19 2026-04-02",
  ],
  [
    "Tết of each year",
    { recurrence: lunar([1], { month: 1 }) },
    "2025-01-01",
    "2028-12-31",
    "2025-01-29 2026-02-17 2027-02-06 2028-01-26",
  ],
  [
    "in the sixth month, not in its leap twin",
    { recurrence: lunar([1], { month: 6 }) },
    "2025-06-01",
    "2025-08-31",
    "2025-06-25",
  ],
  [
    "in the sixth month and its leap twin",
    { recurrence: lunar([1], { month: 6, leapMonth: "both" }) },
    "2025-06-01",
    "2025-08-31",
    "2025-06-25 2025-07-25",
  ],
  [
    "day 30 is passed over in a short month",
    { recurrence: lunar([30]) },
    "2026-01-01",
    "2026-05-31",
    "2026-01-18 2026-03-18 2026-05-16",
  ],
  [
    "or kept on day 29, once",
    { recurrence: lunar([29, 30], { shortMonth: "last-day" }) },
    "2026-02-01",
    "2026-03-31",
    "2026-02-16 2026-03-17 2026-03-18",
  ],
  [
    "seasons, also over the new year",
    {
      recurrence: monthly(1, 16),
      seasons: [
        { from: "11-16", to: "01-15" },
        { from: "06-01", to: "06-01" },
      ],
    },
    "2026-05-01",
    "2027-02-28",
    "2026-06-01 2026-11-16 2026-12-01 2026-12-16 2027-01-01",
  ],
])("%s", (_name, ...[change, from, to, expected]) => {
  expect(datesOf(change, from, to)).toBe(expected);
});

test.each<[Slot["holidays"], string]>([
  ["ignore", "2026-09-01 2026-09-02 2026-09-03"],
  ["skip", "2026-09-01 2026-09-03"],
  ["only", "2026-09-02"],
])("holidays: %s", (holidays, expected) => {
  expect(datesOf({ holidays }, "2026-09-01", "2026-09-03", ["2026-09-02"])).toBe(expected);
});

const anyRule: fc.Arbitrary<Recurrence> = fc.oneof(
  fc.constant<Recurrence>({ type: "daily" }),
  fc
    .tuple(fc.integer({ min: 1, max: 5 }), fc.uniqueArray(fc.integer({ min: 1, max: 7 })))
    .map(([everyWeeks, weekdays]) => weekly(everyWeeks, ...weekdays)),
  fc
    .uniqueArray(fc.oneof(fc.integer({ min: 1, max: 31 }), fc.constant("last" as const)))
    .map((days) => monthly(...days)),
  fc.uniqueArray(fc.integer({ min: 1, max: 30 })).map((days) => lunar(days, { leapMonth: "both" })),
);
const anyDay = fc.integer({ min: dayNumberOf("2024-01-01"), max: dayNumberOf("2034-12-31") });

test("a day asked for alone gets the same answer as within a range, in order and without doubles", () => {
  fc.assert(
    fc.property(anyRule, anyDay, fc.nat(80), (recurrence, first, length) => {
      const rule = slot({ recurrence, from: "2024-03-06" });
      const days = ruleDays(rule, { first, last: first + length }, () => false);
      const single: number[] = [];
      for (let day = first; day <= first + length; day += 1) {
        if (ruleDays(rule, { first: day, last: day }, () => false).length > 0) single.push(day);
      }
      expect(days).toEqual(single);
    }),
  );
});

test("every n weeks means the days of every n-th week and no others", () => {
  fc.assert(
    fc.property(anyDay, fc.integer({ min: 1, max: 6 }), anyDay, (from, everyWeeks, day) => {
      const rule = slot({ recurrence: weekly(everyWeeks, weekdayOf(day)), from: localDateOf(from) });
      const monday = (some: number): number => some - weekdayOf(some) + 1;
      const due = day >= from && ((monday(day) - monday(from)) / 7) % everyWeeks === 0;
      expect(ruleDays(rule, { first: day, last: day }, () => false)).toEqual(due ? [day] : []);
    }),
  );
});

test("the last of a month is followed by a first", () => {
  fc.assert(
    fc.property(anyDay, (first) => {
      for (const day of ruleDays(
        slot({ recurrence: monthly("last") }),
        { first, last: first + 70 },
        () => false,
      )) {
        expect(civilOf(day + 1).day).toBe(1);
      }
    }),
  );
});
