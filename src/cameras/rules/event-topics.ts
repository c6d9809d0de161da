import type { EventKind } from "./model.ts";

/** What a notification of this topic means, and which of its data items says whether the state is on. */
export interface EventTopic {
  /** As the camera sends it, without `/.` at its end: `tns1:RuleEngine/CellMotionDetector/Motion`. */
  readonly topic: string;
  /** Name of the SimpleItem with the state; null: something happened once, and there is no end to it. */
  readonly item: string | null;
  readonly kind: EventKind;
}

/**
 * What cameras of any make send. Names from the ONVIF analytics and imaging specifications, the others as Home
 * Assistant's parsers list them. A camera profile may say more, and says it first.
 */
const USUAL_TOPICS: readonly EventTopic[] = [
  { topic: "tns1:RuleEngine/CellMotionDetector/Motion", item: "IsMotion", kind: "motion" },
  { topic: "tns1:RuleEngine/MotionRegionDetector/Motion", item: "State", kind: "motion" },
  { topic: "tns1:VideoSource/MotionAlarm", item: "State", kind: "motion" },
  { topic: "tns1:VideoAnalytics/Motion", item: "IsMotion", kind: "motion" },
  { topic: "tns1:RuleEngine/FieldDetector/ObjectsInside", item: "IsInside", kind: "motion" },
  { topic: "tns1:RuleEngine/LineDetector/Crossed", item: null, kind: "motion" },
  { topic: "tns1:RuleEngine/MyRuleDetector/PeopleDetect", item: "State", kind: "motion" },
  { topic: "tns1:RuleEngine/MyRuleDetector/HumanDetect", item: "State", kind: "motion" },
  { topic: "tns1:RuleEngine/PeopleDetector/People", item: "IsPeople", kind: "motion" },
  { topic: "tns1:RuleEngine/TamperDetector/Tamper", item: "IsTamper", kind: "tamper" },
  { topic: "tns1:RuleEngine/CellMotionDetector/Tamper", item: "IsTamper", kind: "tamper" },
  { topic: "tns1:VideoSource/GlobalSceneChange/ImagingService", item: "State", kind: "tamper" },
  { topic: "tns1:VideoSource/GlobalSceneChange/AnalyticsService", item: "State", kind: "tamper" },
  { topic: "tns1:VideoSource/ImageTooDark/ImagingService", item: "State", kind: "tamper" },
  { topic: "tns1:VideoSource/ImageTooDark/AnalyticsService", item: "State", kind: "tamper" },
  { topic: "tns1:VideoSource/ImageTooBlurry/ImagingService", item: "State", kind: "tamper" },
  { topic: "tns1:VideoSource/ImageTooBlurry/AnalyticsService", item: "State", kind: "tamper" },
  { topic: "tns1:Device/Trigger/DigitalInput", item: "LogicalState", kind: "input" },
];

export interface Notification {
  readonly topic: string;
  /** Which detector, input or lens: SimpleItems as the camera sent them. */
  readonly source: Readonly<Record<string, string>>;
  readonly data: Readonly<Record<string, string>>;
  readonly change: "initialized" | "changed" | "deleted";
}

/** What a notification tells: which state it is about, and whether that is on. */
export interface Told {
  /** The same for all notifications about one state of one detector. */
  readonly key: string;
  readonly topic: string;
  readonly kind: EventKind;
  /** Null: it happened once. */
  readonly on: boolean | null;
}

const LONGEST_TOPIC = 200;

/** Topic without `/.` and without what a printer of XML put around it. */
export function plainTopic(written: string): string {
  return written
    .trim()
    .replace(/(?:\/\.)+\/?$/, "")
    .slice(0, LONGEST_TOPIC);
}

/** A topic nobody has listed is “other”; it has a state when one of its data items reads like one. */
export function tell(notification: Notification, topicsOfProfile: readonly EventTopic[]): Told {
  const topic = plainTopic(notification.topic);
  const known =
    topicsOfProfile.find((entry) => entry.topic === topic) ??
    USUAL_TOPICS.find((entry) => entry.topic === topic);
  const source = Object.entries(notification.source).sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    key: JSON.stringify([topic, source]).slice(0, 2 * LONGEST_TOPIC),
    topic,
    kind: known?.kind ?? "other",
    on: notification.change === "deleted" ? false : stateIn(notification.data, known),
  };
}

function stateIn(data: Notification["data"], known: EventTopic | undefined): boolean | null {
  if (known?.item === null) return null;
  // A listed item may have another name in a camera's next firmware.
  const values = known === undefined ? [] : [data[known.item]];
  for (const value of [...values, ...Object.values(data)]) {
    const state = value === undefined ? undefined : truthOf(value);
    if (state !== undefined) return state;
  }
  return null;
}

function truthOf(value: string): boolean | undefined {
  switch (value.trim().toLowerCase()) {
    case "true":
    case "1":
    case "on":
    case "active":
      return true;
    case "false":
    case "0":
    case "off":
    case "inactive":
      return false;
    default:
      return undefined;
  }
}
