import { expect, test } from "vitest";
import { chooseStreams, type MediaProfile } from "../../../src/cameras/rules/stream-choice.ts";

/** `token codec WxH fps source` */
function profile(words: string): MediaProfile {
  const [token = "", codec = "", size = "", fps = "15", source = "s0"] = words.split(" ");
  const [widthPx = 0, heightPx = 0] = size.split("x").map(Number);
  return {
    token,
    name: token,
    source,
    codec: codec as MediaProfile["codec"],
    widthPx,
    heightPx,
    fps: Number(fps),
    kbps: null,
    hasPtz: false,
    service: "media",
  };
}

test.each<[string, readonly string[], string]>([
  ["main and sub", ["a h264 1920x1080", "b h264 640x360"], "a b"],
  ["in any order", ["b h264 640x360", "a h264 1920x1080"], "a b"],
  [
    "the largest of three, the next small one",
    ["a h264 2560x1440", "b h264 1920x1080", "c h264 704x576"],
    "a c",
  ],
  ["H.264 beside H.265 of the same size", ["a h265 1920x1080", "b h264 1920x1080"], "b -"],
  ["H.264 that shows half as much", ["a h265 2560x1440", "b h264 1920x1080"], "b -"],
  ["faces before browsers: H.264 is tiny", ["a h265 2560x1440", "b h264 640x360"], "a b"],
  ["H.265 only", ["a h265 1920x1080", "b h265 640x360"], "a b"],
  [
    "an H.264 sub before a larger H.265 one",
    ["a h264 1920x1080", "b h265 1280x720", "c h264 640x360"],
    "a c",
  ],
  ["the faster of two alike", ["a h264 1920x1080 10", "b h264 1920x1080 25"], "b -"],
  [
    "the first lens of two",
    ["a h264 1920x1080 15 s0", "b h264 3840x2160 15 s1", "c h264 640x360 15 s0"],
    "a c",
  ],
  ["one stream, also a small one", ["a h264 640x360"], "a -"],
  ["nothing to record", ["a other 1920x1080"], "-"],
  ["nothing", [], "-"],
])("%s", (_name, profiles, chosen) => {
  const choice = chooseStreams(profiles.map(profile));
  expect(choice === undefined ? "-" : `${choice.main.token} ${choice.sub?.token ?? "-"}`).toBe(chosen);
});
