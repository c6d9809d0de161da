import type { Clock } from "../../kernel/clock.ts";
import { SECOND_MS } from "../../kernel/time.ts";
import type { Deliveries } from "./deliveries.ts";
import type { Listener } from "./listener.ts";
import { FrameSplitter, type FrameRun } from "./mp3-frames.ts";

export interface ProgrammeOrder {
  /** Undefined for what nobody accounts for: the silence between airings. */
  readonly airing: string | undefined;
  readonly title: string;
  readonly kbps: number;
  /** Near the microphone: small pieces, a short burst. */
  readonly live: boolean;
}

interface ProgrammeParts {
  readonly clock: Clock;
  readonly deliveries: Deliveries;
  /** The programme is over for this listener. */
  readonly released: (listener: Listener) => void;
  /** After the last listener was let go. */
  readonly over: (programme: Programme) => void;
}

/** How much sound goes out in one write. Fewer, larger writes are what makes a thousand listeners cheap. */
const PIECE_MS = { live: 300, steady: SECOND_MS };

/**
 * What a listener gets at once when it joins. The burst stays in the player's buffer for good, so it is also a delay:
 * counted in seconds, never in bytes.
 */
const BURST_MS = { live: SECOND_MS, steady: 3 * SECOND_MS };

/** One encoded MP3 source, many listeners. Encoded without a bit reservoir: every frame boundary is a clean cut. */
export class Programme {
  readonly id: string;
  readonly airing: string | undefined;
  readonly kbps: number;
  readonly live: boolean;
  readonly title: string;
  private readonly parts: ProgrammeParts;
  private readonly splitter = new FrameSplitter();
  private readonly listeners = new Set<Listener>();
  private pending: FrameRun[] = [];
  private pendingMs = 0;
  private recent: FrameRun[] = [];
  private over = false;

  constructor(id: string, order: ProgrammeOrder, parts: ProgrammeParts) {
    this.id = id;
    this.airing = order.airing;
    this.kbps = order.kbps;
    this.live = order.live;
    this.title = order.title;
    this.parts = parts;
  }

  /** What native speakers ask for. */
  get path(): string {
    return `/stream/${this.id}`;
  }

  get listenerCount(): number {
    return this.listeners.size;
  }

  get ended(): boolean {
    return this.over;
  }

  /** MP3 as it comes from the encoder, in any pieces, at the pace at which it is to be heard. */
  push(bytes: Uint8Array): void {
    if (this.over) return;
    const run = this.splitter.push(bytes);
    if (run === undefined) return;
    this.pending.push(run);
    this.pendingMs += run.durationMs;
    if (this.pendingMs >= PIECE_MS[this.live ? "live" : "steady"]) this.flush();
  }

  /** Sends what is left and lets every listener go. */
  end(): void {
    if (this.over) return;
    this.flush();
    this.over = true;
    for (const listener of [...this.listeners]) {
      this.leave(listener, false);
      this.parts.released(listener);
    }
    this.parts.over(this);
  }

  /** With a burst for a player that just connected; without for one that plays already and changes programmes. */
  join(listener: Listener, how: { burst: boolean }): void {
    this.listeners.add(listener);
    const burst = how.burst ? joinRuns(this.recent) : undefined;
    if (burst === undefined) return;
    // Who comes back mostly hears again what it had.
    const again = this.airing !== undefined && this.parts.deliveries.knows(this.airing, listener.speaker);
    this.sendTo(listener, burst, again ? 0 : burst.durationMs);
  }

  leave(listener: Listener, lost: boolean): void {
    if (!this.listeners.delete(listener) || this.airing === undefined) return;
    this.parts.deliveries.settle(this.airing, listener, lost);
  }

  private flush(): void {
    const run = joinRuns(this.pending);
    this.pending = [];
    this.pendingMs = 0;
    if (run === undefined) return;
    this.remember(run);
    for (const listener of this.listeners) this.sendTo(listener, run, run.durationMs);
  }

  private sendTo(listener: Listener, run: FrameRun, countedMs: number): void {
    listener.send(run, this.title);
    if (!listener.open) this.leave(listener, true);
    else if (this.airing !== undefined) {
      this.parts.deliveries.add(this.airing, listener, countedMs, this.parts.clock.now());
    }
  }

  private remember(run: FrameRun): void {
    this.recent.push(run);
    let heldMs = this.recent.reduce((sum, { durationMs }) => sum + durationMs, 0);
    const wantedMs = BURST_MS[this.live ? "live" : "steady"];
    for (let oldest = this.recent[0]; oldest !== undefined; oldest = this.recent[0]) {
      if (heldMs - oldest.durationMs < wantedMs) return;
      heldMs -= oldest.durationMs;
      this.recent.shift();
    }
  }
}

function joinRuns(runs: readonly FrameRun[]): FrameRun | undefined {
  const [first] = runs;
  if (first === undefined || runs.length === 1) return first;
  return {
    bytes: Buffer.concat(runs.map(({ bytes }) => bytes)),
    durationMs: runs.reduce((sum, { durationMs }) => sum + durationMs, 0),
  };
}
