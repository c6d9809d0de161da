import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { uptimeMs } from "../../src/kernel/time.ts";
import { readWavFile } from "../../src/media/wav.ts";
import type { AiringId } from "../../src/speakers/protocol.ts";
import { openOutput, type Output } from "../../src/agent/output.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { RecordingLog } from "../support/recording-log.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const airing = "news" as AiringId;
const tenth = new Int16Array(4_410).fill(7);

function write(output: Output, atMs: number, firstLeftAtMs?: number): boolean {
  const firstLeftAt = firstLeftAtMs === undefined ? undefined : uptimeMs(firstLeftAtMs);
  const voices = [{ airing, firstLeftAt, samples: tenth }];
  return output.write({ leavesAt: uptimeMs(atMs), mixed: tenth, voices });
}

/** Which tenths of a second hold sound. */
function tenths(file: string): string {
  const samples = readWavFile(file);
  const count = Math.round(samples.length / 4_410);
  return Array.from({ length: count }, (_, index) => (samples[index * 4_410 + 2_000] === 7 ? "x" : ".")).join(
    "",
  );
}

test("a recording keeps the time between what left, also over a restart", async () => {
  using folder = temporaryFolder();
  const parts = { clock: new FakeClock(), log: new RecordingLog() };
  const file = join(folder.path, "news.wav");
  {
    await using output = openOutput({ wavDir: folder.path, latencyMs: 0 }, parts);
    expect([write(output, 1_000), write(output, 1_100), write(output, 1_500)]).toEqual([true, true, true]);
    output.rest();
    expect(tenths(file)).toBe("xx...x");
  }
  // Another run of the program, whose monotonic clock began anew.
  await using output = openOutput({ wavDir: folder.path, latencyMs: 0 }, parts);
  write(output, 300, -500);
  output.rest();
  expect(tenths(file)).toBe("xx...x..x");
});

test("recordings that can't be written are reported once, and written again when they can", async () => {
  using folder = temporaryFolder();
  const clock = new FakeClock();
  const log = new RecordingLog();
  const wavDir = join(folder.path, "wav");
  writeFileSync(wavDir, "in the way");
  await using output = openOutput({ wavDir, latencyMs: 0 }, { clock, log });
  expect([write(output, 1_000), write(output, 1_100)]).toEqual([false, false]);
  rmSync(wavDir);
  await clock.advance(5_000);
  expect(write(output, 6_000)).toBe(true);
  expect(log.lines).toEqual([
    "error recordings can't be written; will keep retrying",
    "info recordings are written again",
  ]);
});

test("recordings alone need no time ahead", async () => {
  using folder = temporaryFolder();
  const parts = { clock: new FakeClock(), log: new RecordingLog() };
  await using output = openOutput({ wavDir: folder.path, latencyMs: 0 }, parts);
  expect([output.leadMs, output.latencyMs]).toEqual([0, 0]);
});
