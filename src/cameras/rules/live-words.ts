import type { LocalZone } from "../../broadcast/rules/local-time.ts";
import { clockText } from "../../broadcast/rules/words.ts";
import { text, type Text } from "../../kernel/text.ts";
import type { Camera, RecordingState } from "./model.ts";
import type { Pause } from "./weekly-hours.ts";

/** Why a camera that may be watched shows nothing just now. */
const WAITING: Record<RecordingState, Text> = {
  starting: text("Connecting to the camera…", "Đang kết nối với camera…"),
  recording: text("Waiting for the camera's picture…", "Đang chờ hình từ camera…"),
  stalled: text(
    "The camera has stopped sending pictures; it is being called again.",
    "Camera ngừng gửi hình; hệ thống đang gọi lại.",
  ),
  offline: text(
    "The camera does not answer; it is being tried again.",
    "Camera không trả lời; hệ thống đang thử lại.",
  ),
  "wrong-password": text(
    "The camera refuses its password. Ask the technician to enter it anew.",
    "Camera từ chối mật khẩu. Hãy nhờ kỹ thuật viên nhập lại mật khẩu.",
  ),
  "stream-gone": text(
    "The camera no longer has this stream. Ask the technician to test the camera.",
    "Camera không còn luồng hình này. Hãy nhờ kỹ thuật viên kiểm tra camera.",
  ),
  "disk-full": text(
    "The disk is full, so the camera's stream is at a stop. Ask the technician to free space.",
    "Ổ đĩa đã đầy nên luồng hình tạm ngừng. Hãy nhờ kỹ thuật viên giải phóng dung lượng.",
  ),
  paused: text("The camera is paused.", "Camera đang tạm dừng."),
  disabled: text("The camera is switched off in its settings.", "Camera đang tắt trong phần cài đặt."),
};

export function waitingWords(state: RecordingState): Text {
  return WAITING[state];
}

/** Why nobody may see it now; undefined: it may be shown. */
export function hiddenWords(
  camera: Pick<Camera, "enabled">,
  pause: Pause | undefined,
  zone: LocalZone,
): Text | undefined {
  if (!camera.enabled) return WAITING.disabled;
  if (pause === undefined) return undefined;
  const until = clockText(pause.until, zone);
  return text(
    `The camera is paused until ${until} to protect privacy.`,
    `Camera tạm dừng đến ${until} để bảo vệ riêng tư.`,
  );
}
