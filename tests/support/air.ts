/** A day on the air, written and read in clock times. */
import { expect } from "vitest";
import type { Candidate, Slot, Timeline, Zone } from "../../src/broadcast/rules/model.ts";
import { resolve, type ResolveRules } from "../../src/broadcast/rules/resolve.ts";
import { calendarTimelines } from "../../src/broadcast/rules/timelines.ts";
import { epochMs, HOUR_MS, MINUTE_MS, type EpochMs } from "../../src/kernel/time.ts";

export const HANOI = "Asia/Ho_Chi_Minh";
const NIGHT = [{ fromMinute: 21 * 60 + 30, toMinute: 5 * 60 }];
const MIDNIGHT = Date.parse("2026-11-24T00:00+07:00");

/** "17:05" or "17:05:30" on the day of the tests; "25:10" is in the night after it. */
export function at(clock: string): EpochMs {
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

export function item(airing: string, start: string, minutes: number, change: Change = {}): Candidate {
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

export function zone(change: Partial<Zone> = {}): Zone {
  return { speaker: "loa-1", hamlet: "thon-1", quietHours: NIGHT, caps: {}, ...change };
}

export const DAY = { from: at("00:00"), to: at("48:00") };

export function timelineOf(
  candidates: readonly Candidate[],
  place = zone(),
  rules: Partial<ResolveRules> = {},
): Timeline {
  const timeline = resolve(candidates, [place], DAY, { timeZone: HANOI, ...rules }).get(place.speaker);
  if (timeline === undefined) throw new Error("no timeline");
  return timeline;
}

/** One line per stretch: "17:00-17:05 news" sounds, "17:05-17:07 (news outranked by alert, waits)" does not. */
export function told({ intervals, silences }: Timeline): string[] {
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

/** The answer in lines, whatever the order of the candidates. */
export function checkAir(
  expected: readonly string[],
  candidates: readonly Candidate[],
  place?: Zone,
  rules?: Partial<ResolveRules>,
): void {
  const backwards = timelineOf([...candidates].reverse(), place, rules);
  expect(told(timelineOf(candidates, place, rules))).toEqual(expected);
  expect(told(backwards)).toEqual(expected);
}

/** What one speaker hears of these slots, as "<day> <time> <airing>", in Vietnam's time. */
export function timelineTold(slots: readonly Slot[], from: string, to: string): string[] {
  const window = {
    from: epochMs(Date.parse(`${from}T00:00+07:00`)),
    to: epochMs(Date.parse(`${to}T00:00+07:00`)),
  };
  const { timelines } = calendarTimelines({ slots, timeZone: HANOI, holidays: [] }, [zone()], window);
  return (timelines.get("loa-1")?.intervals ?? []).map(({ airing, startAt }) => {
    const [date = "", time = ""] = new Date(startAt + 7 * HOUR_MS).toISOString().split("T");
    return `${date.slice(8)} ${time.slice(0, 5)} ${airing}`;
  });
}
