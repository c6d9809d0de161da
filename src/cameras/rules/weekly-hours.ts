import { weekdayOf } from "../../broadcast/rules/days.ts";
import type { LocalZone } from "../../broadcast/rules/local-time.ts";
import { MINUTE_MS, type EpochMs } from "../../kernel/time.ts";
import type { Camera, Span, WeeklyHours } from "./model.ts";

/** The stretch of these hours in which the instant falls; equal ends mean the whole day. */
export function stretchAt(hours: readonly WeeklyHours[], at: EpochMs, zone: LocalZone): Span | undefined {
  const today = zone.dayOf(at);
  for (const { weekdays, fromMinute, toMinute } of hours) {
    const nights = fromMinute < toMinute ? 0 : 1;
    for (const day of [today, today - 1]) {
      if (!weekdays.includes(weekdayOf(day))) continue;
      const from = zone.instantOf(day, fromMinute * MINUTE_MS);
      const to = zone.instantOf(day + nights, toMinute * MINUTE_MS);
      if (from <= at && at < to) return { from, to };
    }
  }
  return undefined;
}

/** A camera's privacy pause: by hand, or because its schedule says so. */
export interface Pause {
  readonly until: EpochMs;
  readonly why: "hand" | "schedule";
}

/** The pause in force, undefined when the camera may record and be watched. */
export function pauseAt(
  { pausedUntil, pauseHours }: Pick<Camera, "pausedUntil" | "pauseHours">,
  at: EpochMs,
  zone: LocalZone,
): Pause | undefined {
  const scheduled = stretchAt(pauseHours, at, zone);
  if (pausedUntil !== null && pausedUntil > at && pausedUntil >= (scheduled?.to ?? 0)) {
    return { until: pausedUntil, why: "hand" };
  }
  return scheduled === undefined ? undefined : { until: scheduled.to, why: "schedule" };
}
