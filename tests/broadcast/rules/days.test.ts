import { expect, test } from "vitest";
import {
  dayNumberOf,
  localDateOf,
  monthLengthOf,
  msOfDay,
  parseLocalDate,
  parseLocalTime,
  weekdayOf,
} from "../../../src/broadcast/rules/days.ts";

test.each([
  ["1970-01-01", 0],
  ["1969-12-31", -1],
  ["2000-02-29", 11_016],
  ["2026-11-24", 20_781],
])("%s is day %i, both ways", (date, day) => {
  expect(dayNumberOf(date)).toBe(day);
  expect(localDateOf(day)).toBe(date);
});

test.each(["2026-02-29", "2026-13-01", "2026-00-10", "2026-11-31", "26-11-24", "2026-11-24T00:00", ""])(
  "%j is no date",
  (date) => {
    expect(parseLocalDate(date)).toBeUndefined();
    expect(() => dayNumberOf(date)).toThrow("not a date");
  },
);

test.each<[string, number | undefined]>([
  ["00:00", 0],
  ["17:05:30", 61_530_000],
  ["23:59:59", 86_399_000],
  ["24:00", undefined],
  ["17:60", undefined],
  ["17:05:60", undefined],
  ["7:05", undefined],
])("%s is %s ms after midnight", (time, ms) => {
  expect(parseLocalTime(time)).toBe(ms);
  if (ms === undefined) expect(() => msOfDay(time)).toThrow("not a time of day");
});

test.each([
  ["2026-11-23", 1],
  ["2026-11-24", 2],
  ["2026-11-29", 7],
  ["1969-12-31", 3],
])("%s is weekday %i", (date, weekday) => {
  expect(weekdayOf(dayNumberOf(date))).toBe(weekday);
});

test.each([
  [2026, 2, 28],
  [2028, 2, 29],
  [2100, 2, 28],
  [2026, 12, 31],
])("%i-%i has %i days", (year, month, length) => {
  expect(monthLengthOf(year, month)).toBe(length);
});
