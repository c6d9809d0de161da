import { z } from "zod";
import { CameraId } from "../wire.ts";
import type { Clip } from "../rules/model.ts";

/** The end of the year 2099: what lies beyond was no time but a slip. */
const LATEST_AT = 4_102_444_799_999;
export const Instant = z.int().min(0).max(LATEST_AT).describe("UTC milliseconds");
const SpanWire = z.object({ from: Instant, to: Instant });

export const ClipWire = z.object({
  id: z.string(),
  camera: CameraId,
  origin: z.enum(["hand", "event", "schedule", "rating", "upstream"]),
  reason: z.string(),
  by: z.string(),
  requestedAt: Instant,
  requested: SpanWire,
  delivered: SpanWire.nullable().describe("What the file holds: grown to key frames, shrunk by gaps"),
  state: z.enum(["waiting", "making", "ready", "failed"]),
  failure: z.object({ vi: z.string(), en: z.string() }).nullable(),
  bytes: z.int().nullable(),
  sha256: z.string().nullable(),
  gaps: z.array(SpanWire.extend({ cause: z.string() })),
  keepUntil: Instant,
});

export function clipAnswer(clip: Clip): z.infer<typeof ClipWire> {
  return { ...clip, gaps: [...clip.gaps] };
}

const common = { camera: CameraId, reason: z.string().trim().min(1).max(500) };
const keepDays = z.int().min(1).max(365).optional().describe("Instead of what the camera's settings say");

/** A clip by hand: a stretch, or what has just happened. */
export const ClipDraft = z.union([
  z.strictObject({ ...common, from: Instant, to: Instant, keepDays }),
  z.strictObject({ ...common, lastMinutes: z.number().min(0.1).max(720), keepDays }),
]);
export type ClipDraft = z.infer<typeof ClipDraft>;
