import { existsSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openWavFile, readWavFile } from "../../src/media/wav.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const samples = Int16Array.from([0, 1, -1, 32_767, -32_768]);

test("what is written can be read, and any player knows what it is", () => {
  using folder = temporaryFolder();
  const file = join(folder.path, "a.wav");
  {
    using wav = openWavFile(file);
    wav.append(samples);
    wav.appendSilence(3);
    expect(wav.frames).toBe(8);
  }
  expect([...readWavFile(file)]).toEqual([...samples, 0, 0, 0]);
  const header = readFileSync(file).subarray(0, 44);
  expect(header.toString("latin1", 0, 4) + header.toString("latin1", 8, 16)).toBe("RIFFWAVEfmt ");
  expect([
    header.readUInt32LE(4),
    header.readUInt16LE(22),
    header.readUInt32LE(24),
    header.readUInt32LE(40),
  ]).toEqual([36 + 16, 1, 44_100, 16]);
});

test("goes on where a killed writer stopped, even in the middle of a sample", () => {
  using folder = temporaryFolder();
  const file = join(folder.path, "a.wav");
  // The descriptor is left to the process, as a kill leaves it: the header still tells of no samples.
  openWavFile(file).append(samples);
  truncateSync(file, 44 + 9);
  {
    using wav = openWavFile(file);
    expect(wav.frames).toBe(4);
    wav.append(Int16Array.from([7]));
  }
  expect([...readWavFile(file)]).toEqual([0, 1, -1, 32_767, 7]);
});

test("other files are refused, and a place that can't be written is named", () => {
  using folder = temporaryFolder();
  const file = join(folder.path, "a.wav");
  writeFileSync(file, "hello");
  expect(() => readWavFile(file)).toThrow(expect.objectContaining({ kind: "corrupt" }));
  const nowhere = join(folder.path, "missing", "a.wav");
  expect(() => openWavFile(nowhere)).toThrow(nowhere);
  expect(existsSync(nowhere)).toBe(false);
});
