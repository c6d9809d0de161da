import { expect, test } from "vitest";
import { supersedes, type OrderShape } from "../../../src/speakers/rules/supersede.ts";

const play = (airing: string, startsAt: number): OrderShape => ({ kind: "play", airing, startsAt });

test.each<[string, OrderShape, OrderShape, boolean]>([
  ["a newer volume replaces an older", { kind: "volume" }, { kind: "volume" }, true],
  ["a volume leaves a play alone", { kind: "volume" }, play("a", 0), false],
  ["the same airing anew", play("a", 5), play("a", 0), true],
  ["another airing", play("b", 5), play("a", 0), false],
  ["prefetches add up", { kind: "prefetch" }, { kind: "prefetch" }, false],
  ["a stop ends its airing's play", { kind: "stop", airing: "a" }, play("a", 2_000), true],
  ["a stop leaves another airing alone", { kind: "stop", airing: "a" }, play("b", 0), false],
  [
    "a stop of one airing leaves a stop of everything",
    { kind: "stop", airing: "a" },
    { kind: "stop" },
    false,
  ],
  ["a stop of everything ends what has started", { kind: "stop" }, play("a", 1_000), true],
  ["and leaves what starts later", { kind: "stop" }, play("a", 1_001), false],
  ["and a test tone", { kind: "stop" }, { kind: "selftest" }, true],
  ["and an older stop", { kind: "stop" }, { kind: "stop", airing: "a" }, true],
  ["and no volume", { kind: "stop" }, { kind: "volume" }, false],
])("%s", (_name, newer, older, expected) => {
  expect(supersedes(newer, older, 1_000)).toBe(expected);
});
