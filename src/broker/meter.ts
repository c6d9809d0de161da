import { monitorEventLoopDelay } from "node:perf_hooks";
import { SECOND_MS } from "../kernel/time.ts";
import type { BrokerMetrics } from "./messages.ts";
import { REFUSALS, type Refusal } from "./rules/admission.ts";

const WINDOW_MS = 10 * SECOND_MS;
const NANOSECONDS_PER_MS = 1e6;
/** How often the loop's delay is sampled; part of each sample, and taken off again. */
const LOOP_SAMPLE_MS = 10;

interface Window {
  readonly startedAt: number;
  readonly received: number;
  readonly delivered: number;
  readonly delayP99Ms: number;
  readonly delayMaxMs: number;
}

/** Counts of the broker's thread. Rates and delays look back over the running window and the one before it. */
export class Meter implements Disposable {
  received = 0;
  delivered = 0;
  private readonly refused = new Map<Refusal, number>();
  private readonly openedAt = performance.now();
  private readonly delay = monitorEventLoopDelay({ resolution: LOOP_SAMPLE_MS });
  private readonly timer = setInterval(() => this.turn(), WINDOW_MS);
  private previous: Window = this.emptyWindow();
  private current: Window = this.emptyWindow();

  constructor() {
    this.delay.enable();
    this.timer.unref();
  }

  countRefusal(refusal: Refusal): void {
    this.refused.set(refusal, (this.refused.get(refusal) ?? 0) + 1);
  }

  read(live: { readonly connectedCount: number; readonly retainedCount: number }): BrokerMetrics {
    const now = performance.now();
    const since = this.previous;
    const elapsedSec = Math.max(now - since.startedAt, 1) / SECOND_MS;
    const memory = process.memoryUsage();
    return {
      connectedCount: live.connectedCount,
      retainedCount: live.retainedCount,
      receivedCount: this.received,
      deliveredCount: this.delivered,
      receivedPerSec: (this.received - since.received) / elapsedSec,
      deliveredPerSec: (this.delivered - since.delivered) / elapsedSec,
      refusedCount: this.refusals(),
      loopDelayP99Ms: Math.max(this.previous.delayP99Ms, lateness(this.delay.percentile(99))),
      loopDelayMaxMs: Math.max(this.previous.delayMaxMs, lateness(this.delay.max)),
      heapUsedBytes: memory.heapUsed,
      processRssBytes: memory.rss,
      uptimeSec: (now - this.openedAt) / SECOND_MS,
    };
  }

  [Symbol.dispose](): void {
    clearInterval(this.timer);
    this.delay.disable();
  }

  private turn(): void {
    this.previous = {
      ...this.current,
      delayP99Ms: lateness(this.delay.percentile(99)),
      delayMaxMs: lateness(this.delay.max),
    };
    this.current = this.emptyWindow();
    this.delay.reset();
  }

  private emptyWindow(): Window {
    return {
      startedAt: performance.now(),
      received: this.received,
      delivered: this.delivered,
      delayP99Ms: 0,
      delayMaxMs: 0,
    };
  }

  private refusals(): Record<Refusal, number> {
    const counts = REFUSALS.map((refusal) => [refusal, this.refused.get(refusal) ?? 0] as const);
    return Object.fromEntries(counts) as Record<Refusal, number>;
  }
}

function lateness(sampleNs: number): number {
  return Math.max(0, sampleNs / NANOSECONDS_PER_MS - LOOP_SAMPLE_MS);
}
