import { join } from "node:path";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { FIRMWARE_PROFILES } from "../../scripts/quality/protocol-schemas.ts";
import { openAccess } from "../../src/cameras/access.ts";
import { cameraRoutes } from "../../src/cameras/camera-routes.ts";
import { CAMERAS_SCHEMA } from "../../src/cameras/camera-store.ts";
import { openCameras, type CameraRegistry } from "../../src/cameras/cameras.ts";
import { openCameraDevices } from "../../src/cameras/devices.ts";
import { loadCameraProfiles } from "../../src/cameras/profiles.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { epochMs } from "../../src/kernel/time.ts";
import { migrate } from "../../src/store/migrate.ts";
import { openTestPanel, type TestPanel } from "../support/test-panel.ts";
import type { Talk } from "./onvif/camera-talk.ts";

interface CameraPanel {
  readonly panel: TestPanel;
  readonly cameras: CameraRegistry;
  readonly routes: FastifyPluginAsyncZod;
}

/** A panel with the cameras' routes: real ONVIF, streams that open for the password `secret1`. Close the panel yourself. */
export async function openCameraPanel(talk: Talk): Promise<CameraPanel> {
  const panel = await openTestPanel();
  const { database, dataDir, parts, log } = panel;
  const { audit } = parts;
  migrate(database, [CAMERAS_SCHEMA]);
  const profiles = loadCameraProfiles(join(FIRMWARE_PROFILES, "cameras"));
  const cameras = openCameras({ database, clock: systemClock, audit, keyDir: dataDir, maxCameras: 2 });
  const said = { en: "fine", vi: "tốt" };
  const routes = cameraRoutes({
    cameras,
    access: openAccess({ cameras, audit }),
    devices: openCameraDevices({ ...talk.parts, cameras, profiles, log, audit, changed: () => undefined }),
    examining: {
      ...talk.parts,
      profiles,
      probeStream: ({ url }) =>
        Promise.resolve(
          url.includes("secret1@") && url.endsWith("/h264")
            ? { ok: true, codec: "h264", widthPx: 1920, heightPx: 1080, fps: 15 }
            : { ok: false, trouble: "wrong-password", detail: "" },
        ),
    },
    audit,
    clock: systemClock,
    timeZone: "Asia/Ho_Chi_Minh",
    ownAddresses: () => ["127.0.0.1"],
    signal: new AbortController().signal,
    now: {
      status: () => ({ state: "recording", since: epochMs(0), kbps: 2_500, fps: 15, detail: null }),
      picture: () => ({ verdict: "ok", since: null, said }),
      today: () => ({ percent: 99.8, gaps: 1, said }),
      events: () => "on",
    },
  });
  return { panel, cameras, routes };
}
