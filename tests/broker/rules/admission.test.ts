import { expect, test } from "vitest";
import {
  judgeConnect,
  judgePublish,
  judgeSubscribe,
  type ConnectRequest,
  type Publication,
} from "../../../src/broker/rules/admission.ts";

const LIMITS = {
  maxPayloadBytes: 100,
  keepAliveLimitSec: 120,
  maxTopicLevels: 3,
  retainable: ["d/+/state"],
};
const RIGHTS = { publish: ["d/a/state", "d/a/health", "d/#"], subscribe: ["d/a/order", "d/all/+"] };
const GOOD: ConnectRequest = {
  protocolVersion: 4,
  clientId: "a",
  username: "a",
  cleanSession: true,
  keepAliveSec: 60,
  will: undefined,
  proven: RIGHTS,
};
const STATE: Publication = { topic: "d/a/state", qos: 1, retain: true, payloadBytes: 10 };

test.each<[name: string, change: Partial<ConnectRequest>, outcome: string]>([
  ["everything right", {}, "let in"],
  ["the longest keep-alive", { keepAliveSec: 120 }, "let in"],
  ["a will of its own", { will: STATE }, "let in"],
  [
    "another version before all else",
    { protocolVersion: 5, clientId: "", proven: undefined },
    "1 protocol-version",
  ],
  ["no name", { clientId: "", username: "" }, "2 client-id"],
  ["two names", { username: "b" }, "2 client-id"],
  ["a session to keep", { cleanSession: false }, "5 persistent-session"],
  ["no keep-alive", { keepAliveSec: 0 }, "5 keep-alive"],
  ["a keep-alive too long", { keepAliveSec: 121 }, "5 keep-alive"],
  ["no user name", { username: undefined }, "5 anonymous"],
  ["no proof", { proven: undefined }, "4 credential"],
  ["no proof is told before a bad will", { proven: undefined, will: { ...STATE, qos: 2 } }, "4 credential"],
  ["a will for another", { will: { ...STATE, topic: "x/b/state" } }, "5 will"],
])("a client with %s", (_name, change, outcome) => {
  const refused = judgeConnect({ ...GOOD, ...change }, LIMITS);
  expect(refused === undefined ? "let in" : `${refused.returnCode} ${refused.refusal}`).toBe(outcome);
});

test.each<[name: string, change: Partial<Publication>, outcome: string | undefined]>([
  ["its state, retained", {}, undefined],
  ["its health", { topic: "d/a/health", retain: false }, undefined],
  ["exactly the largest payload", { payloadBytes: 100 }, undefined],
  ["one byte more", { payloadBytes: 101 }, "payload"],
  ["QoS 2", { qos: 2 }, "qos-2"],
  ["one level too many", { topic: "d/a/b/c" }, "topic-depth"],
  ["something not its own", { topic: "x/a" }, "publish-right"],
  ["a wildcard", { topic: "d/+/state" }, "publish-right"],
  ["a wildcard that is its right", { topic: "d/#", retain: false }, "publish-right"],
  ["on $SYS", { topic: "$SYS/a", retain: false }, "publish-right"],
  ["its health, retained", { topic: "d/a/health" }, "retain"],
])("a device publishes %s", (_name, change, outcome) => {
  expect(judgePublish({ ...STATE, ...change }, RIGHTS, LIMITS)).toBe(outcome);
});

test.each<[filter: string, held: string[], outcome: string | undefined]>([
  ["d/a/order", [], undefined],
  ["d/all/order", ["d/a/order"], undefined],
  ["d/all/+", [], undefined],
  ["d/b/order", [], "subscribe-right"],
  ["d/+/order", [], "subscribe-right"],
  ["#", [], "subscribe-right"],
  ["d/a/order", ["d/all/1", "d/all/2"], "subscriptions"],
  ["d/all/2", ["d/all/1", "d/all/2"], undefined],
])("a device that may hold two subscribes to %s holding %j", (filter, held, outcome) => {
  expect(judgeSubscribe(filter, RIGHTS, new Set(held), 2)).toBe(outcome);
});
