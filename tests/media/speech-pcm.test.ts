import { expect, test } from "vitest";
import { joinPcm, pcmDurationMs, readWav, rmsDbfs } from "../../src/media/speech-pcm.ts";

interface WavSpec {
  readonly format?: number;
  readonly channels?: number;
  readonly bits?: number;
  readonly declaredBytes?: number;
  readonly before?: Buffer;
}

function wav(values: readonly number[], spec: WavSpec = {}): Uint8Array {
  const { format = 1, channels = 1, bits = 16, before = Buffer.alloc(0) } = spec;
  const fmt = Buffer.alloc(24);
  fmt.write("fmt ");
  fmt.writeUInt32LE(16, 4);
  fmt.writeUInt16LE(format, 8);
  fmt.writeUInt16LE(channels, 10);
  fmt.writeUInt32LE(22_050, 12);
  fmt.writeUInt16LE(bits, 22);
  const data = Buffer.alloc(8 + values.length * 2);
  data.write("data");
  data.writeUInt32LE(spec.declaredBytes ?? values.length * 2, 4);
  values.forEach((value, index) => data.writeInt16LE(value, 8 + index * 2));
  return Buffer.concat([Buffer.from("RIFF\0\0\0\0WAVE", "latin1"), before, fmt, data]);
}

test.each([
  ["one channel", wav([1, 2, 3]), [1, 2, 3]],
  ["two channels, mixed", wav([100, 200, -50, 50], { channels: 2 }), [150, 0]],
  ["a size that was never filled in", wav([5, 6], { declaredBytes: 0x7fff_f000 }), [5, 6]],
  ["another chunk before the sound", wav([7], { before: Buffer.from("LIST\x03\0\0\0abc\0", "latin1") }), [7]],
])("reads a WAV of %s", (_name, file, expected) => {
  const { samples, sampleRateHz } = readWav(file);
  expect([...samples]).toEqual(expected);
  expect(sampleRateHz).toBe(22_050);
});

test.each([
  ["no WAV", Buffer.from("ID3"), "did not answer with a WAV"],
  ["floating point", wav([1], { format: 3, bits: 32 }), "16-bit"],
  ["8 bits", wav([1], { bits: 8 }), "16-bit"],
  ["no sound", wav([]).subarray(0, 36), "holds no sound"],
])("refuses %s", (_name, file, why) => {
  expect(() => readWav(file)).toThrow(why);
});

const piece = (...values: number[]): { sampleRateHz: number; samples: Int16Array } => ({
  sampleRateHz: 1_000,
  samples: Int16Array.from(values),
});

test("joins pieces with a pause between, not around", () => {
  const joined = joinPcm([piece(1, 1), piece(2)], 3);
  expect([...joined.samples]).toEqual([1, 1, 0, 0, 0, 2]);
  expect(pcmDurationMs(joined)).toBe(6);
});

test("a voice that changes its rate is a fault", () => {
  expect(() => joinPcm([piece(1), { ...piece(1), sampleRateHz: 2_000 }], 0)).toThrow("sample rate");
});

test("the level counts what is heard, not the pauses", () => {
  expect(rmsDbfs(piece(16_384, -16_384, 0, 0))).toBeCloseTo(-6.02, 1);
  expect(rmsDbfs(piece(0, 0))).toBe(-90);
});
