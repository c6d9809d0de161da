import { coversAny } from "./topic-filter.ts";

/** Why the broker turned something away; each is counted under its name. */
export const REFUSALS = [
  "too-many-connections",
  "connection-rate",
  "tls",
  "no-connect",
  "malformed",
  "oversized",
  "impatient",
  "protocol-version",
  "client-id",
  "anonymous",
  "credential",
  "persistent-session",
  "keep-alive",
  "will",
  "publish-right",
  "subscribe-right",
  "subscriptions",
  "topic-depth",
  "payload",
  "qos-2",
  "retain",
  "message-rate",
  "slow",
  "credential-withdrawn",
] as const;
export type Refusal = (typeof REFUSALS)[number];

/** CONNACK return codes, MQTT 3.1.1 §3.2.2.3. */
const UNACCEPTABLE_VERSION = 1;
const IDENTIFIER_REJECTED = 2;
const BAD_USERNAME_OR_PASSWORD = 4;
const NOT_AUTHORIZED = 5;

/** The protocol level byte of MQTT 3.1.1. */
const MQTT_3_1_1 = 4;

export interface Rights {
  /** Topic filters; wildcards are allowed. */
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
}

export interface AdmissionLimits {
  readonly maxPayloadBytes: number;
  readonly keepAliveLimitSec: number;
  readonly maxTopicLevels: number;
  /** Filters of the topics on which devices may leave a retained message. */
  readonly retainable: readonly string[];
}

export interface Publication {
  readonly topic: string;
  readonly qos: number;
  readonly retain: boolean;
  readonly payloadBytes: number;
}

export interface ConnectRequest {
  readonly protocolVersion: number;
  readonly clientId: string;
  readonly username: string | undefined;
  readonly cleanSession: boolean;
  readonly keepAliveSec: number;
  readonly will: Publication | undefined;
  /** What the device of this id may do; undefined when there is none or its secret is wrong. */
  readonly proven: Rights | undefined;
}

interface ConnectRefusal {
  readonly refusal: Refusal;
  readonly returnCode: number;
}

const refused = (refusal: Refusal, returnCode: number): ConnectRefusal => ({ refusal, returnCode });

/** The reason to turn a CONNECT away, or undefined to let it in. Every refusal has a return code of MQTT 3.1.1. */
export function judgeConnect(request: ConnectRequest, limits: AdmissionLimits): ConnectRefusal | undefined {
  return judgeForm(request, limits) ?? judgeIdentity(request, limits);
}

function judgeForm(request: ConnectRequest, limits: AdmissionLimits): ConnectRefusal | undefined {
  if (request.protocolVersion !== MQTT_3_1_1) return refused("protocol-version", UNACCEPTABLE_VERSION);
  if (request.clientId === "") return refused("client-id", IDENTIFIER_REJECTED);
  if (!request.cleanSession) return refused("persistent-session", NOT_AUTHORIZED);
  // A client without keep-alive would stay "connected" for hours after its power is cut.
  const keepAlive = request.keepAliveSec;
  if (keepAlive === 0 || keepAlive > limits.keepAliveLimitSec) return refused("keep-alive", NOT_AUTHORIZED);
  return undefined;
}

function judgeIdentity(request: ConnectRequest, limits: AdmissionLimits): ConnectRefusal | undefined {
  if (request.username === undefined) return refused("anonymous", NOT_AUTHORIZED);
  if (request.username !== request.clientId) return refused("client-id", IDENTIFIER_REJECTED);
  if (request.proven === undefined) return refused("credential", BAD_USERNAME_OR_PASSWORD);
  if (request.will !== undefined && judgePublish(request.will, request.proven, limits) !== undefined) {
    return refused("will", NOT_AUTHORIZED);
  }
  return undefined;
}

/** The reason a device may not publish this, or undefined. Also asked of its last will. */
export function judgePublish(
  message: Publication,
  rights: Rights,
  limits: AdmissionLimits,
): Refusal | undefined {
  if (message.qos > 1) return "qos-2";
  if (message.payloadBytes > limits.maxPayloadBytes) return "payload";
  if (message.topic.split("/").length > limits.maxTopicLevels) return "topic-depth";
  // A topic with a wildcard in it is no topic (§3.3.2.1); a will is not checked for that by the library.
  if (/[+#]/.test(message.topic) || !coversAny(rights.publish, message.topic)) return "publish-right";
  if (message.retain && !coversAny(limits.retainable, message.topic)) return "retain";
  return undefined;
}

/** The reason a device may not subscribe to `filter`, or undefined. `held` are the filters it has already. */
export function judgeSubscribe(
  filter: string,
  rights: Rights,
  held: ReadonlySet<string>,
  maxSubscriptions: number,
): Refusal | undefined {
  if (!coversAny(rights.subscribe, filter)) return "subscribe-right";
  if (!held.has(filter) && held.size >= maxSubscriptions) return "subscriptions";
  return undefined;
}
