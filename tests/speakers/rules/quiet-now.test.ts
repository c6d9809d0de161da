import { expect, test } from "vitest";
import { isQuietAt } from "../../../src/speakers/rules/quiet-now.ts";

test.each([
  ["before a window over midnight", 1_289, false],
  ["its first minute", 1_290, true],
  ["after midnight", 0, true],
  ["its last minute", 299, true],
  ["its end", 300, false],
  ["inside a window of the day", 750, true],
  ["its end", 780, false],
])("%s", (_name, minute, expected) => {
  const windows = [
    { fromMinute: 1_290, toMinute: 300 },
    { fromMinute: 720, toMinute: 780 },
    { fromMinute: 600, toMinute: 600 },
  ];
  expect(isQuietAt(windows, minute)).toBe(expected);
});
