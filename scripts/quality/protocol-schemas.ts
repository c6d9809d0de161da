/**
 * Writes the published JSON Schemas of loa/v1 and of the firmware profiles from the zod schemas that the programs
 * themselves parse with: `node scripts/quality/protocol-schemas.ts`. A test fails while the files differ.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { format, resolveConfig } from "prettier";
import { z } from "zod";
import { CameraProfile } from "../../src/cameras/profiles.ts";
import { SpeakerProfile } from "../../src/speakers/profile.ts";
import * as protocol from "../../src/speakers/protocol.ts";

const MESSAGES = {
  state: ["What a speaker is and does (retained; also its last will)", protocol.State],
  health: ["How a speaker fares, every 30 s", protocol.Health],
  receipt: ["Proof of one airing on one speaker", protocol.Receipt],
  ack: ["What a speaker did with an order", protocol.Ack],
  time: ["Exchange of four timestamps", protocol.TimeMessage],
  envelope: ["Signed message from the hall: orders and plans", protocol.Envelope],
  order: ["What the `signed` text of an order says", protocol.SignedOrder],
  plan: ["What the `signed` text of a plan says", protocol.SignedPlan],
  "receipt-ack": ["Receipts up to here are stored in the hall", protocol.ReceiptAck],
  beat: ["The hall is alive, every 5 s", protocol.Beat],
} as const;

export const FIRMWARE_PROFILES = join(import.meta.dirname, "../../firmware-profiles");

/** File below firmware-profiles/ → its text. */
export async function generatedSchemas(): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const [name, [title, schema]] of Object.entries(MESSAGES)) {
    files.set(`protocol/${name}.schema.json`, await schemaText(`loa/v1 ${name}: ${title}`, schema));
  }
  files.set(
    "speaker-profile.schema.json",
    await schemaText("Firmware profile of a loudspeaker", SpeakerProfile),
  );
  return files.set(
    "camera-profile.schema.json",
    await schemaText("Profile of a make of cameras", CameraProfile),
  );
}

async function schemaText(title: string, schema: z.ZodType): Promise<string> {
  const { $schema, ...rest } = z.toJSONSchema(schema, { io: "input" });
  const style = await resolveConfig(import.meta.filename);
  return format(JSON.stringify({ $schema, title, ...rest }), { ...style, parser: "json" });
}

if (import.meta.main) {
  for (const [file, text] of await generatedSchemas()) {
    const path = join(FIRMWARE_PROFILES, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    console.log(`wrote firmware-profiles/${file}`);
  }
}
