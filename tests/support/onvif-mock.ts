import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";

const READY_WITHIN_MS = 30_000;

/** An ONVIF device that nobody here wrote: it checks no password, lives in 2014 and answers every pull at once. */
export interface OnvifMock extends AsyncDisposable {
  readonly address: string;
  readonly port: number;
  /** Takes Probes by unicast. MessageID `urn:uuid:e7707`: answers garbage; `urn:uuid:d0-61e`: answers twice. */
  readonly discoveryPort: number;
}

/** In a process of its own, on free ports of 127.0.0.1. */
export async function openOnvifMock(): Promise<OnvifMock> {
  const child = spawn(process.execPath, [join(import.meta.dirname, "../fixtures/onvif-mock.ts")], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const ended = once(child, "exit");
  const stop = async (): Promise<void> => {
    child.kill("SIGKILL");
    await ended;
  };
  try {
    const ready = new Promise<RegExpExecArray>((resolve) => {
      createInterface({ input: child.stdout }).on("line", (line) => {
        const said = /^ready port=(\d+) discovery=(\d+)$/.exec(line);
        if (said !== null) resolve(said);
      });
    });
    const late = AbortSignal.timeout(READY_WITHIN_MS);
    const said = await Promise.race([ready, ended, once(late, "abort")]);
    if (!(1 in said) || typeof said[1] !== "string") throw new Error("the ONVIF mock did not start");
    return {
      address: "127.0.0.1",
      port: Number(said[1]),
      discoveryPort: Number(said[2]),
      [Symbol.asyncDispose]: stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
