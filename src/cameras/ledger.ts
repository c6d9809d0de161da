import type { EpochMs } from "../kernel/time.ts";
import type { CameraId, GapCause } from "./rules/model.ts";

/** What a camera's chain tells: everything that was recorded, that is missing, and that was deleted. */
export type LedgerFact =
  | {
      readonly kind: "segment";
      readonly session: string;
      readonly n: number;
      readonly startAt: EpochMs;
      readonly endAt: EpochMs;
      readonly bytes: number;
      readonly sha256: string;
    }
  | { readonly kind: "gap"; readonly from: EpochMs; readonly to: EpochMs; readonly cause: GapCause }
  | {
      readonly kind: "deletion";
      /** Ledger numbers of the deleted segments' entries. */
      readonly entries: readonly number[];
      readonly bytes: number;
      readonly reason: "retention" | "quota" | "pressure" | "request";
    };

/** A hash chain per camera. Append in the transaction of the fact itself: both are stored or neither. */
export interface Ledger {
  append(camera: CameraId, fact: LedgerFact): { readonly n: number; readonly hash: string };
}
