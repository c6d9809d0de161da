/**
 * The few conventions of Internet radio (SHOUTcast's ICY, as Icecast speaks it): an HTTP/1.0 head, and titles between the
 * sound as blocks of one length byte (in units of 16) and `StreamTitle='…';`, every `icy-metaint` bytes.
 */

/** Icecast's own interval; every player knows it. */
export const META_EVERY_BYTES = 16_000;

const BLOCK_UNIT_BYTES = 16;
const LONGEST_TITLE_BYTES = 1_000;

/** "Nothing new": the title is only sent when it changed. */
export const NO_META = Buffer.from([0]);

/** A title as a block, UTF-8. An apostrophe would end the field in many players and becomes a typographic one. */
export function metaBlock(title: string): Buffer {
  const printable = title.replaceAll("'", "’").replaceAll(/\p{Cc}/gu, " ");
  const field = Buffer.from(`StreamTitle='${cutToBytes(printable, LONGEST_TITLE_BYTES)}';`, "utf8");
  const units = Math.ceil(field.length / BLOCK_UNIT_BYTES);
  const block = Buffer.alloc(1 + units * BLOCK_UNIT_BYTES);
  block[0] = units;
  field.copy(block, 1);
  return block;
}

function cutToBytes(text: string, maxBytes: number): string {
  let bytes = 0;
  let kept = "";
  for (const char of text) {
    bytes += Buffer.byteLength(char);
    if (bytes > maxBytes) break;
    kept += char;
  }
  return kept;
}

interface StreamHead {
  readonly name: string;
  readonly kbps: number;
  readonly metaEveryBytes: number | undefined;
  readonly httpVersion: "1.0" | "1.1";
}

/** The head of an endless stream: ends with the connection, in no chunks, for old firmware plays nothing else. */
export function streamHead(order: StreamHead): string {
  const lines = [
    `HTTP/${order.httpVersion} 200 OK`,
    "Content-Type: audio/mpeg",
    `icy-name: ${headerSafe(order.name)}`,
    `icy-br: ${order.kbps}`,
    "icy-pub: 0",
    "icy-charset: UTF-8",
    ...(order.metaEveryBytes === undefined ? [] : [`icy-metaint: ${order.metaEveryBytes}`]),
    "Cache-Control: no-cache, no-store",
    "Connection: close",
  ];
  return `${lines.join("\r\n")}\r\n\r\n`;
}

function headerSafe(value: string): string {
  return cutToBytes(value.replaceAll(/\p{Cc}/gu, " "), 120);
}
