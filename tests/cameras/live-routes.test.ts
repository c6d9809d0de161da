import { readdir, readFile } from "node:fs/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { localZone } from "../../src/broadcast/rules/local-time.ts";
import { openAccess } from "../../src/cameras/access.ts";
import { liveRoutes } from "../../src/cameras/live-routes.ts";
import { openLiveHub, type LiveHub } from "../../src/cameras/live/hub.ts";
import type { CameraId, StreamRole, StreamSource } from "../../src/cameras/rules/model.ts";
import { readFragment } from "../../src/cameras/rules/mp4-fragment.ts";
import { readInit } from "../../src/cameras/rules/mp4-init.ts";
import { openWatchLog, type WatchLog } from "../../src/cameras/watch-log.ts";
import { ROLES, type Actor } from "../../src/identity/actor.ts";
import { systemClock, type Clock } from "../../src/kernel/clock.ts";
import { capture } from "../../src/media/capture.ts";
import { findMediaTools } from "../../src/media/tools.ts";
import { makeLivePieces } from "../support/live-pieces.ts";
import { openMadeFiles } from "../support/made-files.ts";
import { openRtspServer, type RtspServer } from "../support/rtsp-server.ts";
import { until } from "../support/until.ts";
import { aCamera, MemoryCameras } from "./camera-house.ts";
import { openWatchingHouse, untilClosed, type WatchingHouse } from "./watching-house.ts";

const DESK = "quay-1" as CameraId;
const OLD = "quay-2" as CameraId;
const HALL = "sanh" as CameraId;
const tools = findMediaTools();

let rtsp: RtspServer;
let cameras: MemoryCameras;
let hub: LiveHub;
let house: WatchingHouse;
let watchLog: WatchLog;
let stop: AbortController;
let running: Promise<void>;
let gone: Set<string>;
let hurry: boolean;

beforeAll(async () => {
  rtsp = await openRtspServer({ auth: "digest" });
});
afterAll(() => rtsp[Symbol.asyncDispose]());

/** Waits of a quarter of a minute are a moment, when the test is about what comes after them. */
const clock: Clock = {
  ...systemClock,
  sleep: (ms, signal) => systemClock.sleep(hurry && ms === 15_000 ? 50 : ms, signal),
};

class RtspCameras extends MemoryCameras {
  override streamUrl(id: CameraId, role: StreamRole = "main"): string {
    const { url } = this.get(id).streams[role] ?? this.get(id).streams.main;
    return url.replace("rtsp://", `rtsp://${rtsp.user}:${rtsp.password}@`);
  }
}

function source(mount: "sub" | "h265"): StreamSource {
  const codec = mount === "h265" ? "h265" : "h264";
  return { url: rtsp.url(mount), transport: "tcp", codec, widthPx: 640, heightPx: 360, fps: 10, kbps: 400 };
}

beforeEach(async () => {
  hurry = false;
  gone = new Set();
  const camera = (id: CameraId, mount: "sub" | "h265"): ReturnType<typeof aCamera> =>
    aCamera({ id, streams: { main: source(mount), sub: source(mount) }, watchRoles: ["leader", "viewer"] });
  cameras = new RtspCameras(camera(DESK, "sub"), camera(OLD, "h265"), camera(HALL, "sub"));
  stop = new AbortController();
  house = await openWatchingHouse(({ parts: { audit, log } }) => {
    watchLog = openWatchLog({ audit, clock });
    hub = openLiveHub({
      cameras,
      state: () => "recording",
      zone: localZone("Asia/Ho_Chi_Minh"),
      clock,
      log,
      random: Math.random,
      tools,
      capture,
      limits: { maxViewers: 20, maxMpeg1: 1 },
    });
    return [
      liveRoutes({
        hub,
        access: openAccess({ cameras, audit }),
        watchLog,
        clock,
        log,
        stillThere: ({ actor }): Actor | undefined => (actor && !gone.has(actor.id) ? actor : undefined),
      }),
    ];
  });
  running = hub.run(stop.signal);
});
afterEach(async () => {
  stop.abort();
  await running;
  await hub[Symbol.asyncDispose]();
  watchLog[Symbol.dispose]();
  await house[Symbol.asyncDispose]();
});

/** Programs of ours that talk with the RTSP server. */
async function sessions(): Promise<number> {
  const lines = await Promise.all(
    (await readdir("/proc")).filter((name) => /^\d+$/.test(name)).map(commandOf),
  );
  return lines.filter((line) => line.includes("ffmpeg") && line.includes(`127.0.0.1:${rtsp.port}`)).length;
}

async function commandOf(pid: string): Promise<string> {
  const raw = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
  // setpriv carries the same words until it has become ffmpeg.
  return raw.includes("setpriv") ? "" : raw.replaceAll("\0", " ");
}

describe("a camera's live line", () => {
  it("brings codec and size, the init segment, then fragments from a key frame on, with their times", async () => {
    const line = (await house.login("viewer")).line(`/cameras/${DESK}/live?stream=sub`);
    await until("fragments come", () => line.pieces.length > 6);
    const said = line.said.find(({ type }) => type === "init");
    expect(said).toMatchObject({ widthPx: 640, heightPx: 360, codec: expect.stringMatching(/^avc1\.42c0/) });
    const [first, ...others] = line.pieces;
    const init = readInit(new Uint8Array(first?.subarray(9) ?? []));
    if (init === undefined) throw new Error("the first piece is no init segment");
    expect(first?.[0]).toBe(1);
    expect(others[0]?.[0]).toBe(2);
    expect(init.codecs).toBe(said?.["codec"]);
    for (const piece of others) {
      expect(readFragment(piece.subarray(9), init)?.startsWithKey).toBe(piece[0] === 2);
      expect(Math.abs(Date.now() - piece.readDoubleBE(1))).toBeLessThan(60_000);
    }
  });

  it("costs one session with the camera, however many watch, and none when nobody does", async () => {
    hurry = true;
    const viewer = await house.login("viewer");
    const lines = Array.from({ length: 4 }, () => viewer.line(`/cameras/${DESK}/live?stream=sub`));
    await until("all see something", () => lines.every(({ pieces }) => pieces.length > 3));
    expect(await sessions()).toBe(1);
    for (const { socket } of lines) socket.close();
    await until("the session ends", async () => (await sessions()) === 0);
  });

  it("shows a joiner the picture at once, from the group of pictures that is running", async () => {
    const viewer = await house.login("viewer");
    const first = viewer.line(`/cameras/${DESK}/live?stream=sub`);
    await until("the first sees something", () => first.pieces.length > 3);
    const second = viewer.line(`/cameras/${DESK}/live?stream=sub`);
    await until("the second sees something", () => second.pieces.length > 1);
    expect(second.pieces.slice(0, 2).map((piece) => piece[0])).toEqual([1, 2]);
  });

  it("is entered in the trail, at its beginning and with its seconds at its end", async () => {
    const line = (await house.login("leader")).line(`/cameras/${DESK}/live?stream=sub`);
    await until("something is seen", () => line.pieces.length > 0);
    expect(house.trail()).toEqual(["camera.watch-start u-leader"]);
    line.socket.close();
    await until("the end is entered", () => house.trail().includes("camera.watch u-leader"));
  });

  it.each(ROLES.filter((role) => role !== "viewer" && role !== "leader" && role !== "admin"))(
    "is refused to the %s, in words and in the trail",
    async (role) => {
      const line = (await house.login(role)).line(`/cameras/${DESK}/live`);
      await untilClosed(line);
      expect(line.closed()).toBe(1_008);
      expect(line.said).toEqual([
        expect.objectContaining({ type: "error", kind: "rejected", said: expect.any(Object) }),
      ]);
      expect(line.pieces).toEqual([]);
      expect(house.trail()).toEqual([`camera.refused u-${role}`]);
      expect(hub.viewers).toBe(0);
    },
  );

  it("of a camera that does not exist is refused in words", async () => {
    const line = (await house.login("viewer")).line("/cameras/nowhere/live");
    await untilClosed(line);
    expect(line.said).toEqual([expect.objectContaining({ type: "error", kind: "not-found" })]);
  });

  it("ends when the login does", async () => {
    hurry = true;
    const line = (await house.login("viewer")).line(`/cameras/${DESK}/live?stream=sub`);
    await until("something is seen", () => line.pieces.length > 0);
    gone.add("u-viewer");
    await untilClosed(line);
    expect(line.said.at(-1)).toMatchObject({ type: "error", kind: "rejected" });
    await until("it is over", () => hub.viewers === 0);
  });

  it("ends when the camera is taken away from the role", async () => {
    hurry = true;
    const line = (await house.login("viewer")).line(`/cameras/${DESK}/live?stream=sub`);
    await until("something is seen", () => line.pieces.length > 0);
    cameras.change(DESK, { watchRoles: ["leader"] });
    await untilClosed(line);
    expect(house.trail()).toContain("camera.refused u-viewer");
  });

  it("says that the camera is away, and goes on with a new beginning when it is back", async () => {
    const line = (await house.login("viewer")).line(`/cameras/${DESK}/live?stream=sub`);
    await until("something is seen", () => line.pieces.length > 0);
    await rtsp.kill();
    await until("the viewer is told", () => line.said.at(-1)?.["type"] === "waiting");
    await rtsp.restart();
    await until("the picture is back", () => line.said.filter(({ type }) => type === "init").length === 2);
    expect(line.pieces.filter((piece) => piece[0] === 1)).toHaveLength(2);
  });

  it("costs no memory when a viewer stands still, and tells it afterwards what it missed", async () => {
    await using files = await openMadeFiles();
    const { init, fragments } = await makeLivePieces(files, "a.mp4", { seconds: 4, size: "640x360" });
    const line = (await house.login("viewer")).line(`/cameras/${HALL}/live?stream=main`);
    await until("the line is open", () => line.said.length > 0);
    line.socket.pause();
    const sink = hub.sink(HALL);
    sink.begin();
    sink.push(init);
    const cycle = async (): Promise<number> => {
      for (const fragment of fragments) sink.push(fragment);
      // Lets the socket write.
      await new Promise((resolve) => setImmediate(resolve));
      return fragments.reduce((sum, { length }) => sum + length, 0);
    };
    let pushedBytes = 0;
    while (pushedBytes < 100 * 1_048_576) pushedBytes += await cycle();
    line.socket.resume();
    await until("the viewer is told", async () => {
      await cycle();
      return line.said.some(({ type }) => type === "dropped");
    });
    const missed = Number(line.said.find(({ type }) => type === "dropped")?.["fragments"]);
    const receivedBytes = line.pieces.reduce((sum, { length }) => sum + length, 0);
    expect(missed).toBeGreaterThan(fragments.length);
    expect(receivedBytes).toBeLessThan(pushedBytes / 4);
  });

  it("hands H.265 on as it is", async () => {
    const line = (await house.login("viewer")).line(`/cameras/${OLD}/live?stream=sub`);
    await until("something is seen", () => line.pieces.length > 2);
    expect(line.said.find(({ type }) => type === "init")?.["codec"]).toMatch(/^hvc1\./);
  });
});

describe("the picture for old browsers", () => {
  it("is MPEG-1, converted once for all of them, from the stream that is pulled anyway", async () => {
    hurry = true;
    const viewer = await house.login("viewer");
    const lines = Array.from({ length: 3 }, () => viewer.line(`/cameras/${OLD}/live?as=mpeg1`));
    await until("all see something", () => lines.every(({ pieces }) => pieces.length > 2));
    const bytes = Buffer.concat(lines[0]?.pieces ?? []);
    // An MPEG-TS packet is 188 bytes and begins with 0x47; 0x1b3 begins a sequence of MPEG-1 pictures.
    expect([bytes[0], bytes[188], bytes[376]]).toEqual([0x47, 0x47, 0x47]);
    expect(bytes.includes(Buffer.from([0, 0, 1, 0xb3]))).toBe(true);
    expect(hub.conversions).toBe(1);
    expect(await sessions()).toBe(1);
    for (const { socket } of lines) socket.close();
    await until("the conversion ends", () => hub.conversions === 0);
    await until("the session ends", async () => (await sessions()) === 0);
  });

  it("is refused politely when as many cameras as allowed are converted already", async () => {
    const viewer = await house.login("viewer");
    const first = viewer.line(`/cameras/${OLD}/live?as=mpeg1`);
    await until("one is converted", () => hub.conversions === 1);
    const second = viewer.line(`/cameras/${HALL}/live?as=mpeg1`);
    await untilClosed(second);
    expect(second.said).toEqual([expect.objectContaining({ type: "error", kind: "unavailable" })]);
    expect(JSON.stringify(second.said)).toContain("đang có 1 camera được chuyển đổi");
    expect(first.closed()).toBeUndefined();
    expect(hub.viewers).toBe(1);
  });
});
