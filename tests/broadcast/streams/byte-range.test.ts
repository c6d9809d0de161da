import { expect, test } from "vitest";
import { readRange } from "../../../src/broadcast/streams/byte-range.ts";

test.each([
  [undefined, "whole"],
  ["bytes=0-99", "0-99"],
  ["bytes=100-", "100-999"],
  ["bytes=990-5000", "990-999"],
  ["bytes=-10", "990-999"],
  ["bytes=-5000", "0-999"],
  ["bytes=1000-", "unsatisfiable"],
  ["bytes=-0", "unsatisfiable"],
  ["bytes=5-4", "whole"],
  ["bytes=-", "whole"],
  ["bytes=0-1,5-6", "whole"],
  ["lines=1-2", "whole"],
  ["bytes=99999999999999999999-", "whole"],
])("%s of 1,000 bytes", (header, expected) => {
  const range = readRange(header, 1_000);
  expect(range.type === "part" ? `${range.from}-${range.to}` : range.type).toBe(expected);
});

test("nothing of an empty file can be asked for", () => {
  expect(readRange("bytes=0-", 0).type).toBe("unsatisfiable");
});
