import { Readable } from "node:stream";
import { expect, test } from "vitest";
import { normalised } from "../../../src/panel/rules/normalised.ts";

const NFD = "Hòa".normalize("NFD");
const NFC = "Hòa".normalize("NFC");

test("text is in one form wherever it stands in plain data", () => {
  expect(normalised({ [NFD]: [NFD, { deep: NFD }], n: 1, no: null, yes: true })).toEqual({
    [NFC]: [NFC, { deep: NFC }],
    n: 1,
    no: null,
    yes: true,
  });
});

test.for([Buffer.from(NFD), Readable.from([NFD]), new Date(0), undefined])(
  "what is no plain data is passed on as it is (%#)",
  (value) => {
    expect(normalised(value)).toBe(value);
  },
);

test("data without end is not followed to its end", () => {
  let deep: unknown = NFD;
  for (let level = 0; level < 10_000; level += 1) deep = [deep];
  expect(() => normalised(deep)).not.toThrow();
});
