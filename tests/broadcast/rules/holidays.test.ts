import { expect, test } from "vitest";
import { dayNumberOf, localDateOf } from "../../../src/broadcast/rules/days.ts";
import { DEFAULT_HOLIDAYS, holidaysIn, SUGGESTED_HOLIDAYS } from "../../../src/broadcast/rules/holidays.ts";
import type { Holiday } from "../../../src/broadcast/rules/model.ts";

function told(holidays: readonly Holiday[], from: string, to: string): string[] {
  const range = { first: dayNumberOf(from), last: dayNumberOf(to) };
  return [...holidaysIn(holidays, range)]
    .sort(([a], [b]) => a - b)
    .map(([day, names]) => `${localDateOf(day)} ${names.join(" + ")}`);
}

test("the holidays of 2026", () => {
  expect(told(DEFAULT_HOLIDAYS, "2026-01-01", "2026-12-31")).toEqual([
    "2026-01-01 Tết Dương lịch",
    "2026-02-16 Giao thừa",
    "2026-02-17 Mồng một Tết",
    "2026-02-18 Mồng hai Tết",
    "2026-02-19 Mồng ba Tết",
    "2026-02-20 Mồng bốn Tết",
    "2026-04-26 Giỗ Tổ Hùng Vương",
    "2026-04-30 Ngày Chiến thắng",
    "2026-05-01 Quốc tế Lao động",
    "2026-09-01 Quốc khánh (ngày liền kề)",
    "2026-09-02 Quốc khánh",
  ]);
});

test.each<[string, Holiday, string, string, string[]]>([
  [
    "a date of its own",
    { type: "date", date: "2026-11-24", name: "x" },
    "2026-11-01",
    "2027-12-31",
    ["2026-11-24 x"],
  ],
  [
    "giao thừa is day 30 or 29, whichever is the year's last",
    { type: "lunar", month: 12, day: "last", name: "x" },
    "2024-02-01",
    "2027-03-01",
    ["2024-02-09 x", "2025-01-28 x", "2026-02-16 x", "2027-02-05 x"],
  ],
  [
    "a lunar holiday is not kept again in the leap month",
    { type: "lunar", month: 6, day: 1, name: "x" },
    "2025-01-01",
    "2025-12-31",
    ["2025-06-25 x"],
  ],
  [
    "29 February comes in leap years",
    { type: "solar", monthDay: "02-29", name: "x" },
    "2026-01-01",
    "2029-12-31",
    ["2028-02-29 x"],
  ],
])("%s", (_name, ...[holiday, from, to, expected]) => {
  expect(told([holiday], from, to)).toEqual(expected);
});

test("names that fall on one day stand side by side", () => {
  const twice: Holiday[] = [
    { type: "solar", monthDay: "05-01", name: "a" },
    { type: "date", date: "2026-05-01", name: "b" },
  ];
  expect(told(twice, "2026-05-01", "2026-05-01")).toEqual(["2026-05-01 a + b"]);
});

test("what is suggested is on no day already in the list", () => {
  const range = { first: dayNumberOf("2026-01-01"), last: dayNumberOf("2026-12-31") };
  const legal = holidaysIn(DEFAULT_HOLIDAYS, range);
  expect([...holidaysIn(SUGGESTED_HOLIDAYS, range).keys()].filter((day) => legal.has(day))).toEqual([]);
});
