import { expect, test } from "vitest";
import { hear, staleness, type Hearing, type Sense } from "../../../src/cameras/rules/event-senses.ts";
import { epochMs, SECOND_MS, uptimeMs } from "../../../src/kernel/time.ts";

const AT = epochMs(1_000_000);

const sense = (on: boolean | null, endedSecAgo?: number | "goes on"): Sense => ({
  kind: "motion",
  topic: "tns1:VideoSource/MotionAlarm",
  on,
  since: epochMs(0),
  heardAt: uptimeMs(0),
  event:
    endedSecAgo === undefined
      ? null
      : { id: 1, endedAt: endedSecAgo === "goes on" ? null : epochMs(AT - endedSecAgo * SECOND_MS) },
});

const hearing = (on: boolean | null, initialized = false): Hearing => ({
  told: { key: "k", topic: "tns1:VideoSource/MotionAlarm", kind: "motion", on },
  initialized,
  at: AT,
});

test.each([
  ["the first we hear of it is that it is on", undefined, hearing(true), "begin"],
  ["it was on before we listened", undefined, hearing(true, true), "nothing"],
  ["it was off before we listened", undefined, hearing(false, true), "nothing"],
  ["on after off", sense(false), hearing(true), "begin"],
  ["on after off, told when asked for states", sense(false), hearing(true, true), "begin"],
  ["on again and again", sense(true, "goes on"), hearing(true), "nothing"],
  ["off after on", sense(true, "goes on"), hearing(false), "end"],
  ["off after on, told when asked for states", sense(true, "goes on"), hearing(false, true), "end"],
  ["off twice", sense(false, 3), hearing(false), "nothing"],
  ["on again within seconds", sense(false, 4), hearing(true), "go-on"],
  ["on again later", sense(false, 6), hearing(true), "begin"],
  ["still on after a lost line", sense(null, 300), hearing(true, true), "go-on"],
  ["on once more after a lost line", sense(null, 300), hearing(true), "go-on"],
  ["on long after a lost line", sense(null, 700), hearing(true), "begin"],
  ["on before the line was lost, and no event known", sense(null), hearing(true, true), "nothing"],
  ["off after a lost line", sense(null, 300), hearing(false, true), "nothing"],
  ["a moment", undefined, hearing(null), "moment"],
  ["a moment right after another", sense(null, 2), hearing(null), "nothing"],
  ["a moment later", sense(null, 6), hearing(null), "moment"],
] as const)("%s", (_name, before, heard, step) => {
  expect(hear(before, heard)).toBe(step);
});

test.each([
  ["a movement that was just spoken of", { kind: "motion", on: true, silentSec: 59 }, "fresh"],
  ["a movement nobody has spoken of for a minute", { kind: "motion", on: true, silentSec: 60 }, "doubtful"],
  ["a movement nobody has spoken of for two", { kind: "motion", on: true, silentSec: 120 }, "expired"],
  ["no movement", { kind: "motion", on: false, silentSec: 9_999 }, "fresh"],
  ["a movement that can't be heard", { kind: "motion", on: null, silentSec: 9_999 }, "fresh"],
  ["a door that stays open", { kind: "input", on: true, silentSec: 9_999 }, "fresh"],
  ["a lens that stays covered", { kind: "tamper", on: true, silentSec: 9_999 }, "fresh"],
] as const)("%s is judged right", (_name, { kind, on, silentSec }, verdict) => {
  expect(staleness({ ...sense(on), kind }, uptimeMs(silentSec * SECOND_MS))).toBe(verdict);
});
