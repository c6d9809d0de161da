import { expect, test } from "vitest";
import { expand } from "../../../src/broadcast/rules/expand.ts";
import type { Holiday, Slot } from "../../../src/broadcast/rules/model.ts";
import { epochMs, HOUR_MS, MINUTE_MS } from "../../../src/kernel/time.ts";
import { slot } from "../../support/slots.ts";

interface Where {
  readonly timeZone?: string;
  readonly holidays?: readonly Holiday[];
}

function told(slots: readonly Slot[], from: string, to: string, where: Where = {}): string[] {
  const window = { from: epochMs(Date.parse(from)), to: epochMs(Date.parse(to)) };
  const rules = { timeZone: "Asia/Ho_Chi_Minh", holidays: [], ...where };
  return expand(slots, window, rules).map(
    ({ airing, startAt }) => `${airing} ${new Date(startAt).toISOString().slice(0, 16)}`,
  );
}

test("names airings by the rule's date and gives them in order of start", () => {
  const early = slot({ id: "early", startTime: "05:30:00" });
  expect(told([slot(), early], "2026-11-24T00:00+07:00", "2026-11-26T00:00+07:00")).toEqual([
    "early.2026-11-24 2026-11-23T22:30",
    "news.2026-11-24 2026-11-24T10:00",
    "early.2026-11-25 2026-11-24T22:30",
    "news.2026-11-25 2026-11-25T10:00",
  ]);
});

test.each([
  [
    "one that has begun is in",
    "2026-11-24T10:09Z",
    "2026-11-24T10:10Z",
    ["news.2026-11-24 2026-11-24T10:00"],
  ],
  ["one that is just over is not", "2026-11-24T10:10Z", "2026-11-24T11:00Z", []],
  ["one that begins at the window's end is not", "2026-11-24T09:00Z", "2026-11-24T10:00Z", []],
])("%s", (_name, from, to, expected) => {
  expect(told([slot()], from, to)).toEqual(expected);
});

test("one that began the evening before is in", () => {
  const long = slot({ startTime: "23:00:00", durationMs: 6 * HOUR_MS });
  expect(told([long], "2026-11-24T04:00+07:00", "2026-11-24T04:01+07:00")).toEqual([
    "news.2026-11-23 2026-11-23T16:00",
  ]);
});

test("a slot carries its rules into each airing", () => {
  const barred = { en: "not approved", vi: "chưa duyệt" };
  const window = {
    from: epochMs(Date.parse("2026-11-24T00:00Z")),
    to: epochMs(Date.parse("2026-11-25T00:00Z")),
  };
  const rules = { timeZone: "Asia/Ho_Chi_Minh", holidays: [] };
  const [candidate] = expand([slot({ barred, byClock: true, rank: 3, level: 300 })], window, rules);
  expect(candidate).toEqual({
    airing: "news.2026-11-24",
    slot: "news",
    title: "Bản tin",
    level: 300,
    startAt: Date.parse("2026-11-24T10:00Z"),
    durationMs: 10 * MINUTE_MS,
    targets: { type: "everywhere" },
    afterPreempt: "resume",
    rank: 3,
    byClock: true,
    barred,
  });
});

test("a cancelled occurrence is gone; a moved one keeps its name", () => {
  const changed = slot({
    exceptions: [
      { date: "2026-11-24", type: "cancelled" },
      { date: "2026-11-25", type: "moved", toDate: "2026-11-26", toTime: "06:00:00" },
    ],
  });
  expect(told([changed], "2026-11-24T00:00+07:00", "2026-11-27T00:00+07:00")).toEqual([
    "news.2026-11-25 2026-11-25T23:00",
    "news.2026-11-26 2026-11-26T10:00",
  ]);
});

test("an occurrence is moved into the window from far away, also past the slot's last day", () => {
  const moved = slot({
    to: "2026-06-30",
    holidays: "only",
    exceptions: [{ date: "2026-05-01", type: "moved", toDate: "2026-11-24", toTime: "18:00:00" }],
  });
  const holidays: Holiday[] = [{ type: "solar", monthDay: "05-01", name: "x" }];
  expect(told([moved], "2026-11-24T00:00Z", "2026-11-25T00:00Z", { holidays })).toEqual([
    "news.2026-05-01 2026-11-24T11:00",
  ]);
});

test("an exception for a day that the rule does not give is nothing", () => {
  const moved = slot({
    recurrence: { type: "weekly", everyWeeks: 1, weekdays: [1] },
    exceptions: [{ date: "2026-11-24", type: "moved", toDate: "2026-11-24", toTime: "18:00:00" }],
  });
  expect(told([moved], "2026-11-24T00:00+07:00", "2026-11-25T00:00+07:00")).toEqual([]);
});

test("holidays keep a slot away", () => {
  const holidays: Holiday[] = [{ type: "lunar", month: 1, day: 1, name: "Tết" }];
  const away = slot({ holidays: "skip" });
  expect(told([away], "2026-02-16T00:00+07:00", "2026-02-19T00:00+07:00", { holidays })).toEqual([
    "news.2026-02-16 2026-02-16T10:00",
    "news.2026-02-18 2026-02-18T10:00",
  ]);
});

test.each([
  [
    "a time that the clock skips sounds when the clock has jumped",
    "2026-03-07T00:00-05:00",
    "2026-03-10T00:00-04:00",
    [
      "news.2026-03-07 2026-03-07T07:30",
      "news.2026-03-08 2026-03-08T07:00",
      "news.2026-03-09 2026-03-09T06:30",
    ],
  ],
  [
    "a time that comes twice sounds once",
    "2026-10-31T12:00-04:00",
    "2026-11-03T00:00-05:00",
    ["news.2026-11-01 2026-11-01T05:30", "news.2026-11-02 2026-11-02T06:30"],
  ],
])("%s", (_name, from, to, expected) => {
  const startTime = from.startsWith("2026-03") ? "02:30:00" : "01:30:00";
  expect(told([slot({ startTime })], from, to, { timeZone: "America/New_York" })).toEqual(expected);
});

test("an empty calendar is empty", () => {
  expect(told([], "2026-11-24T00:00Z", "2026-11-25T00:00Z")).toEqual([]);
});
