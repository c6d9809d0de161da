/** One item of a plan, as far as its size and place in time go. */
export interface PlanEntry {
  readonly at: number;
  readonly until: number;
  /** Stands for its whole content. */
  readonly digest: string;
  readonly bytes: number;
}

export interface PlanFit {
  /** How many of the entries, nearest first, go into the plan. */
  readonly kept: number;
  /** What had to be left out although it lies within the plan's life. */
  readonly leftOut: number;
  /** Up to this instant the plan says everything there is to say. */
  readonly coversUntil: number;
}

/** Entries are sorted by `at` and lie before `expiresAt`. */
export function fitPlan(
  entries: readonly PlanEntry[],
  expiresAt: number,
  limit: { readonly items: number; readonly bytes: number },
): PlanFit {
  let bytes = 0;
  let kept = 0;
  for (const entry of entries) {
    bytes += entry.bytes;
    if (kept === limit.items || bytes > limit.bytes) break;
    kept += 1;
  }
  const firstLeftOut = entries[kept];
  return { kept, leftOut: entries.length - kept, coversUntil: firstLeftOut?.at ?? expiresAt };
}

/** A plan that a speaker holds. */
export interface HeldPlan {
  readonly issuedAt: number;
  readonly coversUntil: number;
  /** Of quiet hours and time zone. */
  readonly frame: string;
  readonly entries: readonly Omit<PlanEntry, "bytes">[];
}

/** Whether the speaker must get a new version: what is still ahead differs, or half of the cover is used up. */
export function needsNewPlan(
  held: HeldPlan,
  draft: { readonly frame: string; readonly entries: readonly PlanEntry[] },
  now: number,
): boolean {
  if (held.frame !== draft.frame) return true;
  if (now >= held.issuedAt + (held.coversUntil - held.issuedAt) / 2) return true;
  const ahead = (entries: readonly Omit<PlanEntry, "bytes">[]): string =>
    entries
      .filter((entry) => entry.until > now && entry.at < held.coversUntil)
      .map((entry) => entry.digest)
      .join();
  return ahead(held.entries) !== ahead(draft.entries);
}
