import fc from "fast-check";
import { expect, test } from "vitest";
import type { Candidate, Hold, Stop, Targets, Zone } from "../../../src/broadcast/rules/model.ts";
import { resolve } from "../../../src/broadcast/rules/resolve.ts";
import { epochMs, HOUR_MS } from "../../../src/kernel/time.ts";
import { keepDiary, STEP_MS, type Diary } from "../../support/resolver-oracle.ts";

/** Local noon before: clock changes, a month's end, the new year, an ordinary night. Quiet hours leave 01:00–03:00 whole. */
const PLACES = [
  { timeZone: "Asia/Ho_Chi_Minh", from: "2026-12-31T05:00Z" },
  { timeZone: "Asia/Kolkata", from: "2026-02-27T06:30Z" },
  { timeZone: "America/New_York", from: "2026-03-07T17:00Z" },
  { timeZone: "America/New_York", from: "2026-10-31T16:00Z" },
];
const HOTSPOTS_H = [0, 1, 9, 9.5, 12, 13, 14.5, 15.5, 17, 21];
const LEVELS = [200, 300, 400, 400, 600, 600, 700, 850, 900];
const steps = (max: number): fc.Arbitrary<number> =>
  fc.integer({ min: 0, max }).map((count) => count * STEP_MS);

const targets: fc.Arbitrary<Targets> = fc.oneof(
  { weight: 3, arbitrary: fc.constant<Targets>({ type: "everywhere" }) },
  fc.record({
    type: fc.constant("some" as const),
    hamlets: fc.subarray(["h1", "h2"]),
    speakers: fc.subarray(["s1", "s3"]),
  }),
);

/** Crowded around a few moments, so that things meet. */
const instant = (moments: readonly number[]): fc.Arbitrary<number> =>
  fc.tuple(fc.constantFrom(...moments), steps(90)).map(([moment, ms]) => moment + ms);

const candidate = (moments: readonly number[]): fc.Arbitrary<Omit<Candidate, "airing">> =>
  fc
    .record({
      level: fc.constantFrom(...LEVELS),
      startAt: instant(moments).map(epochMs),
      durationMs: fc.oneof(steps(12), steps(60), steps(180)),
      targets,
      afterPreempt: fc.constantFrom("resume" as const, "restart" as const, "drop" as const),
      byClock: fc.boolean(),
      rank: fc.nat(1),
      barred: fc.oneof(
        { weight: 9, arbitrary: fc.constant(undefined) },
        fc.constant({ en: "not approved", vi: "chưa duyệt" }),
      ),
    })
    .map(({ barred, ...rest }) => ({ ...rest, title: "t", ...(barred === undefined ? {} : { barred }) }));

const quietHours = fc.constantFrom(
  [],
  [{ fromMinute: 1_290, toMinute: 300 }],
  [{ fromMinute: 1_410, toMinute: 30 }],
  [
    { fromMinute: 0, toMinute: 240 },
    { fromMinute: 200, toMinute: 330 },
    { fromMinute: 720, toMinute: 727 },
  ],
);
const caps = fc.constantFrom(
  {},
  { sessionsPerDay: 2 },
  { minutesPerSession: 20 },
  { sessionsPerDay: 3, minutesPerSession: 45 },
  { sessionsPerDay: 1, minutesPerSession: 3 },
);

const crowd = fc.tuple(fc.constantFrom(...PLACES), fc.subarray(HOTSPOTS_H, { minLength: 1, maxLength: 2 }));

const situation = crowd.chain(([{ timeZone, from }, hours]) => {
  const moments = hours.map((hour) => Date.parse(from) + hour * HOUR_MS);
  return fc.record({
    timeZone: fc.constant(timeZone),
    candidates: fc
      .array(candidate(moments), { minLength: 2, maxLength: 12, size: "max" })
      .map((list) => list.map((item, index): Candidate => ({ ...item, airing: `a${index}` }))),
    zones: fc.tuple(quietHours, quietHours, caps, caps).map(([q1, q2, c1, c2]): Zone[] => [
      { speaker: "s1", hamlet: "h1", quietHours: q1, caps: c1 },
      { speaker: "s2", hamlet: "h1", quietHours: q1, caps: c1 },
      { speaker: "s3", hamlet: "h3", quietHours: q2, caps: c2 },
    ]),
    stops: fc.array(
      fc.record(
        { at: instant(moments).map(epochMs), airing: fc.constantFrom("a0", "a1", "a2"), targets },
        { requiredKeys: ["at"] },
      ) as fc.Arbitrary<Stop>,
      { maxLength: 2 },
    ),
    holds: fc.array(
      fc
        .tuple(instant(moments), steps(90), fc.option(targets, { nil: undefined }))
        .map(([at, ms, where]): Hold => ({
          from: epochMs(at),
          until: epochMs(at + ms),
          ...(where === undefined ? {} : { targets: where }),
        })),
      { maxLength: 2 },
    ),
  });
});
type Situation = typeof situation extends fc.Arbitrary<infer T> ? T : never;

const ALL_TIME = { from: epochMs(0), to: epochMs(8e15) };

function resolveAll({ candidates, zones, timeZone, stops, holds }: Situation): ReturnType<typeof resolve> {
  return resolve(candidates, zones, ALL_TIME, { timeZone, stops, holds });
}

/** The resolver's answer, read off at the oracle's steps. A step told twice shows as `twice`. */
function diaryOf(situation: Situation, zone: Zone): Diary {
  const diary: Diary = new Map();
  const write = (airing: string, at: number, entry: string): void => {
    const key = `${airing}@${at}`;
    diary.set(key, diary.has(key) ? `twice: ${entry}` : entry);
  };
  const timeline = resolveAll(situation).get(zone.speaker);
  for (const { airing, startAt, endAt, offsetMs } of timeline?.intervals ?? []) {
    for (let at: number = startAt; at < endAt; at += STEP_MS)
      write(airing, at, `sounds ${offsetMs + at - startAt}`);
  }
  for (const { airing, startAt, endAt, reason, final } of timeline?.silences ?? []) {
    const detail = "by" in reason ? ` ${reason.by}` : "limit" in reason ? ` ${reason.limit}` : "";
    const lost = final ? " lost" : "";
    for (let at: number = startAt; at < endAt; at += STEP_MS)
      write(airing, at, `${reason.type}${detail}${lost}`);
  }
  return diary;
}

test("tells the same as a diary kept step by step", { timeout: 120_000 }, () => {
  fc.assert(
    fc.property(situation, (given) => {
      for (const zone of given.zones) {
        const ours = diaryOf(given, zone);
        const theirs = keepDiary({ ...given, zone });
        expect(sorted(ours)).toEqual(sorted(theirs));
      }
    }),
    { numRuns: 100, endOnFailure: true },
  );
});

function sorted(diary: Diary): [string, string][] {
  return [...diary].sort(([a], [b]) => (a < b ? -1 : 1));
}
