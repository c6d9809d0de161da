import { systemClock, type Clock } from "../../src/kernel/clock.ts";
import { epochMs, uptimeMs } from "../../src/kernel/time.ts";

/** Real time on another day: it runs as fast as ours, and steps when told. */
export class ShiftedClock implements Clock {
  shiftMs: number;
  readonly uptime = systemClock.uptime.bind(systemClock);
  readonly sleep = systemClock.sleep.bind(systemClock);

  constructor(startAt: number) {
    this.shiftMs = startAt - Date.now();
  }

  now(): ReturnType<Clock["now"]> {
    return epochMs(Date.now() + this.shiftMs);
  }
}

/** Real time that can be sent ahead: both clocks jump together, as if the time had passed. Sleeps stay real. */
export class ShiftedUptime implements Clock {
  readonly sleep = systemClock.sleep.bind(systemClock);
  private aheadMs = 0;

  skip(ms: number): void {
    this.aheadMs += ms;
  }

  now(): ReturnType<Clock["now"]> {
    return epochMs(Date.now() + this.aheadMs);
  }

  uptime(): ReturnType<Clock["uptime"]> {
    return uptimeMs(systemClock.uptime() + this.aheadMs);
  }
}
