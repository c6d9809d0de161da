import { text, type Text } from "../../kernel/text.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from "../../kernel/time.ts";
import { clockVerdict } from "./device-time.ts";
import type { Identity, StreamSource } from "./model.ts";
import type { StreamChoice } from "./stream-choice.ts";

/** One thing looked at. */
export interface Finding {
  /** `onvif`, `password`, `clock`, `profiles`, `address`, `stream`, `sub-stream`, `events`. */
  readonly id: string;
  readonly outcome: "ok" | "warn" | "fail";
  readonly said: Text;
  readonly remedy?: Text;
}

export function identityFinding({ manufacturer, model, firmware, serial }: Identity): Finding {
  const who = [manufacturer, model].filter((word) => word !== "").join(" ") || "?";
  return {
    id: "onvif",
    outcome: "ok",
    said: text(
      `It is a ${who}, firmware ${firmware || "?"}, serial ${serial || "?"}; user and password are right.`,
      `Camera ${who}, phần mềm ${firmware || "?"}, số máy ${serial || "?"}; tài khoản và mật khẩu đúng.`,
    ),
  };
}

/** `offsetMs` positive: ahead of ours; undefined: it tells no time. */
export function clockFinding(offsetMs: number | undefined): Finding {
  if (offsetMs === undefined) {
    return {
      id: "clock",
      outcome: "warn",
      said: text("The camera does not tell its time.", "Camera không cho biết giờ của nó."),
      remedy: text("Compare the time in its picture with a watch.", "Hãy so giờ hiện trên hình với đồng hồ."),
    };
  }
  const verdict = clockVerdict(offsetMs);
  if (verdict === "right") {
    return { id: "clock", outcome: "ok", said: text("Its clock is right.", "Đồng hồ của camera đúng.") };
  }
  const off = roughly(Math.abs(offsetMs));
  return {
    id: "clock",
    outcome: verdict === "wrong" ? "fail" : "warn",
    said: text(
      `Its clock is ${off.en} ${offsetMs > 0 ? "fast" : "slow"}.`,
      `Đồng hồ của camera ${offsetMs > 0 ? "nhanh" : "chậm"} ${off.vi}.`,
    ),
    remedy: text(
      "Let the controller set it (tienglang camera set ID --correct-clock on), or set a time server in the camera.",
      "Cho phép bộ điều khiển chỉnh giờ (tienglang camera set MÃ --correct-clock on), hoặc đặt máy chủ giờ trong camera.",
    ),
  };
}

const UNITS: readonly (readonly [number, string, string])[] = [
  [365.25 * DAY_MS, "years", "năm"],
  [DAY_MS, "days", "ngày"],
  [HOUR_MS, "hours", "giờ"],
  [MINUTE_MS, "minutes", "phút"],
];

/** “12 years”, “47 seconds”: the largest unit of which there are two or more. */
function roughly(ms: number): Text {
  const unit = UNITS.find(([size]) => ms >= 2 * size);
  if (unit === undefined) {
    const seconds = Math.round(ms / SECOND_MS);
    return text(`${seconds} seconds`, `${seconds} giây`);
  }
  const [size, en, vi] = unit;
  return text(`${Math.round(ms / size)} ${en}`, `${Math.round(ms / size)} ${vi}`);
}

/** What was chosen of the camera's profiles, or why there is nothing to choose. */
export function profilesFinding(profileCount: number, choice: StreamChoice | undefined): Finding {
  const id = "profiles";
  const set264 = text(
    "Set the encoding of the main stream to H.264 in the camera's video settings.",
    "Hãy đặt mã hóa luồng chính là H.264 trong cài đặt hình ảnh của camera.",
  );
  if (choice === undefined) {
    return {
      id,
      outcome: "fail",
      said:
        profileCount === 0
          ? text("The camera offers no video.", "Camera không có luồng hình nào.")
          : text(
              `None of the camera's ${profileCount} video profiles is H.264 or H.265.`,
              `Không luồng nào trong ${profileCount} luồng của camera là H.264 hay H.265.`,
            ),
      remedy: set264,
    };
  }
  const { main, sub } = choice;
  if (main.codec === "h265" && sub?.codec !== "h264") {
    return {
      id,
      outcome: "warn",
      said: text(
        "The camera offers H.265 only: it is recorded as it is, but many browsers can't show it live.",
        "Camera chỉ có H.265: vẫn ghi được nguyên gốc, nhưng nhiều trình duyệt không xem trực tiếp được.",
      ),
      remedy: set264,
    };
  }
  const size = `${main.widthPx}x${main.heightPx} ${main.codec === "h264" ? "H.264" : "H.265"}`;
  const small = sub === null ? undefined : `${sub.widthPx}x${sub.heightPx}`;
  return {
    id,
    outcome: "ok",
    said: text(
      `Recorded: ${size}; for mosaics: ${small ?? "the same"}.`,
      `Luồng ghi: ${size}; luồng xem nhiều camera: ${small ?? "dùng chung"}.`,
    ),
  };
}

/** The camera named another host than the one it is reached at. */
export function addressFinding(announced: string, used: string, answers: boolean): Finding {
  return {
    id: "address",
    outcome: answers ? "warn" : "fail",
    said: answers
      ? text(
          `The camera announces ${announced}, which is not where it is; ${used} is used and answers.`,
          `Camera báo địa chỉ ${announced} không đúng chỗ; dùng ${used} thay thế, có hình.`,
        )
      : text(
          `The camera announces ${announced}; at ${used}, where we reach it, no stream answers.`,
          `Camera báo địa chỉ ${announced}; tại ${used} (nơi kết nối được camera) không có luồng hình.`,
        ),
    remedy: text(
      "It stands behind NAT or was given another address: correct its network settings, or forward the stream's port too.",
      "Camera ở sau NAT hoặc đã đổi địa chỉ: hãy sửa cài đặt mạng của camera, hoặc chuyển tiếp cả cổng luồng hình.",
    ),
  };
}

const CODEC: Record<StreamSource["codec"], string> = { h264: "H.264", h265: "H.265", other: "?" };

export function streamFinding({ codec, widthPx, heightPx, fps, transport }: StreamSource): Finding {
  const rate = fps === null ? "" : `, ${fps}`;
  const what = `${CODEC[codec]} ${widthPx}x${heightPx}`;
  if (transport === "udp") {
    return {
      id: "stream",
      outcome: "warn",
      said: text(
        `The stream comes (${what}), but over UDP only: packets that are lost are holes in the picture.`,
        `Có luồng hình (${what}), nhưng chỉ qua UDP: mất gói là hỏng hình.`,
      ),
      remedy: text(
        "Allow RTP over RTSP (TCP) in the camera's settings if it can.",
        "Hãy bật RTP qua RTSP (TCP) trong cài đặt của camera nếu có.",
      ),
    };
  }
  return {
    id: "stream",
    outcome: codec === "other" ? "fail" : "ok",
    said: text(
      `The stream comes: ${what}${rate === "" ? "" : `${rate} pictures a second`}.`,
      `Có luồng hình: ${what}${rate === "" ? "" : `${rate} hình/giây`}.`,
    ),
    ...(codec === "other" && {
      remedy: text(
        "Only H.264 and H.265 are recorded: choose one in the camera's video settings.",
        "Chỉ ghi được H.264 và H.265: hãy chọn trong cài đặt hình ảnh của camera.",
      ),
    }),
  };
}
