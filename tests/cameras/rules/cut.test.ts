import { expect, test } from "vitest";
import { cutOf, holesIn, type CutSource } from "../../../src/cameras/rules/cut.ts";
import type { Span } from "../../../src/cameras/rules/model.ts";
import { epochMs } from "../../../src/kernel/time.ts";

const span = (fromSec: number, toSec: number): Span => ({
  from: epochMs(fromSec * 1_000),
  to: epochMs(toSec * 1_000),
});

/** A file of one-second fragments with a key frame every two seconds. */
const file = (startSec: number, lengthSec: number, group = 0, firstKey = 0): CutSource => ({
  group,
  startAt: epochMs(startSec * 1_000),
  fragments: Array.from({ length: lengthSec }, (_, index) => ({
    fromMs: index * 1_000,
    toMs: (index + 1) * 1_000,
    key: index >= firstKey && (index - firstKey) % 2 === 0,
  })),
});

function check(sources: readonly CutSource[], asked: Span, expected: string): void {
  const cut = cutOf(sources, asked);
  if (cut === undefined) {
    expect("nothing").toBe(expected);
    return;
  }
  const seconds = ({ from, to }: Span): string => `${from / 1_000}–${to / 1_000}`;
  const parts = cut.parts.map(
    ({ source, first, last, mediaMs }) => `${source}[${first},${last}) at ${mediaMs / 1_000}`,
  );
  const holes = cut.holes.map((hole) => `${seconds(hole)}${hole.changed ? " changed" : ""}`);
  expect(
    [parts.join(" + "), seconds(cut.delivered), ...holes.map((hole) => `without ${hole}`)].join("; "),
  ).toBe(expected);
}

test.each([
  ["grows back to the key frame", [file(0, 10)], span(3, 6), "0[2,6) at 0; 2–6"],
  ["begins at a key frame as it is", [file(0, 10)], span(4, 6), "0[4,6) at 0; 4–6"],
  ["grows on to the end of a fragment", [file(0, 10)], span(4, 5.2), "0[4,6) at 0; 4–6"],
  ["goes across two files", [file(0, 10), file(10, 10)], span(8, 12), "0[8,10) at 0 + 1[0,2) at 2; 8–12"],
  [
    "leaves a hole out and says so",
    [file(0, 10), file(20, 10)],
    span(8, 24),
    "0[8,10) at 0 + 1[0,4) at 2; 8–24; without 10–20",
  ],
  ["shrinks to what is there", [file(5, 10)], span(0, 30), "0[0,10) at 0; 5–15; without 0–5; without 15–30"],
  ["has nothing outside the ring", [file(0, 10)], span(20, 30), "nothing"],
  ["has nothing of no files", [], span(0, 10), "nothing"],
  ["does not take what only touches its end", [file(0, 10), file(10, 10)], span(6, 10), "0[6,10) at 0; 6–10"],
  [
    "takes the longer of two kinds of picture",
    [file(0, 4), file(4, 10, 1)],
    span(0, 14),
    "1[0,10) at 0; 4–14; without 0–4 changed",
  ],
  [
    "takes the first of two equally long",
    [file(0, 4), file(4, 4, 1)],
    span(0, 8),
    "0[0,4) at 0; 0–4; without 4–8 changed",
  ],
  ["skips what lost its key frame", [file(0, 10, 0, 3)], span(1, 8), "0[3,8) at 0; 3–8; without 1–3"],
  ["a fragment still being written is no hole", [file(0, 10)], span(4, 11.4), "0[4,10) at 0; 4–10"],
])("a cut %s", (_name, sources, asked, expected) => check(sources, asked, expected));

test.each([
  ["covered whole", [span(0, 10)], ""],
  ["covered by overlapping parts in any order", [span(4, 10), span(0, 6)], ""],
  ["a seam of a second", [span(0, 5), span(6, 10)], ""],
  ["nothing covered", [], "0–10"],
  ["parts outside", [span(-5, -2), span(12, 20)], "0–10"],
])("holes: %s", (_name, covered, expected) => {
  const holes = holesIn(span(0, 10), covered).map(({ from, to }) => `${from / 1_000}–${to / 1_000}`);
  expect(holes.join(" ")).toBe(expected);
});
