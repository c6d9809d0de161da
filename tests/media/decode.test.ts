import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Fault } from "../../src/kernel/faults.ts";
import { decodeFile, decodeMp3Stream, samplesOf } from "../../src/media/decode.ts";
import { findMediaTools } from "../../src/media/tools.ts";
import { coefficientAt, correlate } from "../support/correlate.ts";
import { makeSound } from "../support/sound.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const tools = findMediaTools();
const signal = new AbortController().signal;

async function collect(chunks: AsyncIterable<Int16Array>): Promise<Int16Array> {
  const all: number[] = [];
  for await (const chunk of chunks) for (const sample of chunk) all.push(sample);
  return Int16Array.from(all);
}

async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.subarray(at, at + size));
}

test("samples survive a pipe that cuts anywhere", async () => {
  const samples = Int16Array.from({ length: 999 }, (_, index) => index * 64 - 30_000);
  const bytes = new Uint8Array(samples.buffer);
  for (const size of [1, 2, 3, 7, 5_000])
    expect(await collect(samplesOf(pieces(bytes, size)))).toEqual(samples);
});

test("a file is decoded from any instant on, to the sample", async () => {
  using folder = temporaryFolder();
  const sound = await makeSound(3, 61);
  const file = join(folder.path, "a.mp3");
  writeFileSync(file, sound.bytes);
  for (const offsetMs of [0, 777.5]) {
    const heard = await collect(decodeFile(tools, file, offsetMs, signal));
    const wanted = sound.samples.subarray(Math.round(offsetMs * 44.1));
    expect(Math.abs(correlate(wanted, heard).lagFrames)).toBeLessThanOrEqual(1);
    expect(coefficientAt(wanted, heard, correlate(wanted, heard).lagFrames)).toBeGreaterThan(0.99);
  }
});

test("whoever stops listening leaves no decoder behind", async () => {
  using folder = temporaryFolder();
  const file = join(folder.path, "a.mp3");
  writeFileSync(file, (await makeSound(20, 62)).bytes);
  // The generator ends only when the program has: returning here proves it.
  for await (const samples of decodeFile(tools, file, 0, signal)) {
    expect(samples.length).toBeGreaterThan(0);
    break;
  }
});

test.each([
  ["is no audio", Buffer.from("hello, this is not audio at all".repeat(50))],
  ["is empty", Buffer.alloc(0)],
])("a file that %s is a fault", async (_name, bytes) => {
  using folder = temporaryFolder();
  const file = join(folder.path, "a.mp3");
  writeFileSync(file, bytes);
  await expect(collect(decodeFile(tools, file, 0, signal))).rejects.toBeInstanceOf(Fault);
});

test("a missing decoder is named, with the remedy", async () => {
  const failing = collect(decodeFile({ ffmpeg: "/nowhere/ffmpeg" }, "a.mp3", 0, signal));
  await expect(failing).rejects.toMatchObject({
    kind: "unavailable",
    message: expect.stringContaining("/nowhere/ffmpeg") as string,
  });
});

test("a stream is decoded as it comes, and what came before it broke is heard", async () => {
  const sound = await makeSound(2, 63);
  async function* breaking(): AsyncGenerator<Uint8Array> {
    yield* pieces(sound.bytes, 800);
    throw new Fault("unavailable", "the line broke");
  }
  const heard: number[] = [];
  const decoding = (async (): Promise<void> => {
    for await (const chunk of decodeMp3Stream(tools, breaking(), signal))
      for (const sample of chunk) heard.push(sample);
  })();
  await expect(decoding).rejects.toThrow("the line broke");
  expect(correlate(sound.samples, Int16Array.from(heard)).coefficient).toBeGreaterThan(0.95);
});
