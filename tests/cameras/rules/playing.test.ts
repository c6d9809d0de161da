import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { playingOf, runsOf, type PlayableFile, type Playing } from "../../../src/cameras/rules/playing.ts";
import type { Span } from "../../../src/cameras/rules/model.ts";
import { epochMs } from "../../../src/kernel/time.ts";

/** Ten seconds in fragments of one second, a key frame every two. */
function file(startAt: number, group = 0, seconds = 10): PlayableFile {
  const fragments = Array.from({ length: seconds }, (_, n) => ({
    fromMs: n * 1_000,
    toMs: (n + 1) * 1_000,
    key: n % 2 === 0,
  }));
  return { group, startAt: epochMs(startAt), fragments };
}

interface Asked {
  readonly from: number;
  readonly to: number;
  readonly notBefore?: number;
}

/** “0: 2-6, 1: 0-4 | 12000-24000 | next 24000” */
function check(files: readonly PlayableFile[], { from, to, notBefore = 0 }: Asked): string {
  const playing = playingOf(files, { from: epochMs(from), to: epochMs(to) }, epochMs(notBefore));
  if (playing === undefined) return "nothing";
  const parts = playing.parts.map(({ file: n, first, last }) => `${n}: ${first}-${last}`).join(", ");
  return `${parts} | ${playing.from}-${playing.to} | next ${playing.next ?? "none"}`;
}

const A = file(10_000);
const B = file(20_000);

describe("what is played of a span", () => {
  it.each<[string, readonly PlayableFile[], Asked, string]>([
    [
      "begins at the key frame before it",
      [A],
      { from: 13_000, to: 14_000 },
      "0: 2-4 | 12000-14000 | next 14000",
    ],
    [
      "ends at the key frame after it",
      [A],
      { from: 12_000, to: 14_500 },
      "0: 2-6 | 12000-16000 | next 16000",
    ],
    [
      "goes on into the next file",
      [A, B],
      { from: 18_000, to: 22_000 },
      "0: 8-10, 1: 0-2 | 18000-22000 | next 22000",
    ],
    [
      "begins with what there is after a gap",
      [B],
      { from: 15_000, to: 21_000 },
      "0: 0-2 | 20000-22000 | next 22000",
    ],
    ["stops at a gap", [A, file(25_000)], { from: 18_000, to: 27_000 }, "0: 8-10 | 18000-20000 | next 25000"],
    [
      "stops where the picture changes",
      [A, file(20_000, 1)],
      { from: 18_000, to: 23_000 },
      "0: 8-10 | 18000-20000 | next 20000",
    ],
    [
      "bridges a seam of a picture's length",
      [A, file(20_080)],
      { from: 18_000, to: 21_000 },
      "0: 8-10, 1: 0-2 | 18000-22080 | next 22080",
    ],
    ["says that nothing comes after", [A], { from: 18_000, to: 30_000 }, "0: 8-10 | 18000-20000 | next none"],
    ["is nothing before the first recording", [B], { from: 1_000, to: 5_000 }, "nothing"],
    ["is nothing after the last", [A], { from: 20_000, to: 25_000 }, "nothing"],
    ["is nothing without files", [], { from: 0, to: 5_000 }, "nothing"],
    [
      "forgives a rounded beginning",
      [A, B],
      { from: 19_990, to: 21_000 },
      "1: 0-2 | 20000-22000 | next 22000",
    ],
    [
      "never begins before the player's time",
      [A],
      { from: 13_000, to: 16_000, notBefore: 12_500 },
      "0: 4-6 | 14000-16000 | next 16000",
    ],
    [
      "skips what was recorded twice when the clock was set back",
      [A, file(15_000)],
      { from: 18_000, to: 30_000 },
      "0: 8-10 | 18000-20000 | next 20000",
    ],
  ])("%s", (_name, files, asked, expected) => {
    expect(check(files, asked)).toBe(expected);
  });

  it("leaves out a torn beginning without a key frame", () => {
    const torn = { ...A, fragments: A.fragments.slice(1) };
    expect(check([torn], { from: 11_000, to: 13_000 })).toBe("0: 1-3 | 12000-14000 | next 14000");
  });

  it("closes a seam that is only rounding", () => {
    const playing = playingOf([A, file(20_007)], { from: epochMs(18_000), to: epochMs(22_000) });
    expect(playing?.parts.map(({ atMs }) => atMs)).toEqual([18_000, 20_000]);
  });

  it("comes to everything that was recorded, by asking where it says", () => {
    const gaps = fc.array(fc.nat({ max: 30_000 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(gaps, fc.integer({ min: 500, max: 20_000 }), (pauses, stepMs) => {
        let at = 10_000;
        const files = pauses.map((pause, n) => {
          const made = file(at + pause, n % 2, 6);
          at = made.startAt + 6_000;
          return made;
        });
        const seen = new Set<string>();
        let from: number | undefined = 10_000;
        for (let asks = 0; from !== undefined && asks < 1_000; asks += 1) {
          const span: Span = { from: epochMs(from), to: epochMs(from + stepMs) };
          const playing: Playing | undefined = playingOf(files, span);
          for (const part of playing?.parts ?? []) {
            for (let n = part.first; n < part.last; n += 1) seen.add(`${part.file}:${n}`);
          }
          const next: number | undefined =
            playing === undefined ? files.find(({ startAt }) => startAt >= span.to)?.startAt : playing.next;
          expect(next ?? Number.POSITIVE_INFINITY).toBeGreaterThan(from);
          from = next;
        }
        expect(seen.size).toBe(files.length * 6);
      }),
    );
  });
});

describe("runs", () => {
  const segment = (startAt: number, endAt: number, codec = "avc1") => ({
    startAt: epochMs(startAt),
    endAt: epochMs(endAt),
    codec,
  });

  it("join files that follow each other, and end at gaps and where the codec changes", () => {
    expect(
      runsOf([
        segment(0, 10_000),
        segment(10_010, 20_000),
        segment(20_000, 30_000, "hvc1"),
        segment(40_000, 50_000, "hvc1"),
      ]),
    ).toEqual([
      { from: 0, to: 20_000, codec: "avc1" },
      { from: 20_000, to: 30_000, codec: "hvc1" },
      { from: 40_000, to: 50_000, codec: "hvc1" },
    ]);
  });
});
