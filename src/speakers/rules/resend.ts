/** First repeat after 2 s, then doubling to this. */
const LONGEST_WAIT_MS = 30_000;
const FIRST_WAIT_MS = 2_000;

/** How long after the nth sending (counted from 1) an unacknowledged order is sent again. */
export function resendAfterMs(sendings: number): number {
  return Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(Math.max(sendings, 1) - 1, 10));
}
