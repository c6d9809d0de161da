import { epochMs, uptimeMs, type EpochMs, type UptimeMs } from "./time.ts";

/** Time as an argument: activities take it, tests hand in a fake, rules take instants only. */
export interface Clock {
  now(): EpochMs;
  uptime(): UptimeMs;
  /** Resolves true after `ms`, or false at once when the signal aborts: being stopped is not a failure. */
  sleep(ms: number, signal: AbortSignal): Promise<boolean>;
}

/** setTimeout takes a 32-bit count of milliseconds; a longer nap would fire at once. */
const LONGEST_TIMER_MS = 2_147_483_647;

export const systemClock: Clock = {
  now: () => epochMs(Date.now()),
  uptime: () => uptimeMs(performance.now()),
  sleep: (ms, signal) => {
    if (signal.aborted) return Promise.resolve(false);
    return new Promise((resolve) => {
      const finish = (slept: boolean): void => {
        clearTimeout(timer);
        signal.removeEventListener("abort", stop);
        resolve(slept);
      };
      const stop = (): void => finish(false);
      const timer = setTimeout(() => finish(true), Math.min(Math.max(ms, 0), LONGEST_TIMER_MS));
      signal.addEventListener("abort", stop, { once: true });
    });
  },
};

/**
 * Asks anew at each call. TypeScript keeps `signal.aborted` narrowed to false inside a loop, even across an await,
 * and then calls the honest re-check unnecessary.
 */
export function isStopped(signal: AbortSignal): boolean {
  return signal.aborted;
}
