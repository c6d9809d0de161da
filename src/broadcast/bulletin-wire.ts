import { z } from "zod";
import { TextWire } from "./airing-wire.ts";
import { whoAnswer, WhoWire } from "./approval-wire.ts";
import {
  CATEGORIES,
  type BulletinAiring,
  type BulletinDraft,
  type BulletinStep,
  type BulletinView,
} from "./bulletin-model.ts";
import type { Approval } from "./rules/approval.ts";

const AudioId = z.string().min(1).max(60);
const Instant = z.int().describe("UTC milliseconds");

export const CLASSES = ["ordinary", "priority", "emergency"] as const;
export const STATES = ["draft", "submitted", "approved", "returned", "aired"] as const;

const Content = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("audio"), audioId: AudioId }),
  z.strictObject({
    type: z.literal("text"),
    text: z.string().min(1).max(100_000).describe("As written; read aloud by the speech engine"),
    voice: z.string().min(1).max(60).exactOptional(),
  }),
  z.strictObject({
    type: z.literal("relay"),
    address: z.string().min(1).max(4_000).describe("http, https or HLS address"),
    durationMs: z.int().describe("The longest it may be passed on at one time; 10 s to 4 h"),
    fallbackAudioId: AudioId.exactOptional().describe("Sounds where the relay is dead or silent"),
  }),
]);

export const DraftWire = z.strictObject({
  title: z.string().max(1_000),
  category: z.enum(CATEGORIES),
  class: z.enum(CLASSES),
  chime: z.boolean().default(true).describe("Whether chimes frame it"),
  content: Content,
}) satisfies z.ZodType<BulletinDraft>;

export const BulletinWire = z.object({
  id: z.string(),
  version: z.int().describe("To be named by whoever changes it"),
  title: z.string(),
  category: z.enum(CATEGORIES),
  class: z.enum(CLASSES),
  chime: z.boolean(),
  content: z.discriminatedUnion("type", [
    z.object({ type: z.literal("audio"), audioId: z.string() }),
    z.object({
      type: z.literal("text"),
      text: z.string(),
      readText: z.string().describe("As it is read"),
      voice: z.string().optional(),
      audioId: z.string().describe("The speech"),
    }),
    z.object({
      type: z.literal("relay"),
      address: z.string(),
      durationMs: z.int(),
      fallbackAudioId: z.string().optional(),
    }),
  ]),
  state: z.enum(STATES),
  seal: z
    .string()
    .nullable()
    .describe("Hash of what would sound; an approval names it. Null: a file is missing"),
  barred: TextWire.nullable().describe("Why it would not sound if it started now"),
  awaitsCountersign: z.boolean(),
  note: TextWire.nullable().describe("Why an approval or a submission was lost"),
  submitted: WhoWire.nullable(),
  approved: WhoWire.nullable(),
  expiresAt: Instant.nullable().describe("End of the approval"),
  returned: WhoWire.extend({ reason: z.string() }).nullable(),
  author: WhoWire.describe("Who wrote what is heard, last"),
  changed: WhoWire,
});

export const HistoryWire = z.object({
  steps: z.array(
    z.object({
      step: z.enum(["submit", "approve", "countersign", "return", "lose"]),
      who: WhoWire,
      seal: z.string().nullable(),
      reason: z.string().nullable(),
    }),
  ),
  airings: z.array(z.object({ airing: z.string(), at: Instant, seal: z.string() })),
});

export function bulletinAnswer(view: BulletinView): z.infer<typeof BulletinWire> {
  const { id, version, title, category, chime, content, state, awaitsCountersign } = view;
  return {
    ...{ id, version, title, category, class: view.class, chime, content, state, awaitsCountersign },
    seal: view.seal ?? null,
    barred: view.barred ?? null,
    ...approvalAnswer(view.approval),
    author: whoAnswer(view.author),
    changed: whoAnswer(view.changed),
  };
}

type ApprovalAnswer = Pick<
  z.infer<typeof BulletinWire>,
  "note" | "submitted" | "approved" | "expiresAt" | "returned"
>;

function approvalAnswer(approval: Approval): ApprovalAnswer {
  const none = { note: null, submitted: null, approved: null, expiresAt: null, returned: null };
  switch (approval.step) {
    case "draft":
      return { ...none, note: approval.lost ?? null };
    case "submitted":
      return { ...none, submitted: whoAnswer(approval.submitted) };
    case "approved": {
      const { submitted, approved, expiresAt = null } = approval;
      return { ...none, submitted: whoAnswer(submitted), approved: whoAnswer(approved), expiresAt };
    }
    case "returned":
      return { ...none, returned: { ...whoAnswer(approval.returned), reason: approval.reason } };
  }
}

export function historyAnswer(
  steps: readonly BulletinStep[],
  airings: readonly BulletinAiring[],
): z.infer<typeof HistoryWire> {
  return {
    steps: steps.map(({ step, who, seal, reason }) => ({
      step,
      who: whoAnswer(who),
      seal: seal ?? null,
      reason: reason ?? null,
    })),
    airings: airings.map(({ airing, at, seal }) => ({ airing, at, seal })),
  };
}
