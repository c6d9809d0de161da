import { z } from "zod";
import { Instant } from "../clips/clip-wire.ts";
import { CameraId } from "../wire.ts";
import type { CaseFile } from "./cases.ts";
import type { Export } from "./export-store.ts";
import type { SignedHeads } from "./heads.ts";

export const Words = z.string().trim().min(1).max(1_000);

export const CaseWire = z.object({
  id: z.string(),
  number: z.string(),
  title: z.string(),
  reason: z.string(),
  openedAt: Instant,
  openedBy: z.string(),
  state: z.enum(["open", "release-asked", "released"]),
  holds: z.array(
    z.object({
      id: z.string(),
      camera: CameraId,
      from: Instant,
      to: Instant,
      addedAt: Instant,
      addedBy: z.string(),
    }),
  ),
  release: z
    .object({
      reason: z.string(),
      askedBy: z.string(),
      askedAt: Instant,
      confirmedBy: z.string().nullable(),
      confirmedAt: Instant.nullable(),
    })
    .nullable(),
});

export const ExportWire = z.object({
  id: z.string(),
  caseId: z.string(),
  camera: CameraId,
  from: Instant,
  to: Instant,
  reason: z.string(),
  purpose: z.string(),
  redaction: z.string(),
  by: z.string(),
  askedAt: Instant,
  state: z.enum(["making", "ready", "failed"]),
  bytes: z.int().nullable(),
  sha256: z.string().nullable().describe("Of the zip"),
  failure: z.object({ vi: z.string(), en: z.string() }).nullable(),
  keepUntil: Instant,
});

export const HeadsWire = z.object({
  n: z.int(),
  at: Instant,
  body: z.string().describe("Canonical JSON; the signature is over exactly these characters"),
  signature: z.string().describe("Ed25519, base64"),
  key: z.string().describe("Fingerprint of the key"),
});

export function caseAnswer(file: CaseFile): z.infer<typeof CaseWire> {
  return { ...file, holds: [...file.holds] };
}

export function exportAnswer({ operator, ...made }: Export): z.infer<typeof ExportWire> {
  return { ...made, by: operator.name };
}

export function headsAnswer(heads: SignedHeads): z.infer<typeof HeadsWire> {
  return { ...heads };
}
