import { z } from "zod";
import { Fault } from "../kernel/faults.ts";
import { text } from "../kernel/text.ts";
import { brokenProfile, loadProfiles } from "../speakers/profile-folder.ts";

const Sentence = z.strictObject({ en: z.string().min(1), vi: z.string().min(1) });

const RtspPath = z
  .string()
  .regex(/^\/\S*$/)
  .max(200);

/** Everything that differs between makes of cameras, as data. Written as firmware-profiles/cameras/<id>.json. */
export const CameraProfile = z.strictObject({
  $schema: z.string().optional(),
  id: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,30}$/)
    .describe("The file's name without .json"),
  name: Sentence,
  match: z
    .strictObject({
      manufacturers: z
        .array(z.string().min(2))
        .describe("Words of the manufacturer a device names, any case"),
      models: z.array(z.string().min(3)).describe("Beginnings of the model a device names, any case"),
    })
    .describe("By which a device is known to be of this make; both empty: chosen by hand only"),
  onvif: z
    .strictObject({
      ports: z
        .array(z.int().min(1).max(65_535))
        .min(1)
        .describe("Where its ONVIF service usually is, likeliest first"),
      login: z
        .enum(["wsse", "digest"])
        .describe("wsse: signed XML first, HTTP digest when asked. digest: never signed XML"),
      enabling: Sentence.nullable().describe("What has to be done in the camera before it speaks ONVIF"),
    })
    .nullable()
    .describe("null: it has no ONVIF"),
  rtsp: z.strictObject({
    port: z.int().min(1).max(65_535),
    main: RtspPath.nullable().describe("Used when ONVIF names no stream; null: has to be entered by hand"),
    sub: RtspPath.nullable(),
    transport: z.enum(["tcp", "udp"]).describe("What is tried first"),
  }),
  events: z
    .array(
      z.strictObject({
        topic: z.string().min(3).max(200).describe("As the camera sends it, without /. at its end"),
        item: z
          .string()
          .min(1)
          .max(100)
          .nullable()
          .describe("Data item that holds the state; null: momentary"),
        kind: z.enum(["motion", "tamper", "input", "other"]),
      }),
    )
    .describe("What it sends beyond the usual topics, or differently"),
  facts: z
    .array(
      z.strictObject({
        fact: z.string().min(1),
        source: z.string().min(1),
        checkedOnDevice: z.boolean().describe("false: read, not seen on a real device"),
      }),
    )
    .describe("Where what is written here comes from"),
});
export type CameraProfile = z.infer<typeof CameraProfile>;

export type CameraProfiles = ReadonlyMap<string, CameraProfile>;

/** For a camera of no known make. */
export const GENERIC_PROFILE = "generic-onvif";
/** For a camera without ONVIF. */
export const RTSP_PROFILE = "rtsp-only";

/** A broken file is a Fault that names it and what is wrong in it. */
export function loadCameraProfiles(folder: string): CameraProfiles {
  const profiles = loadProfiles(folder, CameraProfile);
  for (const needed of [GENERIC_PROFILE, RTSP_PROFILE]) {
    if (!profiles.has(needed)) throw brokenProfile(folder, `${needed}.json is missing`);
  }
  return profiles;
}

/** Throws Fault("invalid") that names those there are. */
export function profileNamed(profiles: CameraProfiles, id: string): CameraProfile {
  const profile = profiles.get(id);
  if (profile !== undefined) return profile;
  const list = [...profiles.keys()].join(", ");
  throw new Fault("invalid", text(`There is no camera profile “${id}”.`, `Không có hồ sơ camera “${id}”.`), {
    field: "profile",
    hint: text(`Use one of: ${list}.`, `Hãy dùng một trong: ${list}.`),
  });
}
