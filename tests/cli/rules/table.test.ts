import { expect, test } from "vitest";
import { table } from "../../../src/cli/rules/table.ts";

test("columns line up, whichever way Vietnamese letters are composed", () => {
  const rows = [
    ["loa-1", "Thôn Đông".normalize("NFD"), "a"],
    ["loa-12", "Thôn Ước Lễ", "b"],
  ];
  expect(table(rows).map((line) => line.normalize("NFC"))).toEqual([
    "loa-1   Thôn Đông    a",
    "loa-12  Thôn Ước Lễ  b",
  ]);
  expect(table([])).toEqual([]);
});
