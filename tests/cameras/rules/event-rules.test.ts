import { expect, test } from "vitest";
import { localZone } from "../../../src/broadcast/rules/local-time.ts";
import { actingRules, clipSpan, extendedTo } from "../../../src/cameras/rules/event-rules.ts";
import type { EventRule } from "../../../src/cameras/rules/model.ts";
import { epochMs, HOUR_MS, MINUTE_MS, SECOND_MS } from "../../../src/kernel/time.ts";

/** Monday, 10:00 in Vietnam. */
const AT = epochMs(Date.parse("2026-11-23T03:00:00Z"));

const rule = (how: Partial<EventRule> = {}): EventRule => ({
  on: "motion",
  actions: ["clip"],
  preRollSec: 10,
  postRollSec: 20,
  say: null,
  quietForSec: 60,
  hours: [],
  ...how,
});

const acting = (
  rules: readonly EventRule[],
  { lastSecAgo, lateMs = 0, at = AT }: { lastSecAgo?: number; lateMs?: number; at?: number } = {},
): number[] =>
  actingRules(
    rules,
    { kind: "motion", at: epochMs(at), arrivedAt: epochMs(at + lateMs) },
    {
      zone: localZone("Asia/Ho_Chi_Minh"),
      lastActed: () => (lastSecAgo === undefined ? undefined : epochMs(at - lastSecAgo * SECOND_MS)),
    },
  );

const OFFICE = { weekdays: [1, 2, 3, 4, 5], fromMinute: 450, toMinute: 1_020 };
const NIGHT = { weekdays: [1], fromMinute: 1_320, toMinute: 300 };

test("acts on the kind of event it is for", () => {
  expect(acting([rule({ on: "tamper" }), rule(), rule({ on: "input" }), rule()])).toEqual([1, 3]);
});

test.each([
  ["within its hours", [OFFICE], AT, [0]],
  ["outside its hours", [OFFICE], AT + 8 * HOUR_MS, []],
  ["after midnight of hours that cross it", [NIGHT], AT + 16 * HOUR_MS, [0]],
  ["in the same hours of another night", [NIGHT], AT - 8 * HOUR_MS, []],
  ["in one of several hours", [NIGHT, OFFICE], AT, [0]],
])("asks the local clock: %s", (_name, hours, at, numbers) => {
  expect(acting([rule({ hours })], { at })).toEqual(numbers);
});

test.each([
  ["rests for its quiet time", 59, []],
  ["acts again after it", 60, [0]],
  ["acts when the clock was set back since", -10, [0]],
])("%s", (_name, lastSecAgo, numbers) => {
  expect(acting([rule()], { lastSecAgo })).toEqual(numbers);
});

test("does not act on old news", () => {
  expect(acting([rule()], { lateMs: 6 * MINUTE_MS })).toEqual([]);
});

const sec = (count: number): number => AT + count * SECOND_MS;

const NO_ROLLS = { preRollSec: 0, postRollSec: 0 };

test.each([
  ["of a moment", { on: null, nowSec: 2 }, [-10, 20]],
  ["of a moment, without rolls", { on: null, nowSec: 0, ...NO_ROLLS }, [0, 1]],
  ["of something that goes on", { on: true, nowSec: 0 }, [-10, 20]],
  ["of something that goes on and was told of late", { on: true, nowSec: 7 }, [-10, 27]],
  ["of something that goes on, without rolls", { on: true, nowSec: 0, ...NO_ROLLS }, [0, 5]],
])("a clip %s has its rolls", (_name, { on, nowSec, ...rolls }, span) => {
  const { from, to } = clipSpan(rule(rolls), { at: AT, on }, epochMs(sec(nowSec)));
  expect([from, to]).toEqual(span.map(sec));
});

test.each([
  ["still on", 5, 25],
  ["on, but its end is far enough", 0, undefined],
  ["on for ever", 3_600, 590],
])("a waiting clip grows while its event is %s", (_name, atSec, toSec) => {
  const span = { from: epochMs(sec(-10)), to: epochMs(sec(20)) };
  const to = extendedTo(rule(), span, epochMs(sec(atSec)));
  expect(to).toBe(toSec === undefined ? undefined : sec(toSec));
});

test("a clip that is long enough grows no more", () => {
  const span = { from: AT, to: epochMs(AT + 10 * MINUTE_MS) };
  expect(extendedTo(rule(), span, epochMs(AT + 10 * MINUTE_MS))).toBeUndefined();
});
