import { expect, test } from "vitest";
import { nalCodecOf, sequenceSetOf } from "../../../src/cameras/rules/parameter-sets.ts";

function box(type: string, body: readonly number[]): number[] {
  const size = 8 + body.length;
  return [0, 0, 0, size, ...Buffer.from(type), ...body];
}

const nal = (...bytes: readonly number[]): number[] => [0, 0, 0, bytes.length, ...bytes];
const fragment = (...nals: readonly number[][]): Uint8Array =>
  new Uint8Array([...box("moof", [1, 2, 3]), ...box("mdat", nals.flat())]);

const SPS = [0x67, 0x42, 0xc0];
const PPS = [0x68, 0xce];
const KEY = [0x65, 0x88];
const OTHER = [0x41, 0x9a];
const AUD = [0x09, 0xf0];

test.each([
  ["before a key frame", fragment(nal(...AUD), nal(...SPS), nal(...PPS), nal(...KEY)), "6742c0"],
  ["a fragment without a key frame", fragment(nal(...OTHER)), undefined],
  ["a key frame without parameter sets", fragment(nal(...KEY), nal(...SPS)), undefined],
  ["a length that leads out of the box", fragment([0, 0, 9, 9, 0x67]), undefined],
  ["a length of nothing", fragment(nal()), undefined],
  ["no pictures at all", new Uint8Array(box("moof", [])), undefined],
  ["no boxes", new Uint8Array([1, 2, 3]), undefined],
])("H.264: %s", (_name, bytes, expected) => expect(sequenceSetOf(bytes, "h264")).toBe(expected));

test("the end of the pictures may be missing", () => {
  const whole = fragment(nal(...SPS), nal(...KEY));
  expect(sequenceSetOf(whole.subarray(0, whole.length - 2), "h264")).toBe("6742c0");
});

test("H.265 has its own types", () => {
  const [vps, sps, key] = [nal(0x40, 1), nal(0x42, 1, 7), nal(0x26, 1)];
  expect(sequenceSetOf(fragment(vps, sps, key), "h265")).toBe("420107");
});

test.each([
  ["avc1.64001f", "h264"],
  ["hvc1.1.6.L93.b0", "h265"],
  ["hev1.1.6.L93.b0", "h265"],
  ["mp4v", undefined],
])("%s", (codec, expected) => expect(nalCodecOf(codec)).toBe(expected));
