import type { ServerResponse } from "node:http";
import { text, type Text } from "../../kernel/text.ts";

interface Refusal {
  readonly status: number;
  readonly said: Text;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Every way in which the audio server says no. */
export const REFUSAL = {
  noSuchPath: {
    status: 404,
    said: text("There is nothing at this address.", "Địa chỉ này không có gì."),
  },
  unknownBox: {
    status: 404,
    said: text(
      "No loudspeaker has this address. Copy it anew from the loudspeaker's page.",
      "Không có cụm loa nào dùng địa chỉ này. Hãy sao chép lại địa chỉ từ trang của cụm loa.",
    ),
  },
  method: {
    status: 405,
    said: text("Only GET and HEAD are answered here.", "Ở đây chỉ nhận GET và HEAD."),
    headers: { Allow: "GET, HEAD" },
  },
  body: {
    status: 413,
    said: text("A request here has no body.", "Yêu cầu gửi tới đây không được kèm nội dung."),
  },
  credentials: {
    status: 401,
    said: text(
      "The loudspeaker's id or secret is wrong. Provision it again.",
      "Mã hoặc khóa bí mật của cụm loa không đúng. Hãy cấp cấu hình lại cho cụm loa.",
    ),
    headers: { "WWW-Authenticate": 'Basic realm="loa"' },
  },
  noAudio: {
    status: 404,
    said: text("The hall does not have this audio file.", "Trung tâm không có tệp âm thanh này."),
  },
  noProgramme: {
    status: 404,
    said: text("This programme is not on air.", "Chương trình này không đang phát."),
  },
  nothingNow: {
    status: 503,
    said: text("Nothing is on air for this loudspeaker now.", "Hiện không có gì phát cho cụm loa này."),
    headers: { "Retry-After": "10" },
  },
  tooManyDownloads: {
    status: 429,
    said: text(
      "This loudspeaker fetches too many files at once.",
      "Cụm loa này tải quá nhiều tệp cùng một lúc.",
    ),
    headers: { "Retry-After": "10" },
  },
  full: {
    status: 503,
    said: text(
      "The hall serves as many connections as it may.",
      "Trung tâm đã phục vụ đủ số kết nối cho phép.",
    ),
    headers: { "Retry-After": "30" },
  },
} satisfies Record<string, Refusal>;

export function refuse(response: ServerResponse, refusal: Refusal): void {
  const body = `${refusal.said.vi}\n${refusal.said.en}\n`;
  response.shouldKeepAlive = false;
  response.writeHead(refusal.status, {
    ...refusal.headers,
    "Content-Type": "text/plain; charset=utf-8",
    "Content-Length": Buffer.byteLength(body),
    "Cache-Control": "no-store",
  });
  response.end(body);
}

/** For what could not even be read as a request. */
export function rawRefusal(errorCode: string | undefined): string {
  const [status, vi, en] =
    errorCode === "HPE_HEADER_OVERFLOW"
      ? [
          "431 Request Header Fields Too Large",
          "Tiêu đề yêu cầu quá dài.",
          "The request's headers are too long.",
        ]
      : errorCode === "ERR_HTTP_REQUEST_TIMEOUT"
        ? ["408 Request Timeout", "Yêu cầu gửi quá chậm.", "The request came too slowly."]
        : ["400 Bad Request", "Không đọc được yêu cầu.", "The request can't be read."];
  const body = `${vi}\n${en}\n`;
  const head = `Content-Type: text/plain; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close`;
  return `HTTP/1.1 ${status}\r\n${head}\r\n\r\n${body}`;
}
