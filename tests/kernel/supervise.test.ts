import { describe, expect, test } from "vitest";
import { DEFAULT_BACKOFF, backoffMs, supervise } from "../../src/kernel/supervise.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { RecordingLog } from "../support/recording-log.ts";

describe("supervise", () => {
  const backoff = { firstMs: 1_000, longestMs: 8_000, healthyAfterMs: 60_000 };

  test("restarts with doubling pauses and says so once", async () => {
    const clock = new FakeClock();
    const log = new RecordingLog();
    const stop = new AbortController();
    const startedAt: number[] = [];
    const begun = clock.uptime();
    const running = supervise(
      () => {
        startedAt.push(clock.uptime() - begun);
        return Promise.reject(new Error("no route to host"));
      },
      { clock, log, random: () => 0.999_999_999 },
      stop.signal,
      backoff,
    );
    await clock.advance(20_000);
    stop.abort();
    await running;
    expect(startedAt.map(Math.round)).toEqual([0, 1_000, 3_000, 7_000, 15_000]);
    expect(log.lines).toEqual(["warn failed; will keep retrying"]);
  });

  test("a task that returns by itself waits as well, so nothing spins", async () => {
    const clock = new FakeClock();
    const stop = new AbortController();
    let runs = 0;
    const running = supervise(
      () => {
        runs += 1;
        return Promise.resolve();
      },
      { clock, log: new RecordingLog(), random: () => 0 },
      stop.signal,
      backoff,
    );
    await clock.advance(499);
    expect(runs).toBe(1);
    await clock.advance(1);
    expect(runs).toBe(2);
    stop.abort();
    await running;
  });

  test("a healthy run ends the streak of failures", async () => {
    const clock = new FakeClock();
    const log = new RecordingLog();
    const stop = new AbortController();
    let runs = 0;
    const running = supervise(
      async (signal) => {
        runs += 1;
        if (runs === 3) await clock.sleep(70_000, signal);
        throw new Error("gone");
      },
      { clock, log, random: () => 0 },
      stop.signal,
      backoff,
    );
    await clock.advance(500 + 1_000 + 70_000);
    expect(log.lines).toHaveLength(2);
    stop.abort();
    await running;
  });

  test.each([
    [0, 0, 500],
    [0, 1, 1_000],
    [3, 0, 4_000],
    [50, 1, 60_000],
  ])("pause after %i failures with random %d is %i ms", (failures, random, expected) => {
    expect(backoffMs(failures, DEFAULT_BACKOFF, random)).toBe(expected);
  });
});
