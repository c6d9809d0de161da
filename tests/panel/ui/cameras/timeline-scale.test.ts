import { describe, expect, test } from "vitest";
import {
  instantAt,
  percentOf,
  ticks,
  viewAround,
  viewFollowing,
  visible,
} from "../../../../src/panel/ui/cameras/timeline-scale.ts";

const HOUR = 3_600_000;
const day = { from: 100 * HOUR, to: 124 * HOUR };

describe("the part of the day that is seen", () => {
  test.each([
    ["all of it", 110 * HOUR, null, day],
    ["an hour around the playhead", 110 * HOUR, HOUR, { from: 109.5 * HOUR, to: 110.5 * HOUR }],
    ["not before the day", 100 * HOUR, HOUR, { from: 100 * HOUR, to: 101 * HOUR }],
    ["not after the day", 124 * HOUR, HOUR, { from: 123 * HOUR, to: 124 * HOUR }],
    ["never more than the day", 110 * HOUR, 48 * HOUR, day],
  ])("is %s", (_name, at, spanMs, expected) => {
    expect(viewAround(at, spanMs, day)).toEqual(expected);
  });

  test("stands still until the playhead leaves it", () => {
    const view = { from: 109 * HOUR, to: 110 * HOUR };
    expect(viewFollowing(view, 109.5 * HOUR, day)).toBe(view);
    expect(viewFollowing(view, 109.99 * HOUR, day).from).toBe(109.49 * HOUR);
    expect(viewFollowing(view, 120 * HOUR, day).from).toBe(119.5 * HOUR);
  });
});

describe("places on the timeline", () => {
  test("are written and read back", () => {
    expect(percentOf(106 * HOUR, day)).toBe(25);
    expect(instantAt(25, day)).toBe(106 * HOUR);
  });

  test("stay on it", () => {
    expect([percentOf(0, day), percentOf(500 * HOUR, day)]).toEqual([0, 100]);
    expect([instantAt(-5, day), instantAt(105, day)]).toEqual([day.from, day.to]);
  });

  test("of a stretch are those that are seen", () => {
    expect(visible({ from: 90 * HOUR, to: 101 * HOUR }, day)).toEqual({ from: 100 * HOUR, to: 101 * HOUR });
    expect(visible({ from: 90 * HOUR, to: 100 * HOUR }, day)).toBeUndefined();
  });
});

describe("the hours under it", () => {
  test.each([
    ["a day", day, 8, 3 * HOUR],
    ["an hour", { from: 109.5 * HOUR, to: 110.5 * HOUR }, 6, HOUR / 6],
    ["ten minutes", { from: 110 * HOUR, to: 110 * HOUR + 600_000 }, 5, 120_000],
  ])("of %s are round, counted from midnight, and not too many", (_name, view, count, stepMs) => {
    const at = ticks(view, day.from, 8);
    expect([at.length, (at[1] ?? 0) - (at[0] ?? 0)]).toEqual([count, stepMs]);
    expect(at.every((tick) => (tick - day.from) % stepMs === 0)).toBe(true);
  });
});
