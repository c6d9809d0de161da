import { isStopped, type Clock } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import { runProcess } from "../media/process.ts";

/**
 * Tells systemd how we are (sd_notify(3)) through its own program, because Node can't write to a datagram socket.
 * Does nothing where no systemd waits for word.
 */
export interface ServiceManager {
  ready(signal: AbortSignal): Promise<void>;
  /** Feeds the watchdog until stopped. It stops being fed when the event loop hangs, and systemd starts us anew. */
  feedWatchdog(signal: AbortSignal): Promise<void>;
}

export function openServiceManager(env: NodeJS.ProcessEnv, clock: Clock, log: Log): ServiceManager {
  const expected = env["NOTIFY_SOCKET"] !== undefined;
  const watchdogMs = Number(env["WATCHDOG_USEC"] ?? 0) / 1_000;
  const tell = async (word: string, signal: AbortSignal): Promise<void> => {
    if (!expected) return;
    try {
      await runProcess({ command: "systemd-notify", args: [word] }, signal);
    } catch (error) {
      if (!isStopped(signal)) log.warn({ err: error }, "systemd could not be told");
    }
  };
  return {
    ready: (signal) => tell("--ready", signal),
    feedWatchdog: async (signal) => {
      if (!expected || watchdogMs <= 0) {
        await clock.sleep(Number.MAX_SAFE_INTEGER, signal);
        return;
      }
      while (!isStopped(signal)) {
        await tell("WATCHDOG=1", signal);
        await clock.sleep(watchdogMs / 3, signal);
      }
    },
  };
}
