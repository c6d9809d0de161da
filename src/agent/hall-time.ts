import type { Clock } from "../kernel/clock.ts";
import { epochMs, uptimeMs, type EpochMs, type UptimeMs } from "../kernel/time.ts";

/** The time that orders and plans mean. */
export interface HallTime {
  /** Whole milliseconds, as protocol and database want them. */
  now(): EpochMs;
  /** Hall time minus this machine's wall clock. */
  offsetMs(): number;
  /** The monotonic instant at which hall time will be, or was, `at`. */
  uptimeOf(at: number): UptimeMs;
  /** Hall time of a monotonic instant. */
  at(uptime: number): EpochMs;
  /** Takes over a measured difference between the hall's clock and the monotonic one. */
  follow(hallMinusUptimeMs: number): void;
}

interface HallTimeParts {
  readonly clock: Clock;
  readonly mode: "hall" | "system";
  /** What was measured before the last restart; holds until the hall answers. */
  readonly storedOffsetMs: number;
}

/**
 * In mode `hall`, once measured, hall time runs on the monotonic clock: a step of this machine's wall clock changes
 * nothing. Before that, and in mode `system`, it is the wall clock.
 */
export function newHallTime({ clock, mode, storedOffsetMs }: HallTimeParts): HallTime {
  let hallMinusUptimeMs: number | undefined;
  const exactly = (): number => {
    if (mode === "system") return clock.now();
    if (hallMinusUptimeMs === undefined) return clock.now() + storedOffsetMs;
    return clock.uptime() + hallMinusUptimeMs;
  };
  return {
    now: () => epochMs(Math.round(exactly())),
    offsetMs: () => {
      if (hallMinusUptimeMs !== undefined) return hallMinusUptimeMs + clock.uptime() - clock.now();
      return mode === "system" ? 0 : storedOffsetMs;
    },
    uptimeOf: (at) => uptimeMs(clock.uptime() + at - exactly()),
    at: (uptime) => epochMs(Math.round(exactly() + uptime - clock.uptime())),
    follow: (difference) => {
      hallMinusUptimeMs = difference;
    },
  };
}
