import { expect, test } from "vitest";
import {
  cutOff,
  endAt,
  expectedMs,
  positionMs,
  resumed,
  type AiringSpec,
  type Standing,
} from "../../../src/agent/rules/airing.ts";

const spec: AiringSpec = {
  airing: "a",
  level: 400,
  at: 100_000,
  until: 200_000,
  source: { type: "files", parts: [{ durationMs: 4_000 }, { durationMs: 6_000 }], offsetMs: 1_000 },
  afterPreempt: "resume",
};
const stream: AiringSpec = { ...spec, source: { type: "stream" } };
const repeated: AiringSpec = { ...spec, repeatEveryMs: 30_000 };
const plain: Standing = { spec, begun: true, playable: true, lagMs: 0, stepMs: 0, resumesAtMs: undefined };

test.each<[string, Partial<Standing>, number, string]>([
  ["at its start", {}, 100_000, "1000 of 109000"],
  ["before its start", {}, 99_000, "1000 of 109000"],
  ["in the middle", {}, 104_000, "5000 of 109000"],
  ["delayed", { lagMs: 500 }, 104_000, "4500 of 109500"],
  ["after a clock step", { stepMs: 3_600_000 }, 3_704_000, "5000 of 3709000"],
  ["cut off", { resumesAtMs: 2_500 }, 150_000, "2500 of 200000"],
  ["limited", { spec: { ...spec, until: 103_000 } }, 102_000, "3000 of 103000"],
  ["a stream", { spec: stream }, 150_000, "0 of 200000"],
  ["repeated: first", { spec: repeated }, 105_000, "6000 of 200000"],
  ["repeated: in the pause", { spec: repeated }, 120_000, "21000 of 200000"],
  ["repeated: again", { spec: repeated }, 131_000, "2000 of 200000"],
])("position and end, %s", (_name, changes, now, expected) => {
  const standing = { ...plain, ...changes };
  expect(`${positionMs(standing, now)} of ${endAt(standing)}`).toBe(expected);
});

test("what was cut off goes on where it was, and ends that much later", () => {
  const cut = cutOff(plain, 103_000);
  if (cut === "dropped") throw new Error("dropped");
  const again = resumed(cut, 120_000);
  expect([positionMs(again, 120_000), positionMs(again, 121_000), endAt(again)]).toEqual([
    4_000, 5_000, 126_000,
  ]);
});

test.each<[string, AiringSpec, number, number | undefined]>([
  ["plays once: its length, whenever it was ended", spec, 103_000, 9_000],
  ["longer than its time", { ...spec, until: 104_000 }, 104_000, 4_000],
  ["a stream: unknown", stream, 150_000, undefined],
  ["repetitions up to the end", repeated, 165_000, 23_000],
  ["repetitions, stopped in a pause", repeated, 115_000, 9_000],
])("expected, %s", (_name, of, endedAt, expected) => expect(expectedMs(of, endedAt)).toBe(expected));
