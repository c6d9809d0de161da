import fc from "fast-check";
import { expect, test } from "vitest";
import { dayNumberOf, localDateOf, msOfDay } from "../../../src/broadcast/rules/days.ts";
import { localZone } from "../../../src/broadcast/rules/local-time.ts";
import { epochMs, HOUR_MS } from "../../../src/kernel/time.ts";

const ZONES = [
  "Asia/Ho_Chi_Minh",
  "Asia/Kolkata",
  "America/New_York",
  "Australia/Lord_Howe",
  "Africa/Casablanca",
  "Asia/Kathmandu",
  "Pacific/Chatham",
  "America/Sao_Paulo",
  "UTC",
];

test.each<[string, string, string, string, string]>([
  ["Asia/Ho_Chi_Minh", "2026-11-24", "17:00", "2026-11-24T10:00:00Z", "same"],
  ["Asia/Kolkata", "2026-11-24", "00:00", "2026-11-23T18:30:00Z", "same"],
  ["America/New_York", "2026-03-08", "01:59:59", "2026-03-08T06:59:59Z", "same"],
  // 02:00 to 03:00 does not exist that day: everything in it is the instant the clock jumps.
  ["America/New_York", "2026-03-08", "02:00", "2026-03-08T07:00:00Z", "same"],
  ["America/New_York", "2026-03-08", "02:30", "2026-03-08T07:00:00Z", "same"],
  ["America/New_York", "2026-03-08", "03:00", "2026-03-08T07:00:00Z", "same"],
  // 01:00 to 02:00 comes twice.
  ["America/New_York", "2026-11-01", "01:00", "2026-11-01T05:00:00Z", "2026-11-01T06:00:00Z"],
  ["America/New_York", "2026-11-01", "01:59:59", "2026-11-01T05:59:59Z", "2026-11-01T06:59:59Z"],
  ["America/New_York", "2026-11-01", "02:00", "2026-11-01T07:00:00Z", "same"],
  // Half an hour of summer time.
  ["Australia/Lord_Howe", "2026-10-04", "02:10", "2026-10-03T15:30:00Z", "same"],
  ["Australia/Lord_Howe", "2026-04-05", "01:45", "2026-04-04T14:45:00Z", "2026-04-04T15:15:00Z"],
  // Midnight itself did not exist.
  ["America/Sao_Paulo", "2018-11-04", "00:00", "2018-11-04T03:00:00Z", "same"],
])("%s %s %s is %s (last: %s)", (name, ...[date, time, first, last]) => {
  const zone = localZone(name);
  expect(new Date(zone.instantOf(dayNumberOf(date), msOfDay(time)))).toEqual(new Date(first));
  const expected = last === "same" ? first : last;
  expect(new Date(zone.lastInstantOf(dayNumberOf(date), msOfDay(time)))).toEqual(new Date(expected));
});

test("reads what Intl reads, in every zone at every instant", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...ZONES),
      fc.integer({ min: Date.parse("2015-01-01"), max: Date.parse("2045-01-01") }),
      (timeZone, instant) => {
        const zone = localZone(timeZone);
        const at = epochMs(Math.floor(instant / 1_000) * 1_000);
        const [date, time] = new Intl.DateTimeFormat("sv-SE", {
          timeZone,
          dateStyle: "short",
          timeStyle: "medium",
        })
          .format(at)
          .split(" ");
        expect(localDateOf(zone.dayOf(at))).toBe(date);
        expect(zone.msOfDayAt(at)).toBe(msOfDay(time ?? ""));
      },
    ),
    { numRuns: 1_000 },
  );
});

test("an instant is the first or the last with its reading, or between them", () => {
  const around = ["2026-03-08T07:00Z", "2026-11-01T06:00Z", "2026-04-04T15:00Z", "2026-10-03T15:30Z"];
  fc.assert(
    fc.property(
      fc.constantFrom(...ZONES),
      fc.constantFrom(...around),
      fc.integer({ min: -3 * HOUR_MS, max: 3 * HOUR_MS }),
      (timeZone, centre, ms) => {
        const zone = localZone(timeZone);
        const at = epochMs(Date.parse(centre) + ms);
        const [day, msOfThatDay] = [zone.dayOf(at), zone.msOfDayAt(at)];
        const [first, last] = [zone.instantOf(day, msOfThatDay), zone.lastInstantOf(day, msOfThatDay)];
        expect([first, last]).toContain(at);
        expect(zone.msOfDayAt(first)).toBe(msOfThatDay);
        expect(zone.msOfDayAt(last)).toBe(msOfThatDay);
      },
    ),
    { numRuns: 1_000 },
  );
});

test("a zone that does not exist is refused", () => {
  expect(() => localZone("Asia/Thon_Ba")).toThrow(RangeError);
});
