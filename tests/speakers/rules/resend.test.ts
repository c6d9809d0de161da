import { expect, test } from "vitest";
import { resendAfterMs } from "../../../src/speakers/rules/resend.ts";

test("repeats after 2 s, then less and less often, every 30 s at last", () => {
  expect([0, 1, 2, 3, 4, 5, 6, 1_000].map(resendAfterMs)).toEqual([
    2_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000,
  ]);
});
