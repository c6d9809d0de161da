import type { VideoCodec } from "./model.ts";
import type { MediaProfile } from "./stream-choice.ts";
import { first, nodes, numberAt, textAt, type XmlNode } from "./xml-node.ts";

/** Profiles with video in the answer to GetProfiles of the media service of version 1. */
export function profilesOfMedia(answer: XmlNode): MediaProfile[] {
  return nodes(answer, "Profiles").flatMap((profile) =>
    profileOf(profile, {
      service: "media",
      source: first(profile, "VideoSourceConfiguration"),
      encoder: first(profile, "VideoEncoderConfiguration"),
      ptz: first(profile, "PTZConfiguration"),
    }),
  );
}

/** The same of version 2, which alone tells of H.265. */
export function profilesOfMedia2(answer: XmlNode): MediaProfile[] {
  return nodes(answer, "Profiles").flatMap((profile) =>
    profileOf(profile, {
      service: "media2",
      source: first(profile, "Configurations", "VideoSource"),
      encoder: first(profile, "Configurations", "VideoEncoder"),
      ptz: first(profile, "Configurations", "PTZ"),
    }),
  );
}

interface Parts {
  readonly service: MediaProfile["service"];
  readonly source: XmlNode | undefined;
  readonly encoder: XmlNode | undefined;
  readonly ptz: XmlNode | undefined;
}

function profileOf(profile: XmlNode, { service, source, encoder, ptz }: Parts): MediaProfile[] {
  const token = textAt(profile, "@token");
  if (token === "" || encoder === undefined) return [];
  const limit = numberAt(encoder, "RateControl", "FrameRateLimit");
  return [
    {
      token,
      name: textAt(profile, "Name").slice(0, 100),
      source: textAt(source, "SourceToken"),
      codec: codecOf(textAt(encoder, "Encoding")),
      widthPx: sizeAt(encoder, "Width"),
      heightPx: sizeAt(encoder, "Height"),
      fps: limit ?? null,
      kbps: numberAt(encoder, "RateControl", "BitrateLimit") ?? null,
      hasPtz: ptz !== undefined,
      service,
    },
  ];
}

function sizeAt(encoder: XmlNode, side: "Width" | "Height"): number {
  return Math.max(0, Math.round(numberAt(encoder, "Resolution", side) ?? 0));
}

function codecOf(encoding: string): VideoCodec {
  const name = encoding.toUpperCase().replace(/[^A-Z0-9]/gu, "");
  if (name === "H264") return "h264";
  return name === "H265" || name === "HEVC" ? "h265" : "other";
}
