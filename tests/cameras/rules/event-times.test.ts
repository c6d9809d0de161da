import { expect, test } from "vitest";
import { atByOurClock, instantOf } from "../../../src/cameras/rules/event-times.ts";
import { epochMs, MINUTE_MS, SECOND_MS } from "../../../src/kernel/time.ts";

const TEN = epochMs(Date.parse("2026-11-23T10:00:00.000Z"));

test.each([
  ["with Z", "2026-11-23T10:00:00Z", TEN],
  ["with milliseconds", "2026-11-23T10:00:00.250Z", TEN + 250],
  ["in Vietnam's own zone", "2026-11-23T17:00:00+07:00", TEN],
  ["with an offset without a colon", "2026-11-23T17:00:00+0700", TEN],
  ["behind Greenwich", "2026-11-23T05:30:00.000-04:30", TEN],
  ["without a zone, which ONVIF means as UTC", "2026-11-23T10:00:00", TEN],
  ["with blanks around it", "  2026-11-23T10:00:00Z\n", TEN],
  ["a day that no calendar has", "2026-02-31T99:00:00Z", undefined],
  ["words", "yesterday", undefined],
  ["nothing", "", undefined],
])("reads an instant %s", (_name, written, at) => {
  expect(instantOf(written)).toBe(at);
});

const YEARS_MS = 12 * 365 * 24 * 60 * MINUTE_MS;

test.each([
  ["the camera's word, when its clock is right", { said: TEN - 3_000, offsetsMs: [0] }, TEN - 3_000],
  [
    "that word moved, when its clock is off by years",
    { said: TEN - YEARS_MS - 3_000, offsetsMs: [-YEARS_MS] },
    TEN - 3_000,
  ],
  ["the first offset that makes sense", { said: TEN - 5_000, offsetsMs: [YEARS_MS, 1_000] }, TEN - 6_000],
  ["the word itself, when it was right after all", { said: TEN - 1_000, offsetsMs: [YEARS_MS] }, TEN - 1_000],
  ["the arrival, when nothing makes sense", { said: TEN - YEARS_MS, offsetsMs: [] }, TEN],
  ["the arrival, when nothing was said", { said: undefined, offsetsMs: [0] }, TEN],
  ["the arrival, for what is to come within a second", { said: TEN + SECOND_MS, offsetsMs: [0] }, TEN],
  [
    "the word of a camera that waited for the line",
    { said: TEN - 14 * MINUTE_MS, offsetsMs: [0] },
    TEN - 14 * MINUTE_MS,
  ],
])("takes %s", (_name, { said, offsetsMs }, at) => {
  expect(
    atByOurClock({ said: said === undefined ? undefined : epochMs(said), arrivedAt: TEN, offsetsMs }),
  ).toBe(at);
});
