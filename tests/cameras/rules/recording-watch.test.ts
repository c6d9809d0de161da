import { expect, test } from "vitest";
import { epochMs, uptimeMs, type UptimeMs } from "../../../src/kernel/time.ts";
import type { CameraId, Gap } from "../../../src/cameras/rules/model.ts";
import {
  gapChange,
  retryAfterMs,
  troubleOf,
  type RunSigns,
} from "../../../src/cameras/rules/recording-watch.ts";

const SEGMENT_MS = 30_000;
const at = (ms: number): UptimeMs => uptimeMs(ms);

function signs(change: Partial<RunSigns>): RunSigns {
  return {
    ...{ startedAt: at(0), frames: 100, framesAt: at(59_000), fileAt: at(50_000) },
    ...{ timeComplaints: [], changed: false },
    ...change,
  };
}

const complaints = (...seconds: readonly number[]): readonly UptimeMs[] => seconds.map((s) => at(s * 1_000));

test.each([
  ["all is well", {}, undefined],
  ["12 s without a first frame", { frames: 0, framesAt: at(0), startedAt: at(48_000) }, undefined],
  ["longer without a first frame", { frames: 0, framesAt: at(0), startedAt: at(47_900) }, "offline"],
  ["5 s without a new frame", { framesAt: at(55_000) }, undefined],
  ["longer without a new frame", { framesAt: at(54_900) }, "stalled"],
  ["no new file in twice its length and a group of pictures", { fileAt: at(-20_100) }, "stalled"],
  ["another size", { changed: true }, "stream-changed"],
  ["four complaints in 10 s", { timeComplaints: complaints(51, 52, 53, 54) }, undefined],
  ["five complaints in 10 s", { timeComplaints: complaints(51, 52, 53, 54, 55) }, "stream-changed"],
  ["five complaints in a minute", { timeComplaints: complaints(10, 20, 30, 40, 55) }, undefined],
  [
    "five complaints while it starts",
    {
      startedAt: at(58_000),
      framesAt: at(59_900),
      fileAt: at(58_000),
      timeComplaints: complaints(58, 58, 59, 59, 60),
    },
    undefined,
  ],
] as const)("%s", (_name, change, expected) => {
  expect(troubleOf(signs(change), SEGMENT_MS, at(60_000))).toBe(expected);
});

test("tries again after 1, 2, 4, 8, 15 and then every 30 s, a fifth more or less", () => {
  const waits = [0, 1, 2, 3, 4, 5, 6, 100].map((failures) => retryAfterMs("offline", failures, 0.5));
  expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 15_000, 30_000, 30_000, 30_000]);
  expect(retryAfterMs("stalled", 0, 0)).toBe(800);
  expect(retryAfterMs("stalled", 0, 0.999_999)).toBeCloseTo(1_200, 0);
});

test.each([
  ["wrong-password", 0, 60_000],
  ["stream-gone", 7, 60_000],
  ["wrong-transport", 2, 60_000],
  ["stream-changed", 0, 0],
  ["wrong-tag", 0, 0],
  ["wrong-tag", 3, 8_000],
  ["disk-full", 0, 1_000],
] as const)("after %s, failure %i, it waits %i ms", (reason, failures, expected) => {
  expect(retryAfterMs(reason, failures, 0.5)).toBe(expected);
});

test.each([
  ["camera-offline", "camera-offline", 3_600, "keep"],
  ["stalled", "camera-offline", 3_600, "rename"],
  ["unknown", "credentials", 3_600, "rename"],
  ["camera-offline", "credentials", 59, "rename"],
  ["camera-offline", "credentials", 60, "split"],
  ["camera-offline", "privacy-pause", 1, "split"],
  ["privacy-pause", "camera-offline", 1, "split"],
  ["controller-down", "camera-offline", 1, "split"],
  ["clock-step", "camera-offline", 1, "split"],
] as const)("a gap by %s that turns out as %s after %i s: %s", (before, cause, seconds, expected) => {
  const gap: Gap = {
    id: 1,
    camera: "gate" as CameraId,
    from: epochMs(0),
    to: null,
    cause: before,
  };
  expect(gapChange(gap, cause, epochMs(seconds * 1_000))).toBe(expected);
});
