import { expect, test } from "vitest";
import { newMoonAt, sunLongitude } from "../../../src/broadcast/rules/astronomy.ts";

/** TT ran this far ahead of UT: Meeus, table 10.A. */
const LAG_1977_DAYS = 47.6 / 86_400;
const LAG_1992_DAYS = 58.7 / 86_400;

test("the new moon of February 1977 is where Meeus has it (example 49.a)", () => {
  expect(newMoonAt(-283) + LAG_1977_DAYS).toBeCloseTo(2_443_192.65118, 4);
});

test("the sun's longitude in October 1992 is what Meeus has (example 25.a)", () => {
  expect(sunLongitude(2_448_908.5 - LAG_1992_DAYS)).toBeCloseTo(199.90895, 3);
});

/** Instants (UT) as almanacs have them. */
test.each([
  ["2024-01-11T11:57Z"],
  ["2024-04-08T18:21Z"],
  ["2025-01-29T12:36Z"],
  ["2026-02-17T12:01Z"],
  ["2026-08-12T17:37Z"],
])("a new moon at %s, to the minute", (instant) => {
  const julianDay = Date.parse(instant) / 86_400_000 + 2_440_587.5;
  const k = Math.round((julianDay - 2_451_550.09766) / 29.530588861);
  expect(Math.abs(newMoonAt(k) - julianDay) * 1_440).toBeLessThan(1);
});
