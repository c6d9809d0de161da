import { connect as connectTcp } from "node:net";
import { once } from "node:events";
import { afterEach, beforeAll, expect, test } from "vitest";
import type { Broker } from "../../src/broker/broker.ts";
import type { BrokerLimits } from "../../src/broker/limits.ts";
import {
  device,
  join311,
  newPki,
  openTestBroker,
  packet,
  RawClient,
  refusals,
  until,
  type Pki,
} from "./support.ts";

/** How much and how long, seen from the wire; each test with the one limit it is about made small. */
let pki: Pki;
let broker: Broker;

beforeAll(async () => {
  pki = await newPki();
});

afterEach(() => broker[Symbol.asyncDispose]());

async function openWith(limits: Partial<BrokerLimits>): Promise<void> {
  broker = await openTestBroker(pki, { limits });
  await broker.setDevices([device("a"), device("b"), device("c")]);
}

test("a connection that never says CONNECT is closed", async () => {
  await openWith({ connectTimeoutMs: 200 });
  using client = new RawClient(broker);
  await client.closed;
  expect(await refusals(broker)).toEqual({ "no-connect": 1 });
});

test("a TLS handshake that never ends is closed", async () => {
  await openWith({ tlsHandshakeMs: 200 });
  const socket = connectTcp({ host: "127.0.0.1", port: broker.tlsPort });
  await once(socket, "close");
  expect(await refusals(broker)).toEqual({ tls: 1 });
});

test("a packet of more than 1 KB before the CONNECT is answered is refused by its announcement alone", async () => {
  await openWith({});
  using client = new RawClient(broker);
  // A CONNECT that announces 200 MB, and nothing after it.
  client.send(Buffer.from([0x10, 0x80, 0x84, 0xaf, 0x5f]));
  await client.closed;
  expect(await refusals(broker)).toEqual({ oversized: 1 });
});

test("a flood of packets before the CONNECT is answered is refused", async () => {
  await openWith({ maxPacketsBeforeConnack: 10 });
  using client = new RawClient(broker);
  client.send(packet.connect({ clientId: "a" }), ...Array.from({ length: 11 }, () => packet.ping));
  await client.closed;
  expect(await refusals(broker)).toEqual({ impatient: 1 });
});

test("what a client sends right behind its CONNECT is kept", async () => {
  await openWith({ maxPacketsBeforeConnack: 10 });
  const received: string[] = [];
  broker.onMessage(({ payload }) => received.push(Buffer.from(payload).toString()));
  using client = new RawClient(broker);
  const reports = Array.from({ length: 9 }, (_none, n) => packet.publish("loa/v1/a/state", String(n)));
  client.send(packet.connect({ clientId: "a" }), ...reports);
  await until(() => expect(received).toEqual(["0", "1", "2", "3", "4", "5", "6", "7", "8"]));
});

test("a client that falls silent is cut after one and a half times its keep-alive, and its will published", async () => {
  await openWith({});
  const received: string[] = [];
  broker.onMessage(({ topic, payload }) => received.push(`${topic} ${Buffer.from(payload).toString()}`));
  using client = new RawClient(broker);
  await client.join("a", { keepAliveSec: 1, will: { topic: "loa/v1/a/state", payload: "gone" } });
  await client.closed;
  await until(() => expect(received).toEqual(["loa/v1/a/state gone"]));
  // Lost, not refused.
  expect(await refusals(broker)).toEqual({});
});

test("a will is not published after a DISCONNECT", async () => {
  await openWith({});
  const received: string[] = [];
  broker.onMessage(({ payload }) => received.push(Buffer.from(payload).toString()));
  using client = new RawClient(broker);
  await client.join("a", { will: { topic: "loa/v1/a/state", payload: "gone" } });
  client.send(packet.disconnect);
  await client.closed;
  using other = await new RawClient(broker).join("b");
  other.send(packet.publish("loa/v1/b/state", "here"));
  await until(() => expect(received).toEqual(["here"]));
});

test("only so many connections at once", async () => {
  await openWith({ maxConnections: 2 });
  using first = await new RawClient(broker).join("a");
  await new RawClient(broker).join("b");
  using third = new RawClient(broker);
  await third.closed;
  expect(await refusals(broker)).toEqual({ "too-many-connections": 1 });
  first.send(packet.disconnect);
  await first.closed;
  await until(async () => {
    using fourth = await new RawClient(broker).join("c");
    expect(fourth.socket.destroyed).toBe(false);
  });
});

test("only so many new connections from one address", async () => {
  await openWith({ connectionsPerAddress: { perSec: 0.001, burst: 2 } });
  await new RawClient(broker).join("a");
  await new RawClient(broker).join("b");
  using third = new RawClient(broker);
  await third.closed;
  expect(await refusals(broker)).toEqual({ "connection-rate": 1 });
});

test.each([
  ["messages", packet.publish("loa/v1/a/health", "x")],
  ["subscriptions", packet.subscribe(["loa/v1/a/order"])],
  ["pings", packet.ping],
])("a client that floods the broker with %s is cut", async (_name, bytes) => {
  await openWith({ packetsPerClient: { perSec: 0.001, burst: 5 } });
  let received = 0;
  broker.onMessage(() => (received += 1));
  using client = await new RawClient(broker).join("a");
  client.send(...Array.from({ length: 6 }, () => bytes));
  await client.closed;
  expect(await refusals(broker)).toEqual({ "message-rate": 1 });
  expect(received).toBeLessThanOrEqual(5);
});

test("answers to orders do not count as a flood", async () => {
  await openWith({ packetsPerClient: { perSec: 0.001, burst: 3 } });
  const received: string[] = [];
  broker.onMessage(({ payload }) => received.push(Buffer.from(payload).toString()));
  using client = await new RawClient(broker).join("a");
  client.send(...Array.from({ length: 1_000 }, (_none, n) => packet.puback(n + 1)));
  client.send(packet.publish("loa/v1/a/state", "still here"));
  await until(() => expect(received).toEqual(["still here"]));
});

/** Subscribes and then never reads again. */
async function freeze(id: string): Promise<RawClient> {
  const client = await new RawClient(broker).join(id);
  client.send(packet.subscribe([`loa/v1/${id}/order`]));
  await client.atLeast(9);
  client.socket.pause();
  return client;
}

/** More than the kernel's buffers of a loopback connection hold. */
async function overfill(topic: string): Promise<void> {
  const payload = Buffer.alloc(60_000);
  await Promise.all(
    Array.from({ length: 300 }, () => broker.publish({ topic, payload, qos: 0, retain: false })),
  );
}

test("a client that does not read is cut when too much waits for it in memory", async () => {
  await openWith({ maxBufferedBytesPerClient: 1_000_000, drainTimeoutMs: 600_000 });
  await freeze("a");
  await overfill("loa/v1/a/order");
  await until(async () => expect((await broker.metrics()).connectedCount).toBe(0));
  expect(await refusals(broker)).toEqual({ slow: 1 });
});

test("a client that leaves its buffer full is cut after a while", async () => {
  await openWith({ maxBufferedBytesPerClient: 1e9, drainTimeoutMs: 200 });
  await freeze("a");
  await overfill("loa/v1/a/order");
  await until(async () => expect((await broker.metrics()).connectedCount).toBe(0));
  expect(await refusals(broker)).toEqual({ slow: 1 });
});

test("a slow client that reads in the end gets everything", async () => {
  await openWith({ maxBufferedBytesPerClient: 1e9, drainTimeoutMs: 60_000 });
  using client = await freeze("a");
  await overfill("loa/v1/a/order");
  client.socket.resume();
  await client.atLeast(300 * 60_000);
  expect(await refusals(broker)).toEqual({});
});

test("nothing is queued for a client that is away, only what is retained waits", async () => {
  await openWith({});
  const order = "loa/v1/a/order";
  {
    await using client = await join311(broker, "a");
    await client.subscribeAsync(order, { qos: 1 });
  }
  await until(async () => expect((await broker.metrics()).connectedCount).toBe(0));
  await broker.publish({ topic: order, payload: "missed", qos: 1, retain: false });
  await broker.publish({ topic: "loa/v1/all/order", payload: "kept", qos: 1, retain: true });
  await using client = await join311(broker, "a");
  const received: string[] = [];
  client.on("message", (_topic, payload) => received.push(payload.toString()));
  await client.subscribeAsync([order, "loa/v1/all/order"], { qos: 1 });
  await broker.publish({ topic: order, payload: "next", qos: 1, retain: false });
  await until(() => expect(received.sort()).toEqual(["kept", "next"]));
});
