import { describe, expect, it } from "vitest";
import { localZone } from "../../../src/broadcast/rules/local-time.ts";
import { hiddenWords } from "../../../src/cameras/rules/live-words.ts";
import { epochMs } from "../../../src/kernel/time.ts";

const ZONE = localZone("Asia/Ho_Chi_Minh");
const PAUSE = { until: epochMs(Date.UTC(2026, 10, 23, 3, 30)), why: "hand" } as const;

describe("why a camera is hidden", () => {
  it.each([
    [{ enabled: true }, undefined, undefined],
    [{ enabled: true }, PAUSE, "Camera tạm dừng đến 10:30 để bảo vệ riêng tư."],
    [{ enabled: false }, PAUSE, "Camera đang tắt trong phần cài đặt."],
  ])("of %j with the pause %j is %j", (camera, pause, expected) => {
    expect(hiddenWords(camera, pause, ZONE)?.vi).toBe(expected);
  });
});
