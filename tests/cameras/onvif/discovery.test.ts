import { createSocket } from "node:dgram";
import { once } from "node:events";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { DeviceFaults } from "../../../scripts/demo-camera/device-state.ts";
import type { Device } from "../../../scripts/demo-camera/device.ts";
import type { Found } from "../../../src/cameras/onvif/messages.ts";
import { openOnvifDevice } from "../../support/onvif-device.ts";
import { openOnvifMock } from "../../support/onvif-mock.ts";
import { openTalk, type Talk } from "./camera-talk.ts";

const never = new AbortController().signal;
let talk: Talk;
let camera: Device;

beforeAll(() => {
  talk = openTalk();
});
afterAll(() => talk[Symbol.asyncDispose]());
beforeEach(async () => {
  camera = await openOnvifDevice({ name: "Quầy 1", uuid: "7e1a1a00-0000-4000-8000-00000000000a" });
});
afterEach(() => camera[Symbol.asyncDispose]());

const look = (port = camera.discoveryPort ?? 0): Promise<readonly Found[]> =>
  talk.parts.thread.probe({ from: [], to: [`127.0.0.1:${port}`], forMs: 1_000 }, never);

const device = {
  endpoint: "urn:uuid:7e1a1a00-0000-4000-8000-00000000000a",
  address: "127.0.0.1",
  name: "Quầy 1",
  hardware: "Demo Camera",
};

describe("a device that answers", () => {
  test("is found with its name, once, although it was asked several times", async () => {
    const address = `http://127.0.0.1:${camera.port}/onvif/device_service`;
    expect(await look()).toEqual([{ ...device, xaddrs: [address] }]);
  });

  test.each<[DeviceFaults["discovery"], readonly object[]]>([
    ["silent", []],
    ["garbage", []],
    ["doubled", [device]],
    ["not-a-url", [{ ...device, xaddrs: ["http://127.0.0.1/onvif/device_service"] }]],
    ["two-in-one", [device, { xaddrs: ["http://192.0.2.7/onvif/device_service"] }]],
  ])("%s: %j", async (fault, found) => {
    camera.faults.discovery = fault;
    expect(await look()).toMatchObject(found);
    camera.faults.discovery = "right";
    expect(await look()).toHaveLength(1);
    expect(talk.log.lines).toEqual([]);
  });
});

test("a flood of forged answers is heard to its limit", async () => {
  const liar = createSocket("udp4");
  liar.on("message", (question, { port, address }) => {
    const id = /MessageID>([^<]*)</.exec(question.toString())?.[1] ?? "";
    for (let number = 0; number < 300; number += 1) {
      const answer =
        `<E><Header><RelatesTo>${number % 3 === 0 ? id : "another"}</RelatesTo></Header><Body><ProbeMatches><ProbeMatch>` +
        `<EndpointReference><Address>urn:${number}</Address></EndpointReference><Types>NetworkVideoTransmitter</Types>` +
        "</ProbeMatch></ProbeMatches></Body></E>";
      liar.send(answer.replaceAll("E>", "Envelope>"), port, address);
    }
  });
  liar.bind(0, "127.0.0.1");
  await once(liar, "listening");
  const found = await look(liar.address().port);
  liar.close();
  expect(found.length).toBeGreaterThan(0);
  expect(found.length).toBeLessThanOrEqual(100);
});

test("a device that nobody here wrote is found", async () => {
  await using mock = await openOnvifMock();
  expect(await look(mock.discoveryPort)).toMatchObject([{ address: "127.0.0.1" }]);
});

test("what can't be searched is said: an address that is not ours", async () => {
  await expect(
    talk.parts.thread.probe({ from: ["203.0.113.77"], to: [], forMs: 500 }, never),
  ).rejects.toMatchObject({ kind: "unavailable" });
});

test("one interface that is gone does not keep the others from searching", async () => {
  const order = {
    from: ["203.0.113.77", "127.0.0.1"],
    to: [`127.0.0.1:${camera.discoveryPort ?? 0}`],
    forMs: 1_000,
  };
  expect(await talk.parts.thread.probe(order, never)).toHaveLength(1);
});

test("a search ends when it is told to", async () => {
  const stop = new AbortController();
  const searching = talk.parts.thread.probe({ from: [], to: ["127.0.0.1"], forMs: 600_000 }, stop.signal);
  stop.abort(new Error("stopped by the test"));
  await expect(searching).rejects.toThrow("stopped by the test");
});
