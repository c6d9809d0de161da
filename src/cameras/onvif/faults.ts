import { Fault, type FaultKind } from "../../kernel/faults.ts";
import { text, type Text } from "../../kernel/text.ts";
import type { Trouble } from "./messages.ts";

export type DeviceTrouble = Trouble | "not-allowed" | "forgotten";

/** A camera's refusal or silence, told apart so that a diagnosis can go on from it. */
export class DeviceFault extends Fault {
  readonly trouble: DeviceTrouble;

  constructor(trouble: DeviceTrouble, address: string, detail: string) {
    const { kind, said, hint } = SAID[trouble](address, detail);
    super(kind, said, { hint, cause: new Error(detail) });
    this.trouble = trouble;
  }
}

interface Saying {
  readonly kind: FaultKind;
  readonly said: Text;
  readonly hint: Text;
}

const LOOK_AT_POWER = text(
  "Check the camera's power and cable, and that this machine is in the same network.",
  "Kiểm tra nguồn, dây mạng của camera, và máy này có cùng mạng không.",
);
const LOOK_AT_PORT = text(
  "Look up the ONVIF (HTTP) port in the camera's own settings, often 80, 8000, 8080, 8899 or 2020; enable ONVIF there.",
  "Xem cổng ONVIF (HTTP) trong phần cài đặt của camera, thường là 80, 8000, 8080, 8899 hoặc 2020; bật ONVIF tại đó.",
);
const TRY_AGAIN = text(
  "Try again; if it stays so, restart the camera and update its firmware.",
  "Hãy thử lại; nếu vẫn vậy, khởi động lại camera và cập nhật phần mềm.",
);
const LOOK_AT_PASSWORD = text(
  "Enter the user and password of an ONVIF user of the camera. Many makes keep ONVIF users apart from web users, and lock the user after five wrong tries: then wait 30 minutes.",
  "Hãy nhập tài khoản ONVIF của camera. Nhiều hãng tách tài khoản ONVIF khỏi tài khoản web, và khóa tài khoản sau 5 lần sai: khi đó hãy chờ 30 phút.",
);

const SAID: Record<DeviceTrouble, (address: string, detail: string) => Saying> = {
  unreachable: (at) => ({
    kind: "unavailable",
    said: text(`No way to the camera at ${at}.`, `Không có đường tới camera ${at}.`),
    hint: LOOK_AT_POWER,
  }),
  "port-closed": (at) => ({
    kind: "unavailable",
    said: text(
      `The machine at ${at} answers, but nothing listens on this port.`,
      `Thiết bị tại ${at} có trả lời nhưng cổng này đóng.`,
    ),
    hint: LOOK_AT_PORT,
  }),
  silent: (at) => ({
    kind: "timeout",
    said: text(`The camera at ${at} does not answer in time.`, `Camera ${at} không trả lời kịp.`),
    hint: text(
      "Check that this is its ONVIF (HTTP) port; if it is, the camera hangs: restart it.",
      "Kiểm tra đây có đúng là cổng ONVIF (HTTP) không; nếu đúng, camera bị treo: hãy khởi động lại.",
    ),
  }),
  closed: (at) => ({
    kind: "unavailable",
    said: text(
      `The camera at ${at} closed the connection before it answered.`,
      `Camera ${at} ngắt kết nối trước khi trả lời.`,
    ),
    hint: TRY_AGAIN,
  }),
  "not-onvif": (at, detail) => ({
    kind: "corrupt",
    said: text(
      `What answers at ${at} does not speak ONVIF (${detail}).`,
      `Thiết bị tại ${at} không nói giao thức ONVIF (${detail}).`,
    ),
    hint: LOOK_AT_PORT,
  }),
  oversized: (at) => ({
    kind: "corrupt",
    said: text(`The camera at ${at} sends an endless answer.`, `Camera ${at} gửi câu trả lời quá dài.`),
    hint: TRY_AGAIN,
  }),
  garbage: (at) => ({
    kind: "corrupt",
    said: text(
      `The camera at ${at} sends an answer that can't be read.`,
      `Không đọc được câu trả lời của camera ${at}.`,
    ),
    hint: TRY_AGAIN,
  }),
  "wrong-password": (at) => ({
    kind: "rejected",
    said: text(
      `The camera at ${at} refuses the user or the password.`,
      `Camera ${at} không nhận tên đăng nhập hoặc mật khẩu.`,
    ),
    hint: LOOK_AT_PASSWORD,
  }),
  "not-allowed": (at) => ({
    kind: "rejected",
    said: text(
      `The camera at ${at} knows the user, but does not let it do this.`,
      `Camera ${at} nhận tài khoản này nhưng không cho làm việc đó.`,
    ),
    hint: text(
      "Give the user the role of operator or administrator in the camera's settings.",
      "Hãy cấp quyền vận hành hoặc quản trị cho tài khoản trong cài đặt của camera.",
    ),
  }),
  refused: (at, detail) => ({
    kind: "rejected",
    said: text(`The camera at ${at} refuses: ${detail}.`, `Camera ${at} từ chối: ${detail}.`),
    hint: text(
      "The camera probably lacks this function, or its firmware is at fault.",
      "Có thể camera không có chức năng này, hoặc phần mềm camera lỗi.",
    ),
  }),
  forgotten: (at) => ({
    kind: "not-found",
    said: text(
      `The camera at ${at} has forgotten the subscription.`,
      `Camera ${at} đã quên đăng ký sự kiện.`,
    ),
    hint: TRY_AGAIN,
  }),
};
