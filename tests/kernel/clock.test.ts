import { expect, test } from "vitest";
import { systemClock } from "../../src/kernel/clock.ts";
import { epochMs, uptimeMs } from "../../src/kernel/time.ts";

test("a sleep that is cut short says so instead of failing", async () => {
  const stop = new AbortController();
  const sleeping = systemClock.sleep(60_000, stop.signal);
  stop.abort();
  expect(await sleeping).toBe(false);
  expect(await systemClock.sleep(60_000, stop.signal)).toBe(false);
});

test("a sleep longer than a 32-bit timer does not fire at once", async () => {
  const stop = new AbortController();
  const sleeping = systemClock.sleep(2 ** 40, stop.signal);
  await systemClock.sleep(5, new AbortController().signal);
  stop.abort();
  expect(await sleeping).toBe(false);
});

test.each([Number.NaN, Number.POSITIVE_INFINITY, 8.64e15 + 1])("%d is no instant", (value) => {
  expect(() => epochMs(value)).toThrow(RangeError);
});

test("uptime is finite", () => {
  expect(() => uptimeMs(Number.NaN)).toThrow(RangeError);
  expect(systemClock.uptime()).toBeGreaterThan(0);
});
