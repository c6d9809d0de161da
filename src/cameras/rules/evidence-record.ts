import { epochMs } from "../../kernel/time.ts";
import { holesIn } from "./cut.ts";
import type { Gap, GapCause, Segment, Span } from "./model.ts";

/** An entry of a camera's chain, its fact as an array (`ledger.ts` fixes the order). */
export interface ChainEntry {
  readonly n: number;
  readonly kind: "segment" | "gap" | "deletion";
  readonly fields: readonly unknown[];
}

export interface ToldGap extends Span {
  readonly cause: GapCause;
  /** Its entry in the chain; null while it lasts, and for what nobody noted. */
  readonly ledgerN: number | null;
}

export interface ToldDeletion extends Span {
  readonly ledgerN: number;
  /** Entry of the deletion; 0: there is none, the file is missing. */
  readonly deletionN: number;
  readonly reason: string;
}

/** Recordings of the span that the chain tells of and that are not among `there`. */
export function missingIn(
  chain: readonly ChainEntry[],
  span: Span,
  there: readonly Segment[],
): ToldDeletion[] {
  const known = new Set(there.map(({ ledgerN }) => ledgerN));
  const deletions = new Map<number, { readonly n: number; readonly reason: string }>();
  for (const { n, kind, fields } of chain) {
    if (kind !== "deletion") continue;
    for (const entry of fields[0] as number[]) deletions.set(entry, { n, reason: String(fields[2]) });
  }
  return chain.flatMap(({ n, kind, fields }) => {
    const [, , from, to] = fields as number[];
    if (kind !== "segment" || known.has(n) || from === undefined || to === undefined) return [];
    if (from >= span.to || to <= span.from) return [];
    const { n: deletionN, reason } = deletions.get(n) ?? { n: 0, reason: "lost" };
    return [{ from: epochMs(from), to: epochMs(to), ledgerN: n, deletionN, reason }];
  });
}

/**
 * Every stretch of the span that is not recorded: the chain's gaps as they were noted, then those that last, then what
 * nobody noted, as unknown.
 */
export function gapsToTell(
  span: Span,
  chain: readonly ChainEntry[],
  { open, recorded }: { readonly open: readonly Gap[]; readonly recorded: readonly Span[] },
): ToldGap[] {
  const noted = chain.flatMap(({ n, kind, fields }): ToldGap[] => {
    const [from, to] = fields as number[];
    if (kind !== "gap" || from === undefined || to === undefined) return [];
    if (from >= span.to || to <= span.from) return [];
    return [{ from: epochMs(from), to: epochMs(to), cause: fields[2] as GapCause, ledgerN: n }];
  });
  const lasting = open.flatMap(({ from, to, cause }): ToldGap[] => {
    if (to !== null || from >= span.to) return [];
    return [{ from, to: span.to, cause, ledgerN: null }];
  });
  const rest = holesIn(span, [...recorded, ...noted, ...lasting]).map((hole): ToldGap => ({
    ...hole,
    cause: "unknown",
    ledgerN: null,
  }));
  return [...noted, ...lasting, ...rest].sort((a, b) => a.from - b.from);
}
