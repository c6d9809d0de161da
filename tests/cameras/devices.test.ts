import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { H265_PROFILE, MAIN_PROFILE, SUB_PROFILE } from "../../scripts/demo-camera/device-state.ts";
import type { Device } from "../../scripts/demo-camera/device.ts";
import { FIRMWARE_PROFILES } from "../../scripts/quality/protocol-schemas.ts";
import { CAMERAS_SCHEMA } from "../../src/cameras/camera-store.ts";
import { openCameras, type CameraRegistry } from "../../src/cameras/cameras.ts";
import { openCameraDevices, type CameraDevices } from "../../src/cameras/devices.ts";
import { openHostGate } from "../../src/cameras/onvif/host-gate.ts";
import { loadCameraProfiles } from "../../src/cameras/profiles.ts";
import type { Camera, CameraId } from "../../src/cameras/rules/model.ts";
import { CLI_ACTOR } from "../../src/identity/actor.ts";
import { AUDIT_SCHEMA, openAudit, type Audit } from "../../src/identity/audit.ts";
import { MINUTE_MS } from "../../src/kernel/time.ts";
import { openDatabase, type Database } from "../../src/store/database.ts";
import { migrate } from "../../src/store/migrate.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { openOnvifDevice } from "../support/onvif-device.ts";
import { RecordingLog } from "../support/recording-log.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { until } from "../support/until.ts";
import { cameraDraft } from "./camera-draft.ts";
import { openTalk, type Talk } from "./onvif/camera-talk.ts";

const QUAY = "quay-2" as CameraId;
const never = new AbortController().signal;
let talk: Talk;
let folder: ReturnType<typeof temporaryFolder>;
let database: Database;
let audit: Audit;
let cameras: CameraRegistry;
let devices: CameraDevices;
let camera: Device;
let clock: FakeClock;
let log: RecordingLog;
let changed: string[];
let trusted: boolean;

beforeAll(() => {
  talk = openTalk();
});
afterAll(() => talk[Symbol.asyncDispose]());
beforeEach(async () => {
  folder = temporaryFolder();
  database = openDatabase(join(folder.path, "test.db"), "normal");
  migrate(database, [AUDIT_SCHEMA, CAMERAS_SCHEMA]);
  // The synthetic camera reads the machine's clock: ours starts there.
  clock = new FakeClock(Date.now());
  log = new RecordingLog();
  changed = [];
  trusted = true;
  audit = openAudit({ database, clock });
  cameras = openCameras({ database, clock, audit, keyDir: folder.path });
  devices = openCameraDevices({
    ...talk.parts,
    clock,
    gate: openHostGate(2),
    cameras,
    profiles: loadCameraProfiles(join(FIRMWARE_PROFILES, "cameras")),
    log,
    audit,
    isClockTrusted: () => trusted,
    changed: (id) => changed.push(id),
  });
  camera = await openOnvifDevice({ profiles: [MAIN_PROFILE, SUB_PROFILE] });
});
afterEach(async () => {
  await camera[Symbol.asyncDispose]();
  database[Symbol.dispose]();
  folder[Symbol.dispose]();
});

const keep = (change: Partial<Camera> = {}): Camera =>
  cameras.add(
    cameraDraft({ onvif: { host: "127.0.0.1", port: camera.port }, ...change }),
    "secret1",
    CLI_ACTOR,
  );

async function watching(work: () => Promise<void>): Promise<void> {
  const stop = new AbortController();
  const running = devices.run(stop.signal);
  await work();
  stop.abort();
  await running;
}

describe("the watch of clocks", () => {
  test("sets a wrong clock that may be set, and writes it down", async () => {
    camera.faults.clockOffsetMs = -12 * 365 * 86_400_000;
    keep();
    await watching(() => until("it is set", () => devices.clockOf(QUAY)?.corrected === true));
    expect([devices.clockOf(QUAY)?.verdict, Math.abs(camera.faults.clockOffsetMs) < 60_000]).toEqual([
      "right",
      true,
    ]);
    expect(audit.read({ limit: 5, action: "camera.set-clock" })).toHaveLength(1);
    expect(log.lines).toEqual(["warn camera's clock is off", "info camera's clock is right again"]);
    expect(changed).toContain(QUAY);
  });

  test("leaves a clock alone that may not be set, and says so once", async () => {
    camera.faults.clockOffsetMs = 47_000;
    keep({ mayCorrectClock: false });
    await watching(async () => {
      await until("it is read", () => devices.clockOf(QUAY) !== undefined);
      const readings = camera.asked.filter((name) => name === "GetSystemDateAndTime").length;
      await until("it is read again", async () => {
        await clock.advance(10 * MINUTE_MS);
        return camera.asked.filter((name) => name === "GetSystemDateAndTime").length > readings;
      });
    });
    expect(devices.clockOf(QUAY)?.verdict).toBe("wrong");
    expect(log.lines).toEqual(["warn camera's clock is off"]);
    expect(camera.asked).not.toContain("SetSystemDateAndTime");
  });

  test("is not held up by a camera that is away or refuses", async () => {
    keep({ id: "a" as CameraId, name: "a", onvif: { host: "127.0.0.1", port: 9 } });
    cameras.add(
      cameraDraft({ id: "b" as CameraId, name: "b", onvif: { host: "127.0.0.1", port: camera.port } }),
      "wrong",
      CLI_ACTOR,
    );
    keep();
    await watching(() => until("the third is read", () => devices.clockOf(QUAY) !== undefined));
    expect([devices.clockOf("a" as CameraId), devices.clockOf("b" as CameraId)]).toEqual([
      undefined,
      undefined,
    ]);
    expect(log.lines).toEqual([]);
  });

  test("does not set cameras by a clock of ours that may be wrong itself", async () => {
    trusted = false;
    camera.faults.clockOffsetMs = 47_000;
    keep();
    await watching(() => until("it is read", () => devices.clockOf(QUAY)?.verdict === "wrong"));
    expect(camera.asked).not.toContain("SetSystemDateAndTime");
  });

  test("leaves a camera that refuses its password alone for an hour, or until something is changed", async () => {
    keep();
    cameras.change(QUAY, { password: "wrong" }, CLI_ACTOR);
    const tries = () => camera.asked.filter((name) => name === "GetDeviceInformation").length;
    await watching(async () => {
      await until("it is tried", () => tries() > 0);
      await until("an hour has passed", async () => {
        const before = clock.uptime();
        await clock.advance(10 * MINUTE_MS);
        return before > 50 * MINUTE_MS;
      });
    });
    // Signed, then digest: which asks without a login first.
    expect(tries()).toBeLessThanOrEqual(3);
    cameras.change(QUAY, { password: "secret1" }, CLI_ACTOR);
    await watching(() => until("it is read", () => devices.clockOf(QUAY)?.verdict === "right"));
  });

  test("asks nobody without ONVIF or switched off", async () => {
    keep({ enabled: false });
    keep({ id: "a" as CameraId, name: "a", onvif: null });
    await watching(() => clock.advance(MINUTE_MS));
    expect(camera.asked).toEqual([]);
  });
});

describe("asking anew where the streams are", () => {
  test("keeps what has moved, and the device's new firmware", async () => {
    keep();
    await devices.reresolve(QUAY, never);
    expect(cameras.get(QUAY)).toMatchObject({
      identity: { model: "Demo Camera" },
      streams: {
        main: { url: "rtsp://127.0.0.1:554/h264", codec: "h264", transport: "tcp" },
        sub: { url: "rtsp://127.0.0.1:554/sub", widthPx: 640 },
      },
    });
    camera.setProfiles([H265_PROFILE]);
    await devices.reresolve(QUAY, never);
    expect(cameras.get(QUAY).streams).toMatchObject({ main: { codec: "h265" }, sub: null });
    expect(audit.read({ limit: 9, action: "camera.change" }).map(({ actorId }) => actorId)).toEqual([
      "system",
      "system",
    ]);
  });

  test("changes nothing when nothing has moved", async () => {
    keep();
    await devices.reresolve(QUAY, never);
    const entries = audit.read({ limit: 9 }).length;
    await devices.reresolve(QUAY, never);
    expect(audit.read({ limit: 9 })).toHaveLength(entries);
  });

  test("leaves a camera without profiles, or without ONVIF, as it is", async () => {
    const before = keep();
    camera.setProfiles([]);
    await devices.reresolve(QUAY, never);
    expect(cameras.get(QUAY).streams).toEqual(before.streams);
    keep({ id: "a" as CameraId, name: "a", onvif: null });
    await expect(devices.reresolve("a" as CameraId, never)).resolves.toBeUndefined();
  });
});

describe("a device in use", () => {
  test("is greeted once in a while, and anew when it has failed", async () => {
    keep();
    const presets = () => devices.use(QUAY, async ({ ptz }) => (await ptz?.presets(never)) ?? [], never);
    await presets();
    await presets();
    expect(camera.asked.filter((name) => name === "GetServices")).toHaveLength(1);
    expect(devices.turns(QUAY)).toBe(true);
    await clock.advance(6 * MINUTE_MS);
    await presets();
    expect(camera.asked.filter((name) => name === "GetServices")).toHaveLength(2);
    camera.faults.speech = "reset";
    await expect(presets()).rejects.toMatchObject({ kind: "unavailable" });
    camera.faults.speech = null;
    expect(await presets()).toEqual([{ token: "1", name: "Quầy 1" }]);
  });

  test("has a pull point; without ONVIF there is none, and turning says why", async () => {
    keep();
    expect(await devices.pullPoint(QUAY, never)).toBeDefined();
    keep({ id: "a" as CameraId, name: "a", onvif: null });
    expect(await devices.pullPoint("a" as CameraId, never)).toBeUndefined();
    await expect(devices.open("a" as CameraId, never)).rejects.toThrow("has no ONVIF");
  });
});
