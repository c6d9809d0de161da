import { createHash } from "node:crypto";
import type { Audit } from "../../identity/audit.ts";
import { isStopped, type Clock } from "../../kernel/clock.ts";
import { epochMs, HOUR_MS, MINUTE_MS, type EpochMs } from "../../kernel/time.ts";
import type { Database, Row } from "../../store/database.ts";
import type { Outbox } from "../../store/outbox.ts";
import type { LedgerHead, LedgerReader } from "../ledger.ts";
import { canonicalJson } from "../rules/canonical-json.ts";
import type { CameraId } from "../rules/model.ts";
import type { EvidenceKey } from "./key.ts";

/** Where all chains ended at a moment, signed: what was recorded before can't be rewritten unseen any more. */
export interface SignedHeads {
  /** From 1, without a hole. */
  readonly n: number;
  readonly at: EpochMs;
  /** Canonical JSON of `{audit, at, before, format, heads, n}`; the signature is over exactly these characters. */
  readonly body: string;
  /** Ed25519, base64. */
  readonly signature: string;
  readonly key: string;
}

export interface Heads {
  /** Signs where the chains end now. In a transaction it goes with that transaction. */
  sign(): SignedHeads;
  /** The first that say the chain had come to entry `n`, signed with today's key. `since`: when that entry was made. */
  covering(camera: CameraId, n: number, since: EpochMs): SignedHeads | undefined;
  /** Newest first. */
  list(limit: number): readonly SignedHeads[];
  /** Signs every full hour, and at once when the last is older. */
  run(signal: AbortSignal): Promise<void>;
}

interface HeadsParts {
  readonly database: Database;
  readonly clock: Clock;
  readonly ledger: Pick<LedgerReader, "heads">;
  readonly audit: Pick<Audit, "read">;
  readonly key: EvidenceKey;
  readonly outbox: Pick<Outbox, "put">;
}

/** The outbox's stream from which upstream takes them. */
export const HEADS_STREAM = "evidence-heads";
const EVERY_MS = HOUR_MS;
/** The next hour's is the one, unless the clock was set. */
const LOOKED_THROUGH = 50;
const LONGEST_NAP_MS = MINUTE_MS;
/** In place of the hash of the body before the first. */
const GENESIS = "0".repeat(64);

export function openHeads({ database, clock, ledger, audit, key, outbox }: HeadsParts): Heads {
  const list = (limit: number): SignedHeads[] =>
    database.all("SELECT * FROM evidence_head ORDER BY n DESC LIMIT ?", limit).map(asHeads);
  const sign = (): SignedHeads =>
    database.transact(() => {
      const [last] = list(1);
      const [entry] = audit.read({ limit: 1 });
      const at = clock.now();
      const n = (last?.n ?? 0) + 1;
      const body = canonicalJson({
        format: "tienglang-heads/1",
        n,
        at,
        before: last === undefined ? GENESIS : createHash("sha256").update(last.body).digest("hex"),
        heads: ledger.heads(),
        audit: entry === undefined ? null : { seq: entry.seq, hash: entry.hash },
      });
      const heads: SignedHeads = { n, at, body, signature: key.signed(body), key: key.fingerprint };
      database.run(
        "INSERT INTO evidence_head (n, at_ms, body, signature, key_fingerprint) VALUES (?, ?, ?, ?, ?)",
        ...[n, at, body, heads.signature, heads.key],
      );
      outbox.put(HEADS_STREAM, at, (seq) => canonicalJson({ seq, ...heads, publicKeyPem: key.publicKeyPem }));
      return heads;
    });
  return {
    sign,
    covering: (camera, n, since) =>
      database
        .all("SELECT * FROM evidence_head WHERE at_ms >= ? ORDER BY n LIMIT ?", since, LOOKED_THROUGH)
        .map(asHeads)
        .find((heads) => heads.key === key.fingerprint && (headOf(heads, camera)?.n ?? 0) >= n),
    list,
    run: async (signal) => {
      while (!isStopped(signal)) {
        const now = clock.now();
        const last = list(1)[0]?.at ?? 0;
        // A clock that was stepped back makes the last one lie ahead; waiting for that moment could take years.
        if (Math.floor(last / EVERY_MS) !== Math.floor(now / EVERY_MS)) sign();
        const nextMs = EVERY_MS - (clock.now() % EVERY_MS);
        await clock.sleep(Math.min(nextMs, LONGEST_NAP_MS), signal);
      }
    },
  };
}

/** Where a camera's chain ended when these were signed. */
export function headOf({ body }: SignedHeads, camera: CameraId): LedgerHead | undefined {
  const { heads } = JSON.parse(body) as { readonly heads: readonly LedgerHead[] };
  return heads.find((head) => head.camera === camera);
}

function asHeads(row: Row): SignedHeads {
  return {
    n: Number(row["n"]),
    at: epochMs(Number(row["at_ms"])),
    body: String(row["body"]),
    signature: String(row["signature"]),
    key: String(row["key_fingerprint"]),
  };
}
