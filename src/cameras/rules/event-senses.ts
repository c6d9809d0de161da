import { MINUTE_MS, SECOND_MS, type EpochMs, type UptimeMs } from "../../kernel/time.ts";
import type { Told } from "./event-topics.ts";
import type { EventKind } from "./model.ts";

/** A state of a camera as far as we know it. */
export interface Sense {
  readonly kind: EventKind;
  readonly topic: string;
  /** Null: not known, because the camera can't be heard. */
  readonly on: boolean | null;
  /** Since when by our clock. */
  readonly since: EpochMs;
  /** When the camera last spoke of it. */
  readonly heardAt: UptimeMs;
  /** Its newest event. */
  readonly event: { readonly id: number; readonly endedAt: EpochMs | null } | null;
}

export interface Hearing {
  readonly told: Told;
  readonly initialized: boolean;
  readonly at: EpochMs;
}

/** What a notification does to the list of events: a new one, an end, or the newest goes on after all. */
export type Step = "begin" | "moment" | "end" | "go-on" | "nothing";

/** Off and on again within this is one and the same movement. */
const DEBOUNCE_MS = 5 * SECOND_MS;
/** After a lost line: what is still on is the event we knew. */
const RESUME_MS = 10 * MINUTE_MS;

export function hear(sense: Sense | undefined, { told, initialized, at }: Hearing): Step {
  if (told.on === null) return isWithin(sense, at, DEBOUNCE_MS) ? "nothing" : "moment";
  const wasOn = sense?.on === true;
  if (wasOn === told.on) return "nothing";
  if (wasOn) return "end";
  return hearOn(sense, initialized, at);
}

function hearOn(sense: Sense | undefined, initialized: boolean, at: EpochMs): Step {
  const wasKnown = sense !== undefined && sense.on !== null;
  if (isWithin(sense, at, wasKnown ? DEBOUNCE_MS : RESUME_MS)) return "go-on";
  // What was on before we listened is a state; what we knew as off has changed.
  return initialized && !wasKnown ? "nothing" : "begin";
}

function isWithin(sense: Sense | undefined, at: EpochMs, ms: number): boolean {
  const endedAt = sense?.event?.endedAt;
  return endedAt !== undefined && endedAt !== null && at - endedAt <= ms;
}

/** Cameras forget to say that a movement is over. */
const ASK_AFTER_MS = MINUTE_MS;
const EXPIRES_AFTER_MS = 2 * MINUTE_MS;

/**
 * A movement nobody has spoken of for a minute is asked about; after two it is taken as over. An input may be on, and
 * a lens covered, for days.
 */
export function staleness(sense: Sense, now: UptimeMs): "fresh" | "doubtful" | "expired" {
  if (sense.kind !== "motion" || sense.on !== true) return "fresh";
  const silentMs = now - sense.heardAt;
  if (silentMs >= EXPIRES_AFTER_MS) return "expired";
  return silentMs >= ASK_AFTER_MS ? "doubtful" : "fresh";
}
