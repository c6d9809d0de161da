import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { FrameSplitter, silentFrames } from "../../../src/broadcast/streams/mp3-frames.ts";
import { decoded, loudest, toneMp3 } from "./support.ts";

let tone: Buffer;
beforeAll(async () => {
  tone = await toneMp3({ hz: 440, durationMs: 2_000 });
});

function split(pieces: readonly Uint8Array[]): { bytes: Buffer; durationMs: number } {
  const splitter = new FrameSplitter();
  const runs = pieces.flatMap((piece) => splitter.push(piece) ?? []);
  return {
    bytes: Buffer.concat(runs.map(({ bytes }) => bytes)),
    durationMs: runs.reduce((sum, { durationMs }) => sum + durationMs, 0),
  };
}

describe("the splitter", () => {
  test("gives every frame back, however the stream is cut", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 3_000 }), { minLength: 1, maxLength: 40 }),
        (lengths) => {
          const pieces: Buffer[] = [];
          let at = 0;
          for (const length of lengths) pieces.push(tone.subarray(at, (at += length)));
          pieces.push(tone.subarray(at));
          expect(split(pieces).bytes.equals(tone)).toBe(true);
        },
      ),
      { numRuns: 50 },
    );
  });

  test("knows how long the sound is", () => {
    expect(split([tone]).durationMs).toBeGreaterThan(1_990);
    expect(split([tone]).durationMs).toBeLessThan(2_110);
  });

  test.each([
    ["a tag before the sound", () => Buffer.concat([id3(300), tone])],
    ["noise before the sound", () => Buffer.concat([Buffer.alloc(777, 0x5a), tone])],
    [
      "noise that looks like a frame",
      () => Buffer.concat([Buffer.from([0xff, 0xfb, 0x50, 0xc0, 1, 2, 3]), tone]),
    ],
    ["a tag after the sound", () => Buffer.concat([tone, Buffer.from("TAG".padEnd(128, " "))])],
  ])("drops %s", (_name, stream) => {
    expect(split([stream()]).bytes.equals(tone)).toBe(true);
  });

  test("after a cut in mid-frame goes on at the next frame", () => {
    const { bytes } = split([tone.subarray(1_000)]);
    expect(tone.subarray(tone.length - bytes.length).equals(bytes)).toBe(true);
    expect(tone.length - bytes.length).toBeLessThan(1_000 + 2 * 209);
  });

  test("keeps nothing of a stream that is no MP3", () => {
    expect(split([Buffer.from("<html>".repeat(1_000))]).durationMs).toBe(0);
  });
});

describe("silence without an encoder", () => {
  test.each([
    { kbps: 64, sampleRateHz: 44_100 },
    { kbps: 32, sampleRateHz: 24_000 },
    { kbps: 48, sampleRateHz: 24_000 },
    { kbps: 128, sampleRateHz: 48_000 },
    { kbps: 16, sampleRateHz: 11_025 },
  ])("is silence for a decoder: $kbps kbit/s at $sampleRateHz Hz", async (format) => {
    const { bytes, durationMs } = silentFrames(format, 1_000);
    const samples = await decoded(bytes);
    expect(loudest(samples)).toBe(0);
    expect(samples.length / 44.1).toBeGreaterThan(durationMs - 120);
    expect(split([bytes]).durationMs).toBeCloseTo(durationMs, 6);
  });

  test("joins cleanly with sound", async () => {
    const silence = silentFrames({ kbps: 64, sampleRateHz: 44_100 }, 500).bytes;
    expect(loudest(await decoded(Buffer.concat([silence, tone, silence, tone])))).toBeGreaterThan(10_000);
  });

  test("has no format of its own invention", () => {
    expect(() => silentFrames({ kbps: 65, sampleRateHz: 44_100 }, 100)).toThrow("no MP3 format");
  });
});

function id3(sizeBytes: number): Buffer {
  const head = Buffer.from([0x49, 0x44, 0x33, 4, 0, 0, 0, 0, sizeBytes >> 7, sizeBytes & 0x7f]);
  return Buffer.concat([head, Buffer.alloc(sizeBytes, 0xff)]);
}
