import type { ServerResponse } from "node:http";
import type { Speech } from "./device-state.ts";

const HUGE_BYTES = 200 * 1024 * 1024;
const DRIP_EVERY_MS = 500;

interface Message {
  readonly status: number;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Sends an answer the way the fault says; null: rightly. */
export function send(message: Message, speech: Speech | null, response: ServerResponse): void {
  const { status, body, headers } = message;
  const head = { "content-type": "application/soap+xml; charset=utf-8", ...headers };
  switch (speech) {
    case null:
      response.writeHead(status, head).end(body);
      return;
    case "doubled":
      response.writeHead(status, head).end(body + body);
      return;
    case "black-hole":
      return;
    case "reset":
      response.socket?.resetAndDestroy();
      return;
    case "garbage":
      response.writeHead(200, head).end(Buffer.from("fffe003c6e6f7420786d6c26000102", "hex"));
      return;
    case "not-http":
      response.socket?.end("SSH-2.0-camera\r\n");
      return;
    case "huge":
      response.writeHead(200, head);
      pour(response, Buffer.alloc(64 * 1024, "<a>"), HUGE_BYTES);
      return;
    case "drip":
      response.writeHead(200, head);
      drip(response, body);
      return;
  }
}

function pour(response: ServerResponse, piece: Buffer, leftBytes: number): void {
  let left = leftBytes;
  const more = (): void => {
    while (left > 0 && !response.destroyed) {
      left -= piece.length;
      if (!response.write(piece)) {
        response.once("drain", more);
        return;
      }
    }
    response.end();
  };
  more();
}

function drip(response: ServerResponse, body: string): void {
  let sent = 0;
  const timer = setInterval(() => {
    response.write(body.slice(sent, sent + 1));
    sent += 1;
    if (sent >= body.length) response.end();
  }, DRIP_EVERY_MS);
  response.on("close", () => clearInterval(timer));
}
