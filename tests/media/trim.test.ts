import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { soundingSpan, soundingSpanOfFile, withMargins } from "../../src/media/trim.ts";

function samples(total: number, loud: readonly number[], level = 1_000): Int16Array {
  const all = new Int16Array(total).fill(20);
  for (const at of loud) all[at] = level;
  return all;
}

const CASES = [
  ["in the middle", samples(1_000_000, [300_000, 700_000]), { from: 300_000, to: 700_001 }],
  ["from end to end", samples(10, [0, 9], -1_000), { from: 0, to: 10 }],
  ["of a single sample", samples(600_000, [599_999]), { from: 599_999, to: 600_000 }],
  ["nowhere", samples(600_000, []), undefined],
  ["nowhere, just below the threshold", samples(100, [50], 180), undefined],
  ["in nothing at all", new Int16Array(0), undefined],
] as const;

test.each(CASES)("finds the sound %s, in memory and in a file alike", async (_name, all, expected) => {
  const dir = await mkdtemp(join(tmpdir(), "trim-"));
  try {
    const file = join(dir, "sound.raw");
    await writeFile(file, new Uint8Array(all.buffer));
    expect(soundingSpan(all)).toEqual(expected);
    expect(await soundingSpanOfFile(file)).toEqual(expected);
  } finally {
    await rm(dir, { recursive: true });
  }
});

test.each([
  [
    { from: 5_000, to: 6_000 },
    { from: 4_950, to: 6_250 },
  ],
  [
    { from: 10, to: 9_900 },
    { from: 0, to: 10_000 },
  ],
])("keeps 50 ms before and 250 ms after %o", (span, expected) => {
  expect(withMargins(span, { total: 10_000, sampleRateHz: 1_000 })).toEqual(expected);
});
