import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { synthesizeChime } from "../../src/media/chime.ts";
import { pcmBytes, pcmDurationMs } from "../../src/media/speech-pcm.ts";

const NAMES = ["opening", "closing", "emergency"] as const;

test.each(NAMES)("the %s chime is the same each time, short, and peaks at −3 dB", (name) => {
  const chime = synthesizeChime(name);
  const hash = (): string =>
    createHash("sha256")
      .update(pcmBytes(synthesizeChime(name)))
      .digest("hex");
  expect(hash()).toBe(hash());
  expect(pcmDurationMs(chime)).toBeGreaterThan(2_000);
  expect(pcmDurationMs(chime)).toBeLessThan(5_000);
  const peak = chime.samples.reduce((highest, sample) => Math.max(highest, Math.abs(sample)), 0);
  expect(20 * Math.log10(peak / 32_768)).toBeCloseTo(-3, 1);
});

test("the three are told apart", () => {
  const sounds = NAMES.map((name) => Buffer.from(pcmBytes(synthesizeChime(name))).toString("base64"));
  expect(new Set(sounds).size).toBe(3);
});

test.each(NAMES)("the %s chime begins and ends without a click", (name) => {
  const { samples } = synthesizeChime(name);
  expect(Math.abs(samples[0] ?? 0)).toBeLessThan(50);
  expect(Math.abs(samples.at(-1) ?? 0)).toBeLessThan(300);
});
