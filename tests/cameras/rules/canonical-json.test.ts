import fc from "fast-check";
import { expect, test } from "vitest";
import { canonicalJson } from "../../../src/cameras/rules/canonical-json.ts";

test.each([
  [{ b: 1, a: [1, 2, { d: null, c: "é" }] }, '{"a":[1,2,{"c":"é","d":null}],"b":1}'],
  [{ a: undefined, b: [undefined] }, '{"b":[null]}'],
  [{ Z: 1, a: 2, Ă: 3, "10": 4, "9": 5 }, '{"10":4,"9":5,"Z":1,"a":2,"Ă":3}'],
  ["dòng\nmới", '"dòng\\nmới"'],
  [1e21, "1e+21"],
])("%o has one spelling", (value, expected) => expect(canonicalJson(value)).toBe(expected));

test("says what the value says", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

test("the order in which keys were written does not matter", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.integer()), (value) => {
      const turned = Object.fromEntries(Object.entries(value).reverse());
      expect(canonicalJson(turned)).toBe(canonicalJson(value));
    }),
  );
});
