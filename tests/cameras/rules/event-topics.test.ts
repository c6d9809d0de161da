import { expect, test } from "vitest";
import { tell, type EventTopic, type Notification } from "../../../src/cameras/rules/event-topics.ts";

const notification = (
  topic: string,
  data: Record<string, string>,
  more: Partial<Notification> = {},
): Notification => ({ topic, data, source: { Rule: "1" }, change: "changed", ...more });

const PROFILE: readonly EventTopic[] = [
  { topic: "tns1:Device/Trigger/tnsmaker:Alarm", item: "Level", kind: "input" },
  { topic: "tns1:RuleEngine/CellMotionDetector/Motion", item: "Moves", kind: "tamper" },
];

const MOTION = "tns1:RuleEngine/CellMotionDetector/Motion";
const ALARM = "tns1:VideoSource/MotionAlarm";
const SCENE = "tns1:VideoSource/GlobalSceneChange/ImagingService";

test.each([
  ["the usual motion", notification(MOTION, { IsMotion: "true" }), ["motion", true]],
  ["a dot at the end", notification(`${MOTION}/.`, { IsMotion: "false" }), ["motion", false]],
  ["blanks around it", notification(`\n  ${ALARM}\n `, { State: "1" }), ["motion", true]],
  ["an input", notification("tns1:Device/Trigger/DigitalInput", { LogicalState: "0" }), ["input", false]],
  ["a covered lens", notification(SCENE, { State: "TRUE" }), ["tamper", true]],
  [
    "something without an end",
    notification("tns1:RuleEngine/LineDetector/Crossed", { ObjectId: "1" }),
    ["motion", null],
  ],
  ["the listed item under another name", notification(ALARM, { Motion: "on" }), ["motion", true]],
  ["a topic nobody listed", notification("tns1:Monitoring/ProcessorUsage", { Value: "37" }), ["other", null]],
  [
    "a state nobody listed",
    notification("tns1:Device/HardwareFailure/FanFailure", { Failed: "true" }),
    ["other", true],
  ],
  ["no data at all", notification(MOTION, {}), ["motion", null]],
] as const)("reads %s", (_name, sent, [kind, on]) => {
  expect(tell(sent, [])).toMatchObject({ kind, on });
});

test("believes the camera's profile before the usual list", () => {
  const told = (topic: string, data: Record<string, string>) => tell(notification(topic, data), PROFILE);
  expect(told("tns1:Device/Trigger/tnsmaker:Alarm", { Other: "true", Level: "inactive" })).toMatchObject({
    kind: "input",
    on: false,
  });
  expect(
    told("tns1:RuleEngine/CellMotionDetector/Motion", { IsMotion: "true", Moves: "false" }),
  ).toMatchObject({ kind: "tamper", on: false });
});

test("a property that is taken away is off", () => {
  const gone = notification("tns1:VideoSource/MotionAlarm", { State: "true" }, { change: "deleted" });
  expect(tell(gone, []).on).toBe(false);
});

test("keeps the states of different detectors apart, whatever the order of their items", () => {
  const key = (source: Record<string, string>): string =>
    tell(notification("tns1:VideoSource/MotionAlarm", { State: "1" }, { source }), []).key;
  expect(key({ Rule: "1", Source: "a" })).toBe(key({ Source: "a", Rule: "1" }));
  expect(key({ Rule: "1" })).not.toBe(key({ Rule: "2" }));
});
