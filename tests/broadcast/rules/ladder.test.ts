import { expect, test } from "vitest";
import { compareOnLadder } from "../../../src/broadcast/rules/ladder.ts";
import { item } from "../../support/air.ts";

test("level, then the officer's choice, then the earlier start, then the name", () => {
  const inOrder = [
    item("alert", "17:09", 1, { level: 900 }),
    item("live", "17:08", 1, { level: 700 }),
    item("chosen", "17:07", 1, { level: 600, rank: 1 }),
    item("early", "17:00", 1, { level: 600 }),
    item("a", "17:05", 1, { level: 600 }),
    item("b", "17:05", 1, { level: 600 }),
    item("news", "16:00", 1),
  ];
  expect([...inOrder].reverse().sort(compareOnLadder)).toEqual(inOrder);
});
