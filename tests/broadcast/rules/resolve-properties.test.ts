import fc from "fast-check";
import { expect, test } from "vitest";
import { EMERGENCY_LEVEL, LATENESS_LIMIT_MS } from "../../../src/broadcast/rules/ladder.ts";
import type { Candidate, Stop } from "../../../src/broadcast/rules/model.ts";
import { resolve } from "../../../src/broadcast/rules/resolve.ts";
import { epochMs, MINUTE_MS } from "../../../src/kernel/time.ts";
import { at, DAY, HANOI, item, timelineOf, zone } from "../../support/air.ts";
import { isQuiet } from "../../support/resolver-oracle.ts";

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
