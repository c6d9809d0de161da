import { createHash } from "node:crypto";
import { rm } from "node:fs/promises";
import type { Actor } from "../../identity/actor.ts";
import type { Audit, AuditEntry } from "../../identity/audit.ts";
import { isStopped, type Clock } from "../../kernel/clock.ts";
import { asError } from "../../kernel/faults.ts";
import { epochMs, SECOND_MS, type EpochMs } from "../../kernel/time.ts";
import { ffmpegVersion } from "../../media/cut.ts";
import type { MediaTools } from "../../media/tools.ts";
import type { Database } from "../../store/database.ts";
import { makeClip, sha256Of, type MadeClip } from "../clips/clip-maker.ts";
import type { LedgerEntry, LedgerReader } from "../ledger.ts";
import type { Recordings } from "../recordings.ts";
import { canonicalJson } from "../rules/canonical-json.ts";
import { gapsToTell, missingIn } from "../rules/evidence-record.ts";
import type { Camera, CameraId, Segment, Span } from "../rules/model.ts";
import { causeWords } from "../rules/recording-words.ts";
import type { CaseFile } from "./cases.ts";
import { chainPart } from "./chain-part.ts";
import type { Heads, SignedHeads } from "./heads.ts";
import type { EvidenceKey } from "./key.ts";
import type { PackageEntry } from "./package-writer.ts";
import { summaryPage } from "./summary.ts";
import { verifierPage, verifierScript } from "./verifier/bundle.ts";
import {
  FORMAT,
  MANIFEST,
  SIGNATURE,
  type AuditProof,
  type HeadsLine,
  type Manifest,
  type ManifestSegment,
  type ManifestSignature,
} from "./verifier/package-format.ts";

export interface PackageOrder {
  readonly id: string;
  readonly camera: Camera;
  readonly span: Span;
  readonly caseFile: Pick<CaseFile, "number" | "title" | "reason">;
  readonly operator: Actor;
  readonly askedAt: EpochMs;
  readonly reason: string;
  readonly purpose: string;
  readonly redaction: string;
  /** Absolute path for the clip; whoever asks removes it after writing the package. */
  readonly clipFile: string;
}

/** What the daemon knows of itself and of the clocks. */
export interface PackageFacts {
  readonly commune: string;
  readonly version: string;
  readonly timeZone: string;
  /** The camera's clock minus ours; null: not measured. */
  readonly cameraClock: (camera: CameraId) => Manifest["time"]["cameraClock"];
  /** Whether our clock follows network time; null: not known. */
  readonly synchronized: () => Promise<boolean | null>;
}

export interface PackageParts {
  readonly database: Database;
  readonly clock: Clock;
  readonly audit: Audit;
  readonly ledger: LedgerReader;
  readonly heads: Pick<Heads, "sign" | "covering">;
  readonly key: EvidenceKey;
  readonly recordings: Pick<Recordings, "segments" | "openSegment" | "pathOf" | "gaps">;
  readonly tools: Pick<MediaTools, "ffmpeg">;
  readonly facts: PackageFacts;
}

/** Names of a package's files; segments lie in a folder of their own. */
const CLIP = "clip.mp4";
const LEDGER = "ledger.jsonl";
const HEADS = "heads.json";
const AUDIT = "audit.json";
const KEY = "public-key.pem";

/** Original files are whole files: the one being written is waited for, two files long at most. */
const CLOSING_WAIT_MS = 90 * SECOND_MS;
const LOOK_EVERY_MS = 500;

/**
 * Everything that goes into an evidence package, in the order to write it. The clip is made, nothing else is copied yet.
 * Throws Fault("not-found") when nothing of that time is recorded.
 */
export async function composePackage(
  order: PackageOrder,
  parts: PackageParts,
  signal: AbortSignal,
): Promise<readonly PackageEntry[]> {
  const { camera, span, clipFile } = order;
  const { recordings, clock, tools, ledger } = parts;
  await wholeFiles(camera.id, span, parts, signal);
  await rm(clipFile, { force: true });
  const clip = await makeClip(
    { camera: camera.id, span, file: clipFile },
    { recordings, clock, ffmpeg: tools.ffmpeg },
    signal,
  );
  const program = await ffmpegVersion(tools.ffmpeg, signal);
  const synchronized = await parts.facts.synchronized();
  const looked = await lookAt(recordings.segments(camera.id, span), recordings, signal);
  const segments = looked.map(({ segment }) => segment);
  const names = segments.map(({ startAt }, index) => nameOf(index, startAt));

  const { heads, entry, before } = seal(order, { clip, segments }, parts);
  const told = chainPart({ camera: camera.id, span, there: segments, sealed: heads }, parts);
  const { firstN, entries: chain } = told;
  const deleted = missingIn(chain, span, segments);
  const recorded = [
    ...segments.map(({ startAt, endAt }) => ({ from: startAt, to: endAt })),
    ...deleted.map(({ from, to }) => ({ from, to })),
  ];
  const gaps = gapsToTell(span, chain, { open: recordings.gaps(camera.id, span), recorded }).map((gap) => ({
    ...gap,
    said: causeWords(gap.cause),
  }));
  const own: PackageEntry[] = [
    textFile(LEDGER, chain.map(ledgerLine).join("\n") + "\n"),
    textFile(HEADS, canonicalJson(headsLines([told.heads, heads]))),
    textFile(AUDIT, canonicalJson(proofOf(entry, { before, headsN: heads.n }))),
    textFile(KEY, parts.key.publicKeyPem),
    textFile("verify.html", verifierPage()),
    textFile("verify.mjs", verifierScript()),
  ];
  const draft: Omit<Manifest, "files"> = {
    format: FORMAT,
    madeAt: heads.at,
    software: { name: "Tiếng Làng", version: parts.facts.version },
    commune: parts.facts.commune,
    case: { number: order.caseFile.number, title: order.caseFile.title, reason: order.caseFile.reason },
    order: {
      id: order.id,
      operator: { id: order.operator.id, name: order.operator.name, roles: order.operator.roles },
      askedAt: order.askedAt,
      reason: order.reason,
      purpose: order.purpose,
      redaction: order.redaction,
    },
    camera: cameraOf(camera),
    time: {
      timeZone: parts.facts.timeZone,
      controllerSynchronized: synchronized,
      cameraClock: parts.facts.cameraClock(camera.id),
    },
    requested: span,
    delivered: deliveredOf(segments, clip),
    clip: {
      file: CLIP,
      delivered: clip.delivered,
      codec: clip.codec,
      widthPx: clip.widthPx,
      heightPx: clip.heightPx,
      stretches: clip.stretches,
      program,
      command: clip.command,
    },
    segments: segments.map((segment, index) => manifestSegment(segment, names[index] ?? "")),
    gaps,
    deleted,
    ledger: {
      file: LEDGER,
      firstN,
      lastN: chain.at(-1)?.n ?? 0,
      before: ledger.hashOf(camera.id, firstN - 1) ?? "",
      headsN: told.heads.n,
    },
    heads: { file: HEADS },
    audit: { file: AUDIT },
    key: { file: KEY, fingerprint: parts.key.fingerprint },
    changedOnDisk: looked.flatMap(({ changed }, index) => (changed ? [names[index] ?? ""] : [])),
  };
  own.push(textFile("TOM-TAT.html", summaryPage({ ...draft, files: [] })));
  const files: Manifest["files"] = [
    { name: CLIP, bytes: clip.bytes, sha256: clip.sha256 },
    ...draft.segments.map(({ file, bytes, sha256 }) => ({ name: file, bytes, sha256 })),
    ...own.flatMap(listed),
  ];
  const manifest = canonicalJson({ ...draft, files } satisfies Manifest);
  return [
    ...own,
    textFile(MANIFEST, manifest),
    textFile(SIGNATURE, canonicalJson(signatureOf(manifest, parts.key))),
    { name: CLIP, content: { path: clipFile } },
    ...segments.map((segment, index): PackageEntry => ({
      name: names[index] ?? "",
      content: { path: recordings.pathOf(segment) },
    })),
  ];
}

async function wholeFiles(
  camera: CameraId,
  span: Span,
  { recordings, clock }: PackageParts,
  signal: AbortSignal,
): Promise<void> {
  const giveUpAt = clock.uptime() + CLOSING_WAIT_MS;
  const isOpen = (): boolean => (recordings.openSegment(camera)?.startAt ?? Infinity) < span.to;
  while (isOpen() && clock.uptime() < giveUpAt && !isStopped(signal))
    await clock.sleep(LOOK_EVERY_MS, signal);
  signal.throwIfAborted();
}

/** Reads every original file; one that is gone is left out and told as lost. */
async function lookAt(
  segments: readonly Segment[],
  recordings: PackageParts["recordings"],
  signal: AbortSignal,
): Promise<readonly { readonly segment: Segment; readonly changed: boolean }[]> {
  const looked: { segment: Segment; changed: boolean }[] = [];
  for (const segment of segments) {
    signal.throwIfAborted();
    const sha256 = await sha256Of(recordings.pathOf(segment)).catch(unlessGone);
    if (sha256 !== undefined) looked.push({ segment, changed: sha256 !== segment.sha256 });
  }
  return looked;
}

function unlessGone(error: unknown): undefined {
  const thrown = asError(error);
  if ("code" in thrown && thrown.code === "ENOENT") return undefined;
  throw thrown;
}

/** The trail's entry of this package and the heads that sign it, with nothing between them. */
function seal(
  { id, camera, span, caseFile, operator }: PackageOrder,
  { clip, segments }: { readonly clip: MadeClip; readonly segments: readonly Segment[] },
  { database, audit, heads }: PackageParts,
): { readonly heads: SignedHeads; readonly entry: AuditEntry; readonly before: string } {
  return database.transact(() => {
    const [last] = audit.read({ limit: 1 });
    audit.record({
      actor: operator,
      action: "evidence.seal",
      subject: id,
      details: {
        case: caseFile.number,
        camera: camera.id,
        from: span.from,
        to: span.to,
        clipSha256: clip.sha256,
        segments: segments.length,
      },
    });
    const [entry] = audit.read({ limit: 1 });
    if (entry === undefined) throw new Error("an entry that was just recorded is not there");
    return { heads: heads.sign(), entry, before: last?.hash ?? "0".repeat(64) };
  });
}

/** The chain's, and those that sign the trail; often they are the same. */
function headsLines(all: readonly SignedHeads[]): readonly HeadsLine[] {
  const lines = new Map(all.map(({ n, body, signature }) => [n, { n, body, signature }]));
  return [...lines.values()];
}

function ledgerLine({ n, at, kind, hash, fields }: LedgerEntry): string {
  return JSON.stringify([n, at, kind, hash, ...fields]);
}

function proofOf(
  { seq, at, actorId, actorName, action, subject, details, hash }: AuditEntry,
  { before, headsN }: { readonly before: string; readonly headsN: number },
): AuditProof {
  return {
    before,
    seq,
    at,
    actorId,
    actorName,
    action,
    subject,
    details: JSON.stringify(details),
    hash,
    headsN,
  };
}

function cameraOf({ id, name, place, identity, purpose, retentionDays, audio }: Camera): Manifest["camera"] {
  return { id, name, place, identity: { ...identity }, purpose, retentionDays, audio };
}

function deliveredOf(segments: readonly Segment[], { delivered }: MadeClip): Span {
  const [first, last] = [segments[0], segments.at(-1)];
  return {
    from: epochMs(Math.min(first?.startAt ?? delivered.from, delivered.from)),
    to: epochMs(Math.max(last?.endAt ?? delivered.to, delivered.to)),
  };
}

/** `segments/0001-20261123T100500Z.mp4` */
function nameOf(index: number, startAt: EpochMs): string {
  const stamp = new Date(startAt).toISOString().slice(0, 19).replaceAll(/[-:]/g, "");
  return `segments/${String(index + 1).padStart(4, "0")}-${stamp}Z.mp4`;
}

function manifestSegment(segment: Segment, file: string): ManifestSegment {
  const { startAt, endAt, session, n, bytes, sha256, ledgerN, recovered, suspect } = segment;
  return { file, startAt, endAt, session, n, bytes, sha256, ledgerN, recovered, suspect };
}

function signatureOf(manifest: string, key: EvidenceKey): ManifestSignature {
  return {
    algorithm: "Ed25519",
    key: key.fingerprint,
    manifestSha256: sha256OfBytes(Buffer.from(manifest, "utf8")),
    signature: key.signed(manifest),
  };
}

function textFile(name: string, said: string): PackageEntry {
  return { name, content: { bytes: Buffer.from(said, "utf8") } };
}

function listed({ name, content }: PackageEntry): Manifest["files"] {
  if (!("bytes" in content)) return [];
  return [{ name, bytes: content.bytes.length, sha256: sha256OfBytes(content.bytes) }];
}

function sha256OfBytes(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}
