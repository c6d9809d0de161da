import type { LedgerEntry, LedgerReader } from "../ledger.ts";
import { missingIn, type ToldDeletion } from "../rules/evidence-record.ts";
import type { CameraId, Segment, Span } from "../rules/model.ts";
import { headOf, type Heads, type SignedHeads } from "./heads.ts";

/** A stretch of a camera's chain that ends in signed heads. */
export interface ChainPart {
  readonly firstN: number;
  readonly entries: readonly LedgerEntry[];
  readonly heads: SignedHeads;
}

interface ChainOrder {
  readonly camera: CameraId;
  readonly span: Span;
  /** Its recordings that are on the disk. */
  readonly there: readonly Segment[];
  /** Heads that were signed just now: the chain goes no further. */
  readonly sealed: SignedHeads;
}

const PAGE = 1_000;

/**
 * What the chain says of a span: from its first entry over the deletions of what is no longer there to the first signed
 * heads behind them. A package of last month's recording need not carry the month since.
 */
export function chainPart(
  { camera, span, there, sealed }: ChainOrder,
  { ledger, heads }: { readonly ledger: LedgerReader; readonly heads: Pick<Heads, "covering"> },
): ChainPart {
  const firstN = ledger.firstTouching(camera, span) ?? 1;
  const entries: LedgerEntry[] = [];
  const readUpTo = (n: number): void => {
    while (firstN + entries.length <= n) {
      const from = firstN + entries.length;
      const page = ledger.entries(camera, from, Math.min(PAGE, n - from + 1));
      if (page.length === 0) return;
      entries.push(...page);
    }
  };
  const endN = headOf(sealed, camera)?.n ?? 0;
  const touchingN = ledger.lastTouching(camera, span) ?? endN;
  readUpTo(touchingN);
  const told = (): readonly ToldDeletion[] => missingIn(entries, span, there);
  while (told().some(({ deletionN }) => deletionN === 0) && firstN + entries.length <= endN) {
    readUpTo(firstN + entries.length - 1 + PAGE);
  }
  const neededN = Math.max(touchingN, ...told().map(({ deletionN }) => deletionN));
  const needed = entries[neededN - firstN];
  const bound = (needed && heads.covering(camera, neededN, needed.at)) ?? sealed;
  const lastN = headOf(bound, camera)?.n ?? endN;
  readUpTo(lastN);
  return { firstN, entries: entries.slice(0, lastN - firstN + 1), heads: bound };
}
