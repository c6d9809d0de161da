import { expect, test } from "vitest";
import { breachStanding, notifyBy } from "../../../src/cameras/rules/breach.ts";
import { epochMs, HOUR_MS } from "../../../src/kernel/time.ts";

const FOUND = epochMs(Date.UTC(2026, 10, 23, 2));

test.each<[number, number | null, boolean, string]>([
  [0, null, false, "còn 72 giờ 0 phút để thông báo cơ quan"],
  [70.25, null, false, "còn 1 giờ 45 phút để thông báo cơ quan"],
  [72, null, false, "còn 0 giờ 0 phút để thông báo cơ quan"],
  [72.01, null, true, "đã quá 72 giờ: phải thông báo ngay"],
  [500, 71, false, "đã thông báo cơ quan đúng hạn"],
  [500, 73, true, "đã thông báo cơ quan, trễ hạn 72 giờ"],
])("%f h after it was found, notified after %s h: late %s, %s", (hours, notified, late, said) => {
  const at = (count: number): typeof FOUND => epochMs(FOUND + count * HOUR_MS);
  const notifiedAt = notified === null ? null : at(notified);
  const standing = breachStanding({ foundAt: FOUND, notifiedAt }, at(hours));
  expect([standing.late, standing.said.vi]).toEqual([late, said]);
});

test("the deadline is 72 hours by the clock, weekends or not", () => {
  expect(notifyBy(FOUND) - FOUND).toBe(72 * HOUR_MS);
});
