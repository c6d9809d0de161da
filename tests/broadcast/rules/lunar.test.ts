import fc from "fast-check";
import { expect, test } from "vitest";
import { dayNumberOf, localDateOf } from "../../../src/broadcast/rules/days.ts";
import { lunarDateOf, lunarMonths } from "../../../src/broadcast/rules/lunar.ts";

/** Year, Tết, its months in order (L: 30 days, s: 29), which month comes twice. Frozen: a change here is a mistake. */
const YEARS = `
  2020 2020-01-25 sLLLsLssLssLL leap 4
  2021 2021-02-12 sLLsLsLsLsLs
  2022 2022-02-01 LsLsLLsLsLsL
  2023 2023-01-22 sLssLLsLLsLsL leap 2
  2024 2024-02-10 sLssLsLLsLLs
  2025 2025-01-29 LsLssLsLsLLLs leap 6
  2026 2026-02-17 LsLssLssLLLs
  2027 2027-02-06 LLsLssLssLLs
  2028 2028-01-26 LLLsLssLssLLs leap 5
  2029 2029-02-13 LLsLsLsLssLs
  2030 2030-02-02 LLsLLsLsLsLs
  2031 2031-01-23 sLsLLsLLsLsLs leap 3
  2032 2032-02-11 sLsLsLLsLLsL
  2033 2033-01-31 sLssLsLsLLLsL leap 11
  2034 2034-02-19 sLssLssLLLsL
  2035 2035-02-08 LsLssLssLLsL
  2036 2036-01-28 LLsLssLssLsLL leap 6
  2037 2037-02-15 LsLLssLssLsL
  2038 2038-02-04 LsLLsLsLssLs
  2039 2039-01-24 LLsLLsLsLssLs leap 5
  2040 2040-02-12 LsLLsLsLLsLs
  2041 2041-02-01 sLsLsLsLLLsL
  2042 2042-01-22 sLssLsLsLLsLL leap 2
  2043 2043-02-10 sLssLssLLsLL
  2044 2044-01-30 LsLssLssLsLLL leap 7
  2045 2045-02-17 LsLssLssLsLL
  2046 2046-02-06 LsLsLsLssLsL
  2047 2047-01-26 LsLLsLsLssLsL leap 5
  2048 2048-02-14 sLLsLLsLssLs
  2049 2049-02-02 LsLsLLsLsLLs
  2050 2050-01-23 sLsLsLsLLsLLs leap 3
  2051 2051-02-11 sLsLssLLsLLL
  2052 2052-02-01 sLssLssLsLLLs leap 8
  2053 2053-02-18 LLssLssLsLLL
  2054 2054-02-08 sLLssLssLsLL
  2055 2055-01-28 sLLsLsLssLsLs leap 6
  2056 2056-02-15 LLsLLsLssLsL
  2057 2057-02-04 sLsLLsLsLsLs
  2058 2058-01-24 LsLsLsLLsLsLs leap 4
  2059 2059-02-12 LsLsLsLsLLsL
  2060 2060-02-02 sLsLssLsLLLs
`;

test("the years 2020 to 2060 are as they were frozen", () => {
  const months = lunarMonths({ first: dayNumberOf("2020-01-25"), last: dayNumberOf("2061-01-20") });
  const told = Map.groupBy(months, ({ year }) => year)
    .entries()
    .map(([year, own]) => {
      const [first] = own;
      const leap = own.find((month) => month.leap);
      const lengths = own.map(({ length }) => (length === 30 ? "L" : "s")).join("");
      const twice = leap === undefined ? "" : ` leap ${leap.month}`;
      return `  ${year} ${localDateOf(first?.firstDay ?? 0)} ${lengths}${twice}`;
    });
  expect(`\n${[...told].join("\n")}\n`).toBe(YEARS);
});

/** Dates that calendars printed in Vietnam carry; 1985, 2007 and 2030 differ from China's. */
test.each([
  "1985-01-21",
  "2007-02-17",
  "2024-02-10",
  "2025-01-29",
  "2026-02-17",
  "2027-02-06",
  "2028-01-26",
  "2029-02-13",
  "2030-02-02",
  "2053-02-18",
])("Tết is on %s", (date) => {
  expect(lunarDateOf(dayNumberOf(date))).toMatchObject({ month: 1, day: 1, leap: false });
});

test("the leap months are those of Vietnam's calendar, 2033 included", () => {
  const months = lunarMonths({ first: dayNumberOf("2020-01-25"), last: dayNumberOf("2040-01-01") });
  const leaps = months.filter(({ leap }) => leap).map(({ year, month }) => `${year}:${month}`);
  expect(leaps.join(" ")).toBe("2020:4 2023:2 2025:6 2028:5 2031:3 2033:11 2036:6 2039:5");
});

test.each([
  ["2026-02-16", "29/12/2025 of 29"],
  ["2026-11-24", "16/10/2026 of 30"],
  ["2025-07-25", "1/6/2025 leap of 29"],
  ["2034-01-05", "15/11/2033 leap of 29"],
])("%s is %s", (date, expected) => {
  const { day, month, year, leap, monthLength } = lunarDateOf(dayNumberOf(date));
  expect(`${day}/${month}/${year}${leap ? " leap" : ""} of ${monthLength}`).toBe(expected);
});

test("each day follows the one before, from 1900 to 2199", () => {
  fc.assert(
    fc.property(fc.integer({ min: dayNumberOf("1900-01-01"), max: dayNumberOf("2199-12-31") }), (today) => {
      const [now, next] = [lunarDateOf(today), lunarDateOf(today + 1)];
      expect([29, 30]).toContain(now.monthLength);
      if (now.day < now.monthLength) {
        expect(next).toEqual({ ...now, day: now.day + 1 });
        return;
      }
      expect(next.day).toBe(1);
      const number = next.leap ? now.month : (now.month % 12) + 1;
      expect(next.month).toBe(number);
      expect(next.year).toBe(now.month === 12 && !next.leap ? now.year + 1 : now.year);
    }),
    { numRuns: 2_000 },
  );
});

test("a range gives every month that has a day in it", () => {
  const months = lunarMonths({ first: dayNumberOf("2026-02-16"), last: dayNumberOf("2026-02-17") });
  expect(months.map(({ firstDay, length }) => `${localDateOf(firstDay)} ${length}`)).toEqual([
    "2026-01-19 29",
    "2026-02-17 30",
  ]);
});
