import { open, type FileHandle } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { readRange, type RangeAnswer } from "./byte-range.ts";
import { REFUSAL, refuse } from "./refusals.ts";

/** A download that moves nothing for this long has lost its other end. */
const STALLED_AFTER_MS = 30_000;

export interface AudioFilePlace {
  readonly sha256: string;
  readonly path: string;
}

/**
 * Answers with a file of the library. Its name is its hash, so its ETag never lies and a resumed download can't be of
 * something else. Resolves when the answer has left or the other end has gone.
 */
export async function sendAudioFile(
  request: IncomingMessage,
  response: ServerResponse,
  { sha256, path }: AudioFilePlace,
): Promise<void> {
  const file = await open(path).catch(() => undefined);
  if (file === undefined) {
    refuse(response, REFUSAL.noAudio);
    return;
  }
  try {
    await answer(request, response, { sha256, file });
  } finally {
    await file.close();
  }
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { sha256, file }: { sha256: string; file: FileHandle },
): Promise<void> {
  const { size } = await file.stat();
  const etag = `"${sha256}"`;
  const common = {
    ETag: etag,
    "Accept-Ranges": "bytes",
    "Cache-Control": "private, immutable, max-age=31536000",
  };
  if (namesTag(request.headers["if-none-match"], etag)) {
    response.writeHead(304, common).end();
    return;
  }
  const range = rangeFor(request, etag, size);
  if (range.type === "unsatisfiable") {
    response.writeHead(416, { ...common, "Content-Range": `bytes */${size}`, "Content-Length": 0 }).end();
    return;
  }
  const { from, to } = range.type === "part" ? range : { from: 0, to: size - 1 };
  response.writeHead(range.type === "part" ? 206 : 200, {
    ...common,
    "Content-Type": "audio/mpeg",
    "Content-Length": to - from + 1,
    ...(range.type === "part" ? { "Content-Range": `bytes ${from}-${to}/${size}` } : {}),
  });
  if (request.method === "HEAD") {
    response.end();
    return;
  }
  response.setTimeout(STALLED_AFTER_MS, () => response.destroy());
  // A speaker that leaves in the middle comes back with a Range.
  await pipeline(file.createReadStream({ start: from, end: to, autoClose: false }), response).catch(
    () => undefined,
  );
}

/** `If-Range` with another tag means the file changed: the whole of it then (RFC 9110 §13.1.5). */
function rangeFor(request: IncomingMessage, etag: string, sizeBytes: number): RangeAnswer {
  const onlyIf = request.headers["if-range"];
  if (typeof onlyIf === "string" && onlyIf !== etag) return { type: "whole" };
  return readRange(request.headers.range, sizeBytes);
}

function namesTag(header: string | undefined, etag: string): boolean {
  return (header ?? "").split(",").some((tag) => ["*", etag, `W/${etag}`].includes(tag.trim()));
}
