import { Fault } from "../../kernel/faults.ts";
import type { EpochMs } from "../../kernel/time.ts";
import { readSoap } from "../onvif/xml.ts";
import { instantOf } from "../rules/event-times.ts";
import { plainTopic, type Notification } from "../rules/event-topics.ts";
import { first, nodes, textAt, type XmlNode } from "../rules/xml-node.ts";

export interface PullAnswer {
  /** The camera's clock as it answered. */
  readonly cameraNow: EpochMs | undefined;
  readonly notifications: readonly TimedNotification[];
}

interface TimedNotification extends Notification {
  /** By the camera's clock. */
  readonly said: EpochMs | undefined;
}

/** We ask for 100; what a camera sends beyond that is not read. */
const MOST_NOTIFICATIONS = 200;
const MOST_ITEMS = 16;
const LONGEST_VALUE = 200;

/** What a raw answer to PullMessages holds. Throws Fault("corrupt") when it is none. */
export function readPullAnswer(xml: string): PullAnswer {
  const soap = readSoap(xml);
  if (soap.type !== "answer" || soap.name !== "PullMessagesResponse")
    throw new Fault("corrupt", "the camera answered a pull with something else");
  const messages = nodes(soap.answer, "NotificationMessage").slice(0, MOST_NOTIFICATIONS);
  return {
    cameraNow: instantOf(textAt(soap.answer, "CurrentTime")),
    notifications: messages.flatMap((message) => {
      const topic = plainTopic(textAt(message, "Topic"));
      const inner = first(message, "Message", "Message");
      if (topic === "" || inner === undefined) return [];
      return [
        {
          topic,
          said: instantOf(textAt(inner, "@UtcTime")),
          change: changeIn(textAt(inner, "@PropertyOperation")),
          source: itemsIn(first(inner, "Source")),
          data: itemsIn(first(inner, "Data")),
        },
      ];
    }),
  };
}

/** Where a camera says nothing of it, something has happened. */
function changeIn(operation: string): Notification["change"] {
  switch (operation) {
    case "Initialized":
      return "initialized";
    case "Deleted":
      return "deleted";
    default:
      return "changed";
  }
}

function itemsIn(part: XmlNode | undefined): Record<string, string> {
  const items = nodes(part, "SimpleItem").slice(0, MOST_ITEMS);
  return Object.fromEntries(
    items.map((item) => [textAt(item, "@Name"), textAt(item, "@Value").slice(0, LONGEST_VALUE)]),
  );
}
