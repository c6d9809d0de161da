import { expect, test } from "vitest";
import { watchAnswers } from "../../src/broker/watchdog.ts";
import { FakeClock } from "../support/fake-clock.ts";

const never = (): Promise<never> => new Promise(() => undefined);

test("an answer that is overdue by half a minute is a silence", async () => {
  const clock = new FakeClock();
  let outcome: string | undefined;
  const watching = watchAnswers(never, clock, new AbortController().signal).then(
    (ended) => (outcome = ended),
  );
  await clock.advance(39_999);
  expect(outcome).toBeUndefined();
  await clock.advance(1);
  expect(outcome).toBe("silent");
  await watching;
});

test("one that answers, even with a failure, is asked every ten seconds until stopped", async () => {
  const clock = new FakeClock();
  const stop = new AbortController();
  let asked = 0;
  const ask = (): Promise<void> => {
    asked += 1;
    return asked % 2 === 0 ? Promise.resolve() : Promise.reject(new Error("no"));
  };
  const watching = watchAnswers(ask, clock, stop.signal);
  await clock.advance(60_000);
  expect(asked).toBe(6);
  stop.abort();
  expect(await watching).toBe("stopped");
});

test("being stopped while an answer is due is no silence", async () => {
  const clock = new FakeClock();
  const stop = new AbortController();
  const watching = watchAnswers(never, clock, stop.signal);
  await clock.advance(15_000);
  stop.abort();
  expect(await watching).toBe("stopped");
});
