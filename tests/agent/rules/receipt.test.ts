import { expect, test } from "vitest";
import type { AiringSpec } from "../../../src/agent/rules/airing.ts";
import {
  levelDbfs,
  missing,
  NO_PROGRESS,
  verdictOf,
  type MissingReason,
  type Progress,
} from "../../../src/agent/rules/receipt.ts";

const spec: AiringSpec = {
  airing: "a",
  level: 400,
  at: 0,
  until: 60_000,
  source: { type: "files", parts: [{ durationMs: 10_000 }], offsetMs: 0 },
  afterPreempt: "resume",
};
const stream: AiringSpec = { ...spec, source: { type: "stream" } };

function progress(playedMs: number, missedMs: Progress["missedMs"] = {}): Progress {
  return { ...NO_PROGRESS, seenAt: 0, playedMs, missedMs };
}

test.each<[string, AiringSpec, Progress, MissingReason | undefined, string]>([
  ["whole", spec, progress(10_000), undefined, "played - of 10000"],
  ["whole but for what nobody hears", spec, progress(9_800, { late: 200 }), undefined, "played - of 10000"],
  ["joined late", spec, progress(7_000, { late: 3_000 }), undefined, "partial late of 10000"],
  [
    "the longest silence is named",
    spec,
    progress(5_000, { late: 1_000, "power-cut": 4_000 }),
    undefined,
    "partial power-cut of 10000",
  ],
  [
    "what ended it is named first",
    spec,
    progress(5_000, { late: 5_000 }),
    "stopped",
    "partial stopped of 10000",
  ],
  [
    "interrupted and resumed whole",
    spec,
    progress(10_000, { preempted: 20_000 }),
    undefined,
    "played - of 10000",
  ],
  [
    "whole over a clock step",
    spec,
    progress(10_000, { "clock-step": 1 }),
    undefined,
    "played clock-step of 10000",
  ],
  [
    "nothing, with a reason",
    spec,
    progress(0, { "file-missing": 10_000 }),
    undefined,
    "silent file-missing of 10000",
  ],
  ["nothing, because its time was over", spec, progress(0), undefined, "silent expired of 10000"],
  ["a stream until it was stopped", stream, progress(3_000), "stopped", "played stopped of null"],
  [
    "a stream that broke",
    stream,
    progress(3_000, { "stream-lost": 2_000 }),
    "stopped",
    "partial stopped of null",
  ],
  [
    "a stream silenced by the dead man",
    stream,
    progress(3_000, { "dead-man": 9_000 }),
    undefined,
    "partial dead-man of null",
  ],
])("%s", (...[, of, sofar, by, expected]) => {
  const verdict = verdictOf(of, sofar, { at: 60_000, by });
  expect(`${verdict.outcome} ${verdict.reason ?? "-"} of ${String(verdict.expectedMs)}`).toBe(expected);
});

test("missing time adds up by cause; no time changes nothing", () => {
  const once = missing(progress(0), "late", 100);
  expect(missing(missing(once, "late", 50), "held", -5).missedMs).toEqual({ late: 150 });
});

test.each([
  ["full-scale square", 10, 10, 0],
  ["full-scale sine", 5, 10, -3.01],
  ["silence", 0, 10, -120],
  ["nothing", 0, 0, null],
])("level of a %s", (_name, squareSum, count, expected) =>
  expect(levelDbfs(squareSum, count)).toBe(expected),
);
