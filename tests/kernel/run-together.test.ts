import { expect, test } from "vitest";
import { runTogether } from "../../src/kernel/run-together.ts";

const untilStopped = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    signal.addEventListener("abort", () => resolve(), { once: true });
  });

test("stops and awaits the others before it throws the failure", async () => {
  const journal: string[] = [];
  const running = runTogether(
    [
      async (signal) => {
        await untilStopped(signal);
        await new Promise((resolve) => setImmediate(resolve));
        journal.push("other released");
      },
      () => Promise.reject(new Error("broken")),
    ],
    new AbortController().signal,
  );
  await expect(running).rejects.toThrow("broken");
  expect(journal).toEqual(["other released"]);
});

test("ends quietly when it is told to stop", async () => {
  const stop = new AbortController();
  const running = runTogether([untilStopped, untilStopped], stop.signal);
  stop.abort();
  await expect(running).resolves.toBeUndefined();
});

test("returns when every task is done", async () => {
  await expect(
    runTogether([() => Promise.resolve(), () => Promise.resolve()], new AbortController().signal),
  ).resolves.toBeUndefined();
});
