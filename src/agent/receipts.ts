import { isStopped, type Clock } from "../kernel/clock.ts";
import { SECOND_MS } from "../kernel/time.ts";
import type { Outbox } from "../store/outbox.ts";
import { ReceiptAck } from "../speakers/protocol.ts";
import { newBell } from "./bell.ts";
import { RECEIPT_STREAM } from "./book.ts";
import { parsedJson } from "./envelope.ts";

/** Delivers receipts in order until the hall has acknowledged them. */
export interface ReceiptCourier {
  /** A receipt is ready, or the hall is there again. */
  refresh(): void;
  receiveAck(payload: Uint8Array): void;
  run(signal: AbortSignal): Promise<void>;
}

interface ReceiptCourierParts {
  readonly clock: Clock;
  readonly outbox: Outbox;
  /** False when the hall can't be reached now. */
  readonly publish: (payload: string) => Promise<boolean>;
}

const RESEND_EVERY_MS = 30 * SECOND_MS;
/** At a time, after a long time without the hall. */
const BATCH = 50;

export function newReceiptCourier({ clock, outbox, publish }: ReceiptCourierParts): ReceiptCourier {
  const bell = newBell();
  /** The newest receipt sent since the last full round; only newer ones are sent before the next. */
  let sentUpTo = 0;
  return {
    refresh: () => {
      sentUpTo = 0;
      bell.ring();
    },
    receiveAck: (payload) => {
      const ack = ReceiptAck.safeParse(parsedJson(payload));
      if (!ack.success) return;
      outbox.acknowledgeUpTo(RECEIPT_STREAM, ack.data.upTo);
      bell.ring();
    },
    run: async (signal) => {
      let roundAt = clock.uptime();
      while (!isStopped(signal)) {
        if (clock.uptime() - roundAt >= RESEND_EVERY_MS) {
          sentUpTo = 0;
          roundAt = clock.uptime();
        }
        for (const { seq, payload } of outbox.pending(RECEIPT_STREAM, BATCH)) {
          if (seq <= sentUpTo) continue;
          if (!(await publish(payload))) break;
          sentUpTo = seq;
        }
        await bell.wait(RESEND_EVERY_MS, clock, signal);
      }
    },
  };
}
