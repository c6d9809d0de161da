import { Fault } from "../../kernel/faults.ts";
import { text } from "../../kernel/text.ts";
import { HOUR_MS, type EpochMs } from "../../kernel/time.ts";
import type { Clip, Span } from "../rules/model.ts";

/** A working day; more is an export of the ring, not a clip. */
const LONGEST_CLIP_MS = 12 * HOUR_MS;
/** How far ahead the end of a clip may lie. */
const LONGEST_AHEAD_MS = 12 * HOUR_MS;
const MOST_KEEP_DAYS = 365;

/** Throws Fault("invalid") that names the field. */
export function checkOrder(
  { from, to, keepDays }: { readonly from: EpochMs; readonly to: EpochMs; readonly keepDays?: number },
  now: EpochMs,
): void {
  checkSpan({ from, to });
  if (to > now + LONGEST_AHEAD_MS) {
    throw new Fault(
      "invalid",
      text("The clip would end more than 12 hours from now.", "Đoạn trích kết thúc sau hơn 12 giờ nữa."),
      { field: "to", hint: text("Choose an earlier end.", "Hãy chọn giờ kết thúc sớm hơn.") },
    );
  }
  if (
    keepDays !== undefined &&
    !(Number.isInteger(keepDays) && keepDays >= 1 && keepDays <= MOST_KEEP_DAYS)
  ) {
    throw new Fault(
      "invalid",
      text(
        `A clip is kept 1 to ${MOST_KEEP_DAYS} days, not ${keepDays}.`,
        `Đoạn trích được giữ từ 1 đến ${MOST_KEEP_DAYS} ngày, không phải ${keepDays}.`,
      ),
      {
        field: "keepDays",
        hint: text("Put longer needs into a case.", "Cần giữ lâu hơn thì hãy lập hồ sơ niêm giữ."),
      },
    );
  }
}

/** A stretch of at most 12 hours. Throws Fault("invalid"). */
export function checkSpan({ from, to }: Span): void {
  if (to <= from) {
    throw new Fault(
      "invalid",
      text("The end is not after the beginning.", "Giờ kết thúc không sau giờ bắt đầu."),
      {
        field: "to",
        hint: text("Swap them, or choose a later end.", "Hãy đổi lại, hoặc chọn giờ kết thúc muộn hơn."),
      },
    );
  }
  if (to - from > LONGEST_CLIP_MS) {
    throw new Fault(
      "invalid",
      text(
        `${Math.round((to - from) / HOUR_MS)} hours are too long; at most 12 at a time.`,
        `${Math.round((to - from) / HOUR_MS)} giờ là quá dài; mỗi lần nhiều nhất 12 giờ.`,
      ),
      { field: "to", hint: text("Take several pieces.", "Hãy chia thành nhiều đoạn.") },
    );
  }
}

export function noSuchClip(id: string): Fault {
  return new Fault("not-found", text(`There is no clip ${id}.`, `Không có đoạn trích ${id}.`), {
    field: "id",
    hint: text(
      "It may have been removed, or its time is over; see the list of clips.",
      "Có thể đoạn trích đã bị xóa hoặc hết hạn lưu; hãy xem danh sách đoạn trích.",
    ),
  });
}

export function notReady({ state, failure }: Clip): Fault {
  if (state === "failed") {
    return new Fault(
      "not-found",
      text(
        `This clip could not be made: ${failure?.en ?? ""}`,
        `Đoạn trích này không tạo được: ${failure?.vi ?? ""}`,
      ),
    );
  }
  return new Fault("conflict", text("The clip is not ready yet.", "Đoạn trích chưa làm xong."), {
    hint: text("Wait a moment.", "Hãy chờ trong giây lát."),
  });
}

export function isHeldBack(): Fault {
  return new Fault(
    "conflict",
    text(
      "A case holds the time of this clip.",
      "Thời gian của đoạn trích này đang được niêm giữ trong hồ sơ.",
    ),
    { hint: text("Have the case released first.", "Hãy giải tỏa hồ sơ trước.") },
  );
}
