import type { Text } from "../../kernel/text.ts";
import { text } from "../../kernel/text.ts";
import type { Camera, StreamSource } from "./model.ts";

/** Something of a camera that can't be kept as it is. */
export interface Complaint {
  readonly field: string;
  readonly said: Text;
  readonly hint: Text;
}

/** Law 91/2025/QH15 art. 32.4 asks for “only as long as needed”: past a quarter of a year no counter needs it. */
const RETENTION_LIMIT_DAYS = 90;

const PURPOSE_LEAST_CHARS = 10;
const LEAST_QUOTA_BYTES = 100_000_000;

/** A purpose that allows voice names it in one of these words. */
const VOICE_WORDS = ["ghi âm", "thu âm", "âm thanh", "giọng nói", "tiếng nói", "audio", "voice", "sound"];

/** Would break out of the XML that carries the name to the camera, or split it in an address. */
const FORBIDDEN_IN_USER = /[&<>:\p{Cc}]/u;

/** The first thing wrong with a camera as it would be kept; undefined: nothing. */
export function complaintOf(camera: Omit<Camera, "addedAt">): Complaint | undefined {
  return (
    textComplaint(camera) ??
    userComplaint(camera.user) ??
    rangeComplaint("retentionDays", camera.retentionDays, [1, RETENTION_LIMIT_DAYS]) ??
    rangeComplaint("eventRetentionDays", camera.eventRetentionDays, [1, 365]) ??
    rangeComplaint("priority", camera.priority, [1, 9]) ??
    quotaComplaint(camera.quotaBytes) ??
    hostComplaint(camera.onvif) ??
    streamComplaint("streams.main", camera.streams.main) ??
    (camera.streams.sub === null ? undefined : streamComplaint("streams.sub", camera.streams.sub))
  );
}

/** Its password can't be sent the way most cameras compare it. */
export function isUnusualPassword(password: string): boolean {
  return /[^\u0020-\u007e]/u.test(password);
}

function textComplaint({ place, purpose, audio }: Omit<Camera, "addedAt">): Complaint | undefined {
  if (place.trim() === "") {
    return {
      field: "place",
      said: text("It is not said where the camera hangs.", "Chưa ghi nơi đặt camera."),
      hint: text(
        "Write the place as the notice sign should name it: “One-Stop desk, counter 2”.",
        "Hãy ghi nơi đặt như trên biển thông báo: “Bộ phận Một cửa, quầy 2”.",
      ),
    };
  }
  if (Array.from(purpose.trim()).length < PURPOSE_LEAST_CHARS) {
    return {
      field: "purpose",
      said: text(
        `The purpose “${purpose}” is too short to say why people are recorded here.`,
        `Mục đích “${purpose}” quá ngắn, chưa nói rõ vì sao ghi hình ở đây.`,
      ),
      hint: text(
        `Write why, in at least ${PURPOSE_LEAST_CHARS} characters (law 91/2025/QH15, art. 32).`,
        `Hãy ghi rõ lý do, ít nhất ${PURPOSE_LEAST_CHARS} ký tự (Luật 91/2025/QH15, Điều 32).`,
      ),
    };
  }
  if (audio && !namesVoice(purpose)) {
    return {
      field: "audio",
      said: text(
        "Voice can't be recorded: the camera's purpose does not mention it.",
        "Không được ghi tiếng: mục đích của camera không nói đến ghi âm.",
      ),
      hint: text(
        "Leave the sound off, or write into the purpose why voices are recorded (“ghi âm …”).",
        "Hãy tắt tiếng, hoặc ghi vào mục đích lý do cần ghi âm.",
      ),
    };
  }
  return undefined;
}

function namesVoice(purpose: string): boolean {
  const words = purpose.normalize("NFC").toLowerCase();
  return VOICE_WORDS.some((word) => words.includes(word));
}

interface Reach {
  readonly user: string;
  readonly host: string;
  readonly streamUrl?: string | undefined;
}

/** Before anything is sent to a device. A password inside of an address would be repeated in findings and logs. */
export function reachComplaint({ user, host, streamUrl }: Reach): Complaint | undefined {
  if (!isHost(host)) return { ...notHost(host), field: "host" };
  return (
    userComplaint(user) ??
    (streamUrl === undefined ? undefined : streamComplaint("streamUrl", { url: streamUrl }))
  );
}

function notHost(host: string): Complaint {
  return {
    field: "onvif.host",
    said: text(`“${host}” is no address of a camera.`, `“${host}” không phải địa chỉ camera.`),
    hint: text("Write it as 192.168.1.64.", "Hãy ghi dạng 192.168.1.64."),
  };
}

function userComplaint(user: string): Complaint | undefined {
  if (!FORBIDDEN_IN_USER.test(user)) return undefined;
  return {
    field: "user",
    said: text(
      `The user name “${user}” has a character that cameras do not take (& < > :).`,
      `Tên đăng nhập “${user}” có ký tự camera không nhận (& < > :).`,
    ),
    hint: text(
      "Make a user with plain letters and digits on the camera.",
      "Hãy tạo trên camera một tài khoản chỉ gồm chữ và số.",
    ),
  };
}

function rangeComplaint(
  field: string,
  value: number,
  [from, to]: readonly [number, number],
): Complaint | undefined {
  if (Number.isInteger(value) && value >= from && value <= to) return undefined;
  return {
    field,
    said: text(`${field} is ${value}.`, `Giá trị ${field} là ${value}.`),
    hint: text(`Use a whole number from ${from} to ${to}.`, `Hãy dùng số nguyên từ ${from} đến ${to}.`),
  };
}

function quotaComplaint(quotaBytes: number | null): Complaint | undefined {
  if (quotaBytes === null || (Number.isSafeInteger(quotaBytes) && quotaBytes >= LEAST_QUOTA_BYTES)) {
    return undefined;
  }
  return {
    field: "quotaBytes",
    said: text(`quotaBytes is ${quotaBytes}.`, `Giá trị quotaBytes là ${quotaBytes}.`),
    hint: text(
      `Use at least ${LEAST_QUOTA_BYTES} bytes, or leave it out.`,
      `Hãy dùng ít nhất ${LEAST_QUOTA_BYTES} byte, hoặc bỏ trống.`,
    ),
  };
}

function hostComplaint(onvif: Camera["onvif"]): Complaint | undefined {
  if (onvif === null) return undefined;
  if (!isHost(onvif.host)) return notHost(onvif.host);
  return rangeComplaint("onvif.port", onvif.port, [1, 65_535]);
}

/** A name, an IPv4 address or a bracketless IPv6 address; nothing that could carry a path or a user. */
export function isHost(host: string): boolean {
  return /^[A-Za-z0-9]([A-Za-z0-9.-]{0,252})$/u.test(host) || /^[0-9A-Fa-f:]{2,45}$/u.test(host);
}

function streamComplaint(field: string, { url }: Pick<StreamSource, "url">): Complaint | undefined {
  const fine = /^rtsps?:\/\/[^\s@/?#]+(?:[/?#]\S*)?$/iu.test(url) && url.length <= 500;
  if (fine) return undefined;
  return {
    field,
    said: text(
      `“${withoutUser(url)}” is no stream address (rtsp://…, without user and password).`,
      `“${withoutUser(url)}” không phải địa chỉ luồng (rtsp://…, không kèm tài khoản).`,
    ),
    hint: text(
      "Write it as rtsp://192.168.1.64:554/path; user and password have fields of their own.",
      "Hãy ghi dạng rtsp://192.168.1.64:554/đường-dẫn; tài khoản và mật khẩu có ô riêng.",
    ),
  };
}

/** The address without what stands before its `@`: fit for eyes and logs. */
export function withoutUser(url: string): string {
  return url.replace(/^([a-z]+:\/\/)[^/?#]*@/iu, "$1");
}
