import type { Clock } from "../kernel/clock.ts";
import { SECOND_MS } from "../kernel/time.ts";

const ASK_EVERY_MS = 10 * SECOND_MS;
/** A storm of reconnections stalls the broker for a tenth of a second, never for this long. */
export const HANGING_AFTER_MS = 30 * SECOND_MS;

/**
 * Asks again and again whether the other side still answers. Returns "silent" when an answer is overdue, "stopped" after
 * the signal. A question that fails is an answer: whoever asked hears of it by other ways.
 */
export async function watchAnswers(
  ask: () => Promise<unknown>,
  clock: Clock,
  signal: AbortSignal,
): Promise<"silent" | "stopped"> {
  while (await clock.sleep(ASK_EVERY_MS, signal)) {
    const answered = new AbortController();
    const settled = (): void => answered.abort();
    ask().then(settled, settled);
    const overdue = await clock.sleep(HANGING_AFTER_MS, AbortSignal.any([signal, answered.signal]));
    if (overdue) return "silent";
  }
  return "stopped";
}
