import { expect, test } from "vitest";
import { localZone } from "../../../src/broadcast/rules/local-time.ts";
import type { DayWindow } from "../../../src/broadcast/rules/model.ts";
import { quietWindows } from "../../../src/broadcast/rules/quiet.ts";
import { epochMs } from "../../../src/kernel/time.ts";

const minutes = (clock: string): number => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3));
const window = (from: string, to: string): DayWindow => ({
  fromMinute: minutes(from),
  toMinute: minutes(to),
});

test.each<[string, DayWindow[], string, string, string, string[]]>([
  [
    "a night crosses midnight, from the evening before the window",
    [window("21:30", "05:00")],
    "Asia/Ho_Chi_Minh",
    "2026-11-24T00:00+07:00",
    "2026-11-25T00:00+07:00",
    ["2026-11-23T14:30Z 2026-11-23T22:00Z", "2026-11-24T14:30Z 2026-11-24T22:00Z"],
  ],
  [
    "windows that overlap or touch are one",
    [window("11:00", "12:00"), window("12:00", "13:00"), window("12:30", "14:00")],
    "Asia/Ho_Chi_Minh",
    "2026-11-24T00:00+07:00",
    "2026-11-25T00:00+07:00",
    ["2026-11-24T04:00Z 2026-11-24T07:00Z"],
  ],
  [
    "an empty window is none",
    [window("05:00", "05:00")],
    "Asia/Ho_Chi_Minh",
    "2026-11-24T00:00Z",
    "2026-11-26T00:00Z",
    [],
  ],
  [
    "to midnight",
    [window("22:00", "24:00"), window("23:00", "00:00")],
    "Asia/Kolkata",
    "2026-11-24T00:00Z",
    "2026-11-24T20:00Z",
    ["2026-11-24T16:30Z 2026-11-24T18:30Z"],
  ],
  [
    "the hour that comes twice is quiet to its second end",
    [window("23:00", "01:30")],
    "America/New_York",
    "2026-11-01T03:30Z",
    "2026-11-01T12:00Z",
    ["2026-11-01T03:00Z 2026-11-01T06:30Z"],
  ],
  [
    "a beginning that does not exist is the clock's jump",
    [window("02:30", "05:00")],
    "America/New_York",
    "2026-03-08T04:00Z",
    "2026-03-08T12:00Z",
    ["2026-03-08T07:00Z 2026-03-08T09:00Z"],
  ],
])("%s", (_name, ...[quietHours, timeZone, from, to, expected]) => {
  const span = { from: epochMs(Date.parse(from)), to: epochMs(Date.parse(to)) };
  const found = quietWindows(quietHours, span, localZone(timeZone));
  const shown = found.map((one) => `${short(one.from)} ${short(one.to)}`);
  expect(shown).toEqual(expected);
});

function short(at: number): string {
  return new Date(at).toISOString().replace(":00.000Z", "Z");
}
