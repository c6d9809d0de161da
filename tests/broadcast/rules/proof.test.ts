import { expect, test } from "vitest";
import {
  proofOf,
  proofSentence,
  soundWithin,
  type SpeakerShare,
} from "../../../src/broadcast/rules/proof.ts";

const share = (outcome: SpeakerShare["outcome"], playedMs: number, expectedMs = 10_000): SpeakerShare => ({
  outcome,
  playedMs,
  expectedMs,
});

test.each<[string, SpeakerShare[], string]>([
  [
    "all whole",
    [share("played", 10_000), share("played", 9_950), share("delivered", 10_000)],
    "đã phát 3/3 cụm, 100 % thời lượng",
  ],
  ["one half", [share("played", 10_000), share("partial", 5_000)], "đã phát 1/2 cụm, 75 % thời lượng"],
  [
    "one silent",
    [share("played", 10_000), share("silent", 0), share("pending", 0)],
    "đã phát 1/3 cụm, 33,3 % thời lượng",
  ],
  [
    "played for too long counts once",
    [share("played", 30_000), share("silent", 0)],
    "đã phát 1/2 cụm, 50 % thời lượng",
  ],
  ["just short of whole is not whole", [share("partial", 9_870)], "đã phát 0/1 cụm, 98,7 % thời lượng"],
  [
    "nearly all is never rounded up to all",
    [share("played", 100_000, 100_000), share("partial", 99_870, 100_000)],
    "đã phát 1/2 cụm, 99,9 % thời lượng",
  ],
  ["nobody", [], "đã phát 0/0 cụm, 0 % thời lượng"],
])("%s", (_name, shares, expected) => {
  expect(proofSentence(proofOf(shares)).vi).toBe(expected);
});

test.each([
  ["once", { soundMs: 20, repeatEveryMs: undefined, spanMs: 100 }, 20],
  ["once, cut", { soundMs: 20, repeatEveryMs: undefined, spanMs: 7 }, 7],
  ["every 50 in 120", { soundMs: 20, repeatEveryMs: 50, spanMs: 120 }, 60],
  ["last round cut", { soundMs: 20, repeatEveryMs: 50, spanMs: 105 }, 45],
  ["repeats can't overlap", { soundMs: 80, repeatEveryMs: 50, spanMs: 160 }, 160],
])("sound within a span: %s", (_name, repeated, expected) => {
  expect(soundWithin(repeated)).toBe(expected);
});
