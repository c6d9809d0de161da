import type { Said } from "../shapes.ts";

export type RequestKind = "view" | "copy" | "restrict" | "object" | "delete";

/** A recorded person's request, as the register tells it. */
export interface DataRequest {
  readonly id: string;
  readonly kind: RequestKind;
  readonly person: string;
  readonly contact: string;
  readonly camera: string | null;
  readonly from: number | null;
  readonly to: number | null;
  readonly what: string;
  readonly receivedAt: number;
  readonly receivedBy: string;
  readonly state: "received" | "acknowledged" | "answered" | "withdrawn";
  readonly handler: string | null;
  readonly endedAt: number | null;
  readonly outcome: "granted" | "partly" | "refused" | null;
  readonly answer: string | null;
  readonly others: string | null;
  readonly caseId: string | null;
  readonly exportId: string | null;
  readonly late: boolean;
  readonly said: Said;
}

export const KIND_NAME: Record<RequestKind, string> = {
  view: "Xem hình ảnh của mình",
  copy: "Xin bản sao",
  restrict: "Hạn chế xử lý",
  object: "Phản đối xử lý",
  delete: "Xóa hình ảnh",
};

export const OUTCOME_NAME: Record<NonNullable<DataRequest["outcome"]>, string> = {
  granted: "Đáp ứng",
  partly: "Đáp ứng một phần",
  refused: "Từ chối",
};
