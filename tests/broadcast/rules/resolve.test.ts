import fc from "fast-check";
import { expect, test } from "vitest";
import type { Candidate, Stop, Timeline, Zone } from "../../../src/broadcast/rules/model.ts";
import { resolve, type ResolveRules } from "../../../src/broadcast/rules/resolve.ts";
import { EMERGENCY_LEVEL, LATENESS_LIMIT_MS } from "../../../src/broadcast/rules/ladder.ts";
import { epochMs, MINUTE_MS, type EpochMs } from "../../../src/kernel/time.ts";
import { EMERGENCY_LEVEL as PROTOCOL_EMERGENCY_LEVEL } from "../../../src/speakers/protocol.ts";
import { isQuiet } from "../../support/resolver-oracle.ts";

const HANOI = "Asia/Ho_Chi_Minh";
const NIGHT = [{ fromMinute: 21 * 60 + 30, toMinute: 5 * 60 }];
const MIDNIGHT = Date.parse("2026-11-24T00:00+07:00");

/** "17:05" or "17:05:30" on the day of the tests; "25:10" is in the night after it. */
function at(clock: string): EpochMs {
  const [hours = 0, minutes = 0, seconds = 0] = clock.split(":").map(Number);
  return epochMs(MIDNIGHT + ((hours * 60 + minutes) * 60 + seconds) * 1_000);
}

function clock(instant: number): string {
  const seconds = (instant - MIDNIGHT) / 1_000;
  const two = (value: number): string => String(value).padStart(2, "0");
  const shown = `${two(Math.floor(seconds / 3_600))}:${two(Math.floor(seconds / 60) % 60)}`;
  return seconds % 60 === 0 ? shown : `${shown}:${two(seconds % 60)}`;
}

type Change = Partial<Omit<Candidate, "airing" | "startAt" | "durationMs">>;

function item(airing: string, start: string, minutes: number, change: Change = {}): Candidate {
  return {
    airing,
    title: airing,
    level: 400,
    startAt: at(start),
    durationMs: minutes * MINUTE_MS,
    targets: { type: "everywhere" },
    afterPreempt: "resume",
    rank: 0,
    ...change,
  };
}

function zone(change: Partial<Zone> = {}): Zone {
  return { speaker: "loa-1", hamlet: "thon-1", quietHours: NIGHT, caps: {}, ...change };
}

const DAY = { from: at("00:00"), to: at("48:00") };

function timelineOf(
  candidates: readonly Candidate[],
  place = zone(),
  rules: Partial<ResolveRules> = {},
): Timeline {
  const timeline = resolve(candidates, [place], DAY, { timeZone: HANOI, ...rules }).get(place.speaker);
  if (timeline === undefined) throw new Error("no timeline");
  return timeline;
}

/** One line per stretch: "17:00-17:05 news" sounds, "17:05-17:07 (news outranked by alert, waits)" does not. */
function told({ intervals, silences }: Timeline): string[] {
  const sounds = intervals.map(({ airing, startAt, endAt, offsetMs, why }) => {
    const offset = offsetMs === 0 ? "" : ` from ${offsetMs / MINUTE_MS}`;
    const names = [
      ...("after" in why ? [`after ${why.after.join("+")}`] : []),
      ...("over" in why && why.over.length > 0 ? [`over ${why.over.join("+")}`] : []),
    ];
    const reason = why.type === "alone" ? "" : `, ${[why.type, ...names].join(" ")}`;
    return { startAt, line: `${clock(startAt)}-${clock(endAt)} ${airing}${offset}${reason}` };
  });
  const gaps = silences.map(({ airing, startAt, endAt, reason, final }) => {
    const detail = "by" in reason ? ` by ${reason.by}` : "limit" in reason ? ` ${reason.limit}` : "";
    const wait = final ? "" : ", waits";
    return { startAt, line: `${clock(startAt)}-${clock(endAt)} (${airing} ${reason.type}${detail}${wait})` };
  });
  return [...sounds, ...gaps].sort((a, b) => a.startAt - b.startAt).map(({ line }) => line);
}

function check(
  expected: readonly string[],
  candidates: readonly Candidate[],
  place?: Zone,
  rules?: Partial<ResolveRules>,
): void {
  const backwards = timelineOf([...candidates].reverse(), place, rules);
  expect(told(timelineOf(candidates, place, rules))).toEqual(expected);
  expect(told(backwards)).toEqual(expected);
}

test("the emergency level is the protocol's", () => {
  expect(EMERGENCY_LEVEL).toBe(PROTOCOL_EMERGENCY_LEVEL);
});

test.each<[string, readonly Candidate[], readonly string[]]>([
  ["one thing sounds whole", [item("news", "17:00", 10)], ["17:00-17:10 news"]],
  [
    "one after the other",
    [item("a", "17:00", 10), item("b", "17:10", 5)],
    ["17:00-17:10 a", "17:10-17:15 b"],
  ],
  [
    "resumes where it was, and ends later by the interruption",
    [item("news", "17:00", 10), item("alert", "17:04", 2, { level: 850 })],
    [
      "17:00-17:04 news",
      "17:04-17:06 alert, outranks over news",
      "17:04-17:06 (news outranked by alert, waits)",
      "17:06-17:12 news from 4, resumes after alert",
    ],
  ],
  [
    "restarts from the beginning",
    [item("news", "17:00", 10, { afterPreempt: "restart" }), item("alert", "17:04", 2, { level: 850 })],
    [
      "17:00-17:04 news",
      "17:04-17:06 alert, outranks over news",
      "17:04-17:06 (news outranked by alert, waits)",
      "17:06-17:16 news, restarts after alert",
    ],
  ],
  [
    "drops what is left",
    [item("music", "17:00", 10, { afterPreempt: "drop" }), item("alert", "17:04", 2, { level: 850 })],
    ["17:00-17:04 music", "17:04-17:06 alert, outranks over music", "17:04-17:10 (music outranked by alert)"],
  ],
  [
    "rejoins what runs by the clock, and keeps its end",
    [item("relay", "17:00", 10, { level: 300, byClock: true }), item("news", "17:04", 2)],
    [
      "17:00-17:04 relay",
      "17:04-17:06 news, outranks over relay",
      "17:04-17:06 (relay outranked by news, waits)",
      "17:06-17:10 relay from 6, resumes after news",
    ],
  ],
  [
    "what runs by the clock and never gets on is lost at its end",
    [item("relay", "17:02", 5, { level: 300, byClock: true }), item("news", "17:00", 10)],
    ["17:00-17:10 news, outranks over relay", "17:02-17:07 (relay outranked by news)"],
  ],
  [
    "what comes while something higher sounds waits for it",
    [item("news", "17:05", 10), item("priority", "17:00", 10, { level: 600 })],
    [
      "17:00-17:10 priority, outranks over news",
      "17:05-17:10 (news outranked by priority, waits)",
      "17:10-17:20 news, waited after priority",
    ],
  ],
  [
    "what would be dropped does not wait",
    [item("filler", "17:05", 10, { level: 200, afterPreempt: "drop" }), item("news", "17:00", 10)],
    ["17:00-17:10 news, outranks over filler", "17:05-17:15 (filler outranked by news)"],
  ],
  [
    "interruptions nest and unwind",
    [
      item("news", "17:00", 10),
      item("priority", "17:02", 4, { level: 600 }),
      item("alert", "17:03", 1, { level: 850 }),
    ],
    [
      "17:00-17:02 news",
      "17:02-17:03 priority, outranks over news",
      "17:02-17:03 (news outranked by priority, waits)",
      "17:03-17:04 alert, outranks over news+priority",
      "17:03-17:04 (news outranked by alert, waits)",
      "17:03-17:04 (priority outranked by alert, waits)",
      "17:04-17:07 priority from 1, resumes after alert over news",
      "17:04-17:07 (news outranked by priority, waits)",
      "17:07-17:15 news from 2, resumes after priority+alert",
    ],
  ],
  [
    "of equals the earlier keeps the air",
    [item("b", "17:00", 10), item("a", "17:05", 5)],
    [
      "17:00-17:10 b, outranks over a",
      "17:05-17:10 (a outranked by b, waits)",
      "17:10-17:15 a, waited after b",
    ],
  ],
  [
    "of equals the officer's choice goes first",
    [item("a", "17:00", 10, { level: 600 }), item("b", "17:00", 5, { level: 600, rank: 1 })],
    [
      "17:00-17:05 b, outranks over a",
      "17:00-17:05 (a outranked by b, waits)",
      "17:05-17:15 a, waited after b",
    ],
  ],
  [
    "equal in all, the name decides",
    [item("b", "17:00", 5), item("a", "17:00", 5)],
    [
      "17:00-17:05 a, outranks over b",
      "17:00-17:05 (b outranked by a, waits)",
      "17:05-17:10 b, waited after a",
    ],
  ],
  [
    "begins up to fifteen minutes late",
    [item("news", "17:00", 10), item("alert", "17:00", 15, { level: 850 })],
    [
      "17:00-17:15 alert, outranks over news",
      "17:00-17:15 (news outranked by alert, waits)",
      "17:15-17:25 news, waited after alert",
    ],
  ],
  [
    "is given up after fifteen minutes",
    [item("news", "17:00", 10), item("alert", "17:00", 16, { level: 850 })],
    [
      "17:00-17:16 alert, outranks over news",
      "17:00-17:15 (news outranked by alert, waits)",
      "17:15-17:25 (news too-late by alert)",
    ],
  ],
  [
    "the waits of one item add up",
    [
      item("news", "17:00", 30),
      item("one", "17:05", 8, { level: 850 }),
      item("two", "17:20", 8, { level: 850 }),
    ],
    [
      "17:00-17:05 news",
      "17:05-17:13 one, outranks over news",
      "17:05-17:13 (news outranked by one, waits)",
      "17:13-17:20 news from 5, resumes after one",
      "17:20-17:28 two, outranks over news",
      "17:20-17:27 (news outranked by two, waits)",
      "17:27-17:45 (news too-late by two)",
    ],
  ],
  [
    "what would restart too late does not wait at all",
    [item("news", "17:00", 30, { afterPreempt: "restart" }), item("alert", "17:20", 2, { level: 850 })],
    ["17:00-17:20 news", "17:20-17:22 alert, outranks over news", "17:20-17:50 (news too-late by alert)"],
  ],
  [
    "barred sounds nowhere and takes no one's place",
    [
      item("draft", "17:00", 10, { level: 700, barred: { en: "not approved", vi: "chưa duyệt" } }),
      item("news", "17:05", 10),
    ],
    ["17:00-17:10 (draft barred)", "17:05-17:15 news"],
  ],
  ["what has no length is nothing", [item("empty", "17:00", 0)], []],
  [
    "quiet hours cut at their beginning, and nothing comes back after them",
    [item("late", "21:20", 20), item("night", "27:15", 200)],
    ["21:20-21:30 late", "21:30-21:40 (late quiet-hours)", "27:15-30:35 (night quiet-hours)"],
  ],
  [
    "an emergency sounds in quiet hours, what it interrupted does not",
    [item("late", "21:25", 10), item("alert", "21:27", 5, { level: 850 })],
    [
      "21:25-21:27 late",
      "21:27-21:32 alert, outranks over late",
      "21:27-21:30 (late outranked by alert, waits)",
      "21:30-21:38 (late quiet-hours)",
    ],
  ],
  ["sounds from the minute quiet hours end", [item("first", "29:00", 10)], ["29:00-29:10 first"]],
])("%s", (_name, candidates, expected) => check(expected, candidates));

test.each<[string, Zone["caps"], readonly Candidate[], readonly string[]]>([
  [
    "a third session is refused",
    { sessionsPerDay: 2 },
    [item("a", "06:00", 5), item("b", "11:00", 5), item("c", "17:00", 5)],
    ["06:00-06:05 a", "11:00-11:05 b", "17:00-17:05 (c session-cap sessions)"],
  ],
  [
    "a pause under a minute does not end a session, a minute does",
    { sessionsPerDay: 1 },
    [item("a", "06:00", 5), item("b", "06:05:59", 5), item("c", "06:11:59", 5)],
    ["06:00-06:05 a", "06:05:59-06:10:59 b", "06:11:59-06:16:59 (c session-cap sessions)"],
  ],
  [
    "a session is cut at its last minute, and what would go on with it",
    { minutesPerSession: 10 },
    [item("a", "06:00", 8), item("b", "06:08", 5), item("c", "06:09", 5), item("d", "06:15", 5)],
    [
      "06:00-06:08 a",
      "06:08-06:10 b, outranks over c",
      "06:09-06:10 (c outranked by b, waits)",
      "06:10-06:13 (b session-cap minutes)",
      "06:10-06:15 (c session-cap minutes)",
      "06:15-06:20 d",
    ],
  ],
  [
    "an emergency neither counts nor ends a session",
    { sessionsPerDay: 1, minutesPerSession: 10 },
    [
      item("a", "06:00", 10),
      item("alert", "06:04", 10, { level: 850 }),
      item("late", "20:00", 5, { level: 900 }),
    ],
    [
      "06:00-06:04 a",
      "06:04-06:14 alert, outranks over a",
      "06:04-06:14 (a outranked by alert, waits)",
      "06:14-06:20 a from 4, resumes after alert",
      "20:00-20:05 late",
    ],
  ],
  [
    "sessions are counted anew each day, from local midnight",
    { sessionsPerDay: 1 },
    [item("a", "23:50", 5), item("b", "23:58", 5), item("c", "24:10", 5), item("d", "24:20", 5)],
    [
      "23:50-23:55 a",
      "23:58-24:03 (b session-cap sessions)",
      "24:10-24:15 c",
      "24:20-24:25 (d session-cap sessions)",
    ],
  ],
  [
    "none allowed means none",
    { minutesPerSession: 0 },
    [item("a", "06:00", 5)],
    ["06:00-06:05 (a session-cap minutes)"],
  ],
])("%s", (_name, caps, candidates, expected) => check(expected, candidates, zone({ caps, quietHours: [] })));

test.each<[string, Partial<ResolveRules>, readonly Candidate[], readonly string[]]>([
  [
    "a stop ends what has begun and leaves what comes after",
    { stops: [{ at: at("17:05") }] },
    [item("a", "17:00", 10), item("b", "17:05", 10), item("c", "17:06", 10)],
    ["17:00-17:05 a", "17:05-17:10 (a stopped)", "17:05-17:15 (b stopped)", "17:06-17:16 c"],
  ],
  [
    "a stop ends what waits as well",
    { stops: [{ at: at("17:05") }] },
    [item("a", "17:01", 10), item("p", "17:00", 10, { level: 600 })],
    [
      "17:00-17:05 p, outranks over a",
      "17:01-17:05 (a outranked by p, waits)",
      "17:05-17:15 (a stopped)",
      "17:05-17:10 (p stopped)",
    ],
  ],
  [
    "a stop of one airing lets the next one on",
    { stops: [{ at: at("17:05"), airing: "p" }] },
    [item("a", "17:01", 5), item("p", "17:00", 10, { level: 600 })],
    [
      "17:00-17:05 p, outranks over a",
      "17:01-17:05 (a outranked by p, waits)",
      "17:05-17:10 a, waited after p",
      "17:05-17:10 (p stopped)",
    ],
  ],
  [
    "an airing stopped before its time never sounds",
    { stops: [{ at: at("16:00"), airing: "a" }] },
    [item("a", "17:00", 10), item("b", "17:05", 10)],
    ["17:00-17:10 (a stopped)", "17:05-17:15 b"],
  ],
  [
    "a hold loses what is below emergency, and makes emergencies wait",
    { holds: [{ from: at("17:05"), until: at("17:15") }] },
    [
      item("a", "17:00", 20),
      item("b", "17:10", 20),
      item("old", "17:02", 1, { level: 900 }),
      item("alert", "17:12", 10, { level: 850, byClock: true }),
      item("c", "17:22", 5),
    ],
    [
      "17:00-17:02 a",
      "17:02-17:03 old, outranks over a",
      "17:02-17:03 (a outranked by old, waits)",
      "17:03-17:05 a from 2, resumes after old",
      "17:05-17:21 (a stopped)",
      "17:10-17:30 (b stopped)",
      "17:12-17:15 (alert stopped, waits)",
      "17:15-17:22 alert from 3, waited after ",
      "17:22-17:27 c",
    ],
  ],
  [
    "a hold stops an emergency that sounds",
    { holds: [{ from: at("17:05"), until: at("17:06") }] },
    [item("alert", "17:00", 10, { level: 900 })],
    ["17:00-17:05 alert", "17:05-17:10 (alert stopped)"],
  ],
  [
    "a stop elsewhere has no bearing",
    { stops: [{ at: at("17:05"), targets: { type: "some", hamlets: ["thon-2"], speakers: [] } }] },
    [item("a", "17:00", 10)],
    ["17:00-17:10 a"],
  ],
])("%s", (_name, rules, candidates, expected) => check(expected, candidates, zone(), rules));

test("each speaker hears what is meant for it, by hamlet or by name, under its own hours", () => {
  const zones = [
    zone(),
    zone({ speaker: "loa-2", hamlet: "thon-2" }),
    zone({ speaker: "loa-3", hamlet: "thon-2", quietHours: [{ fromMinute: 17 * 60, toMinute: 18 * 60 }] }),
  ];
  const candidates = [
    item("all", "17:00", 10),
    item("hamlet", "18:00", 10, { targets: { type: "some", hamlets: ["thon-2"], speakers: [] } }),
    item("named", "19:00", 10, { targets: { type: "some", hamlets: [], speakers: ["loa-1"] } }),
  ];
  const timelines = resolve(candidates, zones, DAY, { timeZone: HANOI });
  expect(Object.fromEntries([...timelines].map(([speaker, timeline]) => [speaker, told(timeline)]))).toEqual({
    "loa-1": ["17:00-17:10 all", "19:00-19:10 named"],
    "loa-2": ["17:00-17:10 all", "18:00-18:10 hamlet"],
    "loa-3": ["17:00-17:10 (all quiet-hours)", "18:00-18:10 hamlet"],
  });
});

test("gives back, whole, what meets the window", () => {
  const candidates = [
    item("a", "16:00", 30),
    item("b", "16:50", 20),
    item("c", "17:30", 20),
    item("d", "17:50", 5),
  ];
  const window = { from: at("17:00"), to: at("17:40") };
  const timeline = resolve(candidates, [zone()], window, { timeZone: HANOI }).get("loa-1");
  expect(told(timeline ?? { intervals: [], silences: [] })).toEqual(["16:50-17:10 b", "17:30-17:50 c"]);
});

const anyItem = fc.record({
  level: fc.constantFrom(200, 300, 400, 600, 700, 850, 900),
  startAt: fc.integer({ min: at("16:00"), max: at("31:00") }).map(epochMs),
  durationMs: fc.integer({ min: 1, max: 90 * MINUTE_MS }),
  afterPreempt: fc.constantFrom("resume" as const, "restart" as const, "drop" as const),
  byClock: fc.boolean(),
  rank: fc.nat(2),
});
const anyItems = fc
  .array(anyItem, { maxLength: 25, size: "max" })
  .map((list) => list.map((some, index): Candidate => ({ ...item(`a${index}`, "00:00", 0), ...some })));
const anyStops = fc.array(
  fc.integer({ min: at("16:00"), max: at("31:00") }).map((instant): Stop => ({ at: epochMs(instant) })),
  { maxLength: 2 },
);
const ANY_ZONE = zone({ caps: { sessionsPerDay: 4, minutesPerSession: 60 } });

test("never two things at once, and nothing below emergency in quiet hours", () => {
  fc.assert(
    fc.property(anyItems, anyStops, (candidates, stops) => {
      const { intervals } = timelineOf(candidates, ANY_ZONE, { stops });
      for (const [index, { startAt, endAt, level }] of intervals.entries()) {
        expect(endAt).toBeGreaterThan(startAt);
        expect(startAt).toBeGreaterThanOrEqual(intervals[index - 1]?.endAt ?? 0);
        if (level >= EMERGENCY_LEVEL) continue;
        for (let instant: number = startAt; instant < endAt; instant += 30_000) {
          expect(isQuiet(ANY_ZONE, HANOI, instant)).toBe(false);
        }
        expect(isQuiet(ANY_ZONE, HANOI, endAt - 1)).toBe(false);
      }
    }),
  );
});

test("every millisecond of every airing sounds or has a reason, and the amounts add up", () => {
  fc.assert(
    fc.property(anyItems, anyStops, (candidates, stops) => {
      const { intervals, silences } = timelineOf(candidates, ANY_ZONE, { stops });
      for (const candidate of candidates) {
        const own = [
          ...intervals.filter(({ airing }) => airing === candidate.airing),
          ...silences.filter(({ airing }) => airing === candidate.airing),
        ].sort((a, b) => a.startAt - b.startAt);
        expect(own[0]?.startAt).toBe(candidate.startAt);
        for (const [index, { startAt }] of own.entries()) {
          if (index > 0) expect(startAt).toBe(own[index - 1]?.endAt);
        }
        const ended = own.at(-1);
        const lostMs =
          ended !== undefined && "final" in ended && ended.final ? ended.endAt - ended.startAt : 0;
        const heardMs = own.reduce((sum, one) => sum + ("level" in one ? one.endAt - one.startAt : 0), 0);
        if (candidate.byClock) expect(ended?.endAt).toBe(candidate.startAt + candidate.durationMs);
        else if (candidate.afterPreempt === "restart")
          expect(heardMs + lostMs).toBeGreaterThanOrEqual(candidate.durationMs);
        else expect(heardMs + lostMs).toBe(candidate.durationMs);
      }
    }),
  );
});

test("nothing begins or goes on more than a quarter of an hour behind its plan", () => {
  fc.assert(
    fc.property(anyItems, (candidates) => {
      for (const { airing, startAt, offsetMs } of timelineOf(candidates, ANY_ZONE).intervals) {
        const planned = candidates.find((candidate) => candidate.airing === airing)?.startAt ?? 0;
        const lateMs = startAt - offsetMs - planned;
        expect(lateMs).toBeGreaterThanOrEqual(0);
        expect(lateMs).toBeLessThanOrEqual(LATENESS_LIMIT_MS);
      }
    }),
  );
});

test("what keeps something silent stands higher and sounds at that time", () => {
  fc.assert(
    fc.property(anyItems, (candidates) => {
      const { intervals, silences } = timelineOf(candidates, ANY_ZONE);
      const byName = new Map(candidates.map((candidate) => [candidate.airing, candidate]));
      for (const { airing, startAt, endAt, reason, final } of silences) {
        if (reason.type !== "outranked") continue;
        const [loser, winner] = [byName.get(airing), byName.get(reason.by)];
        expect(winner?.level).toBeGreaterThanOrEqual(loser?.level ?? Infinity);
        const sounding = intervals.filter(
          (interval) => interval.airing === reason.by && interval.startAt < endAt,
        );
        expect(sounding.some((interval) => interval.endAt > startAt)).toBe(true);
        if (!final) expect(sounding.at(-1)?.endAt).toBeGreaterThanOrEqual(endAt);
      }
    }),
  );
});

test("the order of candidates and zones does not matter", () => {
  const shuffled = anyItems.chain((items) =>
    fc.tuple(fc.constant(items), fc.shuffledSubarray(items, { minLength: items.length })),
  );
  fc.assert(
    fc.property(shuffled, ([candidates, reordered]) => {
      const other = zone({ speaker: "loa-2", caps: { sessionsPerDay: 1 } });
      const one = resolve(candidates, [ANY_ZONE, other], DAY, { timeZone: HANOI });
      const two = resolve(reordered, [other, ANY_ZONE], DAY, { timeZone: HANOI });
      expect(two.get("loa-1")).toEqual(one.get("loa-1"));
      expect(two.get("loa-2")).toEqual(one.get("loa-2"));
    }),
  );
});
