import { describe, expect, test } from "vitest";
import {
  addressFinding,
  clockFinding,
  identityFinding,
  profilesFinding,
  streamFinding,
} from "../../../src/cameras/rules/diagnosis-words.ts";
import { streamTroubleFinding } from "../../../src/cameras/rules/stream-trouble-words.ts";
import { statusWords } from "../../../src/cameras/rules/status-words.ts";
import { epochMs } from "../../../src/kernel/time.ts";

describe("the clock", () => {
  test.each([
    [0, "ok", "Đồng hồ của camera đúng."],
    [-47_000, "fail", "Đồng hồ của camera chậm 47 giây."],
    [5_000, "warn", "Đồng hồ của camera nhanh 5 giây."],
    [3 * 3_600_000, "fail", "Đồng hồ của camera nhanh 3 giờ."],
    [-12 * 365.25 * 86_400_000, "fail", "Đồng hồ của camera chậm 12 năm."],
    [undefined, "warn", "Camera không cho biết giờ của nó."],
  ])("%s ms: %s", (offsetMs, outcome, vi) => {
    expect(clockFinding(offsetMs)).toMatchObject({ outcome, said: { vi } });
  });
});

test("a device is named by what it says, or by a question mark", () => {
  const nobody = { manufacturer: "", model: "", firmware: "", serial: "", hardwareId: "", mac: "" };
  expect(identityFinding(nobody).said.en).toContain("It is a ?, firmware ?");
});

test("profiles that hold JPEG only are told from none", () => {
  expect(profilesFinding(2, undefined).said.en).toContain("None of the camera's 2 video profiles");
  expect(profilesFinding(0, undefined).said.en).toBe("The camera offers no video.");
});

test("an announced address is told with the one that is used", () => {
  const [good, bad] = [true, false].map((answers) =>
    addressFinding("rtsp://10.0.0.5/a", "rtsp://h/a", answers),
  );
  expect([good?.outcome, bad?.outcome]).toEqual(["warn", "fail"]);
  expect(bad?.said.vi).toContain("rtsp://10.0.0.5/a");
  expect(bad?.said.vi).toContain("rtsp://h/a");
});

test.each([
  ["h264", "tcp", "ok"],
  ["h265", "tcp", "ok"],
  ["other", "tcp", "fail"],
  ["h264", "udp", "warn"],
] as const)("a stream of %s over %s is %s", (codec, transport, outcome) => {
  const source = { url: "rtsp://h/x", codec, transport, widthPx: 640, heightPx: 360, fps: null, kbps: null };
  expect(streamFinding(source).outcome).toBe(outcome);
});

test("every trouble of a stream has a sentence that names it, and a remedy", () => {
  const troubles = [
    "wrong-password",
    "not-found",
    "wrong-transport",
    "port-closed",
    "unreachable",
    "silent",
    "no-video",
    "not-rtsp",
  ] as const;
  const findings = troubles.map((trouble) => streamTroubleFinding(trouble, "rtsp://h/x"));
  expect(new Set(findings.map(({ said }) => said.vi)).size).toBe(troubles.length);
  for (const { said, remedy, outcome } of findings)
    expect([said.vi, said.en, remedy?.vi !== "", outcome]).toEqual([
      expect.stringContaining("rtsp://h/x"),
      expect.stringContaining("rtsp://h/x"),
      true,
      "fail",
    ]);
});

describe("the state", () => {
  const NOON = Date.UTC(2026, 10, 24, 5);
  test.each([
    ["recording", 0, "Đang ghi"],
    ["offline", 184_000, "Mất kết nối từ 11:56 (3 phút 04 giây): camera không trả lời"],
    ["offline", 26 * 3_600_000, "Mất kết nối từ 10:00 ngày 23/11 (26 giờ 00 phút): camera không trả lời"],
    ["paused", 60_000, "Tạm dừng vì riêng tư từ 11:59 (1 phút 00 giây)"],
  ] as const)("%s for %i ms", (state, forMs, vi) => {
    const since = epochMs(NOON - forMs);
    expect(statusWords({ state, since }, epochMs(NOON), "Asia/Ho_Chi_Minh").vi).toBe(vi);
  });
});
