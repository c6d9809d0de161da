import { text, type Text } from "../../kernel/text.ts";
import type { SilenceReason } from "./model.ts";

/** Causes a device reports itself (loa/v1 `reason`). */
const REPORTED = {
  "quiet-hours": text("it fell into the quiet hours", "rơi vào khung giờ yên tĩnh"),
  expired: text("the order had expired when it arrived", "lệnh đến nơi thì đã hết hạn"),
  "file-missing": text("the audio had not been downloaded in time", "chưa tải kịp tệp âm thanh"),
  "file-corrupt": text("the downloaded audio was damaged", "tệp âm thanh tải về bị hỏng"),
  "decode-failed": text("the loudspeaker could not decode the audio", "cụm loa không giải mã được âm thanh"),
  "output-failed": text("the sound output of the loudspeaker failed", "đầu ra âm thanh của cụm loa bị lỗi"),
  preempted: text("something more urgent took its place", "bị nội dung khẩn hơn thay thế"),
  stopped: text("it was stopped by hand", "bị dừng bằng tay"),
  held: text("everything was stopped at that time", "lúc đó đang dừng toàn bộ hệ thống"),
  "dead-man": text(
    "the loudspeaker lost contact with the hall while streaming and fell silent",
    "cụm loa mất liên lạc với trung tâm khi đang phát trực tiếp nên tự ngắt",
  ),
  "stream-lost": text("the live stream broke off", "luồng phát trực tiếp bị đứt"),
  late: text("the loudspeaker learned of it too late", "cụm loa nhận lệnh quá muộn"),
  "power-cut": text("the loudspeaker lost power or restarted", "cụm loa bị mất điện hoặc khởi động lại"),
  "clock-step": text(
    "the clock of the loudspeaker was set during the airing",
    "đồng hồ của cụm loa bị chỉnh khi đang phát",
  ),
};

function isKnown(reason: string): reason is keyof typeof REPORTED {
  return Object.hasOwn(REPORTED, reason);
}

/** How long a speaker has been away, when it has sent nothing about an airing. */
export interface Absence {
  readonly presence: "online" | "offline" | "unknown";
  /** "16:41 24/11", in the commune's zone. */
  readonly since: string | undefined;
}

/** Why a speaker did not sound an airing, or not whole, by its own receipt. */
export function reportedCause(reason: string | undefined): Text {
  return reason !== undefined && isKnown(reason)
    ? REPORTED[reason]
    : text("the loudspeaker gave no reason", "cụm loa không báo lý do");
}

/** Why there is no receipt. */
export function absenceCause({ presence, since }: Absence): Text {
  switch (presence) {
    case "offline":
      return since === undefined
        ? text("it is not connected", "cụm loa không kết nối")
        : text(`it has been out of contact since ${since}`, `cụm loa mất kết nối từ ${since}`);
    case "unknown":
      return text("it has never connected", "cụm loa chưa kết nối lần nào");
    case "online":
      return text(
        "it is connected but has not reported yet",
        "cụm loa đang kết nối nhưng chưa gửi biên nhận",
      );
  }
}

/** Why the resolver leaves a stretch of an airing out. */
export function silenceCause(reason: SilenceReason, titleOf: (airing: string) => string): Text {
  switch (reason.type) {
    case "barred":
      return reason.text;
    case "quiet-hours":
      return REPORTED["quiet-hours"];
    case "outranked": {
      const title = titleOf(reason.by);
      return text(`“${title}” took its place`, `bị “${title}” thay thế`);
    }
    case "session-cap":
      return reason.limit === "sessions"
        ? text("the day's number of sessions is used up", "đã hết số buổi phát trong ngày")
        : text("the session had reached its longest duration", "buổi phát đã đủ thời lượng tối đa");
    case "stopped":
      return REPORTED.stopped;
    default:
      return text("it was put off for too long", "bị lùi giờ quá lâu");
  }
}
