import { expect, test } from "vitest";
import { covers, coversAny } from "../../../src/broker/rules/topic-filter.ts";

test.each<[allowed: string, requested: string, answer: boolean]>([
  ["a/b", "a/b", true],
  ["a/b", "a/c", false],
  ["a/b", "a", false],
  ["a/b", "a/b/c", false],
  ["a/b", "a/b/", false],
  ["a/b", "A/b", false],
  ["a/+", "a/b", true],
  ["a/+", "a/", true],
  ["a/+", "a/+", true],
  ["a/+", "a/b/c", false],
  ["a/+", "a", false],
  ["a/+/c", "a/b/c", true],
  ["a/+/c", "a/b/d", false],
  ["a/#", "a/b/c", true],
  ["a/#", "a", true],
  ["a/#", "a/+/c", true],
  ["a/#", "a/#", true],
  ["a/#", "b", false],
  ["a/b", "a/+", false],
  ["a/+", "a/#", false],
  ["a/b/c", "#", false],
  ["#", "a/b", true],
  ["#", "#", true],
  ["+", "a", true],
  ["+", "/a", false],
  ["/+", "/a", true],
  ["#", "$SYS/x", false],
  ["+/x", "$SYS/x", false],
  ["$SYS/#", "$SYS/x", true],
  ["$SYS/#", "#", false],
  ["", "", true],
])("%j covers %j: %s", (allowed, requested, answer) => {
  expect(covers(allowed, requested)).toBe(answer);
});

test("of several filters one is enough, of none there is none", () => {
  expect(coversAny(["a", "b/+"], "b/c")).toBe(true);
  expect(coversAny(["a", "b/+"], "c")).toBe(false);
  expect(coversAny([], "a")).toBe(false);
});
