const PATIENCE_MS = 20_000;
const LOOK_EVERY_MS = 5;

interface Waiting {
  readonly patienceMs?: number;
  /** Longer where each look costs somebody something. */
  readonly everyMs?: number;
}

/** Waits for a condition of the real world. Fails with `what` when it has not come true in time. */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  { patienceMs = PATIENCE_MS, everyMs = LOOK_EVERY_MS }: Waiting = {},
): Promise<void> {
  const giveUpAt = performance.now() + patienceMs;
  while (!(await condition())) {
    if (performance.now() > giveUpAt) throw new Error(`waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
