import { expect, test } from "vitest";
import { isCutWav, sniff } from "../../src/media/sniff.ts";

test.each([
  ["%PDF-1.7", "a PDF document"],
  ["PK\x03\x04", "a Word, Excel or ZIP file"],
  ["\x89PNG\r\n", "a PNG picture"],
  ["#EXTM3U\nhttp://192.0.2.1/", "a playlist"],
  ["ffconcat version 1.0", "a list of other files"],
  ["MZ\x90\0", "a Windows program"],
  ["Kính mời bà con", "a text file"],
  ["\x01\x02\x03\xff\xfe", undefined],
  ["", undefined],
])("takes %j for %s", (head, what) => {
  const bytes = Buffer.from(head, head.startsWith("Kính") ? "utf8" : "latin1");
  expect(sniff(bytes)?.en).toBe(what);
});

function wav(declaredBytes: number, heldBytes: number): Buffer {
  const head = Buffer.alloc(44);
  head.write("RIFF", 0);
  head.write("WAVEfmt ", 8);
  head.writeUInt32LE(16, 16);
  head.write("data", 36);
  head.writeUInt32LE(declaredBytes, 40);
  return Buffer.concat([head, Buffer.alloc(heldBytes)]);
}

test.each([
  ["whole", 1_000, 1_000, false],
  ["with something behind the sound", 1_000, 1_200, false],
  ["cut off", 1_000, 900, true],
  ["written to a pipe, size unknown", 0xffff_ffff, 900, false],
  ["written to a pipe by espeak-ng", 0x7fff_f000, 900, false],
])("a WAV file %s", (_name, declared, held, cut) => {
  const file = wav(declared, held);
  expect(isCutWav(file, file.length)).toBe(cut);
});

test("what is no WAV is not cut", () => {
  expect(isCutWav(Buffer.from("RIFFxxxxAVI LIST"), 16)).toBe(false);
});
