import { expect, test } from "vitest";
import { localZone } from "../../../src/broadcast/rules/local-time.ts";
import { endedStretches } from "../../../src/cameras/rules/clip-hours.ts";
import { epochMs } from "../../../src/kernel/time.ts";

const ZONE = localZone("Asia/Ho_Chi_Minh");
/** Monday to Friday, in the morning and over night. */
const MORNING = { weekdays: [1, 2, 3, 4, 5], fromMinute: 7 * 60, toMinute: 11 * 60 + 30 };
const NIGHT = { weekdays: [1, 2, 3, 4, 5], fromMinute: 22 * 60, toMinute: 5 * 60 };

test.each([
  // 23 November 2026 is a Monday.
  ["during the morning", "2026-11-24T03:00Z", "23T00:00–23T04:30 23T15:00–23T22:00"],
  ["at the end of the morning", "2026-11-24T04:30Z", "23T15:00–23T22:00 24T00:00–24T04:30"],
  ["a day later the first is past", "2026-11-25T00:00Z", "24T00:00–24T04:30 24T15:00–24T22:00"],
  ["on Sunday nothing", "2026-11-22T10:00Z", ""],
  ["on Saturday morning the night of Friday", "2026-11-28T01:00Z", "27T00:00–27T04:30 27T15:00–27T22:00"],
])("%s", (_name, now, expected) => {
  const short = (at: number): string => new Date(at).toISOString().slice(8, 16);
  const stretches = endedStretches([MORNING, NIGHT], epochMs(Date.parse(now)), ZONE);
  expect(stretches.map(({ from, to }) => `${short(from)}–${short(to)}`).join(" ")).toBe(expected);
});
