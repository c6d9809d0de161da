import { text, type Text } from "../../kernel/text.ts";
import type { StreamTrouble } from "../../media/rules/stream-trouble.ts";
import type { Finding } from "./diagnosis-words.ts";

interface Words {
  readonly said: (url: string) => Text;
  readonly remedy: Text;
}

const CHECK_CABLE = text(
  "Check the camera's power and cable; restart the camera.",
  "Kiểm tra nguồn, dây mạng; khởi động lại camera.",
);

const WORDS: Record<StreamTrouble, Words> = {
  "wrong-password": {
    said: (url) =>
      text(
        `The stream ${url} refuses user or password, although they may be right for ONVIF.`,
        `Luồng ${url} từ chối tài khoản hoặc mật khẩu (dù ONVIF có thể đã nhận).`,
      ),
    remedy: text(
      "Use a user that may see live video; some makes have users of their own for RTSP.",
      "Hãy dùng tài khoản được xem trực tiếp; có hãng dùng tài khoản riêng cho RTSP.",
    ),
  },
  "not-found": {
    said: (url) => text(`The camera has no stream at ${url} (404).`, `Camera không có luồng ${url} (404).`),
    remedy: text(
      "Enter the stream's address by hand: tienglang camera set ID --stream rtsp://…; the camera's manual names it.",
      "Hãy nhập tay địa chỉ luồng: tienglang camera set MÃ --stream rtsp://…; xem tài liệu của camera.",
    ),
  },
  "wrong-transport": {
    said: (url) =>
      text(
        `The camera gives ${url} neither over TCP nor over UDP.`,
        `Camera không phát luồng ${url} qua TCP lẫn UDP.`,
      ),
    remedy: text(
      "It probably sends multicast only: allow unicast in its settings.",
      "Có thể camera chỉ phát multicast: hãy bật unicast trong cài đặt.",
    ),
  },
  busy: {
    said: (url) =>
      text(
        `The camera does not give ${url} to one more viewer.`,
        `Camera không phát ${url} cho thêm người xem.`,
      ),
    remedy: text(
      "Close other recorders and viewers of this camera, then restart it.",
      "Hãy đóng các đầu ghi và phần mềm khác đang xem camera này, rồi khởi động lại camera.",
    ),
  },
  "port-closed": {
    said: (url) => text(`Nothing listens at ${url}: the port is closed.`, `Cổng của ${url} đóng.`),
    remedy: text(
      "Enable RTSP in the camera, or look up its RTSP port (usually 554).",
      "Hãy bật RTSP trong camera, hoặc xem lại cổng RTSP (thường là 554).",
    ),
  },
  unreachable: {
    said: (url) => text(`There is no way to ${url}.`, `Không có đường tới ${url}.`),
    remedy: CHECK_CABLE,
  },
  silent: {
    said: (url) =>
      text(`${url} takes the connection and sends nothing.`, `${url} nhận kết nối nhưng không gửi gì.`),
    remedy: CHECK_CABLE,
  },
  "no-video": {
    said: (url) =>
      text(`No picture came from ${url} within 8 seconds.`, `Không có hình từ ${url} trong 8 giây.`),
    remedy: text(
      "Look at the camera's own page: does it show a picture? Restart it; too many viewers also do this.",
      "Hãy xem trang web của camera có hình không, rồi khởi động lại; quá nhiều người xem cũng gây ra lỗi này.",
    ),
  },
  "not-rtsp": {
    said: (url) =>
      text(`What answers at ${url} does not speak RTSP.`, `Thiết bị tại ${url} không nói giao thức RTSP.`),
    remedy: text(
      "Look up the camera's RTSP port (usually 554).",
      "Hãy xem lại cổng RTSP của camera (thường là 554).",
    ),
  },
};

/** Why the stream does not come. `url` without user and password. */
export function streamTroubleFinding(trouble: StreamTrouble, url: string): Finding {
  const { said, remedy } = WORDS[trouble];
  return { id: "stream", outcome: "fail", said: said(url), remedy };
}
