import { parseLocalDate, parseLocalTime } from "../../broadcast/rules/days.ts";
import { localZone } from "../../broadcast/rules/local-time.ts";
import type { EpochMs } from "../../kernel/time.ts";

/**
 * `09:05` or `09:05:30` (today), `2026-11-23 09:05` or with a `T`, all in the commune's time. Undefined for anything else;
 * instants with an offset are the caller's.
 */
export function pastTime(asked: string, now: EpochMs, timeZone: string): EpochMs | undefined {
  const [, date, time = ""] =
    /^(?:(\d{4}-\d{2}-\d{2})[ T])?(\d{1,2}:\d{2}(?::\d{2})?)$/.exec(asked.trim()) ?? [];
  const zone = localZone(timeZone);
  const day = date === undefined ? zone.dayOf(now) : parseLocalDate(date);
  const msOfDay = parseLocalTime(
    time.padStart(time.length === 4 || time.length === 7 ? time.length + 1 : 0, "0"),
  );
  return day === undefined || msOfDay === undefined ? undefined : zone.instantOf(day, msOfDay);
}
