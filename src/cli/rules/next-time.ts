import { DAY_MS, epochMs, MINUTE_MS, type EpochMs } from "../../kernel/time.ts";

const CLOCK = /^([01]?\d|2[0-3])[:hg]([0-5]\d)$/;

/**
 * The next instant after `now` at which clocks in the zone show `17:05` (also `17h05`, `17g05`). Undefined for anything
 * else, and for a time that the day skips because clocks are changed.
 */
export function nextTime(clock: string, now: EpochMs, timeZone: string): EpochMs | undefined {
  const match = CLOCK.exec(clock.trim());
  if (match === null) return undefined;
  const wanted = Number(match[1]) * 60 + Number(match[2]);
  const minute = Math.floor(now / MINUTE_MS) * MINUTE_MS;
  const ahead = (wanted - minuteOfDay(minute, timeZone) + 1_440) % 1_440;
  const candidates = [0, -60, 60].map((shift) => minute + (ahead + shift) * MINUTE_MS);
  const next = candidates
    .map((at) => (at > now ? at : at + DAY_MS))
    .find((at) => minuteOfDay(at, timeZone) === wanted);
  return next === undefined ? undefined : epochMs(next);
}

function minuteOfDay(at: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone,
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  })
    .formatToParts(at)
    .reduce<Record<string, number>>((found, { type, value }) => ({ ...found, [type]: Number(value) }), {});
  return (parts["hour"] ?? 0) * 60 + (parts["minute"] ?? 0);
}
