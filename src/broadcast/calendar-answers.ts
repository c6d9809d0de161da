import { z } from "zod";
import type { Text } from "../kernel/text.ts";
import { TextWire } from "./airing-wire.ts";
import { whoAnswer, WhoWire } from "./approval-wire.ts";
import type { KeptSlot } from "./calendar-model.ts";
import type { CalendarPage } from "./calendar-view.ts";
import {
  DateText,
  ExceptionsWire,
  RecurrenceWire,
  SeasonsWire,
  TargetsWire,
  TimeText,
} from "./calendar-wire.ts";
import type { Targets } from "./rules/model.ts";

const Instant = z.int().describe("UTC milliseconds");

const SlotFields = {
  bulletinId: z.string().min(1).max(40),
  startTime: TimeText,
  recurrence: RecurrenceWire,
  to: DateText.exactOptional().describe("Last day it may fall on"),
  targets: TargetsWire,
  volumePercent: z.int().min(0).max(100).exactOptional().describe("Left out: each loudspeaker's own volume"),
  durationMs: z.int().min(1_000).exactOptional().describe("For relays and fillers only"),
  afterPreempt: z.enum(["resume", "restart", "drop"]).exactOptional().describe("Left out: by class"),
  rank: z
    .int()
    .min(-1_000)
    .max(1_000)
    .exactOptional()
    .describe("Higher first where priority bulletins collide; saving asks for it"),
};

export const SlotDraftWire = z.strictObject({
  ...SlotFields,
  kind: z.enum(["programme", "filler"]).default("programme"),
  from: DateText.exactOptional().describe("First day it may fall on; left out: today"),
  seasons: SeasonsWire.default([]).describe("Months and days within each year; none: all year"),
  holidays: z.enum(["ignore", "skip", "only"]).default("ignore"),
});

export const SlotWire = z.object({
  ...SlotFields,
  id: z.string(),
  series: z.string().describe("The same for all slots that came from one"),
  version: z.int().describe("To be named by whoever changes it"),
  title: z.string(),
  level: z.int(),
  lastsMs: z.int().describe("How long one airing is"),
  kind: z.enum(["programme", "filler"]),
  from: DateText,
  seasons: SeasonsWire,
  holidays: z.enum(["ignore", "skip", "only"]),
  exceptions: ExceptionsWire.describe("By the date the rule gave"),
  barred: TextWire.nullable().describe("Why it does not sound as things are"),
  closedAt: Instant.nullable().describe("Deleted or replaced since"),
  created: WhoWire,
  changed: WhoWire,
});

export const SavedWire = z.object({
  slots: z.array(SlotWire).describe("The slots that carry the change"),
  said: TextWire.describe("What listeners will hear differently, in words"),
  saved: z.boolean().describe("False in a preview"),
});

export const ClashesWire = z.object({
  clashes: z.array(
    z.object({ slot: z.string(), title: z.string(), startAt: Instant, said: TextWire, speakers: z.int() }),
  ),
});

export const PageWire = z.object({
  from: Instant,
  to: Instant,
  timeZone: z.string(),
  occurrences: z.array(
    z.object({
      airing: z.string(),
      slot: z.string().nullable(),
      title: z.string(),
      level: z.int(),
      startAt: Instant,
      durationMs: z.int(),
      targets: TargetsWire,
      barred: TextWire.nullable(),
    }),
  ),
  lanes: z
    .array(
      z.object({
        hamlets: z.array(z.string()),
        speakers: z.array(z.string()),
        stretches: z.array(
          z.object({
            airing: z.string(),
            title: z.string(),
            startAt: Instant,
            endAt: Instant,
            sounds: z.boolean(),
            said: TextWire.nullable().describe("Why it sounds so, or why it does not"),
          }),
        ),
      }),
    )
    .describe("What comes of it; loudspeakers that hear the same share a lane"),
});

export function slotAnswer(
  kept: KeptSlot,
  shown: {
    readonly title: string;
    readonly level: number;
    readonly lastsMs: number;
    readonly barred: Text | undefined;
  },
): z.infer<typeof SlotWire> {
  const { closed, created, changed } = kept;
  return {
    ...kept,
    ...{ title: shown.title, level: shown.level, lastsMs: shown.lastsMs, barred: shown.barred ?? null },
    seasons: [...kept.seasons],
    exceptions: [...kept.exceptions],
    targets: targetsAnswer(kept.targets),
    closedAt: closed?.at ?? null,
    created: whoAnswer(created),
    changed: whoAnswer(changed),
  };
}

export function pageAnswer({
  occurrences,
  lanes,
}: CalendarPage): Pick<z.infer<typeof PageWire>, "occurrences" | "lanes"> {
  return {
    occurrences: occurrences.map(({ airing, slot, title, level, startAt, durationMs, targets, barred }) => ({
      ...{ airing, slot: slot ?? null, title, level, startAt, durationMs },
      targets: targetsAnswer(targets),
      barred: barred ?? null,
    })),
    lanes: lanes.map(({ hamlets, speakers, stretches }) => ({
      hamlets: [...hamlets],
      speakers: [...speakers],
      stretches: stretches.map((stretch) => ({ ...stretch, said: stretch.said ?? null })),
    })),
  };
}

function targetsAnswer(targets: Targets): z.infer<typeof TargetsWire> {
  return targets.type === "everywhere"
    ? targets
    : { type: "some", hamlets: [...targets.hamlets], speakers: [...targets.speakers] };
}
