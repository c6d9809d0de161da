import { z } from "zod";
import { Fault } from "../kernel/faults.ts";
import { text } from "../kernel/text.ts";
import type { AiringRecord } from "./airing-log.ts";
import type { Targets } from "./rules/model.ts";

export const TextWire = z.object({ vi: z.string(), en: z.string() });

export const Upcoming = z.object({
  airing: z.string(),
  title: z.string(),
  level: z.int(),
  startsAt: z.int().describe("UTC milliseconds"),
  endsAt: z.int().describe("UTC milliseconds"),
  speakers: z.int(),
  problems: z
    .array(z.object({ speaker: z.string(), sentence: TextWire }))
    .describe("From the check before air"),
});
export type Upcoming = z.infer<typeof Upcoming>;

export const OnAir = z.object({
  airing: z.string(),
  title: z.string(),
  kind: z.enum(["slot", "live", "emergency"]),
  level: z.int(),
  startedAt: z.int().describe("UTC milliseconds"),
  endsAt: z.int().describe("UTC milliseconds"),
  speakersPlaying: z.int(),
  speakersTotal: z.int(),
});

const SpeakerWire = z.object({
  speaker: z.string(),
  name: z.string(),
  outcome: z.enum(["pending", "played", "partial", "silent", "delivered"]),
  startErrorMs: z.number().nullable(),
  playedMs: z.int(),
  expectedMs: z.int(),
  levelDbfs: z.number().nullable(),
  sentence: TextWire.optional(),
});

export const RecordWire = z.object({
  airing: z.string(),
  title: z.string(),
  kind: z.enum(["slot", "live", "emergency"]),
  level: z.int(),
  plannedAt: z.int().describe("UTC milliseconds"),
  until: z.int().describe("UTC milliseconds"),
  outcome: z.enum(["airing", "played", "partial", "silent", "stopped", "barred"]),
  proof: z.object({
    speakersPlayed: z.int(),
    speakersTotal: z.int(),
    durationPercent: z.number().describe("0 to 100, rounded down to a tenth"),
  }),
  sentence: TextWire,
  speakers: z.array(SpeakerWire),
});

/** Where something sounds, as a person says it. */
export const Where = {
  hamlets: z.array(z.string().min(1).max(31)).max(500).optional(),
  speakers: z.array(z.string().min(1).max(31)).max(500).optional(),
  everywhere: z.boolean().optional(),
};

export function answerOf(record: AiringRecord): z.infer<typeof RecordWire> {
  return {
    ...record,
    speakers: record.speakers.map((speaker) => ({
      ...speaker,
      playedMs: Math.round(speaker.playedMs),
      expectedMs: Math.round(speaker.expectedMs),
    })),
  };
}

export function targetsOf({
  hamlets = [],
  speakers = [],
  everywhere = false,
}: {
  hamlets?: string[] | undefined;
  speakers?: string[] | undefined;
  everywhere?: boolean | undefined;
}): Targets {
  if (everywhere) return { type: "everywhere" };
  if (hamlets.length + speakers.length > 0) return { type: "some", hamlets, speakers };
  throw new Fault("invalid", text("It is not said where it should sound.", "Chưa chọn nơi phát."), {
    field: "hamlets",
    hint: text("Name hamlets, or everywhere.", "Hãy chọn thôn, hoặc chọn toàn xã."),
  });
}

/** What a sentence is called in lists. */
export function titled(words: string): string {
  const line = words.trim().replace(/\s+/g, " ");
  return line.length <= 80 ? line : `${line.slice(0, 79).trimEnd()}…`;
}
