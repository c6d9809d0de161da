import type { Said } from "../shapes.ts";

/** Why recordings are held back from every clean-up. */
export interface CaseView {
  readonly id: string;
  readonly number: string;
  readonly title: string;
  readonly reason: string;
  readonly openedAt: number;
  readonly openedBy: string;
  readonly state: "open" | "release-asked" | "released";
  readonly holds: readonly {
    readonly id: string;
    readonly camera: string;
    readonly from: number;
    readonly to: number;
    readonly addedBy: string;
  }[];
  readonly release: {
    readonly reason: string;
    readonly askedBy: string;
    readonly askedAt: number;
    readonly confirmedBy: string | null;
    readonly confirmedAt: number | null;
  } | null;
}

/** An evidence package, in the making or ready to be handed over. */
export interface ExportView {
  readonly id: string;
  readonly camera: string;
  readonly from: number;
  readonly to: number;
  readonly reason: string;
  readonly by: string;
  readonly askedAt: number;
  readonly state: "making" | "ready" | "failed";
  readonly bytes: number | null;
  readonly sha256: string | null;
  readonly failure: Said | null;
}

export const CASE_STATE: Record<CaseView["state"], string> = {
  open: "Đang niêm giữ",
  "release-asked": "Chờ người thứ hai xác nhận giải tỏa",
  released: "Đã giải tỏa",
};
