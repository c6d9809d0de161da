import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import { FIRMWARE_PROFILES } from "../../scripts/quality/protocol-schemas.ts";
import { loadSpeakerProfiles, SpeakerProfile } from "../../src/speakers/profile.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const FOLDER = join(FIRMWARE_PROFILES, "speakers");
const read = (file: string): unknown => JSON.parse(readFileSync(file, "utf8"));
const validate = new Ajv2020({ strict: true }).compile(
  read(join(FIRMWARE_PROFILES, "speaker-profile.schema.json")) as object,
);

describe.each(readdirSync(FOLDER))("%s", (file) => {
  const json = read(join(FOLDER, file));

  test("fits the published schema and the program's", () => {
    expect([validate(json), validate.errors]).toEqual([true, null]);
    expect(SpeakerProfile.parse(json).id).toBe(file.replace(".json", ""));
  });

  test("promises only what its transport can do", () => {
    const { transport, takesOrders, keepsPlan, sendsReceipts, telemetry } = SpeakerProfile.parse(json);
    if (transport === "native") expect([takesOrders, keepsPlan, sendsReceipts]).toEqual([true, true, true]);
    else expect([takesOrders, keepsPlan, sendsReceipts, telemetry]).toEqual([false, false, false, []]);
  });
});

test("all of them load by their names", () => {
  expect([...loadSpeakerProfiles(FOLDER).keys()].sort()).toEqual(["http-icy", "native", "native-sim"]);
});

test.each<[string, (profile: Record<string, unknown>) => unknown, string]>([
  ["an unknown field", (profile) => ({ ...profile, colour: "red" }), "colour"],
  ["a transport nobody speaks", (profile) => ({ ...profile, transport: "smoke" }), "transport"],
  [
    "a volume curve that falls",
    (profile) => ({
      ...profile,
      volumeCurve: [
        { percent: 0, gainDb: 0 },
        { percent: 100, gainDb: -3 },
      ],
    }),
    "volumeCurve",
  ],
  [
    "a volume curve that ends half-way",
    (profile) => ({
      ...profile,
      volumeCurve: [
        { percent: 0, gainDb: -120 },
        { percent: 50, gainDb: 0 },
      ],
    }),
    "volumeCurve",
  ],
  ["another id than its name", (profile) => ({ ...profile, id: "other" }), "other"],
])("a file with %s is refused, and named", (_name, spoil, blamed) => {
  using folder = temporaryFolder();
  const file = join(folder.path, "native.json");
  const good = read(join(FOLDER, "native.json")) as Record<string, unknown>;
  writeFileSync(file, JSON.stringify(spoil(good)));
  expect(() => loadSpeakerProfiles(folder.path)).toThrow(blamed);
  expect(() => loadSpeakerProfiles(folder.path)).toThrow(file);
});

test("a file that is not JSON and a folder that is not there are named", () => {
  using folder = temporaryFolder();
  writeFileSync(join(folder.path, "x.json"), "{");
  expect(() => loadSpeakerProfiles(folder.path)).toThrow("x.json");
  expect(() => loadSpeakerProfiles(join(folder.path, "nowhere"))).toThrow("nowhere");
});
