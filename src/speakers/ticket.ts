import { isStopped } from "../kernel/clock.ts";
import type { OrderOutcome, SentOrder } from "./orders.ts";
import type { SpeakerId } from "./protocol.ts";

/** Follows one order, as far as this run of the daemon goes; the orders themselves outlive it. */
export interface OrderTicket {
  /** Every speaker it was meant for. */
  outcomes(): ReadonlyMap<SpeakerId, OrderOutcome>;
  /** Settles when nothing is pending any more, whatever the answers were, or when the signal aborts. */
  reachedAll(signal: AbortSignal): Promise<void>;
}

/** `fixed`: outcomes that were known at once. */
export function ticketOf(
  orders: readonly SentOrder[],
  fixed: ReadonlyMap<SpeakerId, OrderOutcome>,
): OrderTicket {
  const outcomes = (): Map<SpeakerId, OrderOutcome> =>
    new Map([...fixed, ...orders.flatMap((order) => [...order.outcomes])]);
  const isSettled = (): boolean => orders.every((order) => ![...order.outcomes.values()].includes("pending"));
  return {
    outcomes,
    reachedAll: (signal) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!isSettled() && !isStopped(signal)) return;
          for (const order of orders) order.watchers.delete(look);
          signal.removeEventListener("abort", look);
          resolve();
        };
        for (const order of orders) order.watchers.add(look);
        signal.addEventListener("abort", look);
        look();
      }),
  };
}
