import { expect, test } from "vitest";
import {
  decide,
  mutesOf,
  nextWake,
  sharesOf,
  spanOf,
  type KnownAiring,
} from "../../../src/broadcast/rules/due.ts";
import type { Interval, Timeline } from "../../../src/broadcast/rules/model.ts";
import { epochMs, MINUTE_MS } from "../../../src/kernel/time.ts";

const at = (seconds: number) => epochMs(1_000_000_000_000 + seconds * 1_000);
const interval = (airing: string, from: number, to: number, offset = 0): Interval => ({
  airing,
  level: 400,
  startAt: at(from),
  endAt: at(to),
  offsetMs: offset * 1_000,
  why: { type: "alone" },
});
const timeline = (...intervals: Interval[]): Timeline => ({ intervals, silences: [] });

interface Case {
  readonly now: number;
  readonly lastAt: number;
  readonly known?: Record<string, KnownAiring["state"]>;
  readonly expected: string;
}

function check({ now, lastAt, known = {}, expected }: Case): void {
  const shares = sharesOf(new Map([["loa-1", timeline(interval("A", 100, 200), interval("B", 300, 310))]]));
  const decision = decide({
    shares,
    mutes: [],
    known: new Map(
      Object.entries(known).map(([airing, state]) => [
        airing,
        { airing, state, scheduled: !airing.startsWith("live") },
      ]),
    ),
    now: at(now),
    lastAt: at(lastAt),
    leadMs: 10_000,
  });
  const said = Object.entries({ begin: decision.begin, missed: decision.missed, withdraw: decision.withdraw })
    .filter(([, list]) => list.length > 0)
    .map(([what, list]) => `${what} ${list.join(",")}`);
  expect(said.join("; ") || "nothing").toBe(expected);
}

test.each<[string, Case]>([
  ["too early", { now: 80, lastAt: 70, expected: "nothing" }],
  ["within the lead", { now: 91, lastAt: 80, expected: "begin A" }],
  ["a doubled wake", { now: 91, lastAt: 101, known: { A: "airing" }, expected: "nothing" }],
  [
    "back after a kill in the middle, begun before",
    { now: 150, lastAt: 100, known: { A: "airing" }, expected: "nothing" },
  ],
  ["back after a kill in the middle, not begun", { now: 150, lastAt: 50, expected: "begin A" }],
  ["back after everything is over", { now: 400, lastAt: 50, expected: "missed A,B" }],
  ["allowed only after its minute", { now: 150, lastAt: 140, expected: "nothing" }],
  [
    "the clock was set back after it ended",
    { now: 95, lastAt: 105, known: { A: "ended" }, expected: "nothing" },
  ],
  [
    "taken off the calendar on air",
    { now: 150, lastAt: 140, known: { A: "airing", C: "airing" }, expected: "withdraw C" },
  ],
])("%s", (_name, situation) => check(situation));

test("shares join the pieces around an interruption", () => {
  const shares = sharesOf(
    new Map([
      ["loa-1", timeline(interval("A", 0, 10), interval("P", 10, 20), interval("A", 20, 40, 10))],
      ["loa-2", timeline(interval("A", 5, 35))],
    ]),
  );
  expect(shares.get("A")).toEqual([
    { speaker: "loa-1", at: at(0), until: at(40), offsetMs: 0, expectedMs: 30_000 },
    { speaker: "loa-2", at: at(5), until: at(35), offsetMs: 0, expectedMs: 30_000 },
  ]);
  expect(spanOf(shares.get("A") ?? [])).toEqual({ at: at(0), until: at(40) });
});

test("an airing silent on one speaker and sounding on another is not mute", () => {
  const silence = (airing: string, from: number, to: number) => ({
    airing,
    startAt: at(from),
    endAt: at(to),
    reason: { type: "quiet-hours" as const },
    final: true,
  });
  const timelines = new Map<string, Timeline>([
    ["loa-1", { intervals: [interval("A", 0, 10)], silences: [silence("B", 0, 5), silence("B", 5, 9)] }],
    ["loa-2", { intervals: [], silences: [silence("A", 0, 10)] }],
  ]);
  expect(mutesOf(timelines, sharesOf(timelines))).toEqual([
    { airing: "B", at: at(0), until: at(9), reason: { type: "quiet-hours" } },
  ]);
});

test("wakes for the nearest of lead, end and a minute", () => {
  const shares = sharesOf(new Map([["loa-1", timeline(interval("A", 100, 130))]]));
  expect(nextWake(shares, at(85), [10_000])).toBe(at(90));
  expect(nextWake(shares, at(95), [10_000])).toBe(at(130));
  expect(nextWake(shares, at(500), [10_000])).toBe(at(500) + MINUTE_MS);
});
