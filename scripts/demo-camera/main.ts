/**
 * A synthetic ONVIF camera as a process of its own: discovery, ONVIF services and RTSP streams, with motion now and
 * then. The password comes by CAMERA_PASSWORD. Prints `ready onvif=PORT rtsp=PORT discovery=PORT` when it can be
 * used; ends on SIGTERM or SIGINT, and when the process that started it ends and closes its standard input.
 */
import { parseArgs } from "node:util";
import { systemClock as clock } from "../../src/kernel/clock.ts";
import { openDevice } from "./device.ts";
import { MAIN_PROFILE, SUB_PROFILE } from "./device-state.ts";
import { endRtsp, startRtsp } from "./rtsp-process.ts";

const MOTION_FOR_MS = 8_000;

const { values } = parseArgs({
  options: {
    address: { type: "string", default: "127.0.0.1" },
    port: { type: "string", default: "0" },
    "rtsp-port": { type: "string", default: "0" },
    user: { type: "string", default: "admin" },
    name: { type: "string", default: "Camera thử nghiệm" },
    /** Stable, so that a camera found again is the same one. */
    uuid: { type: "string", default: "7e1a1a00-0000-4000-8000-000000000001" },
    "main-size": { type: "string", default: "1280x720" },
    /** Seconds between two movements; 0: none. */
    "motion-every": { type: "string", default: "60" },
    "discovery-port": { type: "string", default: "3702" },
    /** End when standard input closes. */
    "with-parent": { type: "boolean", default: false },
  },
});

const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => stop.abort());
if (values["with-parent"])
  process.stdin
    .on("end", () => stop.abort())
    .on("error", () => stop.abort())
    .resume();

const password = process.env["CAMERA_PASSWORD"] ?? "";
if (password === "") throw new Error("CAMERA_PASSWORD is not set");
const [widthPx = 1280, heightPx = 720] = values["main-size"].split("x").map(Number);

await using resources = new AsyncDisposableStack();
const rtsp = await startRtsp({
  auth: "digest",
  user: values.user,
  password,
  port: Number(values["rtsp-port"]),
  address: values.address,
  label: values.name,
  mainSize: values["main-size"],
});
resources.defer(() => endRtsp(rtsp.child));
rtsp.child.once("exit", () => stop.abort());
const device = resources.use(
  await openDevice({
    address: values.address,
    port: Number(values.port),
    user: values.user,
    password,
    name: values.name,
    uuid: values.uuid,
    rtspPort: rtsp.port,
    profiles: [{ ...MAIN_PROFILE, widthPx, heightPx }, SUB_PROFILE],
    discovery: { interface: values.address, port: Number(values["discovery-port"]) },
  }),
);
process.stdout.write(`ready onvif=${device.port} rtsp=${rtsp.port} discovery=${device.discoveryPort ?? 0}\n`);
await moveNowAndThen(Number(values["motion-every"]) * 1_000);

async function moveNowAndThen(everyMs: number): Promise<void> {
  if (everyMs === 0) {
    await clock.sleep(Number.MAX_SAFE_INTEGER, stop.signal);
    return;
  }
  while (await clock.sleep(Math.max(everyMs - MOTION_FOR_MS, 1_000), stop.signal)) {
    device.events.sense("motion", true);
    await clock.sleep(Math.min(MOTION_FOR_MS, everyMs / 2), stop.signal);
    device.events.sense("motion", false);
  }
}
