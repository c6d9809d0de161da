import { z } from "zod";
import type { Registry } from "./registry.ts";
import type { SpeakerStatus } from "./status.ts";
import type { Speaker } from "./store.ts";

const Instant = z.int().describe("UTC milliseconds");

export const PlaceWire = z.strictObject({
  latitude: z.number().min(-90).max(90),
  longitude: z.number().min(-180).max(180),
});

/** A speaker as the panel and the command line see it. `null`: it does not say, or has not yet. */
export const SpeakerAnswer = z.object({
  id: z.string(),
  name: z.string(),
  hamlet: z.string(),
  hamletName: z.string(),
  profile: z.string(),
  transport: z.enum(["native", "http-icy"]),
  place: PlaceWire.nullable(),
  createdAt: Instant,
  volumePercent: z.int().describe("What it is to be"),
  reportedVolumePercent: z.int().nullable(),
  presence: z.enum(["online", "offline", "unknown"]).describe("unknown: not heard since the hall started"),
  since: Instant.describe("Since when its presence is so"),
  playing: z.object({ airing: z.string(), level: z.int(), since: Instant }).nullable(),
  address: z.string().nullable(),
  firmware: z.string().nullable(),
  clockOffsetMs: z.number().nullable(),
  storageFreeBytes: z.number().nullable(),
  missingFiles: z.int().describe("Files it needs and does not have yet"),
  temperatureCelsius: z.number().nullable(),
  supplyVolts: z.number().nullable(),
  amplifierFault: z.boolean().nullable(),
  signalDbm: z.number().nullable(),
  outputLevelDbfs: z.number().nullable(),
  deliveredBytes: z.number().nullable().describe("Radio boxes: sent since it connected"),
  planVersion: z.int().describe("Newest plan made for it; 0: none"),
  planVersionHeld: z.int().nullable(),
  planLeftOut: z.int().describe("Items of the coming week that did not fit into its plan"),
  pendingOrders: z.int(),
  lastReceiptAt: Instant.nullable(),
  droppedMessages: z.int().describe("Its messages that could not be understood since the hall started"),
});
export type SpeakerAnswer = z.infer<typeof SpeakerAnswer>;

/** `hamletName` is handed in so that a list looks each hamlet up once. */
export function speakerAnswer(
  speaker: Speaker,
  status: SpeakerStatus,
  registry: Registry,
  hamletName: string,
): SpeakerAnswer {
  return {
    id: speaker.id,
    name: speaker.name,
    hamlet: speaker.hamlet,
    hamletName,
    profile: speaker.profile,
    transport: registry.speakers.profileOf(speaker).transport,
    place: speaker.place ?? null,
    createdAt: speaker.createdAt,
    volumePercent: speaker.volumePercent,
    presence: status.presence,
    since: status.since,
    ...reported(status),
    ...measured(status),
    planVersion: status.planVersion,
    planVersionHeld: status.planVersionHeld ?? null,
    planLeftOut: status.planLeftOut,
    pendingOrders: status.pendingOrders,
    lastReceiptAt: status.lastReceiptAt ?? null,
    droppedMessages: status.droppedMessages,
  };
}

const SILENT = {
  volumePercent: null,
  playing: null,
  address: null,
  firmware: null,
  clockOffsetMs: null,
  storageFreeBytes: null,
  missing: [],
} as const;

function reported({ presence, state, box }: SpeakerStatus) {
  const { volumePercent, playing, address, firmware, clockOffsetMs, storageFreeBytes, missing } =
    state ?? SILENT;
  return {
    reportedVolumePercent: volumePercent,
    // What an offline speaker was playing is no news.
    playing: presence === "online" ? playing : null,
    address: address ?? box?.address ?? null,
    firmware,
    clockOffsetMs,
    storageFreeBytes,
    missingFiles: missing.length,
    deliveredBytes: box?.deliveredBytes ?? null,
  };
}

function measured({ health }: SpeakerStatus) {
  return {
    temperatureCelsius: health?.temperatureCelsius ?? null,
    supplyVolts: health?.supplyVolts ?? null,
    amplifierFault: health?.amplifierFault ?? null,
    signalDbm: health?.signalDbm ?? null,
    outputLevelDbfs: health?.outputLevelDbfs ?? null,
  };
}
