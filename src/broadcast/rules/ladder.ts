import { MINUTE_MS } from "../../kernel/time.ts";
import type { Candidate } from "./model.ts";

/** From here up, quiet hours and session limits do not hold. The commune's emergency, as in `loa/v1`. */
export const EMERGENCY_LEVEL = 850;

/** An item that would begin, or go on, more than this behind its plan is given up: late is wrong, too. */
export const LATENESS_LIMIT_MS = 15 * MINUTE_MS;

export function isEmergency({ level }: { readonly level: number }): boolean {
  return level >= EMERGENCY_LEVEL;
}

/** Sorts what wins first. The airing's id decides last, so that equal things have one order everywhere. */
export function compareOnLadder(a: Candidate, b: Candidate): number {
  return b.level - a.level || b.rank - a.rank || a.startAt - b.startAt || compareText(a.airing, b.airing);
}

/** By code units: the same on every machine, whatever its language. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
