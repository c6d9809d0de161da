import { describe, expect, test } from "vitest";
import { correctionFor, newLateness, retryInMs } from "../../../../src/panel/ui/cameras/live-edge.ts";

const to10 = [{ fromSec: 0, toSec: 10 }];

describe("the live edge", () => {
  test.each([
    ["nothing to show yet", { buffered: [], atSec: 0 }, { rate: 1 }],
    ["where it should be: as it is", { buffered: to10, atSec: 9.6 }, { rate: 1 }],
    ["a little late: a little faster", { buffered: to10, atSec: 9.2 }, { rate: 1.1 }],
    ["well behind: faster", { buffered: to10, atSec: 8 }, { rate: 1.5 }],
    ["too early for this line: a little slower", { buffered: to10, atSec: 9.8 }, { rate: 0.95 }],
    ["nothing in hand: it is not hurried", { buffered: to10, atSec: 9.9, wantedSec: 10.5 }, { rate: 1 }],
    ["a line not known yet: as it is", { buffered: to10, atSec: 9.3, wantedSec: undefined }, { rate: 1 }],
    ["far behind: a jump", { buffered: to10, atSec: 6.9 }, { rate: 1, seekToSec: 9.6 }],
    [
      "behind while joining: a jump nobody sees",
      { buffered: to10, atSec: 9, joining: true, wantedSec: undefined },
      { rate: 1, seekToSec: 9.65 },
    ],
    [
      "before all there is, as when the camera counts from 1000",
      { buffered: [{ fromSec: 1_000, toSec: 1_002 }], atSec: 0, wantedSec: undefined },
      { rate: 1, seekToSec: 1_001.65 },
    ],
    [
      "in front of a hole: over it",
      {
        buffered: [
          { fromSec: 0, toSec: 8 },
          { fromSec: 9, toSec: 9.2 },
        ],
        atSec: 7.9,
      },
      { rate: 1, seekToSec: 9 },
    ],
    [
      "beyond the end, after the camera counts anew",
      { buffered: to10, atSec: 500 },
      { rate: 1, seekToSec: 9.6 },
    ],
  ])("%s", (_name, watching, expected) => {
    const all = { joining: false, wantedSec: 9.6, ...watching };
    expect(correctionFor(all)).toEqual({ seekToSec: undefined, ...expected });
  });
});

/** Streams whose fragments end at these times and come so much later; the page and the stream count from other zeros. */
interface Line {
  readonly lengthsSec: readonly number[];
  /** How late the fragment comes that ends at `toSec`. */
  readonly lateSec: (toSec: number) => number;
  readonly forSec: number;
}

const STEP_SEC = 0.01;
const PAGE_ZERO_SEC = 5_000;
/** What the hall holds for a joiner. */
const BACKLOG_SEC = 2;

interface Coming {
  readonly toSec: number;
  readonly comesAt: number;
}

function comingOf({ lengthsSec, lateSec, forSec }: Line): Coming[] {
  const coming: Coming[] = [];
  for (let n = 0, toSec = 0, comesAt = 0; toSec < forSec; n += 1) {
    toSec += lengthsSec[n % lengthsSec.length] ?? 0;
    comesAt = Math.max(comesAt, BACKLOG_SEC, toSec + lateSec(toSec));
    coming.push({ toSec, comesAt });
  }
  return coming;
}

/** A viewer that joins with a backlog. Of each step after the first seconds: how old the picture is, and if it stands. */
function watched(line: Line): { at: number; ageSec: number; stands: boolean }[] {
  const coming = comingOf(line);
  const lateness = newLateness();
  const seen: { at: number; ageSec: number; stands: boolean }[] = [];
  let atSec = 0;
  let toSec = 0;
  let rate = 1;
  for (let now = BACKLOG_SEC; now < line.forSec; now += STEP_SEC) {
    while ((coming[0]?.comesAt ?? Infinity) <= now) {
      toSec = coming.shift()?.toSec ?? toSec;
      lateness.note({ nowSec: PAGE_ZERO_SEC + now, fromSec: 0, toSec });
    }
    const lagSec = lateness.lagSec();
    const wantedSec = lagSec === undefined ? undefined : PAGE_ZERO_SEC + now - lagSec;
    const joining = now < BACKLOG_SEC + 2;
    const told = correctionFor({ atSec, buffered: [{ fromSec: 0, toSec }], joining, wantedSec });
    rate = told.rate;
    if (told.seekToSec !== undefined) atSec = told.seekToSec;
    const next = atSec + STEP_SEC * rate;
    const stands = next > toSec;
    if (!stands) atSec = next;
    if (now > BACKLOG_SEC + 5) seen.push({ at: now, ageSec: now - atSec, stands });
  }
  return seen;
}

const QUARTERS = [0.25];
/** Of a camera with ten pictures a second. */
const TENTHS = [0.2, 0.3];

function worst(seen: readonly { readonly ageSec: number }[]): number {
  return Math.max(...seen.map(({ ageSec }) => ageSec));
}

describe("a viewer", () => {
  test.each([
    ["of a steady line", QUARTERS, () => 0.02, 0.45],
    ["of a slow camera", TENTHS, () => 0.02, 0.48],
    [
      "of a line that shakes a little",
      QUARTERS,
      (toSec: number) => 0.02 + 0.06 * Math.sin(toSec * 50) ** 2,
      0.52,
    ],
  ])("%s sees the present, and the picture never stands still", (_name, lengthsSec, lateSec, mostSec) => {
    const seen = watched({ lengthsSec, lateSec, forSec: 60 });
    expect(seen.filter(({ stands }) => stands)).toEqual([]);
    expect(worst(seen)).toBeLessThan(mostSec);
  });

  test("of a line that stalls every few seconds sees it a little later instead of standing still again and again", () => {
    const seen = watched({
      lengthsSec: QUARTERS,
      lateSec: (toSec) => (toSec % 4 < 0.25 ? 0.7 : 0.02),
      forSec: 60,
    });
    expect(seen.filter(({ at, stands }) => at > 12 && stands)).toEqual([]);
    expect(worst(seen.filter(({ at }) => at > 12))).toBeLessThan(1.2);
  });

  test("comes back to the present when the line is good again", () => {
    const seen = watched({
      lengthsSec: QUARTERS,
      lateSec: (toSec) => (toSec > 8 && toSec < 9 ? 0.9 : 0.02),
      forSec: 60,
    });
    expect(worst(seen.filter(({ at }) => at > 15 && at < 25))).toBeGreaterThan(0.8);
    expect(worst(seen.filter(({ at }) => at > 40))).toBeLessThan(0.45);
  });

  test("of a hopeless line stays within seconds of the present", () => {
    const seen = watched({
      lengthsSec: QUARTERS,
      lateSec: (toSec) => (toSec % 10 < 4 ? 4 - (toSec % 10) : 0.02),
      forSec: 60,
    });
    expect(worst(seen)).toBeLessThan(6);
    expect(worst(seen.filter(({ at }) => at % 10 > 7))).toBeLessThan(1.8);
  });

  test("takes no harm from clocks that drift apart for days", () => {
    const lateness = newLateness();
    for (let n = 0; n < 4_000; n += 1) {
      const toSec = n * 0.25;
      lateness.note({ nowSec: toSec * 1.001 + 0.02, fromSec: 0, toSec });
    }
    const lagSec = lateness.lagSec() ?? NaN;
    // A second apart by now.
    expect(lagSec - 1).toBeCloseTo(0.37, 1);
  });

  test("is not held back by a hole, over which the picture jumps", () => {
    const lateness = newLateness();
    for (const toSec of [0.25, 0.5, 0.75]) lateness.note({ nowSec: toSec, fromSec: 0, toSec });
    lateness.note({ nowSec: 5, fromSec: 4.75, toSec: 5 });
    expect(lateness.lagSec()).toBeCloseTo(0.33);
  });
});

describe("asking again", () => {
  test("waits longer each time, up to a limit, spread by a fifth", () => {
    expect([1, 2, 3, 4, 5, 50].map((failures) => retryInMs(failures, 0.5))).toEqual([
      1_000, 2_000, 4_000, 8_000, 15_000, 15_000,
    ]);
    expect([retryInMs(1, 0), retryInMs(50, 0.999)].map(Math.round)).toEqual([800, 17_994]);
  });
});
