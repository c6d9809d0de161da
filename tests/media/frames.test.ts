import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Fault } from "../../src/kernel/faults.ts";
import { GREY_HEIGHT_PX, GREY_WIDTH_PX, jpegOf, sampleKeyFrame } from "../../src/media/frames.ts";
import { findMediaTools } from "../../src/media/tools.ts";
import { openMadeFiles, type MadeFiles } from "../support/made-files.ts";

const FOREVER = new AbortController().signal;
const tools = findMediaTools();
let files: MadeFiles;
let grey: string;

beforeAll(async () => {
  files = await openMadeFiles();
  const source = ["-f", "lavfi", "-i", "color=gray:s=640x360:r=10", "-t", "4", "-g", "20"];
  grey = await files.make("grey.mp4", ...source, "-movflags", "+frag_keyframe+empty_moov");
});
afterAll(() => files[Symbol.asyncDispose]());

/** Width and height as the JPEG's frame header (SOF0) has them. */
function sizeOf(jpeg: Buffer): readonly [number, number] {
  const at = jpeg.indexOf(Buffer.from([0xff, 0xc0]));
  return [jpeg.readUInt16BE(at + 7), jpeg.readUInt16BE(at + 5)];
}

describe("the first key frame of a file", () => {
  it("becomes a small grey picture and a JPEG", async () => {
    const thumbnail = join(files.dir, "small.jpg");
    const points = await sampleKeyFrame(tools, { file: grey, thumbnail }, FOREVER);
    expect(points).toHaveLength(GREY_WIDTH_PX * GREY_HEIGHT_PX);
    expect(points.every((point) => Math.abs(point - 128) < 4)).toBe(true);
    expect(sizeOf(await readFile(thumbnail))).toEqual([320, 180]);
  });

  it("is a fault where there is no picture", async () => {
    const sound = await files.make("sound.mp4", "-f", "lavfi", "-i", "sine=d=1");
    const thumbnail = join(files.dir, "none.jpg");
    await expect(sampleKeyFrame(tools, { file: sound, thumbnail }, FOREVER)).rejects.toThrow(Fault);
  });

  it("of bytes in memory becomes a JPEG", async () => {
    const jpeg = Buffer.from(await jpegOf(tools, await readFile(grey), FOREVER));
    expect(sizeOf(jpeg)).toEqual([320, 180]);
  });
});
