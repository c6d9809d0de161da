import { closeSync, fstatSync, openSync, readSync, writeSync } from "node:fs";
import { Fault } from "../kernel/faults.ts";
import { PCM_RATE_HZ } from "./decode.ts";

/** RIFF, fmt and data chunk heads of a plain PCM file. */
const HEADER_BYTES = 44;
const BYTES_PER_SAMPLE = 2;
/** The header is brought up to date at least this often, so that a file cut off by a crash can be played. */
const HEADER_EVERY_FRAMES = PCM_RATE_HZ;

/** A growing mono 16-bit WAV file. Writes are synchronous and small: they land in the page cache. */
export interface WavFile extends Disposable {
  readonly frames: number;
  append(samples: Int16Array): void;
  appendSilence(frames: number): void;
}

/** Makes the file, or goes on where an earlier writer was cut off. Throws a Fault that names the file. */
export function openWavFile(file: string): WavFile {
  const descriptor = naming(file, () => openOrCreate(file));
  let frames = Math.floor(Math.max(0, fstatSync(descriptor).size - HEADER_BYTES) / BYTES_PER_SAMPLE);
  let framesInHeader = -1;
  const writeHeader = (): void => {
    writeSync(descriptor, wavHeader(frames), 0, HEADER_BYTES, 0);
    framesInHeader = frames;
  };
  const append = (samples: Int16Array): void =>
    naming(file, () => {
      const bytes = Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength);
      writeSync(descriptor, bytes, 0, bytes.length, HEADER_BYTES + frames * BYTES_PER_SAMPLE);
      frames += samples.length;
      if (frames - framesInHeader >= HEADER_EVERY_FRAMES) writeHeader();
    });
  naming(file, writeHeader);
  return {
    get frames() {
      return frames;
    },
    append,
    appendSilence: (count) => {
      for (let left = count; left > 0; left -= PCM_RATE_HZ)
        append(new Int16Array(Math.min(left, PCM_RATE_HZ)));
    },
    [Symbol.dispose]: () => {
      try {
        naming(file, writeHeader);
      } finally {
        closeSync(descriptor);
      }
    },
  };
}

/** Samples of a file that `openWavFile` wrote. Throws a Fault ("corrupt") for any other kind of file. */
export function readWavFile(file: string): Int16Array {
  const descriptor = naming(file, () => openSync(file, "r"));
  try {
    const bytes = new Uint8Array(fstatSync(descriptor).size);
    readSync(descriptor, bytes, 0, bytes.length, 0);
    const text = (from: number): string => Buffer.from(bytes.subarray(from, from + 4)).toString("latin1");
    if (bytes.length < HEADER_BYTES || text(0) !== "RIFF" || text(36) !== "data") {
      throw new Fault("corrupt", `${file} is not a WAV file of ours`);
    }
    const wholeFrames = Math.floor((bytes.length - HEADER_BYTES) / BYTES_PER_SAMPLE);
    return new Int16Array(bytes.slice(HEADER_BYTES, HEADER_BYTES + wholeFrames * BYTES_PER_SAMPLE).buffer);
  } finally {
    closeSync(descriptor);
  }
}

function openOrCreate(file: string): number {
  try {
    return openSync(file, "r+");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return openSync(file, "wx+");
    throw error;
  }
}

function wavHeader(frames: number): Buffer {
  const dataBytes = frames * BYTES_PER_SAMPLE;
  const header = Buffer.alloc(HEADER_BYTES);
  header.write("RIFF", 0, "latin1");
  header.writeUInt32LE(36 + dataBytes, 4);
  header.write("WAVEfmt ", 8, "latin1");
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20); // PCM
  header.writeUInt16LE(1, 22); // mono
  header.writeUInt32LE(PCM_RATE_HZ, 24);
  header.writeUInt32LE(PCM_RATE_HZ * BYTES_PER_SAMPLE, 28);
  header.writeUInt16LE(BYTES_PER_SAMPLE, 32);
  header.writeUInt16LE(8 * BYTES_PER_SAMPLE, 34);
  header.write("data", 36, "latin1");
  header.writeUInt32LE(dataBytes, 40);
  return header;
}

function naming<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (cause instanceof Fault) throw cause;
    throw new Fault("unavailable", `can't write the sound file ${file}`, { cause });
  }
}
