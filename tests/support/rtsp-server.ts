import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { createInterface } from "node:readline";

const SCRIPT = resolve(import.meta.dirname, "../../scripts/demo-camera/rtsp-server.py");
/** Debian's: other Pythons have no `gi`. */
const PYTHON = "/usr/bin/python3";
const READY_WITHIN_MS = 30_000;

export type RtspMount = "h264" | "noisy" | "sub" | "h265" | "black" | "frozen" | "dim" | "resize";

interface RtspServerOrder {
  /** Default "none". */
  readonly auth?: "none" | "basic" | "digest";
  readonly user?: string;
  readonly password?: string;
}

/** GStreamer's RTSP server in a process of its own: a peer that knows nothing of our code. */
export interface RtspServer extends AsyncDisposable {
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** Of the running process; changes with `restart`. */
  readonly pid: number;
  /** Without user and password. */
  url(mount: RtspMount): string;
  /** With user and password, percent-encoded; the same as `url` when nobody asks for them. */
  urlWithPassword(mount: RtspMount): string;
  /** The connections stay and nothing more comes: a camera that hangs. */
  freeze(): void;
  thaw(): void;
  /** The connections break and nobody listens: a camera without power. Ends it when it is frozen, too. */
  kill(): Promise<void>;
  /** On the same port, after `kill`. */
  restart(): Promise<void>;
}

/** Listens on a free port of 127.0.0.1 when it resolves. A mount encodes only while somebody watches it. */
export async function openRtspServer(order: RtspServerOrder = {}): Promise<RtspServer> {
  const { auth = "none", user = "admin", password = "secret1" } = order;
  const start = (port: number): Promise<Running> => launch({ auth, user, password, port });
  let running = await start(0);
  const { port } = running;
  const base = (login: string): string => `rtsp://${login}127.0.0.1:${port}`;
  const login = auth === "none" ? "" : `${encodeURIComponent(user)}:${encodeURIComponent(password)}@`;
  const kill = (): Promise<void> => end(running.child);
  return {
    port,
    user,
    password,
    get pid() {
      return running.pid;
    },
    url: (mount) => `${base("")}/${mount}`,
    urlWithPassword: (mount) => `${base(login)}/${mount}`,
    freeze: () => void running.child.kill("SIGSTOP"),
    thaw: () => void running.child.kill("SIGCONT"),
    kill,
    restart: async () => {
      running = await start(port);
    },
    [Symbol.asyncDispose]: kill,
  };
}

interface Running {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly port: number;
}

interface Launch {
  readonly auth: string;
  readonly user: string;
  readonly password: string;
  readonly port: number;
}

async function launch({ auth, user, password, port }: Launch): Promise<Running> {
  const child = spawn(PYTHON, [SCRIPT, "--port", String(port), "--auth", auth, "--with-parent"], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, RTSP_USER: user, RTSP_PASSWORD: password },
  });
  const said: string[] = [];
  child.stderr.setEncoding("utf8").on("data", (part: string) => said.push(part));
  const ready = new Promise<number>((settle, fail) => {
    const why = (what: string): void => fail(new Error(`the RTSP server ${what}: ${said.join("").trim()}`));
    const timer = setTimeout(() => why("did not get ready"), READY_WITHIN_MS);
    child.once("error", (error) => why(error.message));
    child.once("exit", (code) => why(`ended with ${code}`));
    createInterface({ input: child.stdout }).on("line", (line) => {
      const taken = /^ready port=(\d+)$/.exec(line)?.[1];
      if (taken === undefined) return;
      clearTimeout(timer);
      settle(Number(taken));
    });
  });
  try {
    const taken = await ready;
    if (child.pid === undefined) throw new Error("the RTSP server has no pid");
    return { child, pid: child.pid, port: taken };
  } catch (error) {
    child.kill("SIGKILL");
    throw error;
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill("SIGKILL");
  await gone;
}
