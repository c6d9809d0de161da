import type { Clock } from "../kernel/clock.ts";

/** Wakes one sleeper early. A ring while nobody sleeps is kept for the next sleep, so that none is lost. */
export interface Bell {
  ring(): void;
  /** Until the bell rings, `ms` have passed or the signal aborts. */
  wait(ms: number, clock: Clock, signal: AbortSignal): Promise<void>;
}

export function newBell(): Bell {
  let rung = false;
  let waiting: AbortController | undefined;
  return {
    ring: () => {
      rung = true;
      waiting?.abort();
    },
    wait: async (ms, clock, signal) => {
      if (!rung) {
        waiting = new AbortController();
        await clock.sleep(ms, AbortSignal.any([signal, waiting.signal]));
        waiting = undefined;
      }
      rung = false;
    },
  };
}
