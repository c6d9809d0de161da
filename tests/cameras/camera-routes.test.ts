import type { FastifyInstance } from "fastify";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { H265_PROFILE, MAIN_PROFILE } from "../../scripts/demo-camera/device-state.ts";
import type { Device } from "../../scripts/demo-camera/device.ts";
import type { CameraRegistry } from "../../src/cameras/cameras.ts";
import type { CameraId } from "../../src/cameras/rules/model.ts";
import type { Role } from "../../src/identity/actor.ts";
import { buildPanel } from "../../src/panel/app.ts";
import { openOnvifDevice } from "../support/onvif-device.ts";
import { PASSWORD, type TestPanel } from "../support/test-panel.ts";
import { openCameraPanel } from "./camera-panel.ts";
import { openTalk, type Talk } from "./onvif/camera-talk.ts";

let talk: Talk;
let panel: TestPanel;
let app: FastifyInstance;
let cameras: CameraRegistry;
let camera: Device;

beforeAll(() => {
  talk = openTalk();
});
afterAll(() => talk[Symbol.asyncDispose]());
beforeEach(async () => {
  camera = await openOnvifDevice({ profiles: [MAIN_PROFILE, H265_PROFILE], name: "Quầy 1" });
  const opened = await openCameraPanel(talk);
  panel = opened.panel;
  cameras = opened.cameras;
  app = await buildPanel({ ...panel.parts, features: [opened.routes] });
});
afterEach(async () => {
  await app.close();
  await panel[Symbol.asyncDispose]();
  await camera[Symbol.asyncDispose]();
});

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}
type As = (method: "GET" | "POST" | "PUT" | "DELETE", url: string, payload?: object) => Promise<Answer>;

async function login(role: Role): Promise<As> {
  const name = `the-${role}`;
  const answer = await app.inject({
    method: "POST",
    url: "/api/login",
    payload: { name, password: PASSWORD },
  });
  const [cookie = ""] = String(answer.headers["set-cookie"]).split(";");
  const { csrfToken } = answer.json<{ csrfToken: string }>();
  return async (method, url, payload) => {
    const headers = { cookie, "x-csrf-token": csrfToken, "accept-language": "en" };
    const { statusCode, body } = await app.inject({ method, url, headers, ...(payload && { payload }) });
    expect(body).not.toContain("secret1");
    return { status: statusCode, body: JSON.parse(body) as Record<string, unknown> };
  };
}

const reach = () => ({ host: "127.0.0.1", port: camera.port, user: "admin", password: "secret1" });
const added = () => ({
  ...reach(),
  name: "Quầy 1",
  place: "Một cửa",
  purpose: "Bảo đảm an ninh nơi tiếp dân",
});

describe("a technician", () => {
  test("finds the cameras of the network, and sees which are there already", async () => {
    const as = await login("technician");
    const address = `127.0.0.1:${camera.discoveryPort ?? 0}`;
    const look = () => as("POST", "/api/cameras/discover", { addresses: [address], forMs: 1_500 });
    const ours = { host: "127.0.0.1", port: camera.port, name: "Quầy 1", hardware: "Demo Camera" };
    // Others in the network may answer, too.
    expect((await look()).body["found"]).toContainEqual(expect.objectContaining({ ...ours, camera: null }));
    await as("POST", "/api/cameras", added());
    expect((await look()).body["found"]).toContainEqual(
      expect.objectContaining({ ...ours, camera: "quay-1" }),
    );
  });

  test("looks at a camera before it is added", async () => {
    const as = await login("technician");
    const { status, body } = await as("POST", "/api/cameras/probe", reach());
    expect([status, body["camera"]]).toMatchObject([
      200,
      { profile: "generic-onvif", identity: { serial: "TL-0001" }, streams: { main: { codec: "h264" } } },
    ]);
  });

  test("adds a camera, which is then told to all without its password", async () => {
    const as = await login("technician");
    const { status, body } = await as("POST", "/api/cameras", added());
    expect([status, body["camera"]]).toMatchObject([
      201,
      {
        id: "quay-1",
        user: "admin",
        retentionDays: 30,
        audio: false,
        events: "on",
        today: { percent: 99.8 },
      },
    ]);
    expect(cameras.credentials("quay-1" as CameraId).password).toBe("secret1");
    const asViewer = await login("viewer");
    expect((await asViewer("GET", "/api/cameras")).body).toMatchObject({
      cameras: [
        { id: "quay-1", user: "", maySee: false, status: { state: "recording", said: { vi: "Đang ghi" } } },
      ],
    });
  });

  test("is told when a purpose was filled in for lack of one", async () => {
    const as = await login("technician");
    const { body } = await as("POST", "/api/cameras", { ...reach(), place: "Phòng tiếp dân" });
    expect(body).toMatchObject({
      camera: {
        name: "Tieng Lang Demo Camera",
        purpose: "Bảo đảm an ninh, trật tự và an toàn tại Phòng tiếp dân",
      },
    });
    expect(body["findings"]).toContainEqual(expect.objectContaining({ id: "purpose", outcome: "warn" }));
  });

  test.each<[string, object, number, string]>([
    ["a wrong password", { password: "wrong" }, 403, "refuses the user or the password"],
    ["a closed port", { port: 9 }, 503, "nothing listens on this port"],
    ["sound without a purpose that says so", { audio: true }, 400, "Voice can't be recorded"],
    ["a retention of a year", { retentionDays: 365 }, 400, "retentionDays is 365."],
    ["a user that breaks XML", { user: "a<b" }, 400, "character that cameras do not take"],
    ["an address with a path", { host: "127.0.0.1/x" }, 400, "is no address of a camera"],
    [
      "a stream that refuses",
      { streamUrl: "rtsp://127.0.0.1/x", password: "other" },
      503,
      "refuses user or password",
    ],

    [
      "a stream's address with a password in it",
      { streamUrl: "rtsp://admin:secret1@127.0.0.1/x" },
      400,
      "“rtsp://127.0.0.1/x” is no stream address",
    ],
    ["a profile nobody wrote", { profile: "sony" }, 400, "no camera profile “sony”"],
  ])("is refused %s", async (_name, wrong, status, sentence) => {
    const as = await login("technician");
    const answer = await as("POST", "/api/cameras", { ...added(), ...wrong });
    expect([answer.status, answer.body["message"]]).toEqual([status, expect.stringContaining(sentence)]);
    expect(cameras.all()).toEqual([]);
  });

  test("changes what is said of a camera, and only that", async () => {
    const as = await login("technician");
    await as("POST", "/api/cameras", added());
    const { body } = await as("PUT", "/api/cameras/quay-1", { retentionDays: 15, watchRoles: ["officer"] });
    expect(body).toMatchObject({ retentionDays: 15, watchRoles: ["officer"], name: "Quầy 1" });
    expect((await as("PUT", "/api/cameras/quay-1", { retentionDays: 0 })).status).toBe(400);
    expect((await as("PUT", "/api/cameras/quay-1", { colour: "red" })).status).toBe(400);
  });

  test("removes a camera", async () => {
    const as = await login("technician");
    await as("POST", "/api/cameras", added());
    expect((await as("DELETE", "/api/cameras/quay-1")).body).toEqual({ removed: true });
    expect((await as("GET", "/api/cameras/quay-1")).status).toBe(404);
  });

  test("tests a camera that is kept, with the password that is kept", async () => {
    const as = await login("technician");
    await as("POST", "/api/cameras", added());
    camera.faults.clockOffsetMs = 3_600_000 * 5;
    const { body } = await as("POST", "/api/cameras/quay-1/test");
    expect(body["findings"]).toContainEqual(
      expect.objectContaining({
        id: "clock",
        outcome: "fail",
        said: { en: "Its clock is 5 hours fast.", vi: expect.anything() },
      }),
    );
  });
});

const SPEAKING = {
  ...{ on: "motion", actions: ["say"], preRollSec: 0, postRollSec: 0, quietForSec: 60, hours: [] },
  say: { text: "Xin chào bà con", speakers: ["loa-cho"] },
};

describe("who may", () => {
  test.each<[Role, string, string, object | undefined]>([
    ["officer", "POST", "/api/cameras", { host: "127.0.0.1" }],
    ["officer", "POST", "/api/cameras/probe", { host: "127.0.0.1" }],
    ["leader", "POST", "/api/cameras/discover", {}],
    ["viewer", "DELETE", "/api/cameras/quay-1", undefined],
    ["officer", "PUT", "/api/cameras/quay-1", { watchRoles: ["viewer"] }],
    ["technician", "POST", "/api/cameras", { host: "127.0.0.1", eventRules: [SPEAKING] }],
  ])("%s may not %s %s", async (role, method, url, payload) => {
    const as = await login(role);
    expect((await as(method as "POST", url, payload)).status).toBe(403);
  });

  test("turn a camera: those who may watch it, and it is written down", async () => {
    const as = await login("technician");
    await as("POST", "/api/cameras", { ...added(), watchRoles: ["officer"] });
    const asOfficer = await login("officer");
    expect((await asOfficer("GET", "/api/cameras/quay-1/ptz/presets")).body).toEqual({
      presets: [{ token: "1", name: "Quầy 1" }],
    });
    expect(
      (await asOfficer("POST", "/api/cameras/quay-1/ptz", { action: "preset", token: "1" })).body,
    ).toEqual({
      done: true,
    });
    expect(camera.ptz.at).toBe("1");
    await asOfficer("POST", "/api/cameras/quay-1/ptz", { action: "move", pan: 0.5, forMs: 50 });
    expect([camera.asked.includes("ContinuousMove"), camera.ptz.moving]).toEqual([true, null]);
    const asked = camera.asked.length;
    await asOfficer("POST", "/api/cameras/quay-1/ptz", { action: "stop" });
    expect(camera.asked.slice(asked)).toEqual(["Stop"]);
    expect((await as("POST", "/api/cameras/quay-1/ptz", { action: "stop" })).status).toBe(403);
    const { audit } = panel.parts;
    expect(audit.read({ limit: 9, action: "camera.ptz" })).toHaveLength(3);
    expect(audit.read({ limit: 9, action: "camera.refused" })).toHaveLength(1);
  });
});
