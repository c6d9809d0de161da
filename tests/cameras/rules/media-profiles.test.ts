import { expect, test } from "vitest";
import { profilesOfMedia, profilesOfMedia2 } from "../../../src/cameras/rules/media-profiles.ts";

const encoder = {
  Encoding: "H264",
  Resolution: { Width: "1920", Height: "1080" },
  RateControl: { FrameRateLimit: "15", BitrateLimit: "2500" },
};

test("a profile of the first media service is read", () => {
  const answer = {
    Profiles: {
      "@token": "main",
      Name: "Main",
      VideoSourceConfiguration: { SourceToken: "s0" },
      VideoEncoderConfiguration: encoder,
      PTZConfiguration: { "@token": "p" },
    },
  };
  expect(profilesOfMedia(answer)).toEqual([
    {
      token: "main",
      name: "Main",
      source: "s0",
      codec: "h264",
      widthPx: 1920,
      heightPx: 1080,
      fps: 15,
      kbps: 2_500,
      hasPtz: true,
      service: "media",
    },
  ]);
});

test.each([
  ["H264", "h264"],
  ["H.264", "h264"],
  ["H265", "h265"],
  ["HEVC", "h265"],
  ["JPEG", "other"],
  ["MPEG4", "other"],
])("the second service's %s is %s", (Encoding, codec) => {
  const answer = {
    Profiles: [{ "@token": "m", Configurations: { VideoEncoder: { ...encoder, Encoding } } }],
  };
  expect(profilesOfMedia2(answer)).toMatchObject([{ codec, source: "", hasPtz: false, service: "media2" }]);
});

test("what has no video, no token or no sense is left out, and what is not said stays open", () => {
  const answer = {
    Profiles: [
      { "@token": "audio" },
      { VideoEncoderConfiguration: encoder },
      { "@token": "odd", VideoEncoderConfiguration: { Encoding: "H264", Resolution: { Width: "wide" } } },
    ],
  };
  expect(profilesOfMedia(answer)).toMatchObject([
    { token: "odd", widthPx: 0, heightPx: 0, fps: null, kbps: null },
  ]);
  expect(profilesOfMedia("")).toEqual([]);
});
