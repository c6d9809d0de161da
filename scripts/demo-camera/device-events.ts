import type { Operation } from "./device-services.ts";
import { deviceNow, serviceUrl, writeInstant, type DeviceState } from "./device-state.ts";
import { SoapFault, textAt, type XmlNode } from "./soap.ts";

/** A state of the device that events tell of. */
export type Sense = "motion" | "tamper" | "input";

const TOPIC: Record<Sense, { readonly topic: string; readonly source: string; readonly item: string }> = {
  motion: { topic: "tns1:RuleEngine/CellMotionDetector/Motion", source: "Rule", item: "IsMotion" },
  tamper: { topic: "tns1:RuleEngine/TamperDetector/Tamper", source: "Rule", item: "IsTamper" },
  input: { topic: "tns1:Device/Trigger/DigitalInput", source: "InputToken", item: "LogicalState" },
};

const SUBSCRIPTION_LIMIT = 4;
const SUBSCRIPTION_PATH = "/onvif/subscription/";

interface Subscriber {
  readonly id: number;
  readonly queue: string[];
  endsAtMs: number;
  /** The pull that waits now. */
  wake: (() => void) | undefined;
}

export interface DeviceEvents {
  /** The state turns on or off; everyone subscribed hears of it when it is a change. */
  sense(sense: Sense, on: boolean): void;
  /** Any notification, as raw XML of a wsnt:NotificationMessage. */
  tell(notification: string): void;
  /** What a reboot does. */
  forgetSubscriptions(): void;
  readonly subscriberCount: number;
  readonly operations: Record<string, Operation>;
  /** A pull waits, which no other operation does; undefined: the connection is to be closed without an answer. */
  pull(content: XmlNode, path: string, gone: AbortSignal): Promise<string | undefined>;
}

/** Real-time pull-point notification (ONVIF Core §9.1). */
export function openDeviceEvents(state: DeviceState): DeviceEvents {
  const subscribers = new Map<number, Subscriber>();
  const senses = new Map<Sense, boolean>([
    ["motion", false],
    ["tamper", false],
    ["input", false],
  ]);
  let lastId = 0;
  const instant = (atMs: number): string => writeInstant(atMs, state.faults.timeForm);
  const find = (path: string): Subscriber => {
    const found = subscribers.get(Number(path.slice(SUBSCRIPTION_PATH.length)));
    if (found === undefined || found.endsAtMs < Date.now()) {
      if (found !== undefined) subscribers.delete(found.id);
      throw new SoapFault("ter:InvalidArgVal", "no such subscription");
    }
    return found;
  };
  const give = (subscriber: Subscriber, notification: string): void => {
    subscriber.queue.push(notification);
    subscriber.wake?.();
  };
  const written = (sense: Sense, change: "Initialized" | "Changed"): string => {
    const { topic, source, item } = TOPIC[sense];
    return notification({
      topic: topic + (state.faults.topicsWithDot ? "/." : ""),
      at: instant(deviceNow(state)),
      change,
      source,
      item,
      value: String(senses.get(sense)),
    });
  };
  const times = (endsAtMs: number): string =>
    `<wsnt:CurrentTime>${instant(deviceNow(state))}</wsnt:CurrentTime><wsnt:TerminationTime>${instant(endsAtMs + state.faults.clockOffsetMs)}</wsnt:TerminationTime>`;
  const operations: Record<string, Operation> = {
    CreatePullPointSubscription: (content) => {
      for (const { id, endsAtMs } of subscribers.values()) if (endsAtMs < Date.now()) subscribers.delete(id);
      if (state.faults.refusesSubscriptions || subscribers.size >= SUBSCRIPTION_LIMIT)
        throw new SoapFault("ter:Action", "no more subscriptions", 500);
      const subscriber: Subscriber = {
        id: ++lastId,
        queue: [],
        endsAtMs: endOfLease(textAt(content, "InitialTerminationTime")),
        wake: undefined,
      };
      subscribers.set(subscriber.id, subscriber);
      return `<tev:CreatePullPointSubscriptionResponse><tev:SubscriptionReference><a:Address>${serviceUrl(state, SUBSCRIPTION_PATH)}${subscriber.id}</a:Address></tev:SubscriptionReference>${times(subscriber.endsAtMs)}</tev:CreatePullPointSubscriptionResponse>`;
    },
    Renew: (content, path) => {
      const subscriber = find(path);
      subscriber.endsAtMs = endOfLease(textAt(content, "TerminationTime"));
      const [current = "", end = ""] = times(subscriber.endsAtMs).split(/(?=<wsnt:TerminationTime>)/);
      return `<wsnt:RenewResponse>${end}${state.faults.renewWithoutCurrentTime ? "" : current}</wsnt:RenewResponse>`;
    },
    Unsubscribe: (_content, path) => {
      const subscriber = find(path);
      subscribers.delete(subscriber.id);
      subscriber.wake?.();
      return "<wsnt:UnsubscribeResponse/>";
    },
    SetSynchronizationPoint: (_content, path) => {
      if (state.faults.noSynchronizationPoint) throw new SoapFault("ter:ActionNotSupported", "unknown");
      const subscriber = find(path);
      for (const sense of senses.keys()) give(subscriber, written(sense, "Initialized"));
      return "<tev:SetSynchronizationPointResponse/>";
    },
    GetEventProperties: () =>
      `<tev:GetEventPropertiesResponse><wsnt:FixedTopicSet>true</wsnt:FixedTopicSet><wstop:TopicSet>` +
      `<tns1:RuleEngine><CellMotionDetector><Motion wstop:topic="true"/></CellMotionDetector><TamperDetector><Tamper wstop:topic="true"/></TamperDetector></tns1:RuleEngine>` +
      `<tns1:Device><Trigger><DigitalInput wstop:topic="true"/></Trigger></tns1:Device></wstop:TopicSet></tev:GetEventPropertiesResponse>`,
  };
  return {
    operations,
    sense: (sense, on) => {
      if (senses.get(sense) === on) return;
      senses.set(sense, on);
      const message = written(sense, "Changed");
      for (const subscriber of subscribers.values()) give(subscriber, message);
    },
    tell: (message) => {
      for (const subscriber of subscribers.values()) give(subscriber, message);
    },
    forgetSubscriptions: () => {
      const forgotten = [...subscribers.values()];
      subscribers.clear();
      for (const { wake } of forgotten) wake?.();
    },
    get subscriberCount() {
      return subscribers.size;
    },
    pull: async (content, path, gone) => {
      const subscriber = find(path);
      const waitMs = durationMs(textAt(content, "Timeout")) ?? 10_000;
      const { pullClosedAfterMs, pullAnswersAtOnce } = state.faults;
      if (subscriber.queue.length === 0 && !pullAnswersAtOnce) {
        const closesFirst = pullClosedAfterMs !== null && pullClosedAfterMs < waitMs;
        const woken = await waitFor(subscriber, closesFirst ? pullClosedAfterMs : waitMs, gone);
        if (!woken && closesFirst) return undefined;
      }
      if (!subscribers.has(subscriber.id)) throw new SoapFault("ter:InvalidArgVal", "no such subscription");
      const messages = subscriber.queue.splice(0, Number(textAt(content, "MessageLimit")) || 10);
      const [current = "", end = ""] = times(subscriber.endsAtMs).split(/(?=<wsnt:TerminationTime>)/);
      const inEvents = (xml: string): string =>
        xml.replaceAll("wsnt:CurrentTime", "tev:CurrentTime").replaceAll("wsnt:Term", "tev:Term");
      return `<tev:PullMessagesResponse>${inEvents(current + end)}${messages.join("")}</tev:PullMessagesResponse>`;
    },
  };
}

/** False: the time passed, or the asker went. */
function waitFor(subscriber: Subscriber, waitMs: number, gone: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const finish = (woken: boolean): void => {
      clearTimeout(timer);
      gone.removeEventListener("abort", leave);
      subscriber.wake = undefined;
      resolve(woken);
    };
    const leave = (): void => finish(false);
    const timer = setTimeout(leave, waitMs);
    gone.addEventListener("abort", leave, { once: true });
    subscriber.wake = () => finish(true);
  });
}

interface Notification {
  readonly topic: string;
  readonly at: string;
  readonly change: "Initialized" | "Changed" | "Deleted";
  readonly source: string;
  readonly item: string;
  readonly value: string;
}

/** One wsnt:NotificationMessage with a tt:Message in it. */
export function notification({ topic, at, change, source, item, value }: Notification): string {
  return (
    `<wsnt:NotificationMessage><wsnt:Topic Dialect="http://www.onvif.org/ver10/tev/topicExpression/ConcreteSet">${topic}</wsnt:Topic>` +
    `<wsnt:Message><tt:Message UtcTime="${at}" PropertyOperation="${change}">` +
    `<tt:Source><tt:SimpleItem Name="VideoSourceConfigurationToken" Value="vsc0"/><tt:SimpleItem Name="${source}" Value="1"/></tt:Source>` +
    `<tt:Data><tt:SimpleItem Name="${item}" Value="${value}"/></tt:Data></tt:Message></wsnt:Message></wsnt:NotificationMessage>`
  );
}

/** Wall time of this machine, from an ISO 8601 duration or instant; ten minutes when nothing usable was asked for. */
function endOfLease(asked: string): number {
  return Date.now() + (durationMs(asked) ?? 600_000);
}

function durationMs(text: string): number | undefined {
  const found = /^PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?$/.exec(text);
  if (found === null) return undefined;
  const [, hours = "0", minutes = "0", seconds = "0"] = found;
  return (Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds)) * 1_000;
}
