import { isStopped, type Clock } from "./clock.ts";
import { asError } from "./faults.ts";
import type { Log } from "./log.ts";
import type { Task } from "./run-together.ts";
import { MINUTE_MS, SECOND_MS } from "./time.ts";

interface SuperviseParts {
  readonly clock: Clock;
  readonly log: Log;
  /** 0 ≤ x < 1, for jitter: neighbours that failed together must not return together. */
  readonly random: () => number;
}

interface Backoff {
  readonly firstMs: number;
  readonly longestMs: number;
  /** A run of at least this long ends the streak of failures. */
  readonly healthyAfterMs: number;
}

export const DEFAULT_BACKOFF: Backoff = {
  firstMs: SECOND_MS,
  longestMs: MINUTE_MS,
  healthyAfterMs: MINUTE_MS,
};

/** Doubling delay with full jitter in its upper half: [d/2, d). */
export function backoffMs(failures: number, backoff: Backoff, random: number): number {
  const ceilingMs = Math.min(backoff.longestMs, backoff.firstMs * 2 ** Math.min(failures, 30));
  return ceilingMs / 2 + (ceilingMs / 2) * random;
}

/** Restarts a task that the world can make fail, for ever. Logs once when it goes down. */
export async function supervise(
  task: Task,
  { clock, log, random }: SuperviseParts,
  signal: AbortSignal,
  backoff: Backoff = DEFAULT_BACKOFF,
): Promise<void> {
  let failures = 0;
  while (!isStopped(signal)) {
    const startedAt = clock.uptime();
    const failure = await task(signal).then(() => new Error("ended by itself"), asError);
    if (isStopped(signal)) return;
    if (clock.uptime() - startedAt >= backoff.healthyAfterMs) failures = 0;
    if (failures === 0) log.warn({ err: failure }, "failed; will keep retrying");
    else log.debug({ err: failure, failures }, "still failing");
    await clock.sleep(backoffMs(failures, backoff, random()), signal);
    failures += 1;
  }
}
