import { expect, test } from "vitest";
import { bestEstimate } from "../../../src/agent/rules/clock-sync.ts";

test("the quickest exchange decides, and half of its way there is taken off", () => {
  const slow = { t1: 0, t2: 1_080, t3: 1_081, t4: 101 };
  const quick = { t1: 200, t2: 1_204, t3: 1_206, t4: 210 };
  expect(bestEstimate([slow, quick])).toEqual({ offsetMs: 1_000, roundTripMs: 8 });
});

test("answers from before the question are nonsense", () => {
  expect(bestEstimate([])).toBeUndefined();
  expect(bestEstimate([{ t1: 100, t2: 0, t3: 500, t4: 101 }])).toBeUndefined();
});
