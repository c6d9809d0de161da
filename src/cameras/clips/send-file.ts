import { open } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { readRange } from "../../broadcast/streams/byte-range.ts";

export interface SentFile {
  /** Absolute path. */
  readonly path: string;
  readonly contentType: string;
  readonly etag: string;
  /** Saved under this name instead of shown. ASCII. */
  readonly downloadName?: string;
}

/** An answer that moves nothing for this long has lost its other end. */
const STALLED_AFTER_MS = 60_000;

/** Answers with a file or the part of it that was asked for (RFC 9110 §14). Rejects when it can't be opened. */
export async function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  { path, contentType, etag, downloadName }: SentFile,
): Promise<void> {
  await using file = await open(path);
  const { size } = await file.stat();
  const common = {
    ETag: `"${etag}"`,
    "Accept-Ranges": "bytes",
    // Who may see it can change; the browser asks again each time.
    "Cache-Control": "private, no-cache",
    "X-Content-Type-Options": "nosniff",
  };
  if (request.headers["if-none-match"] === `"${etag}"`) {
    response.writeHead(304, common).end();
    return;
  }
  const range = readRange(request.headers.range, size);
  if (range.type === "unsatisfiable") {
    response.writeHead(416, { ...common, "Content-Range": `bytes */${size}`, "Content-Length": 0 }).end();
    return;
  }
  const { from, to } = range.type === "part" ? range : { from: 0, to: size - 1 };
  response.writeHead(range.type === "part" ? 206 : 200, {
    ...common,
    "Content-Type": contentType,
    "Content-Length": to - from + 1,
    ...(range.type === "part" && { "Content-Range": `bytes ${from}-${to}/${size}` }),
    ...(downloadName !== undefined && { "Content-Disposition": `attachment; filename="${downloadName}"` }),
  });
  if (request.method === "HEAD" || size === 0) {
    response.end();
    return;
  }
  response.setTimeout(STALLED_AFTER_MS, () => response.destroy());
  // A player that jumps leaves in the middle and asks anew; that is no failure.
  await pipeline(file.createReadStream({ start: from, end: to, autoClose: false }), response).catch(
    () => undefined,
  );
}
