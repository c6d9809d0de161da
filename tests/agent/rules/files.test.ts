import { expect, test } from "vitest";
import { chooseEncoding, evictionFor, playableEncoding } from "../../../src/agent/rules/files.ts";

const big = { sha256: "big", bytes: 800, kbps: 64 };
const small = { sha256: "small", bytes: 300, kbps: 24 };

test("a LAN speaker fetches the best, a SIM speaker the smallest", () => {
  expect([chooseEncoding([small, big], "lan"), chooseEncoding([big, small], "sim")]).toEqual([big, small]);
  expect(chooseEncoding<typeof big>([], "lan")).toBeUndefined();
});

test("what is on disk is played, the preferred first", () => {
  const on =
    (...names: string[]): ((sha256: string) => boolean) =>
    (sha256) =>
      names.includes(sha256);
  expect(playableEncoding([small, big], "lan", on("small"))).toBe(small);
  expect(playableEncoding([small, big], "lan", on("small", "big"))).toBe(big);
  expect(playableEncoding([small, big], "lan", on())).toBeUndefined();
});

const stored = [
  { sha256: "old", bytes: 100, usedAt: 1 },
  { sha256: "needed", bytes: 100, usedAt: 0 },
  { sha256: "new", bytes: 100, usedAt: 2 },
];

test.each([
  ["room already", 100, 400, []],
  ["the least recently used goes first", 100, 300, ["old"]],
  ["as many as it takes", 200, 300, ["old", "new"]],
  ["what is needed stays", 300, 300, undefined],
])("making room: %s", (_name, neededBytes, budgetBytes, expected) => {
  expect(evictionFor(stored, (sha256) => sha256 === "needed", neededBytes, budgetBytes)).toEqual(expected);
});
