import { text, type Text } from "../../kernel/text.ts";
import { DAY_MS, type EpochMs } from "../../kernel/time.ts";
import type { RecordingState } from "./model.ts";
import { durationWords, stateWords } from "./recording-words.ts";

/** Why it is so, where the state alone does not say it. */
const REASON: Partial<Record<RecordingState, Text>> = {
  offline: text("the camera does not answer", "camera không trả lời"),
  stalled: text("the camera sends no new pictures", "camera không gửi hình mới"),
  "wrong-password": text("enter it again in the camera's settings", "hãy nhập lại trong phần cài đặt camera"),
  "stream-gone": text("the camera's address of it has changed", "địa chỉ luồng trên camera đã đổi"),
  "disk-full": text("free some space", "hãy giải phóng dung lượng"),
};

/** “Mất kết nối từ 09:12 (3 phút 04 giây): camera không trả lời”. */
export function statusWords(
  { state, since }: { readonly state: RecordingState; readonly since: EpochMs },
  now: EpochMs,
  timeZone: string,
): Text {
  const words = stateWords(state);
  if (state === "recording" || state === "disabled") return words;
  const at = new Date(since).toLocaleTimeString("en-GB", { timeZone, hour: "2-digit", minute: "2-digit" });
  const day = new Date(since).toLocaleDateString("en-GB", { timeZone, day: "2-digit", month: "2-digit" });
  const older = now - since >= DAY_MS;
  const lasting = durationWords(Math.max(0, now - since));
  const reason = REASON[state];
  return text(
    `${words.en} since ${at}${older ? ` on ${day}` : ""} (${lasting.en})${reason === undefined ? "" : `: ${reason.en}`}`,
    `${words.vi} từ ${at}${older ? ` ngày ${day}` : ""} (${lasting.vi})${reason === undefined ? "" : `: ${reason.vi}`}`,
  );
}
