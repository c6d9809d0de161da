import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";

const SCRIPT = join(import.meta.dirname, "rtsp-server.py");
/** Debian's: other Pythons have no `gi`. */
const PYTHON = "/usr/bin/python3";
const READY_WITHIN_MS = 30_000;

export interface RtspOrder {
  readonly auth: "none" | "basic" | "digest";
  readonly user: string;
  readonly password: string;
  /** 0: a free one. */
  readonly port: number;
  /** Default 127.0.0.1. */
  readonly address?: string;
  /** Burnt into the picture. */
  readonly label?: string;
  /** Of /h264 and /noisy, `1920x1080`. */
  readonly mainSize?: string;
  /** Refuses streams over TCP, as old cameras do. */
  readonly udpOnly?: boolean;
}

export interface RtspProcess {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly port: number;
}

/** Starts the RTSP server and waits until it listens. It ends with this process, however that ends. */
export async function startRtsp(order: RtspOrder): Promise<RtspProcess> {
  const { auth, user, password, port, address = "127.0.0.1", label = "", mainSize = "1920x1080" } = order;
  const args = ["--port", String(port), "--auth", auth, "--address", address, "--label", label];
  if (order.udpOnly === true) args.push("--udp-only");
  const child = spawn(PYTHON, [SCRIPT, ...args, "--main-size", mainSize, "--with-parent"], {
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

/** A frozen one, too. */
export async function endRtsp(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill("SIGKILL");
  await gone;
}
