import { text, type Text } from "../kernel/text.ts";

/** Files that people upload by mistake (or on purpose), by their first bytes. `at` is the offset of the mark. */
const MARKS: readonly { readonly mark: string; readonly at?: number; readonly what: Text }[] = [
  { mark: "%PDF", what: text("a PDF document", "tài liệu PDF") },
  { mark: "PK\x03\x04", what: text("a Word, Excel or ZIP file", "tệp Word, Excel hoặc tệp nén ZIP") },
  { mark: "\xd0\xcf\x11\xe0", what: text("an old Word or Excel file", "tệp Word hoặc Excel đời cũ") },
  { mark: "\x89PNG", what: text("a PNG picture", "ảnh PNG") },
  { mark: "\xff\xd8\xff", what: text("a JPEG picture", "ảnh JPEG") },
  { mark: "GIF8", what: text("a GIF picture", "ảnh GIF") },
  { mark: "ftypheic", at: 4, what: text("a phone picture (HEIC)", "ảnh điện thoại (HEIC)") },
  { mark: "WEBP", at: 8, what: text("a WebP picture", "ảnh WebP") },
  { mark: "Rar!", what: text("a RAR archive", "tệp nén RAR") },
  { mark: "7z\xbc\xaf", what: text("a 7-Zip archive", "tệp nén 7-Zip") },
  { mark: "\x1f\x8b", what: text("a gzip archive", "tệp nén gzip") },
  { mark: "MZ", what: text("a Windows program", "chương trình Windows") },
  { mark: "\x7fELF", what: text("a Linux program", "chương trình Linux") },
  { mark: "#EXTM3U", what: text("a playlist", "danh sách phát") },
  { mark: "[playlist]", what: text("a playlist", "danh sách phát") },
  { mark: "ffconcat", what: text("a list of other files", "danh sách các tệp khác") },
  { mark: "v=0", what: text("a stream description", "tệp mô tả luồng") },
  { mark: "<?xml", what: text("an XML file", "tệp XML") },
  { mark: "<svg", what: text("an SVG picture", "ảnh SVG") },
  { mark: "<!DOCTYPE", what: text("a web page", "trang web") },
  { mark: "<html", what: text("a web page", "trang web") },
  { mark: "{\\rtf", what: text("an RTF document", "tài liệu RTF") },
];

/** Bytes of a file's beginning that `sniff` and `isCutWav` look at. */
export const SNIFFED_BYTES = 65_536;

/** What a file is that is not audio, as far as its first bytes tell. */
export function sniff(head: Uint8Array): Text | undefined {
  const chars = Buffer.from(head.subarray(0, 512)).toString("latin1");
  const found = MARKS.find(({ mark, at = 0 }) => chars.startsWith(mark, at));
  if (found !== undefined) return found.what;
  if (head.length > 0 && isPlainText(head.subarray(0, 512))) return text("a text file", "tệp văn bản");
  return undefined;
}

/** UTF-8 without control characters. */
function isPlainText(head: Uint8Array): boolean {
  const decoded = new TextDecoder().decode(head);
  // The last characters may be cut in the middle.
  return !/[\0-\x08\x0e-\x1f\ufffd]/.test(decoded.slice(0, -4));
}

/** From here up the size is a placeholder of a program that wrote to a pipe and could not go back to fill it in. */
const STREAMED_BYTES = 0x7fff_0000;

/** Whether a WAV file promises more sound than the file holds: the usual trace of an upload that was cut off. */
export function isCutWav(head: Uint8Array, fileBytes: number): boolean {
  const bytes = Buffer.from(head);
  if (bytes.toString("latin1", 0, 4) !== "RIFF" || bytes.toString("latin1", 8, 12) !== "WAVE") return false;
  let at = 12;
  while (at + 8 <= bytes.length) {
    const sizeBytes = bytes.readUInt32LE(at + 4);
    if (bytes.toString("latin1", at, at + 4) === "data") {
      return sizeBytes < STREAMED_BYTES && at + 8 + sizeBytes > fileBytes;
    }
    at += 8 + sizeBytes + (sizeBytes % 2);
  }
  return false;
}
