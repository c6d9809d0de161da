import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Broker } from "../../src/broker/broker.ts";
import { runProcess, streamProcess } from "../../src/media/process.ts";
import { device, newPki, openTestBroker, SECRET, until } from "./support.ts";

/** Clients of another make, by TLS, as a vendor's or a technician's would be. */
let broker: Broker;
let dir: string;

beforeAll(async () => {
  const pki = await newPki();
  dir = await mkdtemp(join(tmpdir(), "mosquitto-"));
  await writeFile(join(dir, "ca.crt"), pki.caPem);
  broker = await openTestBroker(pki, { plain: undefined });
  await broker.setDevices([device("a"), device("b")]);
});

afterAll(async () => {
  await broker[Symbol.asyncDispose]();
  await rm(dir, { recursive: true });
});

function argsOf(id: string, more: readonly string[]): string[] {
  const at = ["-h", "127.0.0.1", "-p", String(broker.tlsPort), "--cafile", join(dir, "ca.crt")];
  return [...at, "-i", id, "-u", id, "-P", SECRET, "-q", "1", ...more];
}

test("mosquitto_sub with a device's own credential sees its topics only", { timeout: 60_000 }, async () => {
  const stop = new AbortController();
  const seen: string[] = [];
  const topics = ["#", "loa/v1/#", "loa/v1/b/order", "$SYS/#", "loa/v1/a/order", "loa/v1/all/order"];
  const args = argsOf("a", [...topics.flatMap((topic) => ["-t", topic]), "-v"]);
  const reading = (async () => {
    for await (const chunk of streamProcess({ command: "mosquitto_sub", args }, stop.signal)) {
      seen.push(...Buffer.from(chunk).toString().trim().split("\n"));
    }
  })();
  reading.catch(() => undefined);
  await until(async () => expect((await broker.metrics()).refusedCount["subscribe-right"]).toBe(4));
  const order = (topic: string): Promise<void> =>
    broker.publish({ topic, payload: "go", qos: 1, retain: false });
  // The last of them shows that all before it were delivered or withheld.
  for (const topic of ["loa/v1/b/order", "loa/v1/b/plan", "loa/v1/a/order", "loa/v1/all/order"])
    await order(topic);
  await until(() => expect(seen).toEqual(["loa/v1/a/order go", "loa/v1/all/order go"]));
  stop.abort();
  await expect(reading).rejects.toThrow();
});

test("mosquitto_pub reports what it may not publish as a lost connection", { timeout: 60_000 }, async () => {
  const received: string[] = [];
  broker.onMessage(({ clientId, topic }) => received.push(`${clientId} ${topic}`));
  const publish = (topic: string, ...more: string[]): Promise<unknown> =>
    runProcess(
      { command: "mosquitto_pub", args: argsOf("b", ["-t", topic, "-m", "x", ...more]) },
      AbortSignal.timeout(30_000),
    );
  await publish("loa/v1/b/state", "-r");
  await until(() => expect(received).toEqual(["b loa/v1/b/state"]));
  const before = (await broker.metrics()).refusedCount;
  await expect(publish("loa/v1/a/state", "-V", "mqttv5")).rejects.toThrow(/protocol version/i);
  await expect(publish("loa/v1/b/state", "-P", "wrong")).rejects.toThrow(
    /Connection Refused.*(user name|authori)/i,
  );
  const after = (await broker.metrics()).refusedCount;
  expect(after["protocol-version"] - before["protocol-version"]).toBe(1);
  expect(after.credential - before.credential).toBe(1);
  expect(received).toEqual(["b loa/v1/b/state"]);
});
