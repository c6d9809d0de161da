import { text, type Text } from "../../kernel/text.ts";
import { HOUR_MS, MINUTE_MS, epochMs, type EpochMs } from "../../kernel/time.ts";

/** What has to be done when recordings may have come into wrong hands, in order. */
export const BREACH_STEPS = ["contain", "assess", "authority", "people", "evidence", "prevent"] as const;
export type BreachStep = (typeof BREACH_STEPS)[number];

/** Law 91/2025/QH15, article 23: counted from when it was found. */
const NOTIFY_WITHIN_MS = 72 * HOUR_MS;

export const BREACH_STEP_WORDS: Record<BreachStep, Text> = {
  contain: text(
    "Stop it: lock the account, change passwords, take the device off the network",
    "Ngăn chặn ngay: khóa tài khoản, đổi mật khẩu, ngắt thiết bị khỏi mạng",
  ),
  assess: text(
    "Find out which cameras and times, who saw them, whom it may harm (see “who watched”)",
    "Xác định camera nào, lúc nào, ai đã xem, ảnh hưởng đến ai (xem mục “Ai đã xem”)",
  ),
  authority: text(
    "Notify the authority for personal data protection within 72 hours",
    "Thông báo cho cơ quan chuyên trách bảo vệ dữ liệu cá nhân trong 72 giờ",
  ),
  people: text(
    "Tell the people concerned, and what they can do",
    "Thông báo cho người bị ảnh hưởng và cách tự bảo vệ",
  ),
  evidence: text(
    "Keep the evidence: open a case, hold the recordings, export the audit trail",
    "Giữ chứng cứ: lập hồ sơ, niêm giữ hình ảnh, xuất nhật ký",
  ),
  prevent: text(
    "Write down the cause and what will keep it from happening again",
    "Ghi nguyên nhân và biện pháp không để lặp lại",
  ),
};

export function notifyBy(foundAt: EpochMs): EpochMs {
  return epochMs(foundAt + NOTIFY_WITHIN_MS);
}

/** How a breach stands against the 72 hours; `notifiedAt` null: the authority has not been told yet. */
export function breachStanding(
  { foundAt, notifiedAt }: { readonly foundAt: EpochMs; readonly notifiedAt: EpochMs | null },
  now: EpochMs,
): { readonly late: boolean; readonly said: Text } {
  const by = notifyBy(foundAt);
  if (notifiedAt !== null) {
    return notifiedAt <= by
      ? { late: false, said: text("the authority was notified in time", "đã thông báo cơ quan đúng hạn") }
      : { late: true, said: text("the authority was notified late", "đã thông báo cơ quan, trễ hạn 72 giờ") };
  }
  if (now > by) {
    return {
      late: true,
      said: text("the 72 hours are over: notify at once", "đã quá 72 giờ: phải thông báo ngay"),
    };
  }
  const hours = Math.floor((by - now) / HOUR_MS);
  const minutes = Math.floor(((by - now) % HOUR_MS) / MINUTE_MS);
  return {
    late: false,
    said: text(
      `${hours} h ${minutes} min left to notify the authority`,
      `còn ${hours} giờ ${minutes} phút để thông báo cơ quan`,
    ),
  };
}
