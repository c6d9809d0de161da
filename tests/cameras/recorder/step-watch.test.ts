import { expect, test } from "vitest";
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../../../src/kernel/time.ts";
import { watchSteps } from "../../../src/cameras/recorder/step-watch.ts";
import { FakeClock } from "../../support/fake-clock.ts";

test.each([
  ["an hour forward", HOUR_MS, ["3600000"]],
  ["an hour back", -HOUR_MS, ["-3600000"]],
  ["half a second", 500, []],
])("%s", async (_name, stepMs, expected) => {
  const clock = new FakeClock(10 * HOUR_MS);
  const stop = new AbortController();
  const seen: string[] = [];
  const watching = watchSteps(clock, (_at, byMs) => seen.push(String(byMs)), stop.signal);
  await clock.advance(MINUTE_MS);
  clock.step(stepMs);
  await clock.advance(MINUTE_MS);
  stop.abort();
  await watching;
  expect(seen).toEqual(expected);
});

test("a clock that is slewed for hours makes no step", async () => {
  const clock = new FakeClock();
  const stop = new AbortController();
  const seen: number[] = [];
  const watching = watchSteps(clock, (_at, byMs) => seen.push(byMs), stop.signal);
  for (let second = 0; second < 100; second += 1) {
    clock.step(100);
    await clock.advance(SECOND_MS);
  }
  stop.abort();
  await watching;
  expect(seen).toEqual([]);
});
