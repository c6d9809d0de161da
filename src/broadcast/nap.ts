import schedule from "node-schedule";
import type { Clock } from "../kernel/clock.ts";
import { MINUTE_MS, type EpochMs } from "../kernel/time.ts";

/** A stepped clock or a lost timer is noticed by then. */
const LONGEST_NAP_MS = MINUTE_MS;

/**
 * Sleeps until the wall clock shows `at`, a minute at most, or until the signal. A wake-up decides nothing: who wakes
 * looks at the calendar and the clock anew.
 */
export async function napUntil(at: EpochMs, clock: Clock, signal: AbortSignal): Promise<void> {
  const woken = new AbortController();
  const job = schedule.scheduleJob(new Date(at), () => woken.abort());
  try {
    // A moment that has passed makes no job; a short sleep keeps its asker from spinning.
    const longestMs = (job as unknown) === null ? 1 : LONGEST_NAP_MS;
    await clock.sleep(longestMs, AbortSignal.any([signal, woken.signal]));
  } finally {
    (job as unknown as { cancel(): void } | null)?.cancel();
  }
}
