import { describe, expect, test } from "vitest";
import { clockOffset, clockVerdict, deviceTimeIn } from "../../../src/cameras/rules/device-time.ts";
import { epochMs } from "../../../src/kernel/time.ts";

const utc = (year: string, month: string, day: string, time = ["10", "20", "30"]) => ({
  SystemDateAndTime: {
    DateTimeType: "NTP",
    DaylightSavings: "false",
    TimeZone: { TZ: "ICT-7" },
    UTCDateTime: {
      Date: { Year: year, Month: month, Day: day },
      Time: { Hour: time[0] ?? "", Minute: time[1] ?? "", Second: time[2] ?? "" },
    },
  },
});

describe("what a camera says the time is", () => {
  test("is read with its zone and source", () => {
    expect(deviceTimeIn(utc("2026", "11", "23"))).toEqual({
      at: Date.UTC(2026, 10, 23, 10, 20, 30),
      byNtp: true,
      zone: "ICT-7",
      daylightSaving: false,
    });
  });

  test.each([
    ["no time at all", {}],
    ["no UTC time", { SystemDateAndTime: { DateTimeType: "Manual" } }],
    ["year 0", utc("0", "1", "1")],
    ["year 99999", utc("99999", "1", "1")],
    ["month 13", utc("2026", "13", "1")],
    ["day 0", utc("2026", "1", "0")],
    ["a word for an hour", utc("2026", "1", "1", ["ten", "0", "0"])],
    ["a missing second", utc("2026", "1", "1", ["1", "2"])],
  ])("%s is nothing", (_name, answer) => expect(deviceTimeIn(answer)).toBeUndefined());
});

describe("the offset", () => {
  const reading = (asked: number, answered: number, told: number) => ({
    askedAt: epochMs(asked),
    answeredAt: epochMs(answered),
    told: epochMs(told),
  });

  test.each([
    [
      "a right clock, which tells whole seconds",
      [reading(10_400, 10_600, 10_000)],
      { offsetMs: 0, roundTripMs: 200 },
    ],
    ["one minute ahead", [reading(10_400, 10_600, 70_000)], { offsetMs: 60_000, roundTripMs: 200 }],
    [
      "the middle of three, not the one that waited",
      [reading(0, 1_000, 0), reading(1_000, 2_000, 1_000), reading(2_000, 60_000, 2_000)],
      { offsetMs: 0, roundTripMs: 1_000 },
    ],
    ["no reading", [], undefined],
  ])("of %s", (_name, readings, offset) => expect(clockOffset(readings)).toEqual(offset));

  test.each([
    [0, "right"],
    [2_000, "right"],
    [-2_001, "drifting"],
    [30_000, "drifting"],
    [30_001, "wrong"],
    [-378_000_000_000, "wrong"],
  ])("%i ms is %s", (offsetMs, verdict) => expect(clockVerdict(offsetMs)).toBe(verdict));
});
