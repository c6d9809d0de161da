import { SECOND_MS } from "../../kernel/time.ts";

/** What a relay's listeners hear. */
export type RelayMode = "relay" | "fallback" | "chime" | "over";

export interface RelayLimits {
  readonly deadAfterMs: number;
  readonly silentAfterMs: number;
  readonly silentBelowDbfs: number;
  /** The relay must have been well for this long before it is trusted again. */
  readonly backAfterMs: number;
}

export const RELAY_LIMITS: RelayLimits = {
  deadAfterMs: 10 * SECOND_MS,
  silentAfterMs: 15 * SECOND_MS,
  silentBelowDbfs: -45,
  backAfterMs: 10 * SECOND_MS,
};

export interface Ladder {
  readonly mode: RelayMode;
  readonly deadMs: number;
  readonly silentMs: number;
  readonly wellMs: number;
}

export interface RelayTick {
  readonly tickMs: number;
  /** The relay gave nothing for this tick. */
  readonly missing: boolean;
  readonly levelDbfs: number;
  readonly fallback: "none" | "there" | "ended";
  readonly chimeEnded: boolean;
}

export const FIRST_RUNG: Ladder = { mode: "relay", deadMs: 0, silentMs: 0, wellMs: 0 };

/** Pauses of speech, which say nothing about the line. */
const ORDINARY_PAUSE_MS = 2 * SECOND_MS;

/** Fail-soft: relay → fallback → chime → end, and back to the relay from the fallback only. */
export function climb(ladder: Ladder, tick: RelayTick, limits: RelayLimits): Ladder {
  const heard = listen(ladder, tick, limits);
  return { ...heard, mode: nextMode(ladder.mode, heard, tick, limits) };
}

function isDead({ deadMs }: Ladder, limits: RelayLimits): boolean {
  return deadMs > limits.deadAfterMs;
}

function isSilent({ silentMs }: Ladder, limits: RelayLimits): boolean {
  return silentMs > limits.silentAfterMs;
}

function listen(ladder: Ladder, { missing, levelDbfs, tickMs }: RelayTick, limits: RelayLimits): Ladder {
  const deadMs = missing ? ladder.deadMs + tickMs : 0;
  const quiet = levelDbfs < limits.silentBelowDbfs;
  const silentMs = missing ? ladder.silentMs : quiet ? ladder.silentMs + tickMs : 0;
  const well = !missing && silentMs <= ORDINARY_PAUSE_MS;
  return { ...ladder, deadMs, silentMs, wellMs: well ? ladder.wellMs + tickMs : 0 };
}

function nextMode(mode: RelayMode, heard: Ladder, tick: RelayTick, limits: RelayLimits): RelayMode {
  switch (mode) {
    case "relay":
      if (!isDead(heard, limits) && !isSilent(heard, limits)) return "relay";
      return tick.fallback === "there" ? "fallback" : "chime";
    case "fallback":
      if (heard.wellMs >= limits.backAfterMs) return "relay";
      return tick.fallback === "there" ? "fallback" : "chime";
    case "chime":
      return tick.chimeEnded ? "over" : "chime";
    case "over":
      return "over";
  }
}
