import { describe, expect, test } from "vitest";
import { epochMs } from "../../src/kernel/time.ts";
import type { Outbox } from "../../src/store/outbox.ts";

const at = epochMs(1_000);

/** What every outbox keeps to, real or fake. */
export function outboxContract(name: string, open: () => { outbox: Outbox } & Disposable): void {
  describe(`outbox: ${name}`, () => {
    test("gives rising numbers per stream and hands them to the payload", () => {
      using opened = open();
      const { outbox } = opened;
      expect(outbox.put("a", at, (seq) => `a${seq}`)).toBe(1);
      expect(outbox.put("b", at, (seq) => `b${seq}`)).toBe(1);
      expect(outbox.put("a", at, (seq) => `a${seq}`)).toBe(2);
      expect(outbox.pending("a", 10).map(({ payload }) => payload)).toEqual(["a1", "a2"]);
      expect(outbox.count("b")).toBe(1);
    });

    test("keeps order and respects the limit", () => {
      using opened = open();
      const { outbox } = opened;
      for (let i = 0; i < 20; i += 1) outbox.put("a", at, String);
      expect(outbox.pending("a", 3).map(({ seq }) => seq)).toEqual([1, 2, 3]);
    });

    test("an acknowledgement may come twice, or for what never was", () => {
      using opened = open();
      const { outbox } = opened;
      outbox.put("a", at, String);
      expect(outbox.acknowledge("a", 1)).toBe(true);
      expect(outbox.acknowledge("a", 1)).toBe(false);
      expect(outbox.acknowledge("nobody", 7)).toBe(false);
      expect(outbox.count("a")).toBe(0);
    });

    test("never gives a number twice, even when everything was acknowledged", () => {
      using opened = open();
      const { outbox } = opened;
      outbox.put("a", at, String);
      outbox.put("a", at, String);
      expect(outbox.acknowledgeUpTo("a", 2)).toBe(2);
      expect(outbox.put("a", at, String)).toBe(3);
    });

    test("a payload that can't be made leaves no trace", () => {
      using opened = open();
      const { outbox } = opened;
      expect(() =>
        outbox.put("a", at, () => {
          throw new Error("cannot encode");
        }),
      ).toThrow("cannot encode");
      expect(outbox.count("a")).toBe(0);
      expect(outbox.pending("a", 1)).toEqual([]);
    });
  });
}
