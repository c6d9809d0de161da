import { createServer, type AddressInfo } from "node:net";
import { once } from "node:events";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { H265_PROFILE, MAIN_PROFILE, SUB_PROFILE } from "../../scripts/demo-camera/device-state.ts";
import type { Device } from "../../scripts/demo-camera/device.ts";
import { FIRMWARE_PROFILES } from "../../scripts/quality/protocol-schemas.ts";
import {
  examine,
  faultOf,
  type ExamineOrder,
  type ExamineParts,
  type Examination,
} from "../../src/cameras/diagnosis.ts";
import { loadCameraProfiles } from "../../src/cameras/profiles.ts";
import { probeStream } from "../../src/media/probe-stream.ts";
import { findMediaTools } from "../../src/media/tools.ts";
import { openOnvifDevice } from "../support/onvif-device.ts";
import { openRtspServer, type RtspServer } from "../support/rtsp-server.ts";
import { openTalk, type Talk } from "./onvif/camera-talk.ts";

const SMALL_MAIN = { ...SUB_PROFILE, token: "main", widthPx: 1280, heightPx: 720 };
const never = new AbortController().signal;
const tools = findMediaTools();
let talk: Talk;
let rtsp: RtspServer;
let parts: ExamineParts;
let camera: Device;

beforeAll(async () => {
  talk = openTalk({ replyWithinMs: 5_000 });
  rtsp = await openRtspServer({ auth: "digest" });
  parts = {
    ...talk.parts,
    profiles: loadCameraProfiles(join(FIRMWARE_PROFILES, "cameras")),
    probeStream: (order, signal) => probeStream(tools, order, signal),
  };
}, 60_000);
afterAll(async () => {
  await talk[Symbol.asyncDispose]();
  await rtsp[Symbol.asyncDispose]();
});
beforeEach(async () => {
  camera = await openOnvifDevice({ rtspPort: rtsp.port, profiles: [SMALL_MAIN] });
});
afterEach(() => camera[Symbol.asyncDispose]());

const look = (order: Partial<ExamineOrder> = {}): Promise<Examination> =>
  examine(
    { host: "127.0.0.1", port: camera.port, credentials: { user: "admin", password: "secret1" }, ...order },
    parts,
    never,
  );

const brief = ({ findings }: Examination): string[] => findings.map(({ id, outcome }) => `${id} ${outcome}`);
const saidOf = ({ findings }: Examination, id: string): string =>
  findings.find((finding) => finding.id === id)?.said.en ?? "";

describe("a camera", () => {
  test("in order is found in order, with what really comes", async () => {
    const seen = await look();
    expect(brief(seen)).toEqual(["onvif ok", "clock ok", "profiles ok", "stream ok"]);
    expect(seen.camera).toMatchObject({
      onvif: { host: "127.0.0.1", port: camera.port },
      profile: "generic-onvif",
      streams: {
        main: { url: rtsp.url("sub"), codec: "h264", widthPx: 640, heightPx: 360, fps: 10, transport: "tcp" },
        sub: null,
      },
    });
    expect(seen.turns).toBe(true);
  });

  test("twelve years behind is said so, and may be recorded all the same", async () => {
    camera.faults.clockOffsetMs = -12.2 * 365.25 * 86_400_000;
    const seen = await look();
    expect(saidOf(seen, "clock")).toBe("Its clock is 12 years slow.");
    expect(seen.camera).toBeDefined();
  });

  test("with a wrong password is said so once, and its stream is not even tried", async () => {
    const seen = await look({ credentials: { user: "admin", password: "wrong" } });
    expect(brief(seen)).toEqual(["password fail"]);
    expect(faultOf(seen.findings).said.vi).toContain("không nhận tên đăng nhập hoặc mật khẩu");
  });

  test("with letters with marks in its password is warned of", async () => {
    await using marked = await openOnvifDevice({ password: "mật khẩu", profiles: [] });
    const seen = await look({ port: marked.port, credentials: { user: "admin", password: "mật khẩu" } });
    expect(brief(seen)).toEqual(["password warn", "onvif ok", "clock ok", "profiles fail"]);
  });

  test("that announces an address elsewhere is reached where it is, and that is said", async () => {
    camera.faults.announcedRtspHost = "192.168.68.111";
    const seen = await look();
    expect(brief(seen)).toContain("address warn");
    expect(saidOf(seen, "address")).toContain(`rtsp://192.168.68.111:${rtsp.port}/sub`);
  });

  test("whose rewritten address does not answer is said to be behind NAT, with both", async () => {
    await using hidden = await openOnvifDevice({ rtspPort: 9, profiles: [SMALL_MAIN] });
    hidden.faults.announcedRtspHost = "10.0.0.5";
    const seen = await look({ port: hidden.port });
    expect(brief(seen)).toEqual(["onvif ok", "clock ok", "profiles ok", "address fail", "stream fail"]);
    expect(saidOf(seen, "address")).toContain("rtsp://127.0.0.1:9/sub");
    expect(seen.camera).toBeUndefined();
  });

  test("with H.265 only is recorded, with a warning", async () => {
    camera.setProfiles([H265_PROFILE]);
    const seen = await look();
    expect(brief(seen)).toEqual(["onvif ok", "clock ok", "profiles warn", "stream ok"]);
    expect(seen.camera?.streams.main.codec).toBe("h265");
  });

  test("with a stream that is not there (404) is said so", async () => {
    camera.setProfiles([{ ...SMALL_MAIN, mount: "nowhere" }]);
    expect(saidOf(await look(), "stream")).toContain("(404)");
  });

  test("whose stream wants another password than ONVIF is told apart", async () => {
    await using other = await openOnvifDevice({
      rtspPort: rtsp.port,
      password: "other",
      profiles: [SMALL_MAIN],
    });
    const seen = await look({ port: other.port, credentials: { user: "admin", password: "other" } });
    expect(saidOf(seen, "stream")).toContain("refuses user or password");
  });

  test("without a word about profiles has nothing to record", async () => {
    camera.setProfiles([]);
    expect(saidOf(await look(), "profiles")).toBe("The camera offers no video.");
  });

  test("whose main stream is there twice gets the smaller for mosaics", async () => {
    camera.setProfiles([MAIN_PROFILE, SUB_PROFILE]);
    const probed: string[] = [];
    const fake: ExamineParts = {
      ...parts,
      probeStream: ({ url, transport }) => {
        probed.push(`${transport} ${url}`);
        return Promise.resolve(
          url.endsWith("/h264")
            ? { ok: true, codec: "h264", widthPx: 1920, heightPx: 1080, fps: 15 }
            : { ok: false, trouble: "not-found", detail: "" },
        );
      },
    };
    const order = {
      host: "127.0.0.1",
      port: camera.port,
      credentials: { user: "admin", password: "secret1" },
    };
    const seen = await examine(order, fake, never);
    expect(brief(seen)).toEqual(["onvif ok", "clock ok", "profiles ok", "stream ok", "sub-stream warn"]);
    expect(probed).toEqual([
      `tcp rtsp://admin:secret1@127.0.0.1:${rtsp.port}/h264`,
      `tcp rtsp://admin:secret1@127.0.0.1:${rtsp.port}/sub`,
    ]);
    expect(JSON.stringify(seen)).not.toContain("secret1");
  });
});

describe("no camera", () => {
  test("behind a port that is closed: where else somebody listens is not guessed", async () => {
    const gone = createServer().listen(0, "127.0.0.1");
    await once(gone, "listening");
    const { port } = gone.address() as AddressInfo;
    await new Promise((resolve) => gone.close(resolve));
    const seen = await look({ port });
    expect(brief(seen)[0]).toBe("onvif fail");
    expect(saidOf(seen, "onvif")).toContain("nothing listens on this port");
  });

  test("but something that takes the connection and is silent: is it the right port?", async () => {
    const seen = await look({ port: rtsp.port });
    expect(saidOf(seen, "onvif")).toContain("does not answer in time");
    expect(seen.findings[0]?.remedy?.en).toContain("ONVIF (HTTP) port");
  });
});

describe("a camera without ONVIF", () => {
  test("is added by its stream's address", async () => {
    const seen = await look({ streamUrl: rtsp.url("sub") });
    expect(brief(seen)).toEqual(["stream ok"]);
    expect(seen.camera).toMatchObject({
      onvif: null,
      profile: "rtsp-only",
      streams: { main: { widthPx: 640 } },
    });
  });

  test("with a stream that comes by UDP only is said so, and taken by UDP", async () => {
    await using old = await openRtspServer({ udpOnly: true });
    const seen = await look({ streamUrl: old.url("sub") });
    expect(brief(seen)).toEqual(["stream warn"]);
    expect(seen.camera?.streams.main.transport).toBe("udp");
  });

  test("and without an address can't be looked for", async () => {
    expect(saidOf(await look({ profile: "rtsp-only" }), "stream")).toBe("The stream's address is not known.");
  });
});
