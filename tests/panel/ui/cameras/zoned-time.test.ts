import { describe, expect, test } from "vitest";
import {
  dayAfter,
  dayStart,
  dayText,
  instantOf,
  lengthText,
} from "../../../../src/panel/ui/cameras/zoned-time.ts";

const HERE = "Asia/Ho_Chi_Minh";
const BERLIN = "Europe/Berlin";
const utc = (text: string): number => Date.parse(text);

describe("a written moment", () => {
  test.each([
    ["23/11/2026", "17:05", "2026-11-23T10:05:00Z"],
    ["23/11/2026", "17:05:09", "2026-11-23T10:05:09Z"],
    ["1-1-2027", "0:00", "2026-12-31T17:00:00Z"],
    [" 23.11.2026 ", "17h05", "2026-11-23T10:05:00Z"],
  ])("%s %s is read as the commune's time", (day, time, expected) => {
    expect(instantOf(day, time, HERE)).toBe(utc(expected));
  });

  test.each([
    ["31/02/2026", "10:00"],
    ["23/11/2026", "24:00"],
    ["23/11/2026", "10:60"],
    ["23/13/2026", "10:00"],
    ["hôm qua", "10:00"],
    ["23/11/2026", ""],
  ])("%s %s is no moment", (day, time) => {
    expect(instantOf(day, time, HERE)).toBeUndefined();
  });

  test("an hour that summer time skips is no moment", () => {
    expect(instantOf("29/03/2026", "02:30", BERLIN)).toBeUndefined();
    expect(instantOf("29/03/2026", "03:30", BERLIN)).toBe(utc("2026-03-29T01:30:00Z"));
  });
});

describe("days", () => {
  test("begin at the commune's midnight", () => {
    expect(dayStart(utc("2026-11-23T10:05:09.123Z"), HERE)).toBe(utc("2026-11-22T17:00:00Z"));
    expect(dayStart(utc("2026-11-22T17:00:00Z"), HERE)).toBe(utc("2026-11-22T17:00:00Z"));
    expect(dayText(utc("2026-11-22T17:00:00Z"), HERE)).toBe("23/11/2026");
  });

  test("follow each other, also where one has 23 or 25 hours", () => {
    const summer = utc("2026-03-29T08:00:00Z");
    expect(dayAfter(summer, 1, BERLIN)).toBe(utc("2026-03-29T22:00:00Z"));
    const winter = utc("2026-10-25T08:00:00Z");
    expect(dayAfter(winter, 1, BERLIN)).toBe(utc("2026-10-25T23:00:00Z"));
    expect(dayAfter(winter, -1, BERLIN)).toBe(utc("2026-10-23T22:00:00Z"));
  });
});

test.each([
  [45_000, "45 giây"],
  [184_000, "3 phút 04 giây"],
  [3_725_000, "1 giờ 02 phút"],
  [59_600, "1 phút 00 giây"],
  [-5, "0 giây"],
])("%i ms are %s", (ms, expected) => {
  expect(lengthText(ms)).toBe(expected);
});
