import { describe, expect, test } from "vitest";
import {
  complaintOf,
  isHost,
  isUnusualPassword,
  reachComplaint,
  withoutUser,
} from "../../../src/cameras/rules/camera-check.ts";
import type { Camera } from "../../../src/cameras/rules/model.ts";
import { cameraDraft } from "../camera-draft.ts";

const main = cameraDraft().streams.main;
const withUrl = (url: string): Partial<Camera> => ({ streams: { main: { ...main, url }, sub: null } });

describe("a camera", () => {
  test.each<[string, Partial<Camera>, string | undefined]>([
    ["as drafted", {}, undefined],
    ["without a place", { place: "  " }, "place"],
    ["without a purpose", { purpose: "" }, "purpose"],
    ["with a purpose of a word", { purpose: "An ninh" }, "purpose"],
    ["with sound its purpose is silent about", { audio: true }, "audio"],
    [
      "with sound its purpose names",
      { audio: true, purpose: "Ghi âm lời trình bày của công dân" },
      undefined,
    ],
    [
      "with sound, the purpose in decomposed letters",
      { audio: true, purpose: "Ghi âm lời trình bày".normalize("NFD") },
      undefined,
    ],
    ["kept 0 days", { retentionDays: 0 }, "retentionDays"],
    ["kept 90 days", { retentionDays: 90 }, undefined],
    ["kept 91 days", { retentionDays: 91 }, "retentionDays"],
    ["kept half a day", { retentionDays: 0.5 }, "retentionDays"],
    ["with priority 10", { priority: 10 }, "priority"],
    ["with a quota of nothing", { quotaBytes: 1 }, "quotaBytes"],
    ["with a user that breaks XML", { user: "a&b<c" }, "user"],
    ["with a user that splits an address", { user: "a:b" }, "user"],
    ["with a Vietnamese user", { user: "quảntrị" }, undefined],
    ["with a port that is none", { onvif: { host: "192.168.1.64", port: 65_536 } }, "onvif.port"],
    ["with a path for a host", { onvif: { host: "192.168.1.64/x", port: 80 } }, "onvif.host"],
    ["with the password in its address", withUrl("rtsp://admin:x@192.168.1.64/h264"), "streams.main"],
    ["with a file for a stream", withUrl("file:///etc/passwd"), "streams.main"],
    ["with a blank in its address", withUrl("rtsp://192.168.1.64/a b"), "streams.main"],
    ["with RTSP over TLS", withUrl("rtsps://192.168.1.64/h264?x=1&y=2"), undefined],
    ["with an @ in its path", withUrl("rtsp://192.168.1.64/user@main"), undefined],
  ])("%s", (_name, change, field) => {
    expect(complaintOf(cameraDraft(change))?.field).toBe(field);
  });

  test("is complained of without its password", () => {
    const said = complaintOf(cameraDraft(withUrl("rtsp://admin:S3cret@192.168.1.64/h264")));
    expect(JSON.stringify(said)).not.toContain("S3cret");
  });
});

test.each([
  ["secret1", false],
  ["mật khẩu", true],
  ["tab\t", true],
])("password %s is unusual: %s", (password, unusual) => expect(isUnusualPassword(password)).toBe(unusual));

test.each([
  ["192.168.1.64", true],
  ["camera-1.lan", true],
  ["fe80::1", true],
  ["", false],
  ["a b", false],
  ["a@b", false],
  ["-x", false],
])("%j is a host: %s", (host, good) => expect(isHost(host)).toBe(good));

test.each([
  ["rtsp://u:p@h/x", "rtsp://h/x"],
  ["rtsp://u:p@@h/x", "rtsp://h/x"],
  ["rtsp://h/x@y", "rtsp://h/x@y"],
])("%s is shown as %s", (url, shown) => expect(withoutUser(url)).toBe(shown));

test.each<[string, string | undefined, string | undefined]>([
  ["without an address of its own", undefined, undefined],
  ["by its stream", "rtsp://192.168.1.64/live", undefined],
  ["by a stream with a password in it", "rtsp://admin:secret1@192.168.1.64/live", "streamUrl"],
  ["by a page", "http://192.168.1.64/live", "streamUrl"],
])("a camera reached %s", (_name, streamUrl, field) => {
  const complaint = reachComplaint({ user: "admin", host: "192.168.1.64", streamUrl });
  expect(complaint?.field).toBe(field);
  expect(JSON.stringify(complaint ?? null)).not.toContain("secret1");
});
