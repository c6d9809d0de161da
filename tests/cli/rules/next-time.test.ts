import { describe, expect, test } from "vitest";
import { nextTime } from "../../../src/cli/rules/next-time.ts";
import { epochMs } from "../../../src/kernel/time.ts";

function check(clock: string, now: string, timeZone = "Asia/Ho_Chi_Minh"): string | undefined {
  const next = nextTime(clock, epochMs(Date.parse(now)), timeZone);
  return next === undefined ? undefined : new Date(next).toISOString();
}

describe("a time of day means its next occurrence in the commune's zone", () => {
  test.for([
    ["17:05", "2026-11-23T09:00:30Z", "2026-11-23T10:05:00.000Z"],
    ["17h05", "2026-11-23T10:04:59Z", "2026-11-23T10:05:00.000Z"],
    ["17:05", "2026-11-23T10:05:00Z", "2026-11-24T10:05:00.000Z"],
    ["5:00", "2026-11-23T10:00:00Z", "2026-11-23T22:00:00.000Z"],
    ["0:00", "2026-12-31T16:59:59Z", "2026-12-31T17:00:00.000Z"],
  ] as const)("%s at %s: %s", ([clock, now, next]) => {
    expect(check(clock, now)).toBe(next);
  });

  test.for(["", "24:00", "17", "17:5", "17:60", "noon", "2026-11-23"])("%j is no time", (clock) => {
    expect(check(clock, "2026-11-23T09:00:00Z")).toBeUndefined();
  });

  test("across the night when clocks go back", () => {
    expect(check("06:00", "2026-10-24T20:00:00Z", "Europe/Paris")).toBe("2026-10-25T05:00:00.000Z");
  });

  test("a time that the day skips is none", () => {
    expect(check("02:30", "2026-03-28T22:00:00Z", "Europe/Paris")).toBeUndefined();
  });
});
