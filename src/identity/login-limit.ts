import type { Clock } from "../kernel/clock.ts";
import { Fault } from "../kernel/faults.ts";
import { MINUTE_MS } from "../kernel/time.ts";
import { text } from "../kernel/text.ts";

const WINDOW_MS = 15 * MINUTE_MS;
const FAILURES_PER_ACCOUNT = 5;
/** More than one person may sit behind one address. */
const FAILURES_PER_ADDRESS = 20;
/** Made-up names and addresses must not fill the memory. */
const MAX_COUNTERS = 10_000;

/** Answered with 429 and `retry-after`. */
export class TooManyAttempts extends Fault {
  readonly retryAfterSec: number;

  constructor(retryAfterMs: number) {
    const minutes = Math.max(1, Math.ceil(retryAfterMs / MINUTE_MS));
    super("rejected", text("Too many wrong passwords.", "Nhập sai mật khẩu quá nhiều lần."), {
      hint: text(
        `Try again in ${minutes} min. A forgotten password is set anew on the hall's machine: tienglang user passwd.`,
        `Hãy thử lại sau ${minutes} phút. Nếu quên mật khẩu, kỹ thuật viên đặt lại trên máy chủ: tienglang user passwd.`,
      ),
    });
    this.retryAfterSec = Math.max(1, Math.ceil(retryAfterMs / 1_000));
  }
}

/** Slows down guessing, per account and per address. */
export interface LoginLimit {
  /** Counts an attempt, before the slow check: many at once must not pass together. Throws `TooManyAttempts`. */
  attempt(account: string, address: string): void;
  /** The password was right: forgets the account's failures and this attempt. */
  succeeded(account: string, address: string): void;
}

export function createLoginLimit(clock: Pick<Clock, "uptime">): LoginLimit {
  const counters = new Map<string, number[]>();
  const recent = (key: string): number[] =>
    (counters.get(key) ?? []).filter((at) => clock.uptime() - at < WINDOW_MS);
  const check = (key: string, limit: number): void => {
    const [oldest, ...others] = recent(key);
    if (oldest !== undefined && others.length + 1 >= limit) {
      throw new TooManyAttempts(WINDOW_MS - (clock.uptime() - oldest));
    }
  };
  const note = (key: string): void => {
    const attempts = [...recent(key), clock.uptime()];
    // Taken out first: the map's order is then that of the last use, and the stalest goes when it is full.
    counters.delete(key);
    counters.set(key, attempts);
    if (counters.size <= MAX_COUNTERS) return;
    const [stalest] = counters.keys();
    if (stalest !== undefined) counters.delete(stalest);
  };
  const accountKey = (account: string): string => `account ${account.trim().toLowerCase().slice(0, 64)}`;
  return {
    attempt: (account, address) => {
      check(accountKey(account), FAILURES_PER_ACCOUNT);
      check(`address ${address}`, FAILURES_PER_ADDRESS);
      note(accountKey(account));
      note(`address ${address}`);
    },
    succeeded: (account, address) => {
      counters.delete(accountKey(account));
      counters.set(`address ${address}`, recent(`address ${address}`).slice(0, -1));
    },
  };
}
