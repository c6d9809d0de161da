import { describe, expect, test } from "vitest";
import {
  followFor,
  nextAsk,
  nextRunFrom,
  runAt,
  usualStep,
} from "../../../../src/panel/ui/cameras/playback-rules.ts";

const runs = [
  { from: 0, to: 100_000 },
  { from: 130_000, to: 400_000 },
];

describe("what is there", () => {
  test("a run holds its beginning, not its end", () => {
    expect([0, 99_999, 100_000, 130_000].map((at) => runAt(runs, at)?.from)).toEqual([
      0,
      0,
      undefined,
      130_000,
    ]);
  });

  test("the next recording is the first of any camera", () => {
    expect(nextRunFrom([runs, [{ from: 120_000, to: 125_000 }]], 100_000)).toBe(120_000);
    expect(nextRunFrom([runs], 130_000)).toBeUndefined();
    expect(nextRunFrom([], 0)).toBeUndefined();
  });
});

describe("what to ask for", () => {
  test.each([
    ["after a jump a little, so that it comes at once", { at: 50_000 }, { from: 50_000, to: 56_000 }],
    [
      "then more, where the held part ends",
      { loaded: [{ from: 50_000, to: 56_000 }], at: 50_000 },
      { from: 56_000, to: 86_000 },
    ],
    ["nothing while enough is in hand", { loaded: [{ from: 50_000, to: 80_000 }], at: 50_000 }, undefined],
    [
      "more in hand for a higher speed",
      { loaded: [{ from: 50_000, to: 80_000 }], at: 50_000, speed: 4 },
      { from: 80_000, to: 100_000 },
    ],
    ["not beyond a run's end", { at: 98_000 }, { from: 98_000, to: 100_000 }],
    [
      "over a gap ahead of time",
      { loaded: [{ from: 90_000, to: 100_000 }], at: 99_000, speed: 2 },
      { from: 130_000, to: 136_000 },
    ],
    ["not over a gap that is far", { loaded: [{ from: 90_000, to: 100_000 }], at: 90_000 }, undefined],
    ["a seam of rounding is no hole", { loaded: [{ from: 50_000, to: 99_800 }], at: 90_000 }, undefined],
    ["in a gap: what comes behind it, when near", { at: 120_000 }, { from: 130_000, to: 136_000 }],
    ["after the end: nothing", { at: 400_000 }, undefined],
  ])("%s", (_name, loading, expected) => {
    expect(nextAsk({ runs, loaded: [], speed: 1, ...loading })).toEqual(expected);
  });
});

describe("keeping up with the playhead", () => {
  test.each([
    ["in step", { videoAt: 10_000, playheadAt: 10_050 }, { seek: false, rate: 1 }],
    ["a little behind: a little faster", { videoAt: 10_000, playheadAt: 10_300 }, { seek: false, rate: 1.1 }],
    ["a little ahead: a little slower", { videoAt: 10_300, playheadAt: 10_000 }, { seek: false, rate: 0.9 }],
    ["far away: a jump", { videoAt: 10_000, playheadAt: 12_000 }, { seek: true, rate: 1 }],
    [
      "the same distance is little at a high speed",
      { videoAt: 10_000, playheadAt: 12_000, speed: 8 },
      { seek: false, rate: 8.8 },
    ],
    [
      "browsers know no rate beyond 16",
      { videoAt: 10_000, playheadAt: 14_000, speed: 16 },
      { seek: false, rate: 16 },
    ],
  ])("playing, %s", (_name, following, expected) => {
    const { seek, rate } = followFor({ playing: true, speed: 1, ...following });
    expect({ seek, rate: Math.round(rate * 100) / 100 }).toEqual(expected);
  });

  test("while paused the frame is exactly the playhead's", () => {
    const paused = { playing: false, speed: 1, playheadAt: 10_000 };
    expect(followFor({ ...paused, videoAt: 9_990 }).seek).toBe(true);
    expect(followFor({ ...paused, videoAt: 10_001 }).seek).toBe(false);
  });
});

describe("a frame's length", () => {
  test.each([
    ["of an even camera", [100, 100, 100, 100], 100],
    ["of a busy machine that leaves frames out", [200, 100, 300, 200, 100, 200], 100],
    ["of an uneven camera", [60, 140, 95, 105, 100, 120, 80, 100], 95],
  ])("%s", (_name, stepsMs, expected) => {
    expect(usualStep(stepsMs)).toBe(expected);
  });
});
