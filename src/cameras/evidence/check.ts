import { asError } from "../../kernel/faults.ts";
import type { EpochMs } from "../../kernel/time.ts";
import { sha256Of } from "../clips/clip-maker.ts";
import type { LedgerReader } from "../ledger.ts";
import type { Recordings } from "../recordings.ts";
import type { CameraId, Segment, Span } from "../rules/model.ts";
import type { Heads } from "./heads.ts";

export interface CheckParts {
  readonly ledger: LedgerReader;
  readonly heads: Pick<Heads, "list">;
  readonly recordings: Pick<Recordings, "segments" | "pathOf" | "oldestAt">;
}

interface ChainCheck {
  readonly whole: boolean;
  readonly count: number;
  readonly head: string | null;
  readonly brokenAt: number | null;
  readonly headsChecked: number;
  readonly wrongHeads: number[];
  readonly oldestAt: EpochMs | null;
}

/** Recomputes the chain, and asks of every signed head whether the chain still meets it. */
export async function checkChain(
  camera: CameraId,
  { ledger, heads, recordings }: CheckParts,
): Promise<ChainCheck> {
  const verdict = await ledger.verify(camera);
  const signed = heads.list(Number.MAX_SAFE_INTEGER);
  const wrongHeads = signed
    .filter(({ body }) => {
      const head = headIn(body, camera);
      return head !== undefined && ledger.hashOf(camera, head.n) !== head.hash;
    })
    .map(({ n }) => n);
  return {
    whole: verdict.whole && wrongHeads.length === 0,
    count: verdict.whole ? verdict.count : verdict.brokenAt - 1,
    head: verdict.whole ? verdict.head : null,
    brokenAt: verdict.whole ? null : verdict.brokenAt,
    headsChecked: signed.length,
    wrongHeads,
    oldestAt: recordings.oldestAt(camera) ?? null,
  };
}

interface FilesCheck {
  readonly files: number;
  readonly bytes: number;
  readonly changed: string[];
  readonly missing: string[];
  readonly unlisted: string[];
}

/** Reads the recordings of the span and compares their hashes with the chain's. */
export async function checkFiles(
  camera: CameraId,
  span: Span,
  { ledger, recordings }: CheckParts,
  signal: AbortSignal,
): Promise<FilesCheck> {
  const found: FilesCheck = { files: 0, bytes: 0, changed: [], missing: [], unlisted: [] };
  let [files, bytes] = [0, 0];
  // A file at the border belongs to the span in which it begins.
  for (const segment of recordings.segments(camera, span).filter(({ startAt }) => startAt >= span.from)) {
    signal.throwIfAborted();
    files += 1;
    bytes += segment.bytes;
    if (!isListed(segment, ledger)) found.unlisted.push(segment.path);
    const sha256 = await sha256Of(recordings.pathOf(segment)).catch(unlessGone);
    if (sha256 === undefined) found.missing.push(segment.path);
    else if (sha256 !== segment.sha256) found.changed.push(segment.path);
  }
  return { ...found, files, bytes };
}

function isListed(
  { camera, ledgerN, session, n, startAt, endAt, bytes, sha256 }: Segment,
  ledger: LedgerReader,
): boolean {
  const [entry] = ledger.entries(camera, ledgerN, 1);
  return (
    entry?.n === ledgerN &&
    entry.kind === "segment" &&
    JSON.stringify(entry.fields) === JSON.stringify([session, n, startAt, endAt, bytes, sha256])
  );
}

function headIn(body: string, camera: CameraId): { readonly n: number; readonly hash: string } | undefined {
  const { heads } = JSON.parse(body) as {
    readonly heads: readonly { readonly camera: string; readonly n: number; readonly hash: string }[];
  };
  return heads.find((head) => head.camera === camera);
}

function unlessGone(error: unknown): undefined {
  const thrown = asError(error);
  if ("code" in thrown && thrown.code === "ENOENT") return undefined;
  throw thrown;
}
