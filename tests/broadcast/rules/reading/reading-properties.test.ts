import fc from "fast-check";
import { expect, test } from "vitest";
import { readAloud } from "../../../../src/broadcast/rules/reading/read-text.ts";

const FRAGMENTS = [
  "UBND",
  "QĐ-UBND",
  "12/2026",
  "2/9",
  "30-4",
  "6h30",
  "7-9h",
  "0912.345.678",
  "1.500.000đ",
  "5-10%",
  "IV",
  "TP.",
  "m²",
  "COVID-19",
  "a@b.vn",
  "29A-123.45",
  "(",
  ")",
  "-",
  "–",
  "/",
  ".",
  ",",
  ":",
  "\n",
  " ",
  "😀",
  "\u200b",
  "ệ",
  "e\u0302",
  "…",
  "thôn",
  "ngày",
  "thứ",
  "$5",
  "°C",
  "x",
  "+",
  "&",
  "=",
  "'",
  "[[",
  "<b>",
  "0",
  "00",
  "𝗔",
  "\ud800",
];
const written = fc.array(
  fc.oneof(fc.constantFrom(...FRAGMENTS), fc.string({ unit: "grapheme", maxLength: 4 })),
  { maxLength: 30 },
);

test("spans lie in order where they say, whatever is written", () => {
  fc.assert(
    fc.property(written, (fragments) => {
      const reading = readAloud(fragments.join(""));
      let at = 0;
      let readAt = 0;
      for (const { from, to, readFrom, original, read } of reading.spans) {
        expect(from).toBeGreaterThanOrEqual(at);
        expect(readFrom).toBeGreaterThanOrEqual(readAt);
        expect(reading.text.slice(from, to)).toBe(original);
        expect(reading.readText.slice(readFrom, readFrom + read.length)).toBe(read);
        at = to;
        readAt = readFrom + read.length;
      }
    }),
    { numRuns: 1_000 },
  );
});

test("nothing is left that a voice would stumble over", () => {
  fc.assert(
    fc.property(written, (fragments) => {
      expect(readAloud(fragments.join("")).readText).not.toMatch(
        /[0-9\u200b<>[\](){}#*_=+|\\@%^~`"]| {2}|\p{Cs}/u,
      );
    }),
    { numRuns: 1_000 },
  );
});

test("reading what was read changes no word any more", () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom("UBND xã", "6h30", "2/9/2026", "500k", "5-10 kg", "quý IV", "BHYT"), {
        maxLength: 8,
      }),
      (fragments) => {
        const once = readAloud(fragments.join(", ")).readText;
        expect(readAloud(once).readText).toBe(once);
      },
    ),
  );
});

test.each([
  ["one endless word", "a".repeat(20_000)],
  ["one endless number", "9".repeat(20_000)],
  ["dotted letters", "a.".repeat(10_000)],
  ["dotted figures", "111.".repeat(5_000)],
  ["strokes", "1/".repeat(10_000)],
  ["dashes", "1-".repeat(10_000)],
  ["capitals", "UBND".repeat(5_000)],
  ["vowels that lead nowhere", `${"A".repeat(29)}W `.repeat(600)],
  ["an endless address", `${"a".repeat(63)}w@${"a".repeat(60)}w.vn `.repeat(100)],
  ["spaces", " ".repeat(20_000)],
  ["ordinals", "thứ 2, 3, 4, 5, 6, ".repeat(1_000)],
  ["brackets", "([{".repeat(7_000)],
])("a hostile text of %s is read through", (_name, text) => {
  expect(readAloud(text).text.length).toBeGreaterThan(0);
});
