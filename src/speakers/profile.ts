import { z } from "zod";
import { loadProfiles } from "./profile-folder.ts";

const HEALTH_FIELDS = [
  "temperatureCelsius",
  "supplyVolts",
  "amplifierFault",
  "signalDbm",
  "dataUsedBytes",
  "outputLevelDbfs",
] as const;

/** Everything that differs between makes of loudspeakers, as data. Written as firmware-profiles/speakers/<id>.json. */
export const SpeakerProfile = z.strictObject({
  $schema: z.string().optional(),
  id: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,30}$/)
    .describe("The file's name without .json"),
  name: z.strictObject({ en: z.string().min(1), vi: z.string().min(1) }),
  transport: z
    .enum(["native", "http-icy"])
    .describe("native: loa/v1 over MQTT. http-icy: a box that plays one Internet-radio address"),
  codecs: z
    .array(
      z.strictObject({
        codec: z.literal("mp3"),
        kbps: z.array(z.int().min(8).max(320)).min(1),
        sampleRateHz: z.array(z.int().min(8_000).max(48_000)).min(1),
        channels: z.literal(1),
      }),
    )
    .min(1),
  variant: z
    .enum(["lan", "sim"])
    .describe("Which encoding suits its line: lan 64 kbit/s 44.1 kHz, sim 32 kbit/s 24 kHz"),
  volumeCurve: z
    .array(z.strictObject({ percent: z.int().min(0).max(100), gainDb: z.number().min(-120).max(20) }))
    .min(2)
    .refine(risesFromZeroToHundred, "percent must rise from 0 to 100, gainDb must not fall")
    .describe("Gain at the output for a volume; straight lines in dB between the points"),
  telemetry: z.array(z.enum(HEALTH_FIELDS)).describe("What its health messages really measure"),
  takesOrders: z.boolean().describe("false: every order is answered `unsupported` at once"),
  keepsPlan: z.boolean().describe("Plays a week alone when the hall is dark"),
  sendsReceipts: z.boolean().describe("false: `delivered` is all that can be said of it"),
  startDelayMs: z
    .int()
    .min(0)
    .max(60_000)
    .describe("From the first byte of a stream to its sound; 0 for files at an instant"),
  idle: z
    .enum(["silence", "refuse"])
    .describe("What its stream gives between programmes: silent frames, or 503 so that the box waits"),
  quirks: z.strictObject({
    httpVersion: z.enum(["1.0", "1.1"]).describe("Version in the status line its player expects"),
    icyMetadata: z.boolean().describe("Understands titles inside the stream when it asked for them"),
  }),
});
export type SpeakerProfile = z.infer<typeof SpeakerProfile>;

function risesFromZeroToHundred(curve: readonly { percent: number; gainDb: number }[]): boolean {
  const rises = curve.every((point, index) => {
    const before = curve[index - 1];
    return before === undefined || (point.percent > before.percent && point.gainDb >= before.gainDb);
  });
  return rises && curve[0]?.percent === 0 && curve.at(-1)?.percent === 100;
}

export type SpeakerProfiles = ReadonlyMap<string, SpeakerProfile>;

/** A broken file is a Fault that names it and what is wrong in it. */
export function loadSpeakerProfiles(folder: string): SpeakerProfiles {
  return loadProfiles(folder, SpeakerProfile);
}
