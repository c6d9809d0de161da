import type { EpochMs } from "../../kernel/time.ts";
import type { Stop, TimeWindow } from "./model.ts";

/**
 * All that shuts a speaker up whatever its calendar says. In order of time; the windows of a list do not overlap. A
 * hold has its stop among the stops.
 */
export interface GateRules {
  readonly quiet: readonly TimeWindow[];
  readonly holds: readonly TimeWindow[];
  readonly stops: readonly Stop[];
}

/** Reads the rules along with time: `moveTo` never goes back. */
export class Gates {
  private readonly rules: GateRules;
  private readonly stoppedAt = new Map<string, EpochMs>();
  private at = -Infinity;
  private quietIndex = 0;
  private holdIndex = 0;
  private stopIndex = 0;

  /** Without rules it is always open. */
  constructor(rules: GateRules = { quiet: [], holds: [], stops: [] }) {
    this.rules = rules;
    for (const { at, airing } of rules.stops) {
      if (airing !== undefined && !this.stoppedAt.has(airing)) this.stoppedAt.set(airing, at);
    }
  }

  moveTo(at: EpochMs): void {
    const { quiet, holds, stops } = this.rules;
    this.at = at;
    while ((quiet[this.quietIndex]?.to ?? Infinity) <= at) this.quietIndex += 1;
    while ((holds[this.holdIndex]?.to ?? Infinity) <= at) this.holdIndex += 1;
    while ((stops[this.stopIndex]?.at ?? Infinity) < at) this.stopIndex += 1;
  }

  isQuiet(): boolean {
    return (this.rules.quiet[this.quietIndex]?.from ?? Infinity) <= this.at;
  }

  isHeld(): boolean {
    return (this.rules.holds[this.holdIndex]?.from ?? Infinity) <= this.at;
  }

  /** Whether an airing that has begun by now is stopped at this very instant, or was stopped before it came. */
  isStopped(airing: string): boolean {
    if ((this.stoppedAt.get(airing) ?? Infinity) <= this.at) return true;
    for (let index = this.stopIndex; this.rules.stops[index]?.at === this.at; index += 1) {
      if (this.rules.stops[index]?.airing === undefined) return true;
    }
    return false;
  }

  /** The next instant after this one at which an answer may change. */
  nextChangeAt(): number {
    const quiet = nextEdge(this.rules.quiet[this.quietIndex], this.at);
    const hold = nextEdge(this.rules.holds[this.holdIndex], this.at);
    let stop = this.stopIndex;
    while ((this.rules.stops[stop]?.at ?? Infinity) <= this.at) stop += 1;
    return Math.min(quiet, hold, this.rules.stops[stop]?.at ?? Infinity);
  }

  /** Nothing is shut from now until `at`, nor were any of these stopped before. */
  isOpenUntil(at: number, airings: readonly { readonly candidate: { readonly airing: string } }[]): boolean {
    if (this.isQuiet() || this.isHeld() || this.nextChangeAt() < at) return false;
    if (this.rules.stops[this.stopIndex]?.at === this.at) return false;
    return (
      this.stoppedAt.size === 0 || !airings.some(({ candidate }) => this.stoppedAt.has(candidate.airing))
    );
  }
}

function nextEdge(window: TimeWindow | undefined, at: number): number {
  if (window === undefined) return Infinity;
  return window.from > at ? window.from : window.to;
}
