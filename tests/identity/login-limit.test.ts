import { describe, expect, test } from "vitest";
import { createLoginLimit, TooManyAttempts, type LoginLimit } from "../../src/identity/login-limit.ts";
import { MINUTE_MS } from "../../src/kernel/time.ts";
import { FakeClock } from "../support/fake-clock.ts";

function refusedAfter(
  limit: LoginLimit,
  attempts: readonly (readonly [string, string])[],
): number | undefined {
  for (const [index, [account, address]] of attempts.entries()) {
    try {
      limit.attempt(account, address);
    } catch (error) {
      if (error instanceof TooManyAttempts) return index;
      throw error;
    }
  }
  return undefined;
}

const times = (
  count: number,
  make: (index: number) => readonly [string, string],
): (readonly [string, string])[] => Array.from({ length: count }, (_, index) => make(index));

describe("the limit on logins", () => {
  test("one account: five wrong passwords, from wherever they come", () => {
    const limit = createLoginLimit(new FakeClock());
    expect(
      refusedAfter(
        limit,
        times(10, (n) => [n % 2 === 0 ? "lan" : " LAN", `192.0.2.${n}`]),
      ),
    ).toBe(5);
  });

  test("one address: twenty, whatever the account", () => {
    const limit = createLoginLimit(new FakeClock());
    expect(
      refusedAfter(
        limit,
        times(30, (n) => [`user${n}`, "192.0.2.1"]),
      ),
    ).toBe(20);
  });

  test("lets in again when a quarter of an hour has passed, and says when", async () => {
    const clock = new FakeClock();
    const limit = createLoginLimit(clock);
    refusedAfter(
      limit,
      times(5, () => ["lan", "192.0.2.1"]),
    );
    await clock.advance(5 * MINUTE_MS);
    expect(() => limit.attempt("lan", "192.0.2.9")).toThrow(
      expect.objectContaining({
        retryAfterSec: 600,
        hint: expect.objectContaining({ vi: expect.stringContaining("sau 10 phút") as string }) as object,
      }) as Error,
    );
    await clock.advance(10 * MINUTE_MS);
    expect(() => limit.attempt("lan", "192.0.2.9")).not.toThrow();
  });

  test("the right password forgets the wrong ones before it", () => {
    const limit = createLoginLimit(new FakeClock());
    refusedAfter(
      limit,
      times(4, () => ["lan", "192.0.2.1"]),
    );
    limit.attempt("lan", "192.0.2.1");
    limit.succeeded("lan", "192.0.2.1");
    expect(
      refusedAfter(
        limit,
        times(10, () => ["lan", "192.0.2.1"]),
      ),
    ).toBe(5);
  });
});
