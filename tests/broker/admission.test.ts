import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { Broker, BrokerMetrics } from "../../src/broker/broker.ts";
import {
  device,
  join311,
  newPki,
  openTestBroker,
  packet,
  RawClient,
  refusals,
  type Pki,
  until,
} from "./support.ts";

/** Who is let in and who is not, and what each may do, seen from the wire. */
let pki: Pki;
let broker: Broker;
/** What was counted before the test; the broker is shared, as nothing of a client outlives its connection. */
let before: BrokerMetrics;

beforeAll(async () => {
  pki = await newPki();
  broker = await openTestBroker(pki);
  await broker.setDevices([
    device("a"),
    device("b"),
    device("wide", { publish: ["deep/#", "loa/v1/+/state"], subscribe: ["loa/v1/#"] }),
  ]);
});

beforeEach(async () => {
  await until(async () => {
    before = await broker.metrics();
    expect(before.connectedCount).toBe(0);
  });
});

afterAll(() => broker[Symbol.asyncDispose]());

const UNACCEPTABLE_VERSION = 1;
const IDENTIFIER_REJECTED = 2;
const BAD_USERNAME_OR_PASSWORD = 4;
const NOT_AUTHORIZED = 5;

type Connect = Parameters<typeof packet.connect>[0];

test.each<[name: string, connect: Connect, returnCode: number, reason: string]>([
  ["MQTT 5", { clientId: "a", level: 5 }, UNACCEPTABLE_VERSION, "protocol-version"],
  ["MQTT 3.1", { clientId: "a", level: 3 }, UNACCEPTABLE_VERSION, "protocol-version"],
  ["an empty client id", { clientId: "", username: "a" }, IDENTIFIER_REJECTED, "client-id"],
  ["another's client id", { clientId: "b", username: "a" }, IDENTIFIER_REJECTED, "client-id"],
  ["no user name", { clientId: "a", username: undefined, password: undefined }, NOT_AUTHORIZED, "anonymous"],
  ["no password", { clientId: "a", password: undefined }, BAD_USERNAME_OR_PASSWORD, "credential"],
  ["a wrong secret", { clientId: "a", password: "wrong" }, BAD_USERNAME_OR_PASSWORD, "credential"],
  ["an unknown device", { clientId: "c" }, BAD_USERNAME_OR_PASSWORD, "credential"],
  ["an id of JavaScript's own", { clientId: "__proto__" }, BAD_USERNAME_OR_PASSWORD, "credential"],
  ["a persistent session", { clientId: "a", clean: false }, NOT_AUTHORIZED, "persistent-session"],
  ["no keep-alive", { clientId: "a", keepAliveSec: 0 }, NOT_AUTHORIZED, "keep-alive"],
  ["a keep-alive that is too long", { clientId: "a", keepAliveSec: 121 }, NOT_AUTHORIZED, "keep-alive"],
  ["a will on another's topic", { clientId: "a", will: { topic: "loa/v1/b/state" } }, NOT_AUTHORIZED, "will"],
  ["a will on a wildcard", { clientId: "wide", will: { topic: "deep/#" } }, NOT_AUTHORIZED, "will"],
  ["a will with QoS 2", { clientId: "a", will: { topic: "loa/v1/a/state", qos: 2 } }, NOT_AUTHORIZED, "will"],
  [
    "a retained will where nothing may be retained",
    { clientId: "a", will: { topic: "loa/v1/a/health", retain: true } },
    NOT_AUTHORIZED,
    "will",
  ],
])("a client with %s is told so and refused", async (_name, connect, returnCode, reason) => {
  using client = new RawClient(broker);
  client.send(packet.connect(connect));
  await client.closed;
  expect([...(await client.atLeast(4))]).toEqual([0x20, 2, 0, returnCode]);
  expect(await refusals(broker, before)).toEqual({ [reason]: 1 });
  expect((await broker.metrics()).connectedCount).toBe(0);
});

test("an MQTT 5 client of another make understands the refusal", async () => {
  await expect(join311(broker, "a", { protocolVersion: 5 })).rejects.toThrow(/Unacceptable protocol version/);
});

test("a device with its own secret, keep-alive and will is let in", async () => {
  using client = new RawClient(broker);
  await client.join("a", { keepAliveSec: 120, will: { topic: "loa/v1/a/state", qos: 1, retain: true } });
  expect((await broker.metrics()).connectedCount).toBe(1);
  expect(await refusals(broker, before)).toEqual({});
});

test.each<[name: string, id: string, bytes: Buffer, reason: string]>([
  ["publishes on another's topic", "a", packet.publish("loa/v1/b/state", "x"), "publish-right"],
  ["publishes an order to itself", "a", packet.publish("loa/v1/a/order", "x"), "publish-right"],
  ["publishes on $SYS", "a", packet.publish("$SYS/hall/x", "x"), "publish-right"],
  ["publishes with QoS 2", "a", packet.publish("loa/v1/a/state", "x", 2), "qos-2"],
  ["retains a message elsewhere", "a", packet.publish("loa/v1/a/health", "x", 0, true), "retain"],
  ["publishes more than 64 KB", "a", packet.publish("loa/v1/a/state", Buffer.alloc(65_537)), "payload"],
  ["publishes 200 KB", "a", packet.publish("loa/v1/a/state", Buffer.alloc(200_000)), "oversized"],
  ["publishes on nine levels", "wide", packet.publish("deep/2/3/4/5/6/7/8/9", "x"), "topic-depth"],
  ["subscribes with 5 KB", "a", packet.subscribe([`x/${"y".repeat(5_000)}`]), "oversized"],
  ["subscribes to nine levels", "wide", packet.subscribe(["loa/v1/3/4/5/6/7/8/9"]), "topic-depth"],
  ["connects twice", "a", packet.connect({ clientId: "a" }), "malformed"],
  ["sends what no client sends", "a", Buffer.from([0x20, 2, 0, 0]), "malformed"],
  ["sends reserved flags", "a", Buffer.from([0xc1, 0]), "malformed"],
])("a device that %s is disconnected", async (_name, id, bytes, reason) => {
  const received: string[] = [];
  broker.onMessage(({ topic }) => received.push(topic));
  using client = new RawClient(broker);
  await client.join(id);
  client.send(bytes);
  await client.closed;
  expect(await refusals(broker, before)).toEqual({ [reason]: 1 });
  expect(received).toEqual([]);
});

test("a device may publish exactly 64 KB", async () => {
  const sizes: number[] = [];
  broker.onMessage(({ payload }) => sizes.push(payload.byteLength));
  await using client = await join311(broker, "a");
  await client.publishAsync("loa/v1/a/state", Buffer.alloc(65_536), { qos: 1 });
  // The few bytes that a client of an earlier test said last may still come.
  await expect.poll(() => sizes.filter((size) => size > 100)).toEqual([65_536]);
});

test("retained messages have an end, but what is retained may change", async () => {
  await using small = await openTestBroker(pki, { limits: { maxRetained: 2 } });
  await small.setDevices([device("wide", { publish: ["loa/v1/+/state"] })]);
  await using client = await join311(small, "wide");
  for (const topic of ["loa/v1/1/state", "loa/v1/2/state", "loa/v1/1/state"]) {
    await client.publishAsync(topic, "x", { qos: 1, retain: true });
  }
  await expect.poll(async () => (await small.metrics()).retainedCount).toBe(2);
  client.publish("loa/v1/3/state", "x", { retain: true });
  await expect.poll(() => refusals(small)).toEqual({ retain: 1 });
  expect((await small.metrics()).retainedCount).toBe(2);
});

test.each([
  ["#", 0x80],
  ["$SYS/#", 0x80],
  ["loa/v1/+/order", 0x80],
  ["loa/v1/b/order", 0x80],
  ["loa/v1/a/state", 0x80],
  ["loa/v1/a/order", 1],
  ["loa/v1/all/order", 1],
])("the subscription of a to %s is answered with %i", async (filter, answer) => {
  using client = new RawClient(broker);
  await client.join("a");
  client.send(packet.subscribe([filter]));
  // SUBACK, §3.9: after the four bytes of the CONNACK.
  expect([...(await client.atLeast(9)).subarray(4)]).toEqual([0x90, 3, 0, 9, answer]);
  expect(await refusals(broker, before)).toEqual(answer === 0x80 ? { "subscribe-right": 1 } : {});
});

test("only so many subscriptions, counted as they are held", async () => {
  await using small = await openTestBroker(pki, { limits: { maxSubscriptionsPerClient: 2 } });
  await small.setDevices([device("wide", { subscribe: ["loa/v1/#"] })]);
  await using client = await join311(small, "wide");
  const granted = async (topic: string): Promise<number[]> =>
    (await client.subscribeAsync(topic).catch(() => [{ qos: 0x80 }])).map(({ qos }) => qos);
  expect(await granted("loa/v1/1")).toEqual([0]);
  expect(await granted("loa/v1/2")).toEqual([0]);
  expect(await granted("loa/v1/2")).toEqual([0]);
  expect(await granted("loa/v1/3")).toEqual([0x80]);
  await client.unsubscribeAsync("loa/v1/1");
  expect(await granted("loa/v1/3")).toEqual([0]);
  expect(await refusals(small)).toEqual({ subscriptions: 1 });
});
