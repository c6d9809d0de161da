import { expect, test } from "vitest";
import { isNewerPlan, judgeOrder, type KnownOrders } from "../../../src/agent/rules/orders.ts";

const order = { scope: "all", seq: 7, expiresAt: 1_000 };
const nothing: KnownOrders = { scopes: ["all", "speaker/loa-1"], earlier: undefined, forgottenUpTo: 0 };

test.each<[string, object, Partial<KnownOrders>, number, string]>([
  ["new", {}, {}, 0, "carry-out"],
  ["for someone else", { scope: "speaker/loa-2" }, {}, 0, "ignore"],
  ["seen", {}, { earlier: { outcome: "done" } }, 0, "answer done -"],
  ["seen, and expired since", {}, { earlier: { outcome: "done" } }, 5_000, "answer done -"],
  ["refused before", {}, { earlier: { outcome: "refused", reason: "why" } }, 0, "answer refused why"],
  ["forgotten", {}, { forgottenUpTo: 7 }, 0, "answer refused replay"],
  ["above the forgotten", {}, { forgottenUpTo: 6 }, 0, "carry-out"],
  ["at its expiry", {}, {}, 1_000, "answer refused expired"],
])("an order that is %s", (...[, changes, known, now, expected]) => {
  const judgement = judgeOrder({ ...order, ...changes }, { ...nothing, ...known }, now);
  const said =
    judgement.type === "answer"
      ? `answer ${judgement.settled.outcome} ${judgement.settled.reason ?? "-"}`
      : judgement.type;
  expect(said).toBe(expected);
});

test.each([
  ["the first", { version: 1, issuedAt: 5 }, undefined, true],
  ["higher", { version: 3, issuedAt: 1 }, { version: 2, issuedAt: 5 }, true],
  ["the same again", { version: 2, issuedAt: 5 }, { version: 2, issuedAt: 5 }, false],
  ["lower, issued later", { version: 1, issuedAt: 6 }, { version: 2, issuedAt: 5 }, true],
  ["lower, issued earlier", { version: 1, issuedAt: 4 }, { version: 2, issuedAt: 5 }, false],
])("a plan that is %s", (_name, candidate, stored, expected) =>
  expect(isNewerPlan(candidate, stored)).toBe(expected),
);
