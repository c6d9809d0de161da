import { readFileSync } from "node:fs";
import { createPublicKey, type KeyObject } from "node:crypto";
import { z } from "zod";
import { asError, Fault } from "../kernel/faults.ts";
import { HamletId, SpeakerId } from "../speakers/protocol.ts";

const Output = z
  .strictObject({
    alsa: z
      .string()
      .min(1)
      .max(100)
      .optional()
      .describe("ALSA device (default, plughw:1,0), or auto: the default device when there is a sound card"),
    wavDir: z.string().min(1).optional().describe("Folder that gets one WAV file per airing"),
    latencyMs: z
      .int()
      .min(-500)
      .max(2_000)
      .default(0)
      .describe(
        "Sound leaves this much later than planned: amplifier and device; it is started earlier by as much",
      ),
  })
  .refine(({ alsa, wavDir }) => alsa !== undefined || wavDir !== undefined, "name alsa, wavDir or both");

/** The software loudspeaker's settings. */
export const AgentConfig = z.strictObject({
  id: SpeakerId.describe("The speaker's id in the hall"),
  secret: z.string().min(16).max(200).describe("The device secret the hall gave out for it"),
  hamlet: HamletId.describe("The hamlet whose orders it obeys"),
  hall: z.strictObject({
    mqttUrl: z.url({ protocol: /^mqtts?$/ }).describe("mqtts://hall:8883; plain mqtt on loopback only"),
    audioUrl: z.url({ protocol: /^https$/ }).describe("https://hall:8444, where files and streams are"),
  }),
  caFile: z.string().min(1).describe("The commune's CA certificate, PEM"),
  hallPublicKey: z
    .string()
    .min(40)
    .max(400)
    .describe("Ed25519 public key of the hall: PEM, or base64 of SPKI or raw"),
  dataDir: z.string().min(1).describe("Folder for audio files and the database"),
  output: Output,
  clock: z
    .enum(["hall", "system"])
    .default("hall")
    .describe("hall: follow the hall's clock; system: trust this machine's (it runs NTP)"),
  prefer: z
    .enum(["lan", "sim"])
    .default("lan")
    .describe("lan: best audio quality; sim: smallest files, mobile data is paid for"),
  storageBytes: z
    .int()
    .min(1_000_000)
    .max(1_000_000_000_000)
    .default(2_000_000_000)
    .describe("How much audio it keeps at most"),
  volumePercent: z.int().min(0).max(100).default(80).describe("Volume before the hall sets one"),
  logLevel: z.enum(["error", "warn", "info", "debug"]).default("info"),
});
export type AgentConfig = z.infer<typeof AgentConfig>;

/** Reads and checks the file. Throws a Fault ("invalid") that names the file and each wrong field. */
export function loadAgentConfig(file: string): AgentConfig {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, "utf8"));
  } catch (cause) {
    const why = asError(cause).message;
    throw new Fault(
      "invalid",
      {
        en: `The configuration ${file} can't be read: ${why}.`,
        vi: `Không đọc được cấu hình ${file}: ${why}.`,
      },
      { cause },
    );
  }
  const parsed = AgentConfig.safeParse(content);
  if (!parsed.success) {
    const problems = parsed.error.issues
      .map((issue) => `${issue.path.join(".") || "(file)"}: ${issue.message}`)
      .join("; ");
    throw new Fault("invalid", {
      en: `The configuration ${file} is wrong: ${problems}.`,
      vi: `Cấu hình ${file} chưa đúng: ${problems}.`,
    });
  }
  requireTlsOffLoopback(parsed.data);
  return parsed.data;
}

function requireTlsOffLoopback({ hall }: AgentConfig): void {
  const { protocol, hostname } = new URL(hall.mqttUrl);
  const isLoopback = hostname === "localhost" || hostname === "[::1]" || hostname.startsWith("127.");
  if (protocol === "mqtts:" || isLoopback) return;
  throw new Fault(
    "invalid",
    {
      en: `hall.mqttUrl ${hall.mqttUrl} would send the secret in the clear.`,
      vi: `hall.mqttUrl ${hall.mqttUrl} sẽ gửi mã bí mật không mã hóa.`,
    },
    { field: "hall.mqttUrl", hint: { en: "Use mqtts://.", vi: "Hãy dùng mqtts://." } },
  );
}

/** Throws a Fault ("invalid") when it is not an Ed25519 public key. */
export function parseHallPublicKey(encoded: string): KeyObject {
  try {
    const key = encoded.includes("BEGIN") ? createPublicKey(encoded) : fromBase64(encoded);
    if (key.asymmetricKeyType === "ed25519") return key;
  } catch (cause) {
    throw notAKey(cause);
  }
  throw notAKey(undefined);
}

const RAW_KEY_BYTES = 32;

function fromBase64(encoded: string): KeyObject {
  const bytes = Buffer.from(encoded, "base64");
  return bytes.length === RAW_KEY_BYTES
    ? createPublicKey({
        key: { kty: "OKP", crv: "Ed25519", x: bytes.toString("base64url") },
        format: "jwk",
      })
    : createPublicKey({ key: bytes, format: "der", type: "spki" });
}

function notAKey(cause: unknown): Fault {
  return new Fault(
    "invalid",
    {
      en: "hallPublicKey is not an Ed25519 public key.",
      vi: "hallPublicKey không phải khóa công khai Ed25519.",
    },
    {
      cause,
      field: "hallPublicKey",
      hint: { en: "Copy it from the hall again.", vi: "Hãy chép lại khóa từ máy chủ xã." },
    },
  );
}
