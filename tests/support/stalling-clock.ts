import { epochMs, uptimeMs } from "../../src/kernel/time.ts";
import { FakeClock } from "./fake-clock.ts";

/** Time that can also pass without any timer firing, as when a process is held up. */
export class StallingClock extends FakeClock {
  private stalledMs = 0;

  override now(): ReturnType<FakeClock["now"]> {
    return epochMs(super.now() + this.stalledMs);
  }

  override uptime(): ReturnType<FakeClock["uptime"]> {
    return uptimeMs(super.uptime() + this.stalledMs);
  }

  stall(ms: number): void {
    this.stalledMs += ms;
  }
}
