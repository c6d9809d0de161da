import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runProcess } from "../../src/media/process.ts";
import { until } from "../support/until.ts";

const PASSWORD = "mật khẩu số 1";
const ROOT = join(import.meta.dirname, "../..");

/** The part of npm onvif's client that is used here: a client nobody here wrote. */
interface Client {
  connect(done: Done): void;
  getDeviceInformation(done: Done): void;
  getStreamUri(order: { readonly protocol: "RTSP"; readonly profileToken: string }, done: Done): void;
}
type Done = (error: Error | null, result: unknown) => void;
const { Cam } = createRequire(import.meta.url)("onvif") as {
  readonly Cam: new (order: Readonly<Record<string, unknown>>) => Client;
};

interface DemoCamera extends AsyncDisposable {
  readonly process: ChildProcess;
  readonly onvif: number;
  readonly rtsp: number;
}

async function startCamera(): Promise<DemoCamera> {
  const options = ["--discovery-port", "0", "--motion-every", "0", "--with-parent"];
  const started = spawn(process.execPath, ["scripts/demo-camera/main.ts", "--name", "Quầy 2", ...options], {
    cwd: ROOT,
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, CAMERA_PASSWORD: PASSWORD },
  });
  const [line] = (await once(createInterface({ input: started.stdout }), "line")) as [string];
  const [, onvif, rtsp] = /^ready onvif=(\d+) rtsp=(\d+)/.exec(line) ?? [];
  return {
    process: started,
    onvif: Number(onvif),
    rtsp: Number(rtsp),
    [Symbol.asyncDispose]: async () => {
      if (started.exitCode !== null || started.signalCode !== null) return;
      const gone = once(started, "exit");
      started.kill("SIGKILL");
      await gone;
    },
  };
}

let camera: DemoCamera;

beforeAll(async () => {
  camera = await startCamera();
});

afterAll(() => camera[Symbol.asyncDispose]());

const ask = (call: (done: Done) => void): Promise<unknown> =>
  new Promise((resolve, reject) =>
    call((error, result) => (error === null ? resolve(result) : reject(error))),
  );

function client(): Client {
  return new Cam({
    hostname: "127.0.0.1",
    port: camera.onvif,
    username: "admin",
    password: PASSWORD,
    // Signed XML of this client spells only Latin passwords.
    useWSSecurity: false,
    autoconnect: false,
    timeout: 15_000,
  });
}

/** What ffprobe says of the stream; throws what it says when it fails. */
async function probe(rtsp: number, password: string): Promise<string> {
  const url = `rtsp://admin:${encodeURIComponent(password)}@127.0.0.1:${rtsp}/sub`;
  const shown = ["-v", "error", "-show_entries", "stream=codec_name,width,height", "-of", "csv=p=0"];
  const args = [...shown, "-rtsp_transport", "tcp", "-timeout", "15000000", url];
  const never = new AbortController().signal;
  return (await runProcess({ command: "ffprobe", args }, never)).stdout.toString();
}

test("another ONVIF client finds what it needs", async () => {
  const cam = client();
  await ask((done) => cam.connect(done));
  expect(await ask((done) => cam.getDeviceInformation(done))).toMatchObject({ manufacturer: "Tieng Lang" });
  expect(
    await ask((done) => cam.getStreamUri({ protocol: "RTSP", profileToken: "sub" }, done)),
  ).toMatchObject({
    uri: `rtsp://127.0.0.1:${camera.rtsp}/sub`,
  });
});

test("ffprobe sees its stream with the right password, and not with a wrong one", async () => {
  expect(await probe(camera.rtsp, PASSWORD)).toContain("h264,640,360");
  await expect(probe(camera.rtsp, "wrong")).rejects.toThrow("401");
});

test("ends with the process that started it, streams and all", async () => {
  await using other = await startCamera();
  expect(await probe(other.rtsp, PASSWORD)).toContain("h264");
  other.process.stdin?.end();
  await until("it ended", () => other.process.exitCode !== null);
  expect(other.process.exitCode).toBe(0);
  await expect(probe(other.rtsp, PASSWORD)).rejects.toThrow("refused");
});
