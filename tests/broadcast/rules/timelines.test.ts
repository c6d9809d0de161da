import fc from "fast-check";
import { expect, test } from "vitest";
import { localDateOf } from "../../../src/broadcast/rules/days.ts";
import type { Slot, Timeline, TimeWindow } from "../../../src/broadcast/rules/model.ts";
import { calendarTimelines, type Calendar } from "../../../src/broadcast/rules/timelines.ts";
import { DAY_MS, epochMs, HOUR_MS, MINUTE_MS } from "../../../src/kernel/time.ts";
import { at, HANOI, item, told, zone } from "../../support/air.ts";
import { slot } from "../../support/slots.ts";

const CALENDAR: Calendar = { slots: [slot()], timeZone: HANOI, holidays: [] };

function timelineIn(calendar: Calendar, window: TimeWindow, place = zone()): Timeline {
  const timeline = calendarTimelines(calendar, [place], window).timelines.get(place.speaker);
  if (timeline === undefined) throw new Error("no timeline");
  return timeline;
}

test("puts what is not on the calendar among what is", () => {
  const calendar = { ...CALENDAR, unscheduled: [item("alert", "17:04", 2, { level: 850 })] };
  expect(told(timelineIn(calendar, { from: at("17:06"), to: at("17:07") }))).toEqual([
    "17:06-17:12 news.2026-11-24 from 4, resumes after alert",
  ]);
});

test("the sessions before the window count", () => {
  const calendar = {
    ...CALENDAR,
    slots: [slot({ id: "one", startTime: "06:00:00" }), slot({ id: "two", startTime: "11:00:00" }), slot()],
  };
  const place = zone({ caps: { sessionsPerDay: 2 } });
  expect(told(timelineIn(calendar, { from: at("17:00"), to: at("17:01") }, place))).toEqual([
    "17:00-17:10 (news.2026-11-24 session-cap sessions)",
  ]);
});

test("stops and holds are heeded", () => {
  const calendar = {
    ...CALENDAR,
    stops: [{ at: at("17:05") }],
    holds: [{ from: at("40:00"), until: at("42:00") }],
  };
  expect(told(timelineIn(calendar, { from: at("17:00"), to: at("48:00") }))).toEqual([
    "17:00-17:05 news.2026-11-24",
    "17:05-17:10 (news.2026-11-24 stopped)",
    "41:00-41:10 (news.2026-11-25 stopped)",
  ]);
});

test("a lateness that is handed on all day is found from the window alone", () => {
  const hourly = Array.from({ length: 24 }, (_, hour) =>
    slot({ id: `h${hour}`, startTime: `${String(hour).padStart(2, "0")}:00:00`, durationMs: HOUR_MS }),
  );
  const first = slot({
    id: "once",
    level: 600,
    recurrence: { type: "once", date: "2026-11-19" },
    durationMs: 5 * MINUTE_MS,
  });
  const calendar = { ...CALENDAR, slots: [...hourly, first] };
  const place = zone({ quietHours: [] });
  expect(told(timelineIn(calendar, { from: at("12:00"), to: at("12:01") }, place))).toEqual([
    "11:05-12:05 h11.2026-11-24, waited after h10.2026-11-24 over h12.2026-11-24",
    "12:00-12:05 (h12.2026-11-24 outranked by h11.2026-11-24, waits)",
  ]);
});

const START = at("00:00");
const anySlot: fc.Arbitrary<Omit<Slot, "id">> = fc
  .record({
    level: fc.constantFrom(300, 400, 600, 850),
    minute: fc.integer({ min: 0, max: 1_439 }),
    durationMs: fc.integer({ min: 1, max: 120 }).map((minutes) => minutes * MINUTE_MS),
    afterPreempt: fc.constantFrom("resume" as const, "restart" as const, "drop" as const),
    byClock: fc.boolean(),
    everyWeeks: fc.integer({ min: 1, max: 2 }),
    weekdays: fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { minLength: 1 }),
  })
  .map(({ minute, everyWeeks, weekdays, ...rest }) => {
    const clock = [Math.floor(minute / 60), minute % 60].map((value) => String(value).padStart(2, "0"));
    return slot({
      ...rest,
      startTime: clock.join(":"),
      recurrence: { type: "weekly", everyWeeks, weekdays },
    });
  });

test("an instant's answer does not hang on the window it is asked in", () => {
  const minutesOf = (days: number): fc.Arbitrary<number> => fc.integer({ min: 0, max: days * 1_440 });
  fc.assert(
    fc.property(
      fc.array(anySlot, { minLength: 1, maxLength: 14, size: "max" }),
      minutesOf(3),
      minutesOf(2),
      fc.constantFrom(
        zone(),
        zone({ quietHours: [] }),
        zone({ caps: { sessionsPerDay: 3, minutesPerSession: 45 } }),
      ),
      (list, fromMinute, lengthMinutes, place) => {
        const slots = list.map((some, index): Slot => ({ ...some, id: `s${index}` }));
        const calendar = { ...CALENDAR, slots };
        const from = epochMs(START + fromMinute * MINUTE_MS);
        const small = { from, to: epochMs(from + lengthMinutes * MINUTE_MS) };
        const large = { from: epochMs(START - 9 * DAY_MS), to: epochMs(START + 7 * DAY_MS) };
        const meets = (one: { startAt: number; endAt: number }): boolean =>
          one.startAt < small.to && one.endAt > small.from;
        const whole = timelineIn(calendar, large, place);
        expect(timelineIn(calendar, small, place)).toEqual({
          intervals: whole.intervals.filter(meets),
          silences: whole.silences.filter(meets),
        });
      },
    ),
    { numRuns: 150 },
  );
});

test("a window decades ahead is answered as well", () => {
  const far = epochMs(at("00:00") + 10_000 * DAY_MS);
  const { timelines } = calendarTimelines(CALENDAR, [zone()], { from: far, to: epochMs(far + DAY_MS) });
  expect(timelines.get("loa-1")?.intervals.map(({ airing }) => airing)).toEqual([
    `news.${localDateOf(Math.round((far + 7 * HOUR_MS) / DAY_MS))}`,
  ]);
});
