import fc from "fast-check";
import { expect, test } from "vitest";
import { NO_RECEIPTS, takeReceipt } from "../../../src/speakers/rules/receipt-floor.ts";

/** Feeds `n:content` words in; says for each whether it was new and what may be forgotten. */
function check(arrivals: string): string {
  const stored = new Map<string, string>();
  let floor = NO_RECEIPTS;
  return arrivals
    .split(" ")
    .map((word) => {
      const [n = "0", content = "x"] = word.split(":");
      const digest = `${n}${content}`;
      const step = takeReceipt(floor, Number(n), digest, (era, number) => stored.get(`${era}/${number}`));
      ({ floor } = step);
      if (step.isNew) stored.set(`${floor.era}/${n}`, digest);
      return `${step.isNew ? "new" : "known"}≤${floor.upTo}`;
    })
    .join(" ");
}

test.each([
  ["in order", "1 2 3", "new≤1 new≤2 new≤3"],
  ["a repeat is known and acknowledged again", "1 1", "new≤1 known≤1"],
  ["a hole holds the acknowledgement back", "1 3 4", "new≤1 new≤1 new≤1"],
  ["until it is filled", "1 3 2", "new≤1 new≤1 new≤3"],
  ["or what lies above comes again", "1 3 4 3 4", "new≤1 new≤1 new≤1 known≤4 known≤4"],
  ["a hall that has lost its past catches up", "500 500 501", "new≤0 known≤500 new≤501"],
  ["a device with a new memory begins again", "1 2 1:y 2:y", "new≤1 new≤2 new≤1 new≤2"],
  ["also below what was given up", "9 9 1", "new≤0 known≤9 new≤1"],
])("%s", (_name, arrivals, expected) => {
  expect(check(arrivals)).toBe(expected);
});

test("however often receipts are repeated or lost, none is stored twice", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 12 }),
      fc.array(fc.nat(11), { maxLength: 40 }),
      fc.array(fc.boolean(), { maxLength: 40 }),
      (count, picks, lost) => {
        // A speaker sends its oldest receipts first, from the first unacknowledged one; some are lost on the way.
        const stored = new Map<number, string>();
        let floor = NO_RECEIPTS;
        let forgotten = 0;
        picks.forEach((pick, index) => {
          for (let n = forgotten + 1; n <= Math.min(count, forgotten + 1 + pick); n += 1) {
            if (lost[index] === true && n === forgotten + 1) continue;
            const step = takeReceipt(floor, n, `r${n}`, (_era, number) => stored.get(number));
            expect(step.floor.era).toBe(1);
            expect(step.isNew).toBe(!stored.has(n));
            stored.set(n, `r${n}`);
            ({ floor } = step);
          }
          forgotten = Math.max(forgotten, floor.upTo);
        });
        expect(floor.upTo).toBeLessThanOrEqual(Math.max(0, ...stored.keys()));
      },
    ),
  );
});
