import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";

const ROOT = join(import.meta.dirname, "../..");
const READY = /^ready onvif=(\d+) rtsp=(\d+) discovery=(\d+)$/;

/** The demo's camera as a process, on the same ports for its whole life. */
export interface CounterCamera extends AsyncDisposable {
  readonly user: string;
  readonly password: string;
  readonly onvifPort: number;
  /** Asked by unicast. */
  readonly discoveryPort: number;
  /** The cable is pulled: nobody listens any more. */
  kill(): Promise<void>;
  /** Comes back, after `kill`; with another password when one is given. */
  start(password?: string): Promise<void>;
}

interface Running {
  readonly child: ChildProcess;
  readonly onvif: number;
  readonly rtsp: number;
  readonly discovery: number;
}

/** Small pictures, and a movement of 8 s every 20 s. */
export async function openCounterCamera(firstPassword: string): Promise<CounterCamera> {
  const user = "admin";
  let password = firstPassword;
  let running = await run(password, { onvif: 0, rtsp: 0, discovery: 0 });
  const kill = async (): Promise<void> => {
    const { child } = running;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  };
  return {
    user,
    get password() {
      return password;
    },
    onvifPort: running.onvif,
    discoveryPort: running.discovery,
    kill,
    start: async (changed) => {
      password = changed ?? password;
      running = await run(password, running);
    },
    [Symbol.asyncDispose]: kill,
  };
}

type Ports = Omit<Running, "child">;

async function run(password: string, ports: Ports): Promise<Running> {
  const options = {
    ...{ port: ports.onvif, "rtsp-port": ports.rtsp, "discovery-port": ports.discovery },
    ...{ "main-size": "640x360", "motion-every": 20, name: "Camera Mot cua" },
  };
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const child = spawn(process.execPath, ["scripts/demo-camera/main.ts", ...args, "--with-parent"], {
    cwd: ROOT,
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, CAMERA_PASSWORD: password },
  });
  const lines = createInterface({ input: child.stdout });
  const [line] = (await Promise.race([once(lines, "line"), once(child, "exit")])) as [unknown];
  const ready = READY.exec(String(line))?.slice(1).map(Number);
  if (ready === undefined) throw new Error(`the camera did not start: ${String(line)}`);
  const [onvif = 0, rtsp = 0, discovery = 0] = ready;
  return { child, onvif, rtsp, discovery };
}
