import { describe, expect, test } from "vitest";
import { fitPlan, needsNewPlan, type PlanEntry } from "../../../src/speakers/rules/plan-cover.ts";

const entry = (at: number, digest = `e${at}`, bytes = 100): PlanEntry => ({
  at,
  until: at + 10,
  digest,
  bytes,
});

describe("fitPlan", () => {
  const check = (count: number, limit: { items: number; bytes: number }): string => {
    const entries = Array.from({ length: count }, (_, index) => entry(index * 100));
    const { kept, leftOut, coversUntil } = fitPlan(entries, 10_000, limit);
    return `${kept} kept, ${leftOut} left out, until ${coversUntil}`;
  };
  test.each([
    ["all fit", 3, { items: 5, bytes: 1_000 }, "3 kept, 0 left out, until 10000"],
    ["too many: the nearest stay", 6, { items: 4, bytes: 1_000 }, "4 kept, 2 left out, until 400"],
    ["too large: the nearest stay", 6, { items: 9, bytes: 350 }, "3 kept, 3 left out, until 300"],
    ["nothing to say", 0, { items: 4, bytes: 1_000 }, "0 kept, 0 left out, until 10000"],
  ])("%s", (_name, count, limit, expected) => {
    expect(check(count, limit)).toBe(expected);
  });
});

describe("needsNewPlan", () => {
  const held = { issuedAt: 0, coversUntil: 1_000, frame: "f", entries: [entry(100), entry(600)] };
  test.each([
    ["the same says nothing new", "f", [entry(100), entry(600)], 0, false],
    ["what has passed does not count", "f", [entry(600)], 200, false],
    ["nor what lies beyond its life", "f", [entry(100), entry(600), entry(1_500)], 0, false],
    ["another content does", "f", [entry(100), entry(600, "other")], 0, true],
    ["one more does", "f", [entry(100), entry(300), entry(600)], 0, true],
    ["one less does", "f", [entry(100)], 0, true],
    ["other quiet hours do", "g", [entry(100), entry(600)], 0, true],
    ["half of its life is over", "f", [entry(600)], 500, true],
  ])("%s", (...[, frame, entries, now, expected]) => {
    expect(needsNewPlan(held, { frame, entries }, now)).toBe(expected);
  });
});
