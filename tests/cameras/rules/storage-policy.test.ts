import fc from "fast-check";
import { expect, test } from "vitest";
import { DAY_MS, epochMs, MINUTE_MS } from "../../../src/kernel/time.ts";
import type { CameraId } from "../../../src/cameras/rules/model.ts";
import {
  deletionsFor,
  isKept,
  pressureOf,
  stopChange,
  type RingCamera,
  type RingFile,
} from "../../../src/cameras/rules/storage-policy.ts";

const NOW = epochMs(100 * DAY_MS);
const GB = 1e9;

/** A file a day, the oldest `days` days ago; ids 1, 2 … from the oldest. */
function daily(days: number, bytes = 10): readonly RingFile[] {
  return Array.from({ length: days }, (_, index) => ({
    id: index + 1,
    startAt: epochMs(NOW - (days - index) * DAY_MS),
    endAt: epochMs(NOW - (days - index) * DAY_MS + MINUTE_MS),
    bytes,
  }));
}

function ring(camera: string, oldest: readonly RingFile[], change: Partial<RingCamera> = {}): RingCamera {
  return {
    ...{ camera: camera as CameraId, retentionDays: 30, quotaBytes: null, priority: 5, oldest, kept: [] },
    bytes: oldest.reduce((sum, { bytes }) => sum + bytes, 0),
    ...change,
  };
}

function check(cameras: readonly RingCamera[], toFreeBytes = 0): string {
  return deletionsFor(cameras, toFreeBytes, NOW)
    .map(({ camera, reason, files }) => `${camera} ${reason} ${files.map(({ id }) => id).join("+")}`)
    .join("; ");
}

const held = (file: RingFile | undefined): RingCamera["kept"] =>
  file === undefined ? [] : [{ from: file.startAt, to: file.endAt, why: "hold" }];

test.each<readonly [string, readonly RingCamera[], number, string]>([
  ["nothing is due", [ring("a", daily(29))], 0, ""],
  ["past their days", [ring("a", daily(33))], 0, "a retention 1+2+3"],
  ["beyond its bytes", [ring("a", daily(5), { quotaBytes: 30 })], 0, "a quota 1+2"],
  ["what is held is passed over", [ring("a", daily(33), { kept: held(daily(33)[1]) })], 0, "a retention 1+3"],
  ["days before bytes", [ring("a", daily(31), { quotaBytes: 290 })], 0, "a retention 1; a quota 2"],
  ["a disk that asks for more", [ring("a", daily(3))], 15, "a pressure 1+2"],
  [
    "under pressure the camera nearest to its days gives first",
    [ring("a", daily(10)), ring("b", daily(10), { retentionDays: 12 })],
    30,
    "b pressure 1+2+3",
  ],
  [
    "a less important camera gives before",
    [ring("a", daily(10), { priority: 1 }), ring("b", daily(10), { priority: 9 })],
    50,
    "b pressure 1+2+3+4+5",
  ],
  [
    "only held footage is left",
    [ring("a", daily(2), { kept: daily(2).flatMap((file) => held(file)) })],
    99,
    "",
  ],
])("%s", (_name, cameras, toFreeBytes, expected) => expect(check(cameras, toFreeBytes)).toBe(expected));

test("whatever the disk asks for: nothing kept is deleted, nothing twice, quotas are met where they can be", () => {
  const camera = fc.record({
    days: fc.integer({ min: 0, max: 40 }),
    quotaBytes: fc.option(fc.integer({ min: 0, max: 300 })),
    priority: fc.integer({ min: 1, max: 9 }),
    heldIndexes: fc.array(fc.integer({ min: 0, max: 39 }), { maxLength: 10 }),
  });
  fc.assert(
    fc.property(fc.array(camera, { maxLength: 4 }), fc.integer({ min: 0, max: 2_000 }), (made, toFree) => {
      const cameras = made.map(({ days, heldIndexes, ...rest }, index) => {
        const files = daily(days);
        return ring(`c${index}`, files, { ...rest, kept: heldIndexes.flatMap((at) => held(files[at])) });
      });
      const deletions = deletionsFor(cameras, toFree, NOW);
      for (const given of cameras) {
        const gone = deletions.filter(({ camera: id }) => id === given.camera).flatMap(({ files }) => files);
        expect(new Set(gone.map(({ id }) => id)).size).toBe(gone.length);
        expect(gone.filter((file) => isKept(file, given.kept))).toEqual([]);
        const left = given.oldest.filter((file) => !gone.includes(file));
        const free = left.filter((file) => !isKept(file, given.kept));
        const bytes = left.reduce((sum, file) => sum + file.bytes, 0);
        if (given.quotaBytes !== null && bytes > given.quotaBytes) expect(free).toEqual([]);
      }
    }),
  );
});

test.each([
  ["plenty of room", 50 * GB, 2 * GB, "ok 6 8"],
  ["less than three of the busiest hours", 5 * GB, 2 * GB, "pressure 6 8"],
  ["less than a third of that", 1.9 * GB, 2 * GB, "critical 6 8"],
  ["cameras too heavy for the disk: a fifth of it stays free, no more", 30 * GB, 40 * GB, "ok 20 25"],
  ["nothing recorded yet", 4.9 * GB, 0, "pressure 5 5"],
])("%s", (_name, freeBytes, hourlyBytes, expected) => {
  const { level, highBytes, lowBytes } = pressureOf({ freeBytes, totalBytes: 100 * GB }, hourlyBytes, 5);
  expect(`${level} ${highBytes / GB} ${lowBytes / GB}`).toBe(expected);
});

test("asks for as much as brings the disk back above its lower mark", () => {
  const { toFreeBytes } = pressureOf({ freeBytes: 5 * GB, totalBytes: 100 * GB }, 2 * GB, 5);
  expect(toFreeBytes).toBe(3 * GB);
});

const three = [
  { camera: "a" as CameraId, priority: 1 },
  { camera: "b" as CameraId, priority: 9 },
  { camera: "c" as CameraId, priority: 5 },
];
const stoppedOf = (...ids: readonly string[]): ReadonlySet<CameraId> => new Set(ids as CameraId[]);

test.each([
  ["room runs out: the least important stops", "critical", 0, [], "stop b"],
  ["and the next", "critical", 0, ["b"], "stop c"],
  ["and the last", "critical", 0, ["b", "c"], "stop a"],
  ["all have stopped", "critical", 0, ["a", "b", "c"], "none"],
  ["not yet room enough", "pressure", 5, ["b", "c"], "none"],
  ["room again: the most important comes back first", "ok", 10, ["b", "c"], "resume c"],
  ["nothing has stopped", "ok", 10, [], "none"],
] as const)("%s", (...[, level, freeBytes, ids, expected]) => {
  const change = stopChange(three, stoppedOf(...ids), { level, freeBytes, highBytes: 10 });
  expect(change.change === "none" ? "none" : `${change.change} ${change.camera}`).toBe(expected);
});
