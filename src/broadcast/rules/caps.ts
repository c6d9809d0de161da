import { MINUTE_MS, type EpochMs } from "../../kernel/time.ts";
import type { DayNumber } from "./days.ts";
import { isEmergency } from "./ladder.ts";
import type { LocalZone } from "./local-time.ts";
import type { SessionCaps } from "./model.ts";

/** A silence this long ends a session. */
export const SESSION_GAP_MS = MINUTE_MS;

export function hasLimits({ sessionsPerDay, minutesPerSession }: SessionCaps): boolean {
  return sessionsPerDay !== undefined || minutesPerSession !== undefined;
}

/** Counts a speaker's sessions as they happen. Must be told of all sound, in order. */
export class SessionLedger {
  private readonly caps: SessionCaps;
  private readonly zone: LocalZone;
  private day: DayNumber | undefined;
  private sessionsThatDay = 0;
  /** Undefined while no session is open. */
  private usedMs: number | undefined;
  private soundEndedAt = -Infinity;

  constructor(caps: SessionCaps, zone: LocalZone) {
    this.caps = caps;
    this.zone = zone;
  }

  /** Opens a session for sound below emergency where none is open. Returns the limit that forbids it, if one does. */
  begin(at: EpochMs, level: number): "sessions" | "minutes" | undefined {
    if (at - this.soundEndedAt >= SESSION_GAP_MS) this.usedMs = undefined;
    if (isEmergency({ level })) return undefined;
    if (this.leftMs() <= 0) return "minutes";
    if (this.usedMs !== undefined) return undefined;
    const day = this.zone.dayOf(at);
    if (day !== this.day) this.sessionsThatDay = 0;
    this.day = day;
    if (this.sessionsThatDay >= (this.caps.sessionsPerDay ?? Infinity)) return "sessions";
    this.sessionsThatDay += 1;
    this.usedMs = 0;
    return undefined;
  }

  /** Sound that began after a `begin` has ended. */
  end(startAt: EpochMs, endAt: EpochMs, level: number): void {
    this.soundEndedAt = endAt;
    if (!isEmergency({ level })) this.usedMs = (this.usedMs ?? 0) + (endAt - startAt);
  }

  /** Sound below emergency that the open session, or a new one, still allows. */
  leftMs(): number {
    return (this.caps.minutesPerSession ?? Infinity) * MINUTE_MS - (this.usedMs ?? 0);
  }
}
