import { expect, test } from "vitest";
import {
  causeAfter,
  endReasonOf,
  isTimeComplaint,
  stateAfter,
} from "../../../src/cameras/rules/ffmpeg-words.ts";

test.each([
  ["[rtsp @ 0x5] [error] method DESCRIBE failed: 401 Unauthorized", "wrong-password", "credentials"],
  ["[error] rtsp://***@h/x: Server returned 403 Forbidden (access denied)", "wrong-password", "credentials"],
  ["[rtsp @ 0x5] [error] method DESCRIBE failed: 404 Not Found", "stream-gone", "stream-gone"],
  ["[fatal] Stream map '0:v:0' matches no streams.", "stream-gone", "stream-gone"],
  ["[rtsp @ 0x5] [error] method SETUP failed: 461 Unsupported transport", "wrong-transport", "stream-gone"],
  ["[error] av_interleaved_write_frame(): No space left on device", "disk-full", "disk-full"],
  [
    "[mp4 @ 0x5] [error] Tag hvc1 incompatible with output codec id '27' (avc1)",
    "wrong-tag",
    "stream-changed",
  ],
  ["[tcp @ 0x5] [error] Connection to tcp://h:554 failed: Connection refused", "offline", "camera-offline"],
  ["[warning] something harmless", "offline", "camera-offline"],
] as const)("“%s” means %s", (line, reason, cause) => {
  expect(endReasonOf(["[warning] before", line, "[warning] after"])).toBe(reason);
  expect(causeAfter(reason)).toBe(cause);
});

test("a full disk is named before what it led to", () => {
  expect(endReasonOf(["[error] 404 Not Found", "No space left on device"])).toBe("disk-full");
});

test("a silent end is the camera's going", () => {
  expect(endReasonOf([])).toBe("offline");
  expect(stateAfter("offline")).toBe("offline");
});

const complaint = (previous: number, current: number): string =>
  `[segment @ 0x5] [warning] Non-monotonous DTS in output stream 0:0; previous: ${previous}, current: ${current}; changing to ${previous + 1}. This may result in incorrect timestamps in the output file.`;

test.each([
  ["a jump back by an hour", complaint(400_000_000, 76_000_000), true],
  ["by half a second", complaint(90_000, 45_000), true],
  ["packets read in one go", complaint(90_000, 90_000), false],
  ["something else", "[segment @ 0x5] [warning] Timestamps are unset in a packet for stream 0.", false],
])("complaints about times: %s", (_name, line, expected) => expect(isTimeComplaint(line)).toBe(expected));
