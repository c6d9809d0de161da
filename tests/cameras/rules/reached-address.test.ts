import { expect, test } from "vitest";
import { atReachedHost } from "../../../src/cameras/rules/reached-address.ts";

test.each([
  ["rtsp://192.168.1.64:554/a/b?x=1&y=2", "192.168.1.64", "rtsp://192.168.1.64:554/a/b?x=1&y=2", null],
  ["rtsp://10.0.0.5:554/a", "192.168.1.64", "rtsp://192.168.1.64:554/a", "rtsp://10.0.0.5:554/a"],
  ["rtsp://u:p@10.0.0.5/a", "camera.lan", "rtsp://camera.lan/a", "rtsp://10.0.0.5/a"],
  ["rtsp://10.0.0.5", "h", "rtsp://h", "rtsp://10.0.0.5"],
  ["rtsp://10.0.0.5/%20%C3%A9", "fe80::1", "rtsp://[fe80::1]/%20%C3%A9", "rtsp://10.0.0.5/%20%C3%A9"],
])("%s reached at %s", (announced, host, url, told) => {
  expect(atReachedHost(announced, host, ["rtsp"])).toEqual({ url, announced: told });
});

test.each(["http://10.0.0.5/x", "camera at the gate", "", "file:///etc/passwd"])(
  "%j is no stream",
  (announced) => {
    expect(atReachedHost(announced, "h", ["rtsp", "rtsps"])).toBeUndefined();
  },
);
