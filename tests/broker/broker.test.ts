import { createServer, type AddressInfo } from "node:net";
import { once } from "node:events";
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from "node:tls";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openEmbeddedBroker, type Broker, type BrokerOptions } from "../../src/broker/broker.ts";
import { Fault } from "../../src/kernel/faults.ts";
import { supervise } from "../../src/kernel/supervise.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { RecordingLog } from "../support/recording-log.ts";
import {
  device,
  join311,
  newPki,
  openTestBroker,
  packet,
  RawClient,
  refusals,
  SECRET,
  until,
  type Pki,
} from "./support.ts";

let pki: Pki;

beforeAll(async () => {
  pki = await newPki();
});

async function faultOf(attempt: Promise<unknown>): Promise<Fault> {
  const outcome = await attempt.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(outcome).toBeInstanceOf(Fault);
  return outcome as Fault;
}

function overTls(broker: Broker, more: ConnectionOptions = {}): TLSSocket {
  return connectTls({ host: "127.0.0.1", port: broker.tlsPort, ca: pki.caPem, ...more });
}

/** Makes the broker's thread fail, as a bug would: a credential that is none. */
function crash(broker: Broker): Promise<Fault> {
  return faultOf(broker.setDevices([undefined as never]));
}

describe("opening", () => {
  test("an open broker lets nobody in until it knows its devices", async () => {
    await using broker = await openTestBroker(pki);
    await expect(join311(broker, "a")).rejects.toThrow(/Bad username or password/i);
    await broker.setDevices([device("a")]);
    await using client = await join311(broker, "a");
    expect(client.connected).toBe(true);
  });

  test("a port that is taken is named, with what to do, in both languages", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const { port } = other.address() as AddressInfo;
    const fault = await faultOf(openTestBroker(pki, { tls: { host: "127.0.0.1", port, ...pki } }));
    expect(fault.kind).toBe("conflict");
    expect(fault.in("en")).toMatch(new RegExp(`Port ${port} .*ss -ltnp sport = :${port}.*configuration`));
    expect(fault.in("vi")).toMatch(new RegExp(`Cổng ${port} .*ss -ltnp sport = :${port}.*cấu hình`));
    other.close();
    await once(other, "close");
    await using broker = await openTestBroker(pki, { tls: { host: "127.0.0.1", port, ...pki } });
    expect(broker.tlsPort).toBe(port);
  });

  test.each<[string, Partial<BrokerOptions>, RegExp]>([
    [
      "an address of another machine",
      { tls: { host: "192.0.2.1", port: 0, certPem: "", keyPem: "" } },
      /192\.0\.2\.1/,
    ],
    [
      "a certificate that is none",
      { tls: { host: "127.0.0.1", port: 0, certPem: "x", keyPem: "y" } },
      /certificate/,
    ],
    [
      "a plain listener open to the network",
      { plain: { host: "0.0.0.0", port: 0 } },
      /unencrypted.*0\.0\.0\.0/,
    ],
  ])("%s is refused with the reason", async (_name, options, words) => {
    const fault = await faultOf(openTestBroker(pki, { ...options, ...fillKeys(options) }));
    expect(fault.kind).toBe("invalid");
    expect(fault.in("en")).toMatch(words);
    expect(fault.in("vi")).not.toBe(fault.in("en"));
  });

  function fillKeys({ tls }: Partial<BrokerOptions>): Partial<BrokerOptions> {
    return tls?.certPem === "" ? { tls: { ...tls, ...pki } } : {};
  }

  test("a plain listener may be opened to the network when that is said", async () => {
    await using broker = await openTestBroker(pki, {
      plain: { host: "0.0.0.0", port: 0 },
      allowPlainFromNetwork: true,
    });
    expect(broker.plainPort).toBeGreaterThan(0);
  });

  test("there is no plain listener unless one is asked for", async () => {
    await using broker = await openEmbeddedBroker({
      tls: { host: "127.0.0.1", port: 0, ...pki },
      retainable: [],
      log: new RecordingLog(),
    });
    expect(broker.plainPort).toBeUndefined();
  });

  test("closing ends connections and frees the ports", async () => {
    const broker = await openTestBroker(pki);
    await broker.setDevices([device("a")]);
    using client = await new RawClient(broker).join("a");
    const socket = overTls(broker);
    await once(socket, "secureConnect");
    const gone = new Promise<void>((resolve) => {
      socket.on("error", () => socket.destroy()).once("close", () => resolve());
    });
    await broker[Symbol.asyncDispose]();
    await client.closed;
    await gone;
    await using again = await openTestBroker(pki, {
      tls: { host: "127.0.0.1", port: broker.tlsPort, ...pki },
    });
    expect(again.tlsPort).toBe(broker.tlsPort);
  });
});

describe("TLS", () => {
  test("a device comes in by TLS with the commune's authority", async () => {
    await using broker = await openTestBroker(pki, { plain: undefined });
    await broker.setDevices([device("a")]);
    await using client = await join311(broker, "a", {
      protocol: "mqtts",
      host: "127.0.0.1",
      port: broker.tlsPort,
      ca: pki.caPem,
    });
    const received: string[] = [];
    client.on("message", (topic, payload) => received.push(`${topic} ${payload.toString()}`));
    await client.subscribeAsync("loa/v1/a/order", { qos: 1 });
    await broker.publish({ topic: "loa/v1/a/order", payload: "go", qos: 1, retain: false });
    await until(() => expect(received).toEqual(["loa/v1/a/order go"]));
  });

  test("nothing older than TLS 1.2 is spoken", async () => {
    await using broker = await openTestBroker(pki);
    const modern = overTls(broker, { maxVersion: "TLSv1.2" });
    await once(modern, "secureConnect");
    expect(modern.getProtocol()).toBe("TLSv1.2");
    modern.destroy();
    const old = overTls(broker, {
      minVersion: "TLSv1",
      maxVersion: "TLSv1.1",
      ciphers: "DEFAULT@SECLEVEL=0",
    });
    await expect(once(old, "secureConnect")).rejects.toThrow();
    await until(async () => expect(await refusals(broker)).toEqual({ tls: 1 }));
  });

  test("a new certificate serves the connections that come after it", async () => {
    await using broker = await openTestBroker(pki);
    const other = await newPki();
    await broker.setCertificate(other);
    const socket = overTls(broker, { ca: other.caPem });
    await once(socket, "secureConnect");
    expect(socket.authorized).toBe(true);
    socket.destroy();
    const fault = await faultOf(broker.setCertificate({ certPem: "x", keyPem: "y" }));
    expect(fault.kind).toBe("invalid");
    expect((await broker.metrics()).connectedCount).toBe(0);
  });
});

describe("messages", () => {
  let broker: Broker;

  beforeAll(async () => {
    broker = await openTestBroker(pki);
  });

  afterAll(() => broker[Symbol.asyncDispose]());

  test("the hall hears what devices say, byte by byte, and not itself", async () => {
    await broker.setDevices([device("a")]);
    const received: unknown[] = [];
    broker.onMessage((message) => received.push({ ...message, payload: [...message.payload] }));
    await using client = await join311(broker, "a");
    await broker.publish({ topic: "loa/v1/a/order", payload: "unheard", qos: 0, retain: false });
    await client.publishAsync("loa/v1/a/state", Buffer.from([0, 255, 7]), { qos: 1, retain: true });
    await client.publishAsync("loa/v1/a/health", "", { qos: 0 });
    await until(() =>
      expect(received).toEqual([
        { clientId: "a", topic: "loa/v1/a/state", payload: [0, 255, 7], retain: true },
        { clientId: "a", topic: "loa/v1/a/health", payload: [], retain: false },
      ]),
    );
  });

  test("a handler that was let go hears nothing more", async () => {
    await broker.setDevices([device("a")]);
    const [kept, dropped]: [string[], string[]] = [[], []];
    broker.onMessage(({ topic }) => kept.push(topic));
    broker.onMessage(({ topic }) => dropped.push(topic))[Symbol.dispose]();
    await using client = await join311(broker, "a");
    await client.publishAsync("loa/v1/a/state", "x", { qos: 1 });
    await until(() => expect(kept).toEqual(["loa/v1/a/state"]));
    expect(dropped).toEqual([]);
  });

  test("what the hall retains reaches a device that comes later, until it is cleared", async () => {
    await broker.setDevices([device("a"), device("b", { subscribe: ["loa/v1/+/order"] })]);
    const before = (await broker.metrics()).retainedCount;
    const order = "loa/v1/a/order";
    await broker.publish({
      topic: order,
      payload: Buffer.from("whole buffer").subarray(6),
      qos: 1,
      retain: true,
    });
    expect((await broker.metrics()).retainedCount).toBe(before + 1);
    for (const [id, filter] of [
      ["a", order],
      ["b", "loa/v1/+/order"],
    ] as const) {
      await using client = await join311(broker, id);
      const message = new Promise<string>((resolve) => {
        client.once("message", (_topic, payload) => resolve(payload.toString()));
      });
      await client.subscribeAsync(filter, { qos: 1 });
      expect(await message).toBe("buffer");
    }
    await broker.publish({ topic: order, payload: "", qos: 1, retain: true });
    expect((await broker.metrics()).retainedCount).toBe(before);
  });

  test.each(["loa/#", "loa/+/order", "", "1/2/3/4/5/6/7/8/9"])(
    "%j as a topic of the hall is a bug",
    async (topic) => {
      await expect(broker.publish({ topic, payload: "", qos: 0, retain: false })).rejects.toThrow(
        "not a topic",
      );
    },
  );

  test("counts connections anew, and messages both ways", async () => {
    await using broker = await openTestBroker(pki);
    await broker.setDevices([device("a"), device("b")]);
    await using one = await join311(broker, "a");
    {
      await using other = await join311(broker, "b");
      await other.subscribeAsync("loa/v1/all/order");
      await one.subscribeAsync("loa/v1/all/order");
      await broker.publish({ topic: "loa/v1/all/order", payload: "x", qos: 0, retain: false });
      await one.publishAsync("loa/v1/a/state", "x", { qos: 1 });
      await until(async () => expect((await broker.metrics()).deliveredCount).toBe(2));
      expect((await broker.metrics()).connectedCount).toBe(2);
    }
    await until(async () => expect((await broker.metrics()).connectedCount).toBe(1));
    const metrics = await broker.metrics();
    expect(metrics.receivedCount).toBe(1);
    expect(metrics.receivedPerSec).toBeGreaterThan(0);
    expect(metrics.processRssBytes).toBeGreaterThan(metrics.heapUsedBytes);
    expect(metrics.heapUsedBytes).toBeGreaterThan(1e6);
    expect(metrics.loopDelayMaxMs).toBeGreaterThanOrEqual(metrics.loopDelayP99Ms);
  });
});

describe("credentials", () => {
  let broker: Broker;

  beforeAll(async () => {
    broker = await openTestBroker(pki);
  });

  afterAll(() => broker[Symbol.asyncDispose]());

  test("a device whose credential vanished or changed is disconnected at once, the others stay", async () => {
    const [a, b, c] = [device("a"), device("b"), device("c")];
    await broker.setDevices([a, b, c]);
    using gone = await new RawClient(broker).join("a");
    using moved = await new RawClient(broker).join("b");
    using staying = await new RawClient(broker).join("c");
    await broker.setDevices([
      { ...b, subscribe: ["loa/v1/hamlet/2/order"] },
      { ...c, publish: [...c.publish] },
    ]);
    await Promise.all([gone.closed, moved.closed]);
    expect(staying.socket.destroyed).toBe(false);
    expect((await broker.metrics()).connectedCount).toBe(1);
    await expect(join311(broker, "a")).rejects.toThrow(/Bad username or password/i);
    await using again = await join311(broker, "b");
    expect(again.connected).toBe(true);
  });

  test("a device that lost its credential leaves no will behind, one that changed does", async () => {
    const [a, b] = [device("a"), device("b")];
    await broker.setDevices([a, b]);
    const received: string[] = [];
    broker.onMessage(({ topic }) => received.push(topic));
    const will = (id: string): { will: { topic: string } } => ({ will: { topic: `loa/v1/${id}/state` } });
    using gone = await new RawClient(broker).join("a", will("a"));
    using changed = await new RawClient(broker).join("b", will("b"));
    await broker.setDevices([{ ...b, subscribe: [] }]);
    await Promise.all([gone.closed, changed.closed]);
    await until(() => expect(received).toEqual(["loa/v1/b/state"]));
  });

  test("a device that connects again takes the place of its old connection", async () => {
    await broker.setDevices([device("a")]);
    using old = await new RawClient(broker).join("a");
    using current = await new RawClient(broker).join("a");
    await old.closed;
    expect((await broker.metrics()).connectedCount).toBe(1);
    current.send(packet.subscribe(["loa/v1/a/order"]));
    await current.atLeast(9);
    await broker.publish({ topic: "loa/v1/a/order", payload: "go", qos: 0, retain: false });
    expect((await current.atLeast(9 + 20)).subarray(-2).toString()).toBe("go");
  });

  test("says once why a device is turned away, and never its secret", async () => {
    const log = new RecordingLog();
    await using broker = await openTestBroker(pki, { log });
    await broker.setDevices([device("a")]);
    for (let attempt = 0; attempt < 3; attempt += 1) {
      await expect(join311(broker, "a", { password: `${SECRET}x` })).rejects.toThrow();
    }
    await until(async () => expect(await refusals(broker)).toEqual({ credential: 3 }));
    expect(log.lines).toEqual(["warn refused; counting from here on"]);
  });
});

describe("failing", () => {
  test("a broker that dies says so to whoever waits, and to whoever asks later", async () => {
    await using broker = await openTestBroker(pki);
    const running = faultOf(broker.run(new AbortController().signal));
    const fault = await crash(broker);
    expect(fault.kind).toBe("unavailable");
    expect(fault.cause).toBeInstanceOf(Error);
    expect(await running).toBe(fault);
    expect(await faultOf(broker.metrics())).toBe(fault);
    expect(await faultOf(broker.run(new AbortController().signal))).toBe(fault);
  });

  test("watching a broker ends quietly when it is stopped", async () => {
    await using broker = await openTestBroker(pki);
    const stop = new AbortController();
    const running = broker.run(stop.signal);
    stop.abort();
    await running;
    expect((await broker.metrics()).connectedCount).toBe(0);
  });

  test("under supervision a dead broker is followed by a new one", async () => {
    const stop = new AbortController();
    const outcomes: string[] = [];
    await supervise(
      async (signal) => {
        await using broker = await openTestBroker(pki);
        await broker.setDevices([device("a")]);
        await using client = await join311(broker, "a");
        outcomes.push(client.connected ? "served" : "refused");
        if (outcomes.length === 2) stop.abort();
        else await crash(broker);
        await broker.run(signal);
      },
      { clock: systemClock, log: new RecordingLog(), random: () => 0 },
      stop.signal,
      { firstMs: 10, longestMs: 10, healthyAfterMs: 60_000 },
    );
    expect(outcomes).toEqual(["served", "served"]);
  });
});
