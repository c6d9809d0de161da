import { expect, test } from "vitest";
import { DEFAULT_QUIET_RULE, quietAt, type QuietRule } from "../../../src/agent/rules/quiet-hours.ts";

function check(rule: QuietRule, at: string, expected: string): void {
  const { until, nextAt } = quietAt(rule, Date.parse(at));
  const show = (instant: number | undefined): string =>
    instant === undefined ? "-" : new Date(instant).toISOString();
  expect(`until ${show(until)} next ${show(nextAt)}`).toBe(expected);
}

const berlin: QuietRule = { timeZone: "Europe/Berlin", windows: [{ fromMinute: 120, toMinute: 180 }] };
const lunch: QuietRule = {
  timeZone: "Asia/Ho_Chi_Minh",
  windows: [
    { fromMinute: 690, toMinute: 810 },
    { fromMinute: 1_260, toMinute: 0 },
    { fromMinute: 300, toMinute: 300 },
  ],
};

test.each([
  [
    "in the evening",
    DEFAULT_QUIET_RULE,
    "2026-11-23T21:29:59.999+07:00",
    "until - next 2026-11-23T14:30:00.000Z",
  ],
  [
    "at the first instant",
    DEFAULT_QUIET_RULE,
    "2026-11-23T21:30:00+07:00",
    "until 2026-11-23T22:00:00.000Z next -",
  ],
  [
    "across midnight",
    DEFAULT_QUIET_RULE,
    "2026-11-24T00:00:30+07:00",
    "until 2026-11-23T22:00:00.000Z next -",
  ],
  [
    "at the last instant",
    DEFAULT_QUIET_RULE,
    "2026-11-24T04:59:59.999+07:00",
    "until 2026-11-23T22:00:00.000Z next -",
  ],
  [
    "in the morning",
    DEFAULT_QUIET_RULE,
    "2026-11-24T05:00:00+07:00",
    "until - next 2026-11-24T14:30:00.000Z",
  ],
  ["between two windows", lunch, "2026-11-24T13:30:00+07:00", "until - next 2026-11-24T14:00:00.000Z"],
  [
    "a window that ends at midnight",
    lunch,
    "2026-11-24T21:00:00+07:00",
    "until 2026-11-24T17:00:00.000Z next -",
  ],
  ["an empty window is none", lunch, "2026-11-24T05:00:00+07:00", "until - next 2026-11-24T04:30:00.000Z"],
  [
    "an hour that the change to summer time skips",
    berlin,
    "2026-03-29T00:30:00Z",
    "until - next 2026-03-30T00:00:00.000Z",
  ],
  ["an hour that comes twice", berlin, "2026-10-25T00:30:00Z", "until 2026-10-25T02:00:00.000Z next -"],
])("%s", (_name, rule, at, expected) => check(rule, at, expected));

test("without windows nothing is ever quiet", () => {
  expect(quietAt({ timeZone: "UTC", windows: [] }, 0)).toEqual({ until: undefined, nextAt: undefined });
});

test("a window of the whole day but a minute leaves that minute", () => {
  const rule = { timeZone: "UTC", windows: [{ fromMinute: 1, toMinute: 0 }] };
  check(rule, "2026-01-01T00:00:30Z", "until - next 2026-01-01T00:01:00.000Z");
  check(rule, "2026-01-01T00:01:00Z", "until 2026-01-02T00:00:00.000Z next -");
});
