import { expect, test } from "vitest";
import { firstGain, nextGain, quickGain, readLoudness } from "../../src/media/loudness.ts";

function summary(name: string, lufs: string, peak: string): string {
  return `[ebur128@${name} @ 0x55d0] Summary:\n\n  Integrated loudness:\n    I:  ${lufs} LUFS\n    Threshold: -28.0 LUFS\n\n  Loudness range:\n    LRA: 1.0 LU\n    LRA low: -19.0 LUFS\n\n  True peak:\n    Peak: ${peak} dBFS\n`;
}

test.each([
  ["-18.3", "-0.1", { integratedLufs: -18.3, peakDbtp: -0.1 }],
  ["-70.0", "-inf", { integratedLufs: null, peakDbtp: null }],
  ["nan", "-40.0", { integratedLufs: null, peakDbtp: -40 }],
])("reads %s LUFS with a peak of %s", (lufs, peak, expected) => {
  expect(readLoudness(summary("after", lufs, peak), "after")).toEqual(expected);
});

test("tells meters of one graph apart", () => {
  const stderr = summary("compressed", "-26.0", "-9.7") + summary("before", "-18.3", "0.0");
  expect(readLoudness(stderr, "before").integratedLufs).toBe(-18.3);
  expect(readLoudness(stderr, "compressed").integratedLufs).toBe(-26);
});

test("a missing summary is told, not guessed", () => {
  expect(() => readLoudness("nothing", "after")).toThrow("no loudness summary");
});

test.each([
  ["raises what is quiet by what is missing", [-30, -25, 60_000], 14],
  ["gives a little more where the limiter will work", [-26, -6, 60_000], 12.72],
  ["lowers what is loud", [-10, -10, 60_000], -6],
  ["sets short sounds by their peak", [-26, -12.8, 2_000], 10],
  ["does not raise hiss without bounds", [-69, -69, 60_000], 40],
] as const)("%s", (_name, [integratedLufs, peakDbtp, durationMs], gainDb) => {
  expect(firstGain({ integratedLufs, peakDbtp }, durationMs).gainDb).toBeCloseTo(gainDb, 1);
});

const used = { gainDb: 10, limitDb: -2.3 };

test.each([
  ["stops when all is well", [-16.3, -1.6, 60_000], undefined],
  ["raises what came out too quiet", [-17, -2, 60_000], { gainDb: 11.2, limitDb: -2.3 }],
  ["lowers the limit when a peak stands out", [-16, -1, 60_000], { gainDb: 10, limitDb: -3 }],
  ["leaves the loudness of short sounds alone", [-22, -2, 1_000], undefined],
] as const)("%s", (_name, [integratedLufs, peakDbtp, durationMs], expected) => {
  const next = nextGain(used, { integratedLufs, peakDbtp }, durationMs);
  if (expected === undefined) expect(next).toBeUndefined();
  else {
    expect(next?.gainDb).toBeCloseTo(expected.gainDb, 6);
    expect(next?.limitDb).toBeCloseTo(expected.limitDb, 6);
  }
});

test("a quick gain first brings the voice to the level the compressor knows", () => {
  expect(quickGain(-20).levelDb).toBeCloseTo(quickGain(-14).levelDb + 6, 6);
});
