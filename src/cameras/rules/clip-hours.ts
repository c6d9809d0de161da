import { weekdayOf } from "../../broadcast/rules/days.ts";
import type { LocalZone } from "../../broadcast/rules/local-time.ts";
import { DAY_MS, MINUTE_MS, type EpochMs } from "../../kernel/time.ts";
import type { Span, WeeklyHours } from "./model.ts";

/** Stretches of these hours that ended within the last day, by their end. */
export function endedStretches(
  hours: readonly WeeklyHours[],
  now: EpochMs,
  zone: LocalZone,
): readonly Span[] {
  const today = zone.dayOf(now);
  const ended = hours.flatMap(({ weekdays, fromMinute, toMinute }) => {
    const nights = fromMinute < toMinute ? 0 : 1;
    return [today - 2, today - 1, today]
      .filter((day) => weekdays.includes(weekdayOf(day)))
      .map((day) => ({
        from: zone.instantOf(day, fromMinute * MINUTE_MS),
        to: zone.instantOf(day + nights, toMinute * MINUTE_MS),
      }));
  });
  return ended.filter(({ to }) => to <= now && to > now - DAY_MS).sort((a, b) => a.to - b.to);
}
