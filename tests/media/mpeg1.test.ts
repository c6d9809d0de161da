import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openMpeg1 } from "../../src/media/mpeg1.ts";
import { findMediaTools } from "../../src/media/tools.ts";
import { makeLivePieces, type LivePieces } from "../support/live-pieces.ts";
import { openMadeFiles, type MadeFiles } from "../support/made-files.ts";
import { until } from "../support/until.ts";

const tools = findMediaTools();
let files: MadeFiles;
let pieces: LivePieces;

beforeAll(async () => {
  files = await openMadeFiles();
  pieces = await makeLivePieces(files, "wide.mp4", { seconds: 4, size: "960x540" });
});
afterAll(() => files[Symbol.asyncDispose]());

describe("conversion to MPEG-1", () => {
  it("makes a picture of at most the width asked for", async () => {
    const parts: Uint8Array[] = [];
    await using mpeg1 = openMpeg1({ ...tools, maxWidthPx: 640, kbps: 800 }, (bytes) => parts.push(bytes));
    mpeg1.write(pieces.init);
    for (const fragment of pieces.fragments) mpeg1.write(fragment);
    const begin = Buffer.from([0, 0, 1, 0xb3]);
    await until("a sequence begins", () => Buffer.concat(parts).includes(begin));
    const at = Buffer.concat(parts).indexOf(begin);
    // ISO/IEC 11172-2 §2.4.2.3: twelve bits of width, twelve of height.
    const size = Buffer.concat(parts).readUIntBE(at + 4, 3);
    expect([size >> 12, size & 0xfff]).toEqual([640, 360]);
  });

  it("ends with a word when the program is missing", async () => {
    const mpeg1 = openMpeg1({ ffmpeg: "/nowhere/ffmpeg", maxWidthPx: 640, kbps: 800 }, () => undefined);
    mpeg1.write(pieces.init);
    expect(await mpeg1.ended).toContain("ENOENT");
    mpeg1.write(pieces.init);
    await mpeg1[Symbol.asyncDispose]();
  });

  it("ends with ffmpeg's last words when it is fed what is no picture", async () => {
    await using mpeg1 = openMpeg1({ ...tools, maxWidthPx: 640, kbps: 800 }, () => undefined);
    // More than ffmpeg looks at before it gives up.
    mpeg1.write(new Uint8Array(8_000_000));
    expect(await mpeg1.ended).toContain("Invalid data");
  });

  it("is gone when it is released, also in the middle of its work", async () => {
    const mpeg1 = openMpeg1({ ...tools, maxWidthPx: 640, kbps: 800 }, () => undefined);
    mpeg1.write(pieces.init);
    await mpeg1[Symbol.asyncDispose]();
    await mpeg1.ended;
    await mpeg1[Symbol.asyncDispose]();
  });
});
