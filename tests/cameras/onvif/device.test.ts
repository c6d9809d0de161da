import { createServer } from "node:net";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { H265_PROFILE, MAIN_PROFILE, type Speech } from "../../../scripts/demo-camera/device-state.ts";
import type { Device } from "../../../scripts/demo-camera/device.ts";
import { DeviceFault } from "../../../src/cameras/onvif/faults.ts";
import type { MediaProfile } from "../../../src/cameras/rules/stream-choice.ts";
import { openOnvifDevice } from "../../support/onvif-device.ts";
import { openOnvifMock } from "../../support/onvif-mock.ts";
import { until } from "../../support/until.ts";
import { openTalk, type Talk } from "./camera-talk.ts";

const never = new AbortController().signal;
let talk: Talk;
let camera: Device;

beforeAll(() => {
  talk = openTalk();
});
afterAll(() => talk[Symbol.asyncDispose]());
beforeEach(async () => {
  camera = await openOnvifDevice();
});
afterEach(() => camera[Symbol.asyncDispose]());

async function troubleOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return "none";
  } catch (error) {
    if (error instanceof DeviceFault) return error.trouble;
    throw error;
  }
}

const firstOf = (profiles: readonly MediaProfile[]): MediaProfile => {
  const [profile] = profiles;
  if (profile === undefined) throw new Error("no profile");
  return profile;
};

describe("signing in", () => {
  test.each(["wsse", "digest", "both"] as const)("works at a camera that takes %s", async (auth) => {
    await using picky = await openOnvifDevice({ auth });
    expect((await talk.open(picky)).identity.model).toBe("Demo Camera");
  });

  test.each(["wsse", "digest", "both"] as const)("says that the password is wrong: %s", async (auth) => {
    await using picky = await openOnvifDevice({ auth });
    expect(await troubleOf(talk.open(picky, { password: "wrong" }))).toBe("wrong-password");
  });

  test.each(["wsse", "digest"] as const)("takes a Vietnamese password: %s", async (auth) => {
    await using picky = await openOnvifDevice({ auth, password: "mật khẩu Đông" });
    expect((await talk.open(picky)).identity.model).toBe("Demo Camera");
  });

  test("costs a camera with a wrong password no more than two tries", async () => {
    await troubleOf(talk.open(camera, { password: "wrong" }));
    expect(camera.asked.filter((name) => name === "GetDeviceInformation").length).toBeLessThanOrEqual(3);
  });

  test("names the fault without naming the password", async () => {
    const fault = await talk.open(camera, { password: "S3cret-42" }).catch((error: unknown) => error);
    expect(fault).toMatchObject({
      kind: "rejected",
      said: { vi: expect.stringContaining("không nhận") as string },
    });
    expect(JSON.stringify(fault, Object.getOwnPropertyNames(fault))).not.toContain("S3cret-42");
  });

  test("works at a camera whose clock is twelve years off, and after it was set in between", async () => {
    camera.faults.clockOffsetMs = -12 * 365 * 86_400_000;
    const device = await talk.open(camera);
    camera.faults.clockOffsetMs = 3_600_000;
    expect((await device.streamAddress(firstOf(device.profiles), never)).url).toContain("/h264");
  });

  test("tells a changed password from a thing the user may not do", async () => {
    const device = await talk.open(camera);
    camera.faults.refusesEverybody = true;
    expect(await troubleOf(device.setClock(never))).toBe("wrong-password");
  });
});

describe("identity", () => {
  test("is what the camera said, letter by letter", async () => {
    const identity = {
      manufacturer: "Hãng <A&B>",
      firmware: "5.10",
      serial: "100200300400500600700",
      hardwareId: "007",
      model: "1e3",
      mac: "02:00:00:00:00:09",
    };
    await using odd = await openOnvifDevice({ identity });
    expect((await talk.open(odd)).identity).toEqual(identity);
  });
});

describe("profiles", () => {
  test("are told with codec, size and rate", async () => {
    camera.setProfiles([MAIN_PROFILE, H265_PROFILE]);
    expect((await talk.open(camera)).profiles).toMatchObject([
      {
        token: "main",
        codec: "h264",
        widthPx: 1920,
        heightPx: 1080,
        fps: 15,
        kbps: 2_500,
        source: "source0",
      },
      { token: "main265", codec: "h265" },
    ]);
  });

  test("of a camera without any are none", async () => {
    camera.setProfiles([]);
    expect((await talk.open(camera)).profiles).toEqual([]);
  });

  test("lead to streams at the host we reached, and the announced one is told", async () => {
    camera.faults.announcedHost = "10.99.0.1";
    camera.faults.announcedRtspHost = "192.168.68.111";
    const device = await talk.open(camera);
    expect(await device.streamAddress(firstOf(device.profiles), never)).toEqual({
      url: "rtsp://127.0.0.1:554/h264",
      announced: "rtsp://192.168.68.111:554/h264",
    });
    expect((await device.snapshotAddress(firstOf(device.profiles), never)).url).toBe(
      `http://127.0.0.1:${camera.port}/snapshot.jpg`,
    );
  });
});

describe("the clock", () => {
  test("is measured to half a second and set right", async () => {
    camera.faults.clockOffsetMs = -47_000;
    const device = await talk.open(camera);
    const before = await device.clock(never);
    await device.setClock(never);
    const after = await device.clock(never);
    expect([Math.abs(before.offsetMs + 47_000) < 3_000, Math.abs(after.offsetMs) < 3_000]).toEqual([
      true,
      true,
    ]);
  });

  test("can be given a time server", async () => {
    await (await talk.open(camera)).setTimeServer("192.168.1.2", never);
    expect(camera.asked).toContain("SetNTP");
  });
});

describe("what is no honest answer", () => {
  test.each<[Speech, string]>([
    ["garbage", "garbage"],
    ["not-http", "not-onvif"],
    ["huge", "oversized"],
    ["reset", "closed"],
    ["doubled", "none"],
  ])("%s is %s, and the next camera is served", async (speech, trouble) => {
    camera.faults.speech = speech;
    expect(await troubleOf(talk.open(camera))).toBe(trouble);
    await using other = await openOnvifDevice();
    expect((await talk.open(other)).identity.model).toBe("Demo Camera");
    expect(talk.log.lines).toEqual([]);
  });

  test.each<Speech>(["black-hole", "drip"])("%s is silence", async (speech) => {
    await using hasty = openTalk({ replyWithinMs: 400 });
    camera.faults.speech = speech;
    expect(await troubleOf(hasty.open(camera))).toBe("silent");
  });

  test("a port where nobody listens, and one that takes connections and says nothing", async () => {
    await using hasty = openTalk({ replyWithinMs: 400 });
    const mute = createServer((socket) => socket.resume()).listen(0, "127.0.0.1");
    await once(mute, "listening");
    const { port } = mute.address() as AddressInfo;
    expect(await troubleOf(hasty.open({ address: "127.0.0.1", port }))).toBe("silent");
    await new Promise((resolve) => mute.close(resolve));
    expect(await troubleOf(hasty.open({ address: "127.0.0.1", port }))).toBe("port-closed");
  });

  test("a name nobody knows", async () => {
    expect(await troubleOf(talk.open({ address: "camera.invalid", port: 80 }))).toBe("unreachable");
  });

  test("an answer that takes the library's parser for ever costs its thread, not the daemon", async () => {
    await using own = openTalk({ replyWithinMs: 300 });
    // 600 kB of an open attribute: the library's expression for namespaces looks at each of them to the end.
    const slow = createServer((socket) => {
      const body = `<a ${"xmlns".repeat(120_000)}`;
      socket.on("error", () => undefined);
      socket.on("data", () => socket.end(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`));
    }).listen(0, "127.0.0.1");
    await once(slow, "listening");
    const { port } = slow.address() as AddressInfo;
    const startedAt = performance.now();
    expect(await troubleOf(own.open({ address: "127.0.0.1", port }))).not.toBe("none");
    expect((await own.open(camera)).identity.model).toBe("Demo Camera");
    expect(performance.now() - startedAt).toBeLessThan(60_000);
    await new Promise((resolve) => slow.close(resolve));
  });
});

describe("turning", () => {
  test("goes to presets, moves and stops by itself", async () => {
    const { ptz } = await talk.open(camera);
    if (ptz === undefined) throw new Error("it turns");
    expect(await ptz.presets(never)).toEqual([{ token: "1", name: "Quầy 1" }]);
    await ptz.goTo("1", never);
    expect(camera.ptz.at).toBe("1");
    const moving = ptz.move({ pan: 0.5, tilt: 0, zoom: -0.5 }, 300, never);
    await until("it moves", () => camera.ptz.moving !== null);
    expect(camera.ptz.moving).toEqual({ pan: 0.5, tilt: 0, zoom: -0.5 });
    await moving;
    expect(camera.ptz.moving).toBeNull();
    expect(await troubleOf(ptz.goTo("<99>", never))).toBe("refused");
  });

  test("a movement that another has taken over does not stop it", async () => {
    const { ptz } = await talk.open(camera);
    const first = ptz?.move({ pan: 1, tilt: 0, zoom: 0 }, 100, never);
    await until("it moves", () => camera.ptz.moving?.pan === 1);
    const stopSecond = new AbortController();
    const second = ptz?.move({ pan: -1, tilt: 0, zoom: 0 }, 60_000, stopSecond.signal);
    await first;
    await until("it moves back", () => camera.ptz.moving?.pan === -1);
    stopSecond.abort();
    await second;
    expect(camera.ptz.moving).toBeNull();
  });
});

describe("a pull point", () => {
  const LEASE_MS = 600_000;

  test.each(["Z", "+07:00"] as const)("hands over what happened, times ending in %s", async (timeForm) => {
    camera.faults.timeForm = timeForm;
    camera.faults.announcedHost = "10.99.0.1";
    const device = await talk.open(camera);
    const subscription = await device.events?.subscribe(LEASE_MS, never);
    const pulled = subscription?.pull({ waitMs: 15_000, limit: 10 }, never);
    camera.events.sense("motion", true);
    expect(await pulled).toContain('Name="IsMotion" Value="true"');
    await subscription?.renew(LEASE_MS, never);
    await subscription?.synchronize(never);
    expect(await subscription?.pull({ waitMs: 15_000, limit: 10 }, never)).toContain("Initialized");
    await subscription?.unsubscribe(never);
    expect(camera.events.subscriberCount).toBe(0);
  });

  test("is renewed although the answer lacks the time", async () => {
    camera.faults.renewWithoutCurrentTime = true;
    const subscription = await (await talk.open(camera)).events?.subscribe(LEASE_MS, never);
    await expect(subscription?.renew(LEASE_MS, never)).resolves.toBeUndefined();
  });

  test("that is closed while it waits gives nothing, and lives on", async () => {
    camera.faults.pullClosedAfterMs = 50;
    const subscription = await (await talk.open(camera)).events?.subscribe(LEASE_MS, never);
    expect(await subscription?.pull({ waitMs: 15_000, limit: 10 }, never)).toBeUndefined();
    camera.events.sense("motion", true);
    expect(await subscription?.pull({ waitMs: 15_000, limit: 10 }, never)).toContain("IsMotion");
  });

  test("that the camera forgot is not found; refused ones are refused", async () => {
    const device = await talk.open(camera);
    const subscription = await device.events?.subscribe(LEASE_MS, never);
    camera.events.forgetSubscriptions();
    await expect(subscription?.pull({ waitMs: 1_000, limit: 10 }, never)).rejects.toMatchObject({
      kind: "not-found",
    });
    camera.faults.refusesSubscriptions = true;
    await expect(device.events?.subscribe(LEASE_MS, never)).rejects.toMatchObject({ kind: "rejected" });
    camera.faults.noSynchronizationPoint = true;
    camera.faults.refusesSubscriptions = false;
    const again = await device.events?.subscribe(LEASE_MS, never);
    await expect(again?.synchronize(never)).rejects.toMatchObject({ kind: "rejected" });
  });

  test("ends when it is told to", async () => {
    const subscription = await (await talk.open(camera)).events?.subscribe(LEASE_MS, never);
    const stop = new AbortController();
    const pulled = subscription?.pull({ waitMs: 600_000, limit: 10 }, stop.signal);
    await until("it waits", () => camera.asked.includes("PullMessages"));
    stop.abort(new Error("stopped by the test"));
    await expect(pulled).rejects.toThrow("stopped by the test");
  });
});

test("a device that nobody here wrote is understood: its clock of 2014 and its unreachable stream too", async () => {
  await using mock = await openOnvifMock();
  const device = await talk.open({ address: mock.address, port: mock.port });
  expect(device.identity).toMatchObject({ model: "Mockup Model" });
  expect(new Date(Date.now() + (device.clockAtOpening?.offsetMs ?? 0)).getUTCFullYear()).toBe(2014);
  expect(await device.streamAddress(firstOf(device.profiles), never)).toEqual({
    url: "rtsp://127.0.0.1/h264main",
    announced: "rtsp://192.168.68.111/h264main",
  });
  const subscription = await device.events?.subscribe(600_000, never);
  expect(await subscription?.pull({ waitMs: 1_000, limit: 10 }, never)).toContain("PullMessagesResponse");
});
