import { expect, test } from "vitest";
import { localZone } from "../../../src/broadcast/rules/local-time.ts";
import type { WeeklyHours } from "../../../src/cameras/rules/model.ts";
import { pauseAt, stretchAt } from "../../../src/cameras/rules/weekly-hours.ts";
import { epochMs, type EpochMs } from "../../../src/kernel/time.ts";

const zone = localZone("Asia/Ho_Chi_Minh");
const NOON: WeeklyHours = { weekdays: [1, 2, 3, 4, 5], fromMinute: 690, toMinute: 780 };
const NIGHT: WeeklyHours = { weekdays: [5], fromMinute: 1_320, toMinute: 300 };
const SUNDAY: WeeklyHours = { weekdays: [7], fromMinute: 0, toMinute: 0 };

/** The commune's wall clock; 23/11/2026 is a Monday. */
function local(words: string): EpochMs {
  return epochMs(Date.parse(`${words.replace(" ", "T")}:00+07:00`));
}

function shown(at: number): string {
  return new Date(at + 7 * 3_600_000).toISOString().slice(0, 16).replace("T", " ");
}

test.each<[string, WeeklyHours, string, string]>([
  ["before its hour", NOON, "2026-11-23 11:29", "none"],
  ["at its start", NOON, "2026-11-23 11:30", "2026-11-23 11:30 to 2026-11-23 13:00"],
  ["in its last minute", NOON, "2026-11-23 12:59", "2026-11-23 11:30 to 2026-11-23 13:00"],
  ["at its end", NOON, "2026-11-23 13:00", "none"],
  ["on another weekday", NOON, "2026-11-28 12:00", "none"],
  ["late on the evening of a night", NIGHT, "2026-11-27 23:00", "2026-11-27 22:00 to 2026-11-28 05:00"],
  ["after that midnight", NIGHT, "2026-11-28 04:59", "2026-11-27 22:00 to 2026-11-28 05:00"],
  ["the morning before that night", NIGHT, "2026-11-27 04:00", "none"],
  ["a whole day", SUNDAY, "2026-11-29 00:00", "2026-11-29 00:00 to 2026-11-30 00:00"],
  ["the evening of that day", SUNDAY, "2026-11-29 23:59", "2026-11-29 00:00 to 2026-11-30 00:00"],
  ["after a whole day", SUNDAY, "2026-11-30 00:00", "none"],
])("finds the stretch: %s", (_name, hours, at, expected) => {
  const stretch = stretchAt([hours], local(at), zone);
  expect(stretch === undefined ? "none" : `${shown(stretch.from)} to ${shown(stretch.to)}`).toBe(expected);
});

test.each<[string, string | null, string, string]>([
  ["no pause", null, "2026-11-23 10:00", "none"],
  ["a pause by hand", "2026-11-23 10:30", "2026-11-23 10:00", "hand 2026-11-23 10:30"],
  ["a pause by hand that is over", "2026-11-23 10:00", "2026-11-23 10:00", "none"],
  ["the schedule", null, "2026-11-23 12:00", "schedule 2026-11-23 13:00"],
  ["both, the schedule longer", "2026-11-23 12:30", "2026-11-23 12:00", "schedule 2026-11-23 13:00"],
  ["both, the hand longer", "2026-11-23 15:00", "2026-11-23 12:00", "hand 2026-11-23 15:00"],
])("says until when and why it is paused: %s", (_name, until, at, expected) => {
  const pausedUntil = until === null ? null : local(until);
  const pause = pauseAt({ pausedUntil, pauseHours: [NOON] }, local(at), zone);
  expect(pause === undefined ? "none" : `${pause.why} ${shown(pause.until)}`).toBe(expected);
});
