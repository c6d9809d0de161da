import type { EpochMs, UptimeMs } from "../../kernel/time.ts";

/** `unknown`: not heard since the hall started, and not long enough ago to call it gone. */
export type Presence = "online" | "offline" | "unknown";

export interface PresenceState {
  readonly presence: Presence;
  /** Since when it is so. */
  readonly since: EpochMs;
  /** When it last gave a sign of life, or when we began to listen. */
  readonly heardAt: UptimeMs;
}

/** A healthy speaker speaks every 30 s; three of those missed and a little for the line. */
const SILENCE_LIMIT_MS = 95_000;

export interface Moment {
  readonly now: EpochMs;
  readonly uptime: UptimeMs;
}

export function startListening({ now, uptime }: Moment): PresenceState {
  return { presence: "unknown", since: now, heardAt: uptime };
}

export function heard(state: PresenceState, { now, uptime }: Moment): PresenceState {
  if (state.presence === "online") return { ...state, heardAt: uptime };
  return { presence: "online", since: now, heardAt: uptime };
}

/** It said good-bye, or its last will was published. */
export function gone(state: PresenceState, { now }: Moment): PresenceState {
  return state.presence === "offline" ? state : { ...state, presence: "offline", since: now };
}

export function listened(state: PresenceState, moment: Moment): PresenceState {
  return moment.uptime - state.heardAt > SILENCE_LIMIT_MS ? gone(state, moment) : state;
}
