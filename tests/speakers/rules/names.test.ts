import { describe, expect, test } from "vitest";
import { cleanName, proposeId } from "../../../src/speakers/rules/names.ts";

describe("cleanName", () => {
  test.each([
    ["decomposed letters are composed", "Thôn Đông Hòa".normalize("NFD"), "Thôn Đông Hòa"],
    ["outer and doubled spaces go", "  Thôn   3 ", "Thôn 3"],
    ["line breaks and invisible characters go", "Thôn\n3\u200b", "Thôn 3"],
    ["emoji beside letters stay", "Thôn 3 🌾", "Thôn 3 🌾"],
    ["nothing is no name", "", undefined],
    ["punctuation alone is no name", "–…!", undefined],
    ["60 characters fit", "x".repeat(60), "x".repeat(60)],
    ["61 do not", "x".repeat(61), undefined],
  ])("%s", (_name, typed, expected) => {
    expect(cleanName(typed)).toBe(expected);
  });
});

describe("proposeId", () => {
  const propose = (name: string, ...taken: string[]): string =>
    proposeId(name, (id) => taken.includes(id), "thon");

  test.each([
    ["Thôn Đông Hòa", [], "thon-dong-hoa"],
    ["Thôn Đông Hòa", ["thon-dong-hoa"], "thon-dong-hoa-2"],
    ["Thôn Đông Hòa", ["thon-dong-hoa", "thon-dong-hoa-2"], "thon-dong-hoa-3"],
    ["Tổ dân phố số 12 (khu B)", [], "to-dan-pho-so-12-khu-b"],
    ["ĐỒNG BẰNG", [], "dong-bang"],
    ["Tổ dân phố Nguyễn Thị Minh Khai 1", [], "to-dan-pho-nguyen-thi-minh-khai"],
    [
      "Tổ dân phố Nguyễn Thị Minh Khai 2",
      ["to-dan-pho-nguyen-thi-minh-khai"],
      "to-dan-pho-nguyen-thi-minh-2",
    ],
    ["x".repeat(60), [], "x".repeat(31)],
    ["🌾", [], "thon"],
    ["all", [], "all-2"],
    ["Hamlet", [], "hamlet-2"],
  ])("%s with %j taken → %s", (name, taken, expected) => {
    expect(propose(name, ...taken)).toBe(expected);
  });
});
