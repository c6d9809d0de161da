import { expect, test } from "vitest";
import { epochMs } from "../../../src/kernel/time.ts";
import { completenessOf } from "../../../src/cameras/rules/completeness.ts";
import type { CameraId, Gap, GapCause, Span } from "../../../src/cameras/rules/model.ts";
import { completenessWords, durationWords, percentOf } from "../../../src/cameras/rules/recording-words.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const spans = (...pairs: readonly (readonly [number, number])[]): Span[] =>
  pairs.map(([from, to]) => ({ from: epochMs(from), to: epochMs(to) }));
const gap = (from: number, to: number | null, cause: GapCause): Gap => ({
  ...{ id: 1, camera: "gate" as CameraId, cause },
  from: epochMs(from),
  to: to === null ? null : epochMs(to),
});

interface Case {
  readonly recorded: readonly Span[];
  readonly gaps?: readonly Gap[];
  readonly now?: number;
  readonly addedAt?: number;
  readonly erased?: readonly Span[];
}

function check({ recorded, gaps = [], now = DAY, addedAt = 0, erased = [] }: Case): string {
  const completeness = completenessOf({
    ...{ recorded, gaps, erased, now: epochMs(now), addedAt: epochMs(addedAt) },
    span: { from: epochMs(0), to: epochMs(DAY) },
  });
  return completenessWords(completeness, epochMs(now)).vi;
}

test.each<readonly [string, Case, string]>([
  ["a whole day", { recorded: spans([0, DAY]) }, "100 %"],
  [
    "the seconds a new camera takes to its first picture",
    { recorded: spans([HOUR + 8_000, DAY]), addedAt: HOUR },
    "100 %",
  ],
  ["a new camera that took minutes", { recorded: spans([HOUR + 1_200_000, DAY]), addedAt: HOUR }, "98,6 %"],
  [
    "what was deleted on request was recorded, and is told as far as it lies in the day",
    { recorded: spans([0, DAY]), erased: spans([-60_000, 30_000], [HOUR, HOUR + 90_000]) },
    "100 %, đã xóa theo yêu cầu 2 phút 00 giây",
  ],
  ["files that overlap count once", { recorded: spans([0, DAY / 2 + 5_000], [DAY / 2, DAY]) }, "100 %"],
  ["seams between files are no gaps", { recorded: spans([0, DAY / 2], [DAY / 2 + 1_400, DAY]) }, "100 %"],
  [
    "three minutes and four seconds",
    {
      recorded: spans([0, HOUR], [HOUR + 184_000, DAY]),
      gaps: [gap(HOUR, HOUR + 184_000, "camera-offline")],
    },
    "99,8 %, 1 khoảng trống 3 phút 04 giây, mất kết nối",
  ],
  ["what is still to come is not missing", { recorded: spans([0, 6 * HOUR]), now: 6 * HOUR }, "100 %"],
  ["nor what was before the camera", { recorded: spans([DAY / 2, DAY]), addedAt: DAY / 2 }, "100 %"],
  [
    "an open gap runs until now",
    { recorded: spans([0, HOUR]), gaps: [gap(HOUR, null, "credentials")], now: 2 * HOUR },
    "50 %, 1 khoảng trống 1 giờ 00 phút, camera từ chối mật khẩu",
  ],
  [
    "a pause is not expected",
    {
      recorded: spans([0, 8 * HOUR], [20 * HOUR, DAY]),
      gaps: [gap(8 * HOUR, 20 * HOUR, "privacy-pause")],
    },
    "100 %, chủ động không ghi 12 giờ 00 phút",
  ],
  [
    "a day switched off",
    { recorded: [], gaps: [gap(-HOUR, null, "disabled")] },
    "không có giờ cần ghi, chủ động không ghi 24 giờ 00 phút",
  ],
  ["a day before the camera", { recorded: [], addedAt: DAY }, "không có giờ cần ghi"],
  [
    "several gaps name their causes, the longest first",
    {
      recorded: spans([0, 20 * HOUR]),
      gaps: [
        gap(20 * HOUR, 21 * HOUR, "stalled"),
        gap(21 * HOUR, 23 * HOUR, "controller-down"),
        gap(23 * HOUR, DAY, "disk-full"),
      ],
    },
    "83,3 %, 3 khoảng trống 4 giờ 00 phút, bộ điều khiển không chạy, hình ngừng chuyển",
  ],
])("%s", (_name, given, expected) => expect(check(given)).toBe(expected));

test("a percentage is never rounded up to whole", () => {
  const span = { from: epochMs(0), to: epochMs(DAY) };
  expect(percentOf({ span, gaps: [], expectedMs: DAY, recordedMs: DAY - 2_000 })).toBe(99.9);
  expect(percentOf({ span, gaps: [], expectedMs: DAY, recordedMs: DAY - 900 })).toBe(100);
  expect(percentOf({ span, gaps: [], expectedMs: 0, recordedMs: 0 })).toBeNull();
});

test.each([
  [0, "0 giây"],
  [59_400, "59 giây"],
  [59_600, "1 phút 00 giây"],
  [184_000, "3 phút 04 giây"],
  [3_599_800, "1 giờ 00 phút"],
  [HOUR + 5 * 60_000, "1 giờ 05 phút"],
])("%i ms are “%s”", (ms, expected) => expect(durationWords(ms).vi).toBe(expected));
