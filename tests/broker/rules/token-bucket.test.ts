import { expect, test } from "vitest";
import { isFull, takeToken, type Bucket } from "../../../src/broker/rules/token-bucket.ts";
import { uptimeMs } from "../../../src/kernel/time.ts";

const ALLOWANCE = { perSec: 2, burst: 3 };

/** `+` for each attempt that was allowed, `-` for each that was not. */
function attempts(atMs: readonly number[]): string {
  let bucket: Bucket | undefined;
  return atMs
    .map((at) => {
      const spent = takeToken(bucket, ALLOWANCE, uptimeMs(at));
      bucket = spent.bucket;
      return spent.allowed ? "+" : "-";
    })
    .join("");
}

test.each<[name: string, atMs: number[], outcome: string]>([
  ["a burst and no more", [0, 0, 0, 0, 0], "+++--"],
  ["the rate after the burst", [0, 0, 0, 499, 500, 999, 1_000], "+++-+-+"],
  ["a steady rate for ever", [0, 500, 1_000, 1_500, 2_000, 2_500], "++++++"],
  ["rest fills it up to the burst only", [0, 0, 0, 3_600_000, 3_600_000, 3_600_000, 3_600_000], "++++++-"],
  ["what was refused costs nothing", [0, 0, 0, 100, 200, 300, 400, 500], "+++----+"],
])("allows %s", (_name, atMs, outcome) => {
  expect(attempts(atMs)).toBe(outcome);
});

test("is full again when it may be forgotten", () => {
  const { bucket } = takeToken(undefined, ALLOWANCE, uptimeMs(0));
  expect(isFull(bucket, ALLOWANCE, uptimeMs(499))).toBe(false);
  expect(isFull(bucket, ALLOWANCE, uptimeMs(500))).toBe(true);
});
