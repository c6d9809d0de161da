import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { MAIN_PROFILE } from "../../scripts/demo-camera/device-state.ts";
import type { Device } from "../../scripts/demo-camera/device.ts";
import { runCli } from "../../src/cli/program.ts";
import type { CameraRegistry } from "../../src/cameras/cameras.ts";
import type { CameraId } from "../../src/cameras/rules/model.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { openPanel, type Panel } from "../../src/panel/server.ts";
import { openCameraPanel } from "../cameras/camera-panel.ts";
import { openTalk, type Talk } from "../cameras/onvif/camera-talk.ts";
import { openOnvifDevice } from "../support/onvif-device.ts";
import type { TestPanel } from "../support/test-panel.ts";

let talk: Talk;
let hall: TestPanel;
let panel: Panel;
let cameras: CameraRegistry;
let camera: Device;

beforeAll(() => {
  talk = openTalk();
});
afterAll(() => talk[Symbol.asyncDispose]());
beforeEach(async () => {
  camera = await openOnvifDevice({ profiles: [MAIN_PROFILE] });
  const opened = await openCameraPanel(talk);
  hall = opened.panel;
  cameras = opened.cameras;
  panel = await openPanel({ ...hall.parts, features: [opened.routes] }, { host: "127.0.0.1", port: 0 });
});
afterEach(async () => {
  await panel[Symbol.asyncDispose]();
  await hall.parts.cliAccess[Symbol.asyncDispose]();
  await hall[Symbol.asyncDispose]();
  await camera[Symbol.asyncDispose]();
});

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function run(
  argv: readonly string[],
  given: { input?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<Ran> {
  const out: string[] = [];
  const err: string[] = [];
  const code = await runCli(argv, {
    clock: systemClock,
    env: {
      TIENGLANG_DATA: hall.dataDir,
      TIENGLANG_CONFIG: join(hall.dataDir, "none.json"),
      LANG: "C",
      ...given.env,
    },
    out: (line) => out.push(line),
    err: (line) => err.push(line),
    readInput: () => Promise.resolve(given.input ?? ""),
    signal: new AbortController().signal,
  });
  return { code, out: out.join("\n"), err: err.join("\n") };
}

const add = (...more: string[]): Promise<Ran> =>
  run(
    [
      "camera",
      "add",
      "127.0.0.1",
      "--port",
      String(camera.port),
      "--name",
      "Quầy 1",
      "--password-stdin",
      ...more,
    ],
    { input: "secret1\n" },
  );

describe("camera", () => {
  test("discover lists what answers, with where it is", async () => {
    const { code, out } = await run(["camera", "discover", `127.0.0.1:${camera.discoveryPort ?? 0}`]);
    // Others in the network may answer, too.
    expect([code, out.split("\n")]).toEqual([
      0,
      expect.arrayContaining([`127.0.0.1:${camera.port}  Demo Camera  -  Demo camera`]),
    ]);
  });

  test("add keeps a camera and says what was seen", async () => {
    const { code, out } = await add("--place", "Một cửa", "--purpose", "Bảo đảm an ninh nơi tiếp dân");
    expect([code, out.split("\n").at(-1)]).toEqual([
      0,
      "Camera Quầy 1 added, id quay-1; it is being recorded.",
    ]);
    expect(out).toContain("✓ It is a Tieng Lang Demo Camera");
    expect(cameras.credentials("quay-1" as CameraId)).toEqual({ user: "admin", password: "secret1" });
  });

  test("add takes the password from the environment, never from the command line", async () => {
    const argv = ["camera", "add", "127.0.0.1", "--port", String(camera.port)];
    expect((await run(argv, { env: { TIENGLANG_CAMERA_PASSWORD: "secret1" } })).code).toBe(0);
    const without = await run(argv);
    expect([without.code, without.err]).toEqual([64, expect.stringContaining("--password-stdin")]);
    expect((await run([...argv, "--password", "x"])).code).toBe(64);
  });

  test("probe says what is wrong and ends with 69", async () => {
    const { code, out } = await run(
      ["--lang", "vi", "camera", "probe", "127.0.0.1", "--port", String(camera.port), "--password-stdin"],
      { input: "wrong" },
    );
    expect([code, out]).toEqual([69, expect.stringContaining("✗ Camera 127.0.0.1")]);
    expect(out).toContain("không nhận tên đăng nhập hoặc mật khẩu");
    expect(cameras.all()).toEqual([]);
  });

  test("list, show and test tell how it is", async () => {
    await add();
    expect((await run(["camera", "list"])).out).toBe("quay-1  127.0.0.1  Quầy 1  Recording  fine");
    expect((await run(["camera", "show", "quay-1"])).out).toContain(
      "main stream  h264 1920x1080 rtsp://127.0.0.1:554/h264",
    );
    camera.faults.clockOffsetMs = 12 * 365.25 * 86_400_000;
    const tested = await run(["camera", "test", "quay-1"]);
    expect([tested.code, tested.out]).toEqual([69, expect.stringContaining("✗ Its clock is 12 years fast.")]);
    expect(JSON.parse((await run(["--json", "camera", "list"])).out)).toMatchObject([{ id: "quay-1" }]);
  });

  test("set changes what was said, and nothing else", async () => {
    await add();
    const argv = [
      "camera",
      "set",
      "quay-1",
      "--days",
      "15",
      "--correct-clock",
      "off",
      "--watch",
      "officer",
      "leader",
    ];
    expect((await run(argv)).out).toBe("Camera Quầy 1 changed.");
    await run(["camera", "set", "quay-1", "--stream", "rtsp://127.0.0.1:8554/x"]);
    await run(["camera", "set", "quay-1", "--password-stdin"], { input: "new\n" });
    expect(cameras.get("quay-1" as CameraId)).toMatchObject({
      retentionDays: 15,
      mayCorrectClock: false,
      watchRoles: ["officer", "leader"],
      streams: { main: { url: "rtsp://127.0.0.1:8554/x", codec: "h264" } },
    });
    expect(cameras.credentials("quay-1" as CameraId).password).toBe("new");
  });

  test("ptz turns, and goes to stored places", async () => {
    await add("--watch", "leader");
    expect((await run(["camera", "ptz", "quay-1", "presets"])).out).toBe("1  Quầy 1");
    expect((await run(["camera", "ptz", "quay-1", "preset:1"])).out).toBe("Done.");
    expect(camera.ptz.at).toBe("1");
  });

  test("remove takes it off the list", async () => {
    await add();
    expect((await run(["camera", "remove", "quay-1"])).code).toBe(0);
    expect((await run(["camera", "list"])).out).toContain("There is no camera yet");
  });

  test.for([
    [["camera", "show", "nowhere"], 66, "There is no camera “nowhere”."],
    [["camera", "set", "x"], 66, "There is no camera “x”."],
    [["camera", "set", "x", "--days", "many"], 66, "There is no camera “x”."],
    [["camera", "ptz", "x", "sideways"], 64, "no order for a camera"],
    [["camera", "add", "h", "--user", "", "--port", "http"], 64, "--port: “http” is not a whole number."],
    [["camera", "add", "h", "--user", "", "--audio", "yes"], 64, "--audio is on or off"],
  ] as const)("%j ends with %i and a sentence", async ([argv, code, sentence]) => {
    const ran = await run(argv);
    expect([ran.code, ran.err]).toEqual([code, expect.stringContaining(sentence)]);
  });
});
