/** What the rules must know of a signed order. */
interface Numbered {
  readonly scope: string;
  readonly seq: number;
  readonly expiresAt: number;
}

export interface KnownOrders {
  /** Scopes that are this speaker's: itself, its hamlet, all. */
  readonly scopes: readonly string[];
  /** What was done with this very order; undefined when it is not remembered. */
  readonly earlier: SettledOrder | undefined;
  /** Every order of its scope up to and with this number has been forgotten. */
  readonly forgottenUpTo: number;
}

export interface SettledOrder {
  readonly outcome: "done" | "refused" | "unsupported";
  readonly reason?: string | undefined;
}

type Judgement =
  | { readonly type: "carry-out" }
  /** Not for this speaker: no answer, because the sender does not expect one. */
  | { readonly type: "ignore" }
  | { readonly type: "answer"; readonly settled: SettledOrder };

/**
 * Whether an order with a good signature is to be carried out. An order that comes again gets the answer it got, and
 * one so old that its number is forgotten can only be a replay.
 */
export function judgeOrder(order: Numbered, known: KnownOrders, now: number): Judgement {
  if (!known.scopes.includes(order.scope)) return { type: "ignore" };
  if (known.earlier !== undefined) return { type: "answer", settled: known.earlier };
  if (order.seq <= known.forgottenUpTo)
    return { type: "answer", settled: { outcome: "refused", reason: "replay" } };
  if (order.expiresAt <= now) return { type: "answer", settled: { outcome: "refused", reason: "expired" } };
  return { type: "carry-out" };
}

interface PlanEdition {
  readonly version: number;
  readonly issuedAt: number;
}

/** A higher version replaces the stored plan; a lower one only when issued later (the hall was restored). */
export function isNewerPlan(candidate: PlanEdition, stored: PlanEdition | undefined): boolean {
  if (stored === undefined || candidate.version > stored.version) return true;
  return candidate.issuedAt > stored.issuedAt;
}
