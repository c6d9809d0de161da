import { describe, expect, test } from "vitest";
import { correctionFor, retryInMs } from "../../../../src/panel/ui/cameras/live-edge.ts";

const to10 = [{ fromSec: 0, toSec: 10 }];

describe("the live edge", () => {
  test.each([
    ["nothing to show yet", { buffered: [], atSec: 0 }, { rate: 1 }],
    ["close to it: as it is", { buffered: to10, atSec: 9.6 }, { rate: 1 }],
    ["a little behind: a little faster", { buffered: to10, atSec: 9.2 }, { rate: 1.1 }],
    ["well behind: faster", { buffered: to10, atSec: 8 }, { rate: 1.5 }],
    ["far behind: a jump", { buffered: to10, atSec: 6.9 }, { rate: 1, seekToSec: 9.75 }],
    [
      "behind while joining: a jump nobody sees",
      { buffered: to10, atSec: 9, joining: true },
      { rate: 1, seekToSec: 9.75 },
    ],
    [
      "before all there is, as when the camera counts from 1000",
      { buffered: [{ fromSec: 1_000, toSec: 1_002 }], atSec: 0 },
      { rate: 1, seekToSec: 1_001.75 },
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
      { rate: 1, seekToSec: 9.75 },
    ],
  ])("%s", (_name, watching, expected) => {
    expect(correctionFor({ joining: false, ...watching })).toEqual({ seekToSec: undefined, ...expected });
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
