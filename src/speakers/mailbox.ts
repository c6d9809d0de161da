import { isStopped } from "../kernel/clock.ts";

/** Things that synchronous callers put in and one loop takes out. */
export interface Mailbox<T> {
  put(item: T): void;
  /** Everything that waits, at least one thing; empty only when the signal has aborted. */
  take(signal: AbortSignal): Promise<T[]>;
  /** Everything that waits, perhaps nothing. */
  drain(): T[];
}

export function newMailbox<T>(): Mailbox<T> {
  let waiting: T[] = [];
  let wake: (() => void) | undefined;
  const drain = (): T[] => {
    const items = waiting;
    waiting = [];
    return items;
  };
  const arrival = (signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      const done = (): void => {
        wake = undefined;
        signal.removeEventListener("abort", done);
        resolve();
      };
      wake = done;
      signal.addEventListener("abort", done, { once: true });
    });
  return {
    put: (item) => {
      waiting.push(item);
      wake?.();
    },
    take: async (signal) => {
      while (waiting.length === 0 && !isStopped(signal)) await arrival(signal);
      return isStopped(signal) ? [] : drain();
    },
    drain,
  };
}
