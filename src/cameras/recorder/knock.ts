import { connect } from "node:net";
import { isStopped, type Clock } from "../../kernel/clock.ts";
import { SECOND_MS } from "../../kernel/time.ts";

const ANSWER_WITHIN_MS = 2 * SECOND_MS;
const KNOCK_EVERY_MS = 2 * SECOND_MS;
const RTSP_PORT = 554;

/** Does an RTSP server answer there? Asks for its options, which needs no password and opens no session. */
export function answersRtsp(url: string, signal: AbortSignal): Promise<boolean> {
  const { hostname, port } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, "");
  return new Promise((resolve) => {
    const socket = connect({ host, port: port === "" ? RTSP_PORT : Number(port) });
    const finish = (answered: boolean): void => {
      signal.removeEventListener("abort", stop);
      socket.destroy();
      resolve(answered);
    };
    const stop = (): void => finish(false);
    signal.addEventListener("abort", stop, { once: true });
    socket.setTimeout(ANSWER_WITHIN_MS, stop);
    socket.on("error", stop);
    socket.on("close", stop);
    socket.on("connect", () =>
      socket.write(`OPTIONS rtsp://${host}/ RTSP/1.0\r\nCSeq: 1\r\nUser-Agent: tienglang\r\n\r\n`),
    );
    socket.on("data", (bytes) => finish(bytes.toString("latin1").startsWith("RTSP/")));
    if (signal.aborted) stop();
  });
}

interface WaitParts {
  readonly clock: Clock;
  /** Asks whether the camera answers. */
  readonly answers: (signal: AbortSignal) => Promise<boolean>;
}

/**
 * Waits up to `waitMs`, less when a camera that did not answer begins to: who reboots for three minutes is recorded again
 * seconds after, not at the end of the longest wait. One that answers all along is left its whole wait.
 */
export async function waitForCamera(
  waitMs: number,
  { clock, answers }: WaitParts,
  signal: AbortSignal,
): Promise<void> {
  const until = clock.uptime() + waitMs;
  let wasAway = false;
  while (!isStopped(signal)) {
    const leftMs = until - clock.uptime();
    if (leftMs <= 0) return;
    if (leftMs > KNOCK_EVERY_MS) {
      const here = await answers(signal);
      if (here && wasAway) return;
      wasAway = !here;
    }
    if (!(await clock.sleep(Math.min(KNOCK_EVERY_MS, Math.max(0, until - clock.uptime())), signal))) return;
  }
}
