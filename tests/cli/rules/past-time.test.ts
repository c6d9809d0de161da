import { expect, test } from "vitest";
import { pastTime } from "../../../src/cli/rules/past-time.ts";
import { epochMs } from "../../../src/kernel/time.ts";

const NOW = epochMs(Date.UTC(2026, 10, 23, 3, 0)); // 10:00 in Vietnam

test.each([
  ["09:05", "2026-11-23T02:05:00.000Z"],
  ["9:05", "2026-11-23T02:05:00.000Z"],
  ["9:05:30", "2026-11-23T02:05:30.000Z"],
  ["2026-11-22 23:59", "2026-11-22T16:59:00.000Z"],
  ["2026-11-22T00:00:01", "2026-11-21T17:00:01.000Z"],
  [" 09:05 ", "2026-11-23T02:05:00.000Z"],
  ["25:00", undefined],
  ["2026-02-30 09:00", undefined],
  ["hôm qua", undefined],
  ["", undefined],
])("%s means %s", (asked, expected) => {
  const at = pastTime(asked, NOW, "Asia/Ho_Chi_Minh");
  expect(at === undefined ? undefined : new Date(at).toISOString()).toBe(expected);
});
