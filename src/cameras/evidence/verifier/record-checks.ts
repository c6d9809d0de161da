import { parsed, textOf, type Findings, type Parts } from "./findings.ts";
import {
  SEAM_MS,
  type AuditProof,
  type HeadsLine,
  type LedgerLine,
  type Manifest,
  type Stretch,
} from "./package-format.ts";

interface HeadsBody {
  readonly heads: readonly { readonly camera: string; readonly n: number; readonly hash: string }[];
  readonly audit: { readonly seq: number; readonly hash: string } | null;
}

/** The signed heads of the package, by their number. */
export async function checkHeads({
  manifest,
  byName,
  keyPem,
  tools,
  found,
}: Parts): Promise<ReadonlyMap<number, HeadsBody>> {
  const heads = new Map<number, HeadsBody>();
  const lines = (parsed((await textOf(byName.get(manifest.heads.file))) ?? "") ?? []) as readonly HeadsLine[];
  for (const { n, body, signature } of lines) {
    const signed =
      keyPem === undefined ? false : await tools.isSigned(body, signature, keyPem).catch(() => false);
    if (signed === false) {
      found.add(
        "heads",
        String(n),
        `Chữ ký của mốc chuỗi số ${n} không đúng.`,
        `The signature of the chains' heads no. ${n} is not valid.`,
      );
    }
    const told = parsed(body) as HeadsBody | undefined;
    if (told !== undefined) heads.set(n, told);
  }
  return heads;
}

/** Recomputes the camera's chain up to a signed head. */
export async function checkChain(
  { manifest, byName, tools, found }: Parts,
  heads: ReadonlyMap<number, HeadsBody>,
): Promise<ReadonlyMap<number, LedgerLine>> {
  const { ledger, camera } = manifest;
  const lines = new Map<number, LedgerLine>();
  const texts = ((await textOf(byName.get(ledger.file))) ?? "").split("\n").filter((line) => line !== "");
  let hash = ledger.before;
  let n = ledger.firstN - 1;
  for (const text of texts) {
    n += 1;
    const line = parsed(text) as LedgerLine | undefined;
    const [lineN, at, kind, told, ...fields] = line ?? [-1, 0, "", ""];
    hash = await tools.sha256OfText(JSON.stringify([hash, camera.id, n, at, kind, ...fields]));
    if (line === undefined || lineN !== n || told !== hash) {
      addBroken(n, found);
      return lines;
    }
    lines.set(n, line);
  }
  const head = heads.get(ledger.headsN)?.heads.find((entry) => entry.camera === camera.id);
  if (n !== ledger.lastN || head?.n !== n || head.hash !== hash) {
    found.add(
      "chain",
      String(ledger.lastN),
      `Chuỗi nhật ký ghi hình không kết thúc ở mốc đã ký (mục ${ledger.lastN}).`,
      `The camera's chain does not end in the signed head (entry ${ledger.lastN}).`,
    );
  }
  return lines;
}

function addBroken(n: number, found: Findings): void {
  found.add(
    "chain",
    String(n),
    `Mục số ${n} của chuỗi nhật ký ghi hình đã bị sửa hoặc bị bỏ.`,
    `Entry ${n} of the camera's chain was changed or taken out.`,
  );
}

/** Every segment is the one that the chain tells of, and none of that time is left out. */
export function checkSegments(
  manifest: Manifest,
  lines: ReadonlyMap<number, LedgerLine>,
  found: Findings,
): void {
  const { segments, deleted, requested } = manifest;
  for (const { file, ledgerN, session, n, startAt, endAt, bytes, sha256 } of segments) {
    const [, , kind, , ...fields] = lines.get(ledgerN) ?? [0, 0, "", ""];
    if (
      kind === "segment" &&
      JSON.stringify(fields) === JSON.stringify([session, n, startAt, endAt, bytes, sha256])
    ) {
      continue;
    }
    found.add(
      "segment",
      file,
      `Đoạn ghi ${file} không khớp với mục ${ledgerN} của chuỗi nhật ký.`,
      `The segment ${file} is not what entry ${ledgerN} of the chain says.`,
    );
  }
  const told = new Set([...segments, ...deleted].map(({ ledgerN }) => ledgerN));
  for (const [n, [, , kind, , ...fields]] of lines) {
    const [, , from, to] = fields as number[];
    if (kind !== "segment" || told.has(n) || !touches({ from: from ?? 0, to: to ?? 0 }, requested)) continue;
    found.add(
      "segment",
      String(n),
      `Đoạn ghi ở mục ${n} của chuỗi nhật ký không có trong gói và không được nêu là đã xóa.`,
      `The segment of entry ${n} is neither in the package nor told as deleted.`,
    );
  }
}

/** Time that was asked for is recorded, deleted, or told as a gap; gaps of the chain are told. */
export function checkGaps(manifest: Manifest, lines: ReadonlyMap<number, LedgerLine>, found: Findings): void {
  const { requested, segments, gaps, deleted } = manifest;
  const told = new Set(gaps.map(({ ledgerN }) => ledgerN));
  for (const [n, [, , kind, , ...fields]] of lines) {
    const [from, to] = fields as number[];
    const gap = { from: from ?? 0, to: to ?? 0 };
    if (kind === "gap" && !told.has(n) && touches(gap, requested)) addUnstated(gap, `mục ${n}`, found);
  }
  const recorded = segments.map(({ startAt, endAt }) => ({ from: startAt, to: endAt }));
  let from = requested.from;
  for (const part of [...recorded, ...gaps, ...deleted].sort((a, b) => a.from - b.from)) {
    if (part.from - from > SEAM_MS) addUnstated({ from, to: Math.min(part.from, requested.to) }, "", found);
    from = Math.max(from, part.to);
    if (from >= requested.to) return;
  }
  if (requested.to - from > SEAM_MS) addUnstated({ from, to: requested.to }, "", found);
}

function addUnstated(gap: Stretch, entry: string, found: Findings): void {
  const [from, to] = [new Date(gap.from).toISOString(), new Date(gap.to).toISOString()];
  found.add(
    "gap",
    `${from}/${to}`,
    `Khoảng trống từ ${from} đến ${to} không được nêu trong bản kê${entry === "" ? "" : ` (${entry})`}.`,
    `The gap from ${from} to ${to} is not stated in the manifest.`,
  );
}

function touches(a: Stretch, b: Stretch): boolean {
  return a.from < b.to && a.to > b.from;
}

/** The trail's entry of this package is the one whose hash was signed. */
export async function checkAudit(
  { manifest, byName, tools, found }: Parts,
  heads: ReadonlyMap<number, HeadsBody>,
): Promise<void> {
  const { file } = manifest.audit;
  const proof = parsed((await textOf(byName.get(file))) ?? "") as AuditProof | undefined;
  if (proof === undefined) return;
  const { before, seq, at, actorId, actorName, action, subject, details } = proof;
  const hash = await tools.sha256OfText(
    JSON.stringify([before, seq, at, actorId, actorName, action, subject, details]),
  );
  const head = heads.get(proof.headsN)?.audit;
  if (hash === proof.hash && head?.seq === seq && head.hash === hash && subject === manifest.order.id) return;
  found.add(
    "audit",
    String(seq),
    `Mục ${seq} của nhật ký hệ thống (xuất bằng chứng) đã bị sửa.`,
    `Entry ${seq} of the audit trail (the export) was changed.`,
  );
}
