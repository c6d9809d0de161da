/**
 * What a year of a commune's calendar costs to resolve: `node scripts/bench/resolver.ts`.
 * Peers in the same run: rrule-temporal for the dates, and our own resolver asked speaker by speaker.
 */
import { RRuleTemporal } from "rrule-temporal";
import { expand } from "../../src/broadcast/rules/expand.ts";
import { DEFAULT_HOLIDAYS } from "../../src/broadcast/rules/holidays.ts";
import type { Recurrence, Slot, TimeWindow, Zone } from "../../src/broadcast/rules/model.ts";
import { calendarTimelines, type Calendar } from "../../src/broadcast/rules/timelines.ts";
import { epochMs, MINUTE_MS } from "../../src/kernel/time.ts";

const BAR_MS = 100;
const ROUNDS = 15;
const HAMLETS = 100;
const TIME_ZONE = "Asia/Ho_Chi_Minh";
const YEAR: TimeWindow = {
  from: epochMs(Date.parse("2027-01-01T00:00+07:00")),
  to: epochMs(Date.parse("2028-01-01T00:00+07:00")),
};
const FIRST_DATE = "2026-01-05";

interface Planned {
  readonly at: string;
  readonly minutes: number;
  readonly recurrence?: Recurrence;
  /** The same days in RFC 5545's words; lunar days have none. */
  readonly rrule?: string;
  readonly more?: Partial<Slot>;
}

const lunar = (days: number[]): Recurrence => ({
  type: "lunar",
  days,
  leapMonth: "both",
  shortMonth: "last-day",
});
const weekly = (everyWeeks: number, weekdays: number[]): Recurrence => ({
  type: "weekly",
  everyWeeks,
  weekdays,
});
const everyThirdHamlet = Array.from({ length: HAMLETS }, (_none, n) => `thon-${n}`).filter(
  (_id, n) => n % 3 === 0,
);

/** About ten airings a day: relays, the commune's own programme, what comes by week, month and moon. */
const DAY_PLAN: readonly Planned[] = [
  { at: "05:00", minutes: 10, rrule: "FREQ=DAILY" },
  { at: "05:30", minutes: 30, rrule: "FREQ=DAILY", more: { level: 300, byClock: true } },
  { at: "05:45", minutes: 5, rrule: "FREQ=DAILY", more: { level: 600 } },
  { at: "06:00", minutes: 20, rrule: "FREQ=DAILY", more: { level: 300, byClock: true } },
  { at: "11:00", minutes: 15, rrule: "FREQ=DAILY", more: { holidays: "skip" } },
  { at: "11:30", minutes: 15, rrule: "FREQ=DAILY", more: { level: 300, byClock: true } },
  { at: "16:45", minutes: 20, rrule: "FREQ=DAILY" },
  { at: "17:00", minutes: 15, rrule: "FREQ=DAILY" },
  {
    at: "17:05",
    minutes: 5,
    recurrence: weekly(1, [1, 2, 3, 4, 5]),
    rrule: "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
    more: { level: 600, targets: { type: "some", hamlets: everyThirdHamlet, speakers: [] } },
  },
  {
    at: "19:00",
    minutes: 30,
    recurrence: weekly(2, [6, 7]),
    rrule: "FREQ=WEEKLY;INTERVAL=2;BYDAY=SA,SU",
    more: { seasons: [{ from: "11-01", to: "03-31" }] },
  },
  {
    at: "18:00",
    minutes: 10,
    recurrence: { type: "monthly", days: [1, 15] },
    rrule: "FREQ=MONTHLY;BYMONTHDAY=1,15",
  },
  { at: "18:30", minutes: 10, recurrence: lunar([1, 15, 30]) },
];

const SLOTS = DAY_PLAN.map(({ at, minutes, recurrence, more }, index): Slot => ({
  id: `s${index}`,
  title: `Chương trình ${index}`,
  level: 400,
  durationMs: minutes * MINUTE_MS,
  startTime: at,
  recurrence: recurrence ?? { type: "daily" },
  from: FIRST_DATE,
  seasons: [],
  holidays: "ignore",
  exceptions: [],
  targets: { type: "everywhere" },
  afterPreempt: "resume",
  rank: 0,
  ...more,
}));
const CALENDAR: Calendar = { slots: SLOTS, timeZone: TIME_ZONE, holidays: DEFAULT_HOLIDAYS };

function hamlets(rulesOf: (n: number) => Pick<Zone, "quietHours" | "caps">): Zone[] {
  return Array.from({ length: HAMLETS }, (_none, n) => ({
    speaker: `loa-${n}`,
    hamlet: `thon-${n}`,
    ...rulesOf(n),
  }));
}

const night = { fromMinute: 21 * 60 + 30, toMinute: 5 * 60 };
/** Four hamlets have a later morning of their own, which makes four kinds with the slot that only some get. */
const COMMUNE = hamlets((n) => ({ quietHours: n < 4 ? [{ ...night, toMinute: 330 }] : [night], caps: {} }));
const CAPPED = hamlets((n) => ({
  quietHours: n < 4 ? [{ ...night, toMinute: 330 }] : [night],
  caps: { sessionsPerDay: 6, minutesPerSession: 45 },
}));
/** No two alike: nothing can be shared. */
const ALL_DIFFERENT = hamlets((n) => ({
  quietHours: [{ ...night, fromMinute: night.fromMinute - n }],
  caps: {},
}));

interface Timing {
  readonly coldMs: number;
  readonly bestMs: number;
  readonly medianMs: number;
}

function time(work: () => void, rounds = ROUNDS): Timing {
  const tookMs = Array.from({ length: rounds }, () => {
    const startedAt = performance.now();
    work();
    return performance.now() - startedAt;
  });
  const [coldMs = 0, ...warmMs] = tookMs;
  warmMs.sort((a, b) => a - b);
  return { coldMs, bestMs: warmMs[0] ?? 0, medianMs: warmMs[Math.floor(warmMs.length / 2)] ?? 0 };
}

function show(name: string, { coldMs, bestMs, medianMs }: Timing, note = ""): void {
  const figures = [coldMs, medianMs, bestMs].map((ms) => ms.toFixed(1).padStart(9)).join("");
  console.log(`${name.padEnd(46)}${figures}  ${note}`);
}

function preview(zones: readonly Zone[]): void {
  calendarTimelines(CALENDAR, zones, YEAR);
}

/** Sounds the same to each speaker, but each is asked for by itself: no work is shared. */
function previewOneByOne(zones: readonly Zone[]): void {
  for (const zone of zones) calendarTimelines(CALENDAR, [zone], YEAR);
}

function peerDates(): number[] {
  return DAY_PLAN.flatMap(({ at, rrule }) => {
    if (rrule === undefined) return [];
    const start = `${FIRST_DATE.replaceAll("-", "")}T${at.replace(":", "")}00`;
    const rule = new RRuleTemporal({ rruleString: `DTSTART;TZID=${TIME_ZONE}:${start}\nRRULE:${rrule}` });
    return rule
      .between(new Date(YEAR.from), new Date(YEAR.to - 1), true)
      .map((date) => date.epochMilliseconds);
  });
}

/** The plain rules, as RFC 5545 can say them: no lunar days, seasons or holidays. */
const PLAIN_SLOTS = SLOTS.filter((_slot, index) => DAY_PLAN[index]?.rrule !== undefined).map(
  (slot): Slot => ({ ...slot, seasons: [], holidays: "ignore" }),
);
const ourDates = (): number[] =>
  expand(PLAIN_SLOTS, YEAR, { timeZone: TIME_ZONE, holidays: [] }).map(({ startAt }) => startAt);

function sameDates(a: readonly number[], b: readonly number[]): boolean {
  return [...a].sort().join() === [...b].sort().join();
}

const everyAiring = expand(SLOTS, YEAR, CALENDAR).length;
console.log(
  `A year, ${HAMLETS} hamlets, ${SLOTS.length} slots, ${(everyAiring / 365).toFixed(1)} airings a day; Node ${process.version}\n`,
);
console.log(`${"milliseconds".padEnd(46)}     cold   median     best`);

const shared = time(() => preview(COMMUNE));
show("preview, the commune", shared);
const capped = time(() => preview(CAPPED));
show("preview, with session limits", capped);
const different = time(() => preview(ALL_DIFFERENT));
show("preview, no two hamlets alike", different);
const oneByOne = time(() => previewOneByOne(COMMUNE), 4);
show("peer: the commune, speaker by speaker", oneByOne);
const ours = time(() => void ourDates());
show("dates alone", ours);
const theirs = time(() => void peerDates(), 6);
show("peer: the same dates by rrule-temporal", theirs);

console.log(`
preview against speaker by speaker   ${(shared.medianMs / oneByOne.medianMs).toFixed(3)}
dates against rrule-temporal         ${(ours.medianMs / theirs.medianMs).toFixed(3)}  (${sameDates(ourDates(), peerDates()) ? "the same dates" : "DIFFERENT DATES"})
bar: ${BAR_MS} ms for the commune     ${shared.medianMs <= BAR_MS ? "met" : "MISSED"} (median ${shared.medianMs.toFixed(1)} ms)
     with session limits        ${capped.medianMs <= BAR_MS ? "met" : "MISSED"} (median ${capped.medianMs.toFixed(1)} ms)
     no two hamlets alike       ${different.medianMs <= BAR_MS ? "met" : "MISSED"} (median ${different.medianMs.toFixed(1)} ms)`);
