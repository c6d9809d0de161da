import { z } from "zod";
import {
  Ack,
  Health,
  Receipt,
  SpeakerId,
  State,
  TimeMessage,
  topic,
  UP_TOPICS,
  type UpTopic,
} from "./protocol.ts";

/** What a device published, as the broker hands it on. */
export interface DeviceMessage {
  readonly clientId: string;
  readonly topic: string;
  readonly payload: Uint8Array;
}

/** What the hall publishes. */
export interface OutgoingMessage {
  readonly topic: string;
  readonly payload: string;
  readonly qos: 0 | 1;
  readonly retain: boolean;
}

export type UpMessage = { readonly speaker: SpeakerId } & (
  | { readonly kind: "state"; readonly value: State }
  | { readonly kind: "health"; readonly value: Health }
  | { readonly kind: "receipt"; readonly value: Receipt }
  | { readonly kind: "ack"; readonly value: Ack }
  | { readonly kind: "time"; readonly value: TimeMessage }
);

/** Why a message was dropped at the door. */
export type DropCause = "topic" | "identity" | "oversized" | "not-json" | "shape";

export type Arrival =
  | { readonly type: "message"; readonly message: UpMessage }
  /** A retained message was cleared: there is nothing in it. */
  | { readonly type: "empty" }
  | {
      readonly type: "dropped";
      /** As far as it is known who sent it. */
      readonly from: string;
      readonly kind: string;
      readonly cause: DropCause;
      readonly detail: string;
    };

/** The broker refuses more too; this holds for any broker. */
const PAYLOAD_LIMIT_BYTES = 65_536;

const SCHEMA = { state: State, health: Health, receipt: Receipt, ack: Ack, time: TimeMessage } as const;

const UP_TOPIC = new RegExp(`^${topic.root}/([^/]+)/(${UP_TOPICS.join("|")})$`);

/** Bytes to values: what leaves here is what its type says. The speaker is who the topic says, if the broker agrees. */
export function arrivalOf({ clientId, topic: at, payload }: DeviceMessage): Arrival {
  const [, named = "", kind = ""] = UP_TOPIC.exec(at) ?? [];
  const drop = (cause: DropCause, detail: string): Arrival => ({
    type: "dropped",
    from: clientId,
    kind,
    cause,
    detail,
  });
  const speaker = SpeakerId.safeParse(named);
  if (!speaker.success || !isUpTopic(kind)) return drop("topic", at.slice(0, 200));
  if (clientId !== speaker.data) return drop("identity", at);
  if (payload.byteLength === 0) return { type: "empty" };
  if (payload.byteLength > PAYLOAD_LIMIT_BYTES) return drop("oversized", `${payload.byteLength} bytes`);
  const json = jsonOf(payload);
  if (json === undefined) return drop("not-json", `${payload.byteLength} bytes`);
  const value = SCHEMA[kind].safeParse(json.value);
  if (!value.success) return drop("shape", z.prettifyError(value.error).slice(0, 300));
  return { type: "message", message: { speaker: speaker.data, kind, value: value.data } as UpMessage };
}

function isUpTopic(kind: string): kind is UpTopic {
  return (UP_TOPICS as readonly string[]).includes(kind);
}

function jsonOf(payload: Uint8Array): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(payload)) as unknown };
  } catch {
    return undefined;
  }
}
