import type { Clock } from "../../src/kernel/clock.ts";
import { epochMs, uptimeMs } from "../../src/kernel/time.ts";

interface Sleeper {
  readonly wakeAt: number;
  readonly wake: (slept: boolean) => void;
}

/** Time that moves only when told. `advance` wakes sleepers in order and lets each settle; `step` jumps the wall clock alone. */
export class FakeClock implements Clock {
  private wall: number;
  private mono = 1_000;
  private readonly sleepers = new Set<Sleeper>();

  constructor(startAt = 0) {
    this.wall = startAt;
  }

  now(): ReturnType<Clock["now"]> {
    return epochMs(this.wall);
  }

  uptime(): ReturnType<Clock["uptime"]> {
    return uptimeMs(this.mono);
  }

  sleep(ms: number, signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return Promise.resolve(false);
    return new Promise((resolve) => {
      const sleeper: Sleeper = {
        wakeAt: this.mono + Math.max(ms, 0),
        wake: (slept) => {
          this.sleepers.delete(sleeper);
          signal.removeEventListener("abort", stop);
          resolve(slept);
        },
      };
      const stop = (): void => sleeper.wake(false);
      signal.addEventListener("abort", stop, { once: true });
      this.sleepers.add(sleeper);
    });
  }

  async advance(ms: number): Promise<void> {
    const end = this.mono + ms;
    await settle();
    for (;;) {
      const next = [...this.sleepers].filter((s) => s.wakeAt <= end).sort((a, b) => a.wakeAt - b.wakeAt)[0];
      if (next === undefined) break;
      this.moveTo(Math.max(next.wakeAt, this.mono));
      next.wake(true);
      await settle();
    }
    this.moveTo(end);
    await settle();
  }

  /** What NTP does when it first answers: the wall clock jumps, no time passes. */
  step(ms: number): void {
    this.wall += ms;
  }

  private moveTo(mono: number): void {
    this.wall += mono - this.mono;
    this.mono = mono;
  }
}

/** Lets promises that are ready run on, through several rounds of the event loop. */
async function settle(): Promise<void> {
  for (let round = 0; round < 5; round += 1) await new Promise((resolve) => setImmediate(resolve));
}
