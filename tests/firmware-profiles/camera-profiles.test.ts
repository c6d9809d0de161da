import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import { FIRMWARE_PROFILES } from "../../scripts/quality/protocol-schemas.ts";
import { CameraProfile, loadCameraProfiles, profileNamed } from "../../src/cameras/profiles.ts";
import { profileFor } from "../../src/cameras/rules/profile-match.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const FOLDER = join(FIRMWARE_PROFILES, "cameras");
const read = (file: string): unknown => JSON.parse(readFileSync(file, "utf8"));
const validate = new Ajv2020({ strict: true }).compile(
  read(join(FIRMWARE_PROFILES, "camera-profile.schema.json")) as object,
);

describe.each(readdirSync(FOLDER))("%s", (file) => {
  const json = read(join(FOLDER, file));

  test("fits the published schema and the program's", () => {
    expect([validate(json), validate.errors]).toEqual([true, null]);
    expect(CameraProfile.parse(json).id).toBe(file.replace(".json", ""));
  });

  test("says where what it claims of a make comes from", () => {
    const { match, facts } = CameraProfile.parse(json);
    if (match.manufacturers.length > 0) expect(facts.length).toBeGreaterThan(0);
  });

  test("is the one that its own words lead to", () => {
    const { match, id } = CameraProfile.parse(json);
    const all = loadCameraProfiles(FOLDER).values().toArray();
    for (const manufacturer of match.manufacturers)
      expect(profileFor({ manufacturer, model: "" }, all, "none")).toBe(id);
    for (const model of match.models)
      expect(profileFor({ manufacturer: "", model: `${model}2143G2` }, all, "none")).toBe(id);
  });
});

test.each([
  ["HIKVISION", "DS-2CD2143G2-I", "hikvision"],
  ["Dahua", "IPC-HFW2431S", "dahua"],
  ["KBVISION", "KX-A2111N2", "dahua"],
  ["General", "IPC-TA22C-G", "imou"],
  ["Tiandy Technologies", "X", "tiandy"],
  ["Nobody", "Mockup Model", "generic-onvif"],
  ["", "", "generic-onvif"],
])("%s %s is of profile %s", (manufacturer, model, id) => {
  expect(profileFor({ manufacturer, model }, loadCameraProfiles(FOLDER).values(), "generic-onvif")).toBe(id);
});

test.each<[string, (profile: Record<string, unknown>) => unknown, string]>([
  ["an unknown field", (profile) => ({ ...profile, colour: "red" }), "colour"],
  [
    "a path that is an address",
    (profile) => ({ ...profile, rtsp: { port: 554, main: "rtsp://x" } }),
    "rtsp.main",
  ],
  ["another id than its name", (profile) => ({ ...profile, id: "other" }), "other"],
])("a file with %s is refused, and named", (_name, spoil, blamed) => {
  using folder = temporaryFolder();
  const file = join(folder.path, "generic-onvif.json");
  writeFileSync(
    file,
    JSON.stringify(spoil(read(join(FOLDER, "generic-onvif.json")) as Record<string, unknown>)),
  );
  expect(() => loadCameraProfiles(folder.path)).toThrow(blamed);
  expect(() => loadCameraProfiles(folder.path)).toThrow(file);
});

test("a folder that is not there, or without the general profiles, is named", () => {
  using folder = temporaryFolder();
  expect(() => loadCameraProfiles(join(folder.path, "nowhere"))).toThrow("nowhere");
  expect(() => loadCameraProfiles(folder.path)).toThrow("generic-onvif.json is missing");
});

test("a profile that is not there is refused with those that are", () => {
  expect(() => profileNamed(loadCameraProfiles(FOLDER), "sony")).toThrow(
    expect.objectContaining({
      field: "profile",
      hint: { en: expect.stringContaining("hikvision"), vi: expect.anything() },
    }) as Error,
  );
});
