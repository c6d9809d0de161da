import fc from "fast-check";
import { expect, test } from "vitest";
import type { Span } from "../../../src/cameras/rules/model.ts";
import { covers, joined, totalMs } from "../../../src/cameras/rules/spans.ts";
import { epochMs } from "../../../src/kernel/time.ts";

type Pair = readonly [number, number];
const spans = (...pairs: readonly Pair[]): Span[] =>
  pairs.map(([from, to]) => ({ from: epochMs(from), to: epochMs(to) }));
const words = (list: readonly Span[]): string => list.map(({ from, to }) => `${from}-${to}`).join(" ");

test.each<[string, readonly Pair[], number, string]>([
  ["none", [], 0, ""],
  [
    "out of order",
    [
      [5, 6],
      [1, 2],
    ],
    0,
    "1-2 5-6",
  ],
  [
    "touching",
    [
      [1, 2],
      [2, 3],
    ],
    0,
    "1-3",
  ],
  [
    "overlapping",
    [
      [1, 5],
      [2, 9],
    ],
    0,
    "1-9",
  ],
  [
    "one within the other",
    [
      [1, 9],
      [2, 3],
    ],
    0,
    "1-9",
  ],
  [
    "a hole that is small enough",
    [
      [1, 2],
      [4, 5],
    ],
    2,
    "1-5",
  ],
  [
    "a hole that is too wide",
    [
      [1, 2],
      [5, 6],
    ],
    2,
    "1-2 5-6",
  ],
])("joins %s", (_name, given, withinMs, expected) => {
  expect(words(joined(spans(...given), withinMs))).toBe(expected);
});

test.each<[readonly Pair[], readonly Pair[], boolean]>([
  [
    [[0, 10]],
    [
      [2, 5],
      [5, 10],
    ],
    true,
  ],
  [
    [
      [0, 5],
      [5, 10],
    ],
    [[2, 8]],
    true,
  ],
  [
    [
      [0, 4],
      [6, 10],
    ],
    [[2, 8]],
    false,
  ],
  [[], [[1, 2]], false],
  [[[0, 1]], [], true],
])("%j covers %j: %s", (whole, parts, expected) => {
  expect(covers(spans(...whole), spans(...parts))).toBe(expected);
});

test("joining changes neither what is covered nor how long it is", () => {
  const some = fc.array(
    fc
      .tuple(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 10 }))
      .map(([from, length]): Pair => [from, from + length]),
  );
  fc.assert(
    fc.property(some, (pairs) => {
      const given = spans(...pairs);
      const moments = new Set(
        pairs.flatMap(([from, to]) => Array.from({ length: to - from }, (_, i) => from + i)),
      );
      expect(totalMs(given)).toBe(moments.size);
      expect(covers(joined(given), given)).toBe(true);
    }),
  );
});
