import fc from "fast-check";
import { expect, test } from "vitest";
import type { AiringSpec, Standing } from "../../../src/agent/rules/airing.ts";
import { decide, forecast, type Bars } from "../../../src/agent/rules/ladder.ts";

const OPEN: Bars = { holdUntil: 0, quiet: { timeZone: "UTC", windows: [] } };
/** Quiet from 00:01 to 00:02 UTC. */
const NIGHT: Bars = { holdUntil: 0, quiet: { timeZone: "UTC", windows: [{ fromMinute: 1, toMinute: 2 }] } };
const HELD: Bars = { ...OPEN, holdUntil: 100_000 };

type Changes = Partial<AiringSpec> & Partial<Omit<Standing, "spec">> & { ms?: number };

function airing(name: string, level: number, at: number, changes: Changes = {}): Standing {
  const {
    begun = false,
    playable = true,
    lagMs = 0,
    stepMs = 0,
    resumesAtMs,
    ms = 10_000,
    ...spec
  } = changes;
  return {
    begun,
    playable,
    lagMs,
    stepMs,
    resumesAtMs,
    spec: {
      airing: name,
      level,
      at,
      until: at + 60_000,
      source: { type: "files", parts: [{ durationMs: ms }], offsetMs: 0 },
      afterPreempt: "resume",
      ...spec,
    },
  };
}

function check(standings: Standing[], bars: Bars, now: number, expected: string): void {
  const { sounding, ended, waiting, barred, nextAt } = decide(standings, bars, now);
  const said = [
    sounding === undefined ? "silence" : sounding.spec.airing,
    ...ended.map(({ airing: name, why }) => `${name} ended ${why}`),
    ...waiting.map(({ spec, resumesAtMs }) => `${spec.airing} waits at ${resumesAtMs ?? "clock"}`),
    ...barred.map(({ airing: name, by }) => `${name} ${by}`),
    nextAt === undefined ? "for good" : `until ${nextAt}`,
  ];
  expect(said.join(", ")).toBe(expected);
}

const stream = { source: { type: "stream" } } as const;

test.each<[string, Standing[], Bars, number, string]>([
  ["nothing known", [], OPEN, 0, "silence, for good"],
  ["before its time", [airing("a", 400, 5_000)], OPEN, 0, "silence, until 5000"],
  ["at its time", [airing("a", 400, 5_000)], OPEN, 5_000, "a, until 15000"],
  ["at its end", [airing("a", 400, 0)], OPEN, 10_000, "silence, a ended over, for good"],
  [
    "its time limit comes first",
    [airing("a", 400, 0, { until: 4_000 })],
    OPEN,
    4_000,
    "silence, a ended over, for good",
  ],
  [
    "the higher one",
    [airing("a", 400, 0), airing("b", 600, 2_000)],
    OPEN,
    2_000,
    "b, a waits at 2000, until 10000",
  ],
  [
    "restart",
    [airing("a", 400, 0, { afterPreempt: "restart" }), airing("b", 600, 2_000)],
    OPEN,
    3_000,
    "b, a waits at 0, until 10000",
  ],
  [
    "drop",
    [airing("a", 400, 0, { afterPreempt: "drop" }), airing("b", 600, 2_000)],
    OPEN,
    2_000,
    "b, a ended preempted, until 10000",
  ],
  [
    "a stream waits by the clock",
    [airing("a", 300, 0, stream), airing("b", 600, 2_000)],
    OPEN,
    2_000,
    "b, a waits at clock, until 12000",
  ],
  ["waiting does not run out", [airing("a", 400, 0, { resumesAtMs: 3_000 })], OPEN, 30_000, "a, until 60000"],
  [
    "equals: who began stays",
    [airing("a", 600, 1_000), airing("b", 600, 1_000, { begun: true })],
    OPEN,
    1_000,
    "b, a waits at 0, until 11000",
  ],
  [
    "equals: the earlier",
    [airing("b", 600, 1_000), airing("a", 600, 2_000)],
    OPEN,
    2_000,
    "b, a waits at 0, until 11000",
  ],
  [
    "without its file it keeps nobody off",
    [airing("a", 600, 0, { playable: false }), airing("b", 400, 0)],
    OPEN,
    0,
    "b, a file-missing, until 10000",
  ],
  [
    "quiet to its end",
    [airing("a", 700, 60_000)],
    NIGHT,
    60_000,
    "silence, a ended quiet-hours, until 70000",
  ],
  [
    "quiet, then the rest",
    [airing("a", 700, 115_000)],
    NIGHT,
    116_000,
    "silence, a quiet-hours, until 120000",
  ],
  [
    "an emergency in the night",
    [airing("a", 850, 60_000), airing("b", 700, 60_000)],
    NIGHT,
    60_000,
    "a, b ended quiet-hours, until 70000",
  ],
  ["held, whatever it is", [airing("a", 900, 0)], HELD, 0, "silence, a held, until 10000"],
  [
    "a clock step moves what has begun",
    [airing("a", 400, 0, { begun: true, stepMs: 3_600_000 })],
    OPEN,
    3_605_000,
    "a, until 3610000",
  ],
])("%s", (...[, standings, bars, now, expected]) => check(standings, bars, now, expected));

test("a forecast tells when the present sound ends and what comes, interruptions included", () => {
  const standings = [
    airing("news", 400, 0, { begun: true }),
    airing("alarm", 850, 3_000, { ms: 1_000 }),
    airing("later", 400, 20_000),
  ];
  const from = decide(standings, OPEN, 0);
  const { changesAt, coming } = forecast(standings, OPEN, { from, horizonAt: 30_000 });
  expect(changesAt).toBe(3_000);
  expect(coming.map(({ standing, at }) => `${standing.spec.airing} at ${at}`)).toEqual([
    "alarm at 3000",
    "later at 20000",
  ]);
});

const levels = [200, 300, 400, 600, 700, 850, 900];
const arbitrary = fc.array(
  fc.record({
    level: fc.constantFrom(...levels),
    at: fc.integer({ min: 0, max: 240_000 }),
    ms: fc.integer({ min: 1, max: 60_000 }),
    afterPreempt: fc.constantFrom("resume", "restart", "drop"),
    playable: fc.boolean(),
  }),
  { maxLength: 8 },
);

test("whatever is planned: the top of what may sound sounds, nothing below emergency at night, and nothing is forgotten", () => {
  fc.assert(
    fc.property(arbitrary, fc.integer({ min: 0, max: 300_000 }), (plans, now) => {
      const standings = plans.map(({ level, at, ...changes }, index) =>
        airing(`a${index}`, level, at, changes),
      );
      const { sounding, ended, waiting, barred } = decide(standings, NIGHT, now);
      const isNight = now >= 60_000 && now < 120_000;
      if (isNight && sounding !== undefined) expect(sounding.spec.level).toBeGreaterThanOrEqual(850);
      for (const { spec } of waiting) expect(spec.level).toBeLessThanOrEqual(sounding?.spec.level ?? 0);
      const due = standings.filter(({ spec }) => spec.at <= now).map(({ spec }) => spec.airing);
      const told = [sounding, ...waiting].flatMap((standing) => standing?.spec.airing ?? []);
      const explained = [...told, ...ended.map((e) => e.airing), ...barred.map((b) => b.airing)];
      expect(explained.toSorted()).toEqual(due.toSorted());
    }),
  );
});
