import { Fault } from "../kernel/faults.ts";
import { text, type Text } from "../kernel/text.ts";
import type { Bulletin } from "./bulletin-model.ts";

const REASON_LIMIT = 1_000;

export function cleanReason(reason: string): string {
  const cleaned = reason.normalize("NFC").trim();
  if (cleaned !== "" && cleaned.length <= REASON_LIMIT) return cleaned;
  throw new Fault(
    "invalid",
    text(
      `A return needs a reason of 1 to ${REASON_LIMIT} characters.`,
      `Khi trả lại phải ghi lý do, từ 1 đến ${REASON_LIMIT} ký tự.`,
    ),
    {
      field: "reason",
      hint: text("Tell the author what to correct.", "Hãy ghi rõ cần sửa điều gì."),
    },
  );
}

export function notAnEmergency({ title }: Bulletin): Fault {
  return new Fault(
    "conflict",
    text(`“${title}” is not an emergency.`, `“${title}” không phải bản tin khẩn cấp.`),
    { hint: text("Approve it in the usual way.", "Hãy duyệt theo cách thông thường.") },
  );
}

export function alreadyOver(when: Text): Fault {
  return new Fault(
    "invalid",
    text(`The approval would end at ${when.en}, which is past.`, `Hạn duyệt ${when.vi} đã qua.`),
    { field: "expiresAt", hint: text("Choose a later time.", "Hãy chọn thời điểm muộn hơn.") },
  );
}

export function stillUsed({ title }: Bulletin, slots: number): Fault {
  return new Fault(
    "conflict",
    text(`“${title}” is still on the calendar (${slots} slots).`, `“${title}” vẫn còn ${slots} lịch phát.`),
    { hint: text("Delete those slots first.", "Hãy xóa các lịch phát đó trước.") },
  );
}

export function soundMissing(): Fault {
  return new Fault(
    "conflict",
    text(
      "The bulletin's recording is not in the library.",
      "Bản ghi của bản tin không còn trong kho âm thanh.",
    ),
    { hint: text("Choose another recording.", "Hãy chọn bản ghi khác.") },
  );
}

export function noSuchBulletin(id: string): Fault {
  return new Fault("not-found", text(`There is no bulletin ${id}.`, `Không có bản tin ${id}.`), {
    hint: text("Choose one from the list.", "Hãy chọn bản tin trong danh sách."),
  });
}

/** What has sounded on the officer's word stays as it was until a leader has answered. */
export function awaitsItsSignature(): Fault {
  return new Fault(
    "conflict",
    text(
      "This emergency bulletin has sounded and waits for its countersignature.",
      "Bản tin khẩn cấp này đã phát và đang chờ lãnh đạo ký xác nhận.",
    ),
    { hint: text("Write a new bulletin instead.", "Hãy soạn một bản tin mới.") },
  );
}
