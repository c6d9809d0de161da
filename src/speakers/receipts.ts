import { createHash } from "node:crypto";
import { epochMs, type EpochMs } from "../kernel/time.ts";
import type { Database } from "../store/database.ts";
import type { Receipt, SpeakerId } from "./protocol.ts";
import { NO_RECEIPTS, takeReceipt, type ReceiptFloor } from "./rules/receipt-floor.ts";

export interface ArrivedReceipt {
  readonly speaker: SpeakerId;
  readonly receipt: Receipt;
}

export interface ReceiptIntake {
  /**
   * Stores what is new, each with what `onReceipt` does, in one transaction. Returns up to which number each speaker
   * may forget.
   */
  take(batch: readonly ArrivedReceipt[], now: EpochMs): ReadonlyMap<SpeakerId, number>;
  lastAt(speaker: SpeakerId): EpochMs | undefined;
}

/** Rows below the floor that stay, to tell a repeat from a device that counts anew. */
const KEPT_BELOW_FLOOR = 1_000;

export function openReceiptIntake(
  database: Database,
  onReceipt: (speaker: SpeakerId, receipt: Receipt) => void,
): ReceiptIntake {
  const floorOf = (speaker: SpeakerId): ReceiptFloor => {
    const row = database.get("SELECT era, up_to FROM speaker_receipt_floor WHERE speaker = ?", speaker);
    return row === undefined ? NO_RECEIPTS : { era: Number(row["era"]), upTo: Number(row["up_to"]) };
  };
  const takeOne = ({ speaker, receipt }: ArrivedReceipt, now: EpochMs): number => {
    const digest = digestOf(receipt);
    const { isNew, floor } = takeReceipt(floorOf(speaker), receipt.n, digest, (era, n) => {
      const row = database.get(
        "SELECT digest FROM speaker_receipt WHERE speaker = ? AND era = ? AND n = ?",
        speaker,
        era,
        n,
      );
      return row === undefined ? undefined : String(row["digest"]);
    });
    if (isNew) {
      database.run(
        "INSERT INTO speaker_receipt (speaker, era, n, digest, received_at_ms) VALUES (?, ?, ?, ?, ?)",
        speaker,
        floor.era,
        receipt.n,
        digest,
        now,
      );
      onReceipt(speaker, receipt);
    }
    database.run(
      `INSERT INTO speaker_receipt_floor (speaker, era, up_to, last_at_ms) VALUES (?, ?, ?, ?)
       ON CONFLICT (speaker) DO UPDATE SET era = excluded.era, up_to = excluded.up_to, last_at_ms = excluded.last_at_ms`,
      speaker,
      floor.era,
      floor.upTo,
      now,
    );
    database.run(
      "DELETE FROM speaker_receipt WHERE speaker = ? AND era = ? AND n < ?",
      speaker,
      floor.era,
      floor.upTo - KEPT_BELOW_FLOOR,
    );
    return floor.upTo;
  };
  return {
    take: (batch, now) =>
      database.transact(() => {
        const upTo = new Map<SpeakerId, number>();
        for (const arrived of batch) upTo.set(arrived.speaker, takeOne(arrived, now));
        return upTo;
      }),
    lastAt: (speaker) => {
      const row = database.get("SELECT last_at_ms FROM speaker_receipt_floor WHERE speaker = ?", speaker);
      return row === undefined ? undefined : epochMs(Number(row["last_at_ms"]));
    },
  };
}

/** Parsing has brought the fields into one order, so equal receipts give equal digests. */
function digestOf(receipt: Receipt): string {
  return createHash("sha256").update(JSON.stringify(receipt)).digest("hex");
}
