import fc from "fast-check";
import { expect, test } from "vitest";
import {
  readDigits,
  readInteger,
  readNumber,
  readOrdinal,
  romanValue,
} from "../../../../src/broadcast/rules/reading/numbers.ts";

test.each([
  ["0", "không"],
  ["1", "một"],
  ["4", "bốn"],
  ["5", "năm"],
  ["05", "năm"],
  ["10", "mười"],
  ["11", "mười một"],
  ["14", "mười bốn"],
  ["15", "mười lăm"],
  ["19", "mười chín"],
  ["20", "hai mươi"],
  ["21", "hai mươi mốt"],
  ["24", "hai mươi tư"],
  ["25", "hai mươi lăm"],
  ["31", "ba mươi mốt"],
  ["44", "bốn mươi tư"],
  ["55", "năm mươi lăm"],
  ["91", "chín mươi mốt"],
  ["99", "chín mươi chín"],
  ["100", "một trăm"],
  ["101", "một trăm linh một"],
  ["104", "một trăm linh bốn"],
  ["105", "một trăm linh năm"],
  ["110", "một trăm mười"],
  ["111", "một trăm mười một"],
  ["115", "một trăm mười lăm"],
  ["121", "một trăm hai mươi mốt"],
  ["999", "chín trăm chín mươi chín"],
  ["1000", "một nghìn"],
  ["1001", "một nghìn không trăm linh một"],
  ["1010", "một nghìn không trăm mười"],
  ["1100", "một nghìn một trăm"],
  ["1945", "một nghìn chín trăm bốn mươi lăm"],
  ["2026", "hai nghìn không trăm hai mươi sáu"],
  ["10000", "mười nghìn"],
  ["10005", "mười nghìn không trăm linh năm"],
  ["21000", "hai mươi mốt nghìn"],
  ["105000", "một trăm linh năm nghìn"],
  ["1000000", "một triệu"],
  ["1000005", "một triệu không trăm linh năm"],
  ["1050000", "một triệu không trăm năm mươi nghìn"],
  ["12500000", "mười hai triệu năm trăm nghìn"],
  ["1000000000", "một tỷ"],
  ["1000000001", "một tỷ không trăm linh một"],
  ["2500000000", "hai tỷ năm trăm triệu"],
  ["15000000000", "mười lăm tỷ"],
  ["1000000000000", "một nghìn tỷ"],
  ["1500000000000", "một nghìn năm trăm tỷ"],
  ["1000000000000000000", "một tỷ tỷ"],
])("reads %s as %s", (digits, expected) => {
  expect(readInteger(digits)).toBe(expected);
});

test.each([
  ["3,5", "ba phẩy năm"],
  ["3,14", "ba phẩy mười bốn"],
  ["0,05", "không phẩy không năm"],
  ["2,125", "hai phẩy một trăm hai mươi lăm"],
  ["3,1416", "ba phẩy một bốn một sáu"],
  ["98,65", "chín mươi tám phẩy sáu mươi lăm"],
  ["3.5", "ba phẩy năm"],
  ["1.000", "một nghìn"],
  ["12.500.000", "mười hai triệu năm trăm nghìn"],
  ["1.234.567.890", "một tỷ hai trăm ba mươi tư triệu năm trăm sáu mươi bảy nghìn tám trăm chín mươi"],
  ["1.250,75", "một nghìn hai trăm năm mươi phẩy bảy mươi lăm"],
  ["1,500,000", "một triệu năm trăm nghìn"],
  ["1,500,000.5", "một triệu năm trăm nghìn phẩy năm"],
  ["0.500", "không phẩy năm trăm"],
  ["007", "không không bảy"],
])("reads the written number %s as %s", (written, expected) => {
  expect(readNumber(written)).toBe(expected);
});

test("keeps the dot of a level or a version", () => {
  expect(readNumber("4.0", "chấm")).toBe("bốn chấm không");
});

test.each([
  ["113", "một một ba"],
  ["0912 345 678", "không chín một hai, ba bốn năm, sáu bảy tám"],
  ["(024) 3822", "không hai bốn, ba tám hai hai"],
])("reads %s digit by digit", (groups, expected) => {
  expect(readDigits(groups)).toBe(expected);
});

test.each([
  ["1", "nhất"],
  ["2", "hai"],
  ["4", "tư"],
  ["5", "năm"],
  ["14", "mười bốn"],
  ["24", "hai mươi tư"],
])("reads the ordinal %s as %s", (digits, expected) => {
  expect(readOrdinal(digits)).toBe(expected);
});

test.each([
  ["I", 1],
  ["IV", 4],
  ["IX", 9],
  ["XIV", 14],
  ["XV", 15],
  ["XXI", 21],
  ["XL", 40],
  ["MCMXLV", 1945],
  ["IIII", undefined],
  ["VX", undefined],
  ["IC", undefined],
  ["", undefined],
])("takes the Roman numeral %s for %s", (letters, expected) => {
  expect(romanValue(letters)).toBe(expected);
});

const WORDS: Readonly<Record<string, number>> = {
  không: 0,
  một: 1,
  mốt: 1,
  hai: 2,
  ba: 3,
  bốn: 4,
  tư: 4,
  năm: 5,
  lăm: 5,
  sáu: 6,
  bảy: 7,
  tám: 8,
  chín: 9,
};

/** Understands numbers as a listener does, written without knowledge of how they are made. */
function understand(said: string): number {
  let total = 0;
  let group = 0;
  let last = 0;
  for (const word of said.split(" ")) {
    if (word === "mười") group += 10;
    else if (word === "mươi") group += last * 9;
    else if (word === "trăm") group = last * 100;
    else if (word === "nghìn" || word === "triệu") {
      total += group * (word === "nghìn" ? 1e3 : 1e6);
      group = 0;
    } else if (word === "tỷ") {
      total = (total + group) * 1e9;
      group = 0;
    } else if (word !== "linh") group += WORDS[word] ?? Number.NaN;
    last = WORDS[word] ?? 0;
  }
  return total + group;
}

test("what is said is understood as the same number", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 999_999_999_999 }), (value) => {
      expect(understand(readInteger(String(value)))).toBe(value);
    }),
    { numRuns: 2_000 },
  );
});
