/** Works until its signal aborts; has released everything when its promise settles. */
export type Task = (signal: AbortSignal) => Promise<void>;

/**
 * Runs tasks as one: when one fails the others are stopped *and awaited* before the failure is thrown, so nothing runs
 * on released resources. Returns when all have ended.
 */
export async function runTogether(tasks: readonly Task[], signal: AbortSignal): Promise<void> {
  const failing = new AbortController();
  const either = AbortSignal.any([signal, failing.signal]);
  const outcomes = await Promise.allSettled(
    tasks.map(async (task) => {
      try {
        await task(either);
      } catch (error) {
        failing.abort(error);
        throw error;
      }
    }),
  );
  if (failing.signal.aborted) throw failing.signal.reason;
  const failed = outcomes.find((outcome) => outcome.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}
