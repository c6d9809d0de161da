import { readFile } from "node:fs/promises";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { retimeFragment, readFragment, unitsToMs } from "../../../src/cameras/rules/mp4-fragment.ts";
import { readInit, sameDescription, type Mp4Init } from "../../../src/cameras/rules/mp4-init.ts";
import { concatBytes, layoutOf, newMp4Splitter, type Mp4Piece } from "../../../src/cameras/rules/mp4.ts";
import { openMadeFiles, type MadeFiles } from "../../support/made-files.ts";

/** Three groups of 2 s at 10 pictures a second, in fragments of half a second. */
const SHAPE = ["-f", "lavfi", "-i", "testsrc2=s=64x48:r=10", "-t", "6", "-pix_fmt", "yuv420p", "-g", "20"];
const FRAGMENTED = [
  ...["-movflags", "+frag_keyframe+empty_moov+default_base_moof", "-frag_duration", "500000"],
  ...["-write_prft", "wallclock", "-video_track_timescale", "90000"],
];

let files: MadeFiles;
let file: Uint8Array;
let init: Mp4Init;
let fragments: Uint8Array[];
let hevc: Uint8Array;
let sound: Uint8Array;

beforeAll(async () => {
  files = await openMadeFiles();
  const h264 = [...SHAPE, "-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency"];
  const h265 = [...SHAPE, "-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=error"];
  const tone = ["-f", "lavfi", "-i", "sine=r=8000", "-c:a", "aac"];
  file = await readFile(await files.make("a.mp4", ...h264, ...FRAGMENTED));
  hevc = await readFile(await files.make("b.mp4", ...h265, "-tag:v", "hvc1", ...FRAGMENTED));
  sound = await readFile(await files.make("c.mp4", ...tone, ...h264, ...FRAGMENTED));
  const [first, ...rest] = piecesOf(file);
  init = must(readInit(first?.bytes ?? new Uint8Array()));
  fragments = rest.map(({ bytes }) => bytes);
});
afterAll(() => files[Symbol.asyncDispose]());

function must<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("not there");
  return value;
}

function piecesOf(bytes: Uint8Array, cuts: readonly number[] = []): readonly Mp4Piece[] {
  const splitter = newMp4Splitter();
  const at = [0, ...[...cuts].sort((a, b) => a - b), bytes.length];
  return at.slice(1).flatMap((end, n) => splitter.push(bytes.subarray(at[n], end)));
}

describe("an init segment", () => {
  it("says codec, size and timescale of a picture in H.264", () => {
    expect(init.video).toMatchObject({ kind: "video", timescale: 90_000, widthPx: 64, heightPx: 48 });
    expect(init.codecs).toMatch(/^avc1\.42c0[0-9a-f]{2}$/);
  });

  it("says the codec of H.265 as browsers want it", () => {
    const { codecs } = must(readInit(hevc));
    expect(codecs).toMatch(/^hvc1\.1\.6\.L\d+\.90$/);
  });

  it("names the sound too, because a SourceBuffer must be told of every track", () => {
    const { codecs, tracks } = must(readInit(sound));
    expect(codecs).toMatch(/avc1\.[0-9a-f]{6}/);
    expect(codecs).toContain("mp4a.40.2");
    expect(tracks).toHaveLength(2);
  });

  it("tells a stream of another shape from its own", () => {
    expect(sameDescription(init, must(readInit(file)))).toBe(true);
    expect(sameDescription(init, must(readInit(hevc)))).toBe(false);
    expect(sameDescription(init, must(readInit(sound)))).toBe(false);
  });

  it("is nothing without a picture", () => {
    expect(readInit(new Uint8Array())).toBeUndefined();
    expect(readInit(must(fragments[0]))).toBeUndefined();
  });
});

describe("a fragment", () => {
  it("says where it begins, how long it is and whether a picture can begin with it", () => {
    const said = fragments.map((bytes) => readFragment(bytes, init));
    expect(said.map((fragment) => fragment?.decodeTime)).toEqual(said.map((_, n) => n * 45_000));
    expect(said.every((fragment) => fragment?.duration === 45_000 && fragment.pictures === 5)).toBe(true);
    expect(said.map((fragment) => fragment?.startsWithKey)).toEqual(said.map((_, n) => n % 4 === 0));
  });

  it("is found in a stream with sound as well", () => {
    const withSound = must(readInit(sound));
    const said = piecesOf(sound)
      .filter(({ kind }) => kind === "fragment")
      .flatMap(({ bytes }) => readFragment(bytes, withSound) ?? []);
    expect(said.reduce((sum, { pictures }) => sum + pictures, 0)).toBe(60);
  });

  it("can be moved in time, and back, without touching anything else", () => {
    fc.assert(
      fc.property(fc.nat({ max: fragments.length - 1 }), fc.nat({ max: 2 ** 45 }), (n, by) => {
        const original = must(fragments[n]);
        const moved = must(retimeFragment(original, init, (_, time) => time + by));
        expect(readFragment(moved, init)?.decodeTime).toBe(n * 45_000 + by);
        expect(retimeFragment(moved, init, (_, time) => time - by)).toEqual(new Uint8Array(original));
      }),
      { numRuns: 50 },
    );
  });

  it("can't be moved before the beginning of time", () => {
    expect(retimeFragment(must(fragments[0]), init, () => -1)).toBeUndefined();
  });

  it("measures time in the track's units", () => {
    expect(unitsToMs(45_000, init.video)).toBe(500);
  });
});

describe("bytes that come in pieces", () => {
  it("give the same wherever they are cut", () => {
    const whole = piecesOf(file);
    expect(whole.map(({ kind }) => kind)).toEqual(["init", ...fragments.map(() => "fragment")]);
    fc.assert(
      fc.property(fc.array(fc.nat({ max: file.length }), { maxLength: 40 }), (cuts) => {
        expect(piecesOf(file, cuts)).toEqual(whole);
      }),
      { numRuns: 50 },
    );
  });

  it("give the same one by one", () => {
    const cuts = Array.from(file, (_, n) => n);
    expect(piecesOf(file, cuts)).toEqual(piecesOf(file));
  });

  it("are not kept beyond the fragment they belong to", () => {
    const splitter = newMp4Splitter();
    const largest = Math.max(...piecesOf(file).map(({ bytes }) => bytes.length));
    for (let at = 0; at < file.length; at += 100) {
      splitter.push(file.subarray(at, at + 100));
      expect(splitter.heldBytes).toBeLessThanOrEqual(largest + 100);
    }
  });

  it.each([
    ["an HTML page", new TextEncoder().encode("<html><body>404 not found</body></html>")],
    ["zeros", new Uint8Array(100)],
    ["a box of four gigabytes", new Uint8Array([0xff, 0xff, 0xff, 0xff, 0x6d, 0x64, 0x61, 0x74, 0, 0])],
    ["an mdat without a moof", new Uint8Array([0, 0, 0, 8, 0x6d, 0x64, 0x61, 0x74])],
  ])("are given up when they are %s", (_name, bytes) => {
    const splitter = newMp4Splitter();
    expect(splitter.push(bytes)).toEqual([]);
    expect(splitter.broken).toBe(true);
    expect(splitter.push(file)).toEqual([]);
    expect(splitter.heldBytes).toBe(0);
  });
});

describe("a torn file", () => {
  it("is whole up to its last complete fragment, wherever it is torn", () => {
    const ends = layoutOf(file)?.fragments.map(({ end }) => end) ?? [];
    expect(ends).toHaveLength(fragments.length);
    fc.assert(
      fc.property(fc.nat({ max: file.length }), (size) => {
        const layout = layoutOf(file.subarray(0, size));
        const initEnd = (layoutOf(file) as { initEnd: number }).initEnd;
        if (size < initEnd) return layout === undefined;
        const last = ends.filter((end) => end <= size).at(-1) ?? initEnd;
        return layout?.wholeEnd === last && layout.initEnd === initEnd;
      }),
    );
  });

  it("is made whole by cutting it there", () => {
    const torn = file.subarray(0, (layoutOf(file) as { wholeEnd: number }).wholeEnd - 1);
    const layout = layoutOf(torn);
    const mended = torn.subarray(0, layout?.wholeEnd);
    expect(layout?.fragments).toHaveLength(fragments.length - 1);
    expect(concatBytes(piecesOf(mended).map(({ bytes }) => bytes))).toEqual(new Uint8Array(mended));
  });

  it("with garbage after a crash is whole up to the garbage", () => {
    const end = layoutOf(file)?.fragments[2]?.end ?? 0;
    const spoilt = concatBytes([file.subarray(0, end), new Uint8Array(5_000)]);
    expect(layoutOf(spoilt)?.wholeEnd).toBe(end);
  });
});

describe("damage", () => {
  const spoilt = fc.record({
    edits: fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { minLength: 1, maxLength: 30 }),
    size: fc.nat(),
  });

  it("anywhere in the head of a file is answered with nothing, never with an exception", () => {
    const head = concatBytes(
      piecesOf(file)
        .slice(0, 3)
        .map(({ bytes }) => bytes),
    );
    fc.assert(
      fc.property(spoilt, ({ edits, size }) => {
        const bytes = head.slice(0, size % (head.length + 1));
        for (const [at, value] of edits)
          if (bytes.length > 0) bytes[at % Math.min(bytes.length, 1_200)] = value;
        readInit(bytes);
        layoutOf(bytes);
        for (const piece of piecesOf(bytes)) {
          readFragment(piece.bytes, init);
          retimeFragment(piece.bytes, init, (_, time) => time);
        }
      }),
      { numRuns: 500 },
    );
  });

  it("of a fragment's own boxes is answered with nothing, never with an exception", () => {
    const original = must(fragments[0]);
    fc.assert(
      fc.property(spoilt, ({ edits }) => {
        const bytes = original.slice();
        for (const [at, value] of edits) bytes[at % 220] = value;
        readFragment(bytes, init);
        retimeFragment(bytes, init, (_, time) => time);
      }),
      { numRuns: 500 },
    );
  });
});
