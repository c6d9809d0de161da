const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const DAY_MS = 24 * 60 * MINUTE_MS;

interface Wall {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

/** Reads `23/11/2026` and `17:05` or `17:05:09` as the commune's time; undefined: no such day or hour. */
export function instantOf(day: string, time: string, timeZone: string): number | undefined {
  const date = /^\s*(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})\s*$/.exec(day);
  const clock = /^\s*(\d{1,2})[:hg.](\d{2})(?:[:.](\d{2}))?\s*$/.exec(time);
  if (date === null || clock === null) return undefined;
  const wall: Wall = {
    day: Number(date[1]),
    month: Number(date[2]),
    year: Number(date[3]),
    hour: Number(clock[1]),
    minute: Number(clock[2]),
    second: Number(clock[3] ?? 0),
  };
  const at = wallToInstant(wall, timeZone);
  // 31/2, month 13 and 25:00 come out as something else.
  return same(wallOf(at, timeZone), wall) ? at : undefined;
}

/** The last midnight at or before `at`. */
export function dayStart(at: number, timeZone: string): number {
  return wallToInstant({ ...wallOf(at, timeZone), hour: 0, minute: 0, second: 0 }, timeZone);
}

/** Midnight `days` days after the day of `at`; days may be 23 or 25 hours long elsewhere. */
export function dayAfter(at: number, days: number, timeZone: string): number {
  return dayStart(dayStart(at, timeZone) + days * DAY_MS + DAY_MS / 2, timeZone);
}

/** `23/11/2026` */
export function dayText(at: number, timeZone: string): string {
  const { day, month, year } = wallOf(at, timeZone);
  return `${two(day)}/${two(month)}/${year}`;
}

function two(n: number): string {
  return String(n).padStart(2, "0");
}

function wallToInstant(wall: Wall, timeZone: string): number {
  const asUtc = utcOf(wall);
  // The zone's offset is that of the instant looked for, so the first guess may lie on the other side of a change.
  let at = asUtc;
  for (let round = 0; round < 2; round++) at += asUtc - utcOf(wallOf(at, timeZone));
  return at;
}

function utcOf({ year, month, day, hour, minute, second }: Wall): number {
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

function wallOf(at: number, timeZone: string): Wall {
  const format = new Intl.DateTimeFormat("en-GB", {
    timeZone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
  });
  const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  const part = (name: Intl.DateTimeFormatPartTypes): number => parts.get(name) ?? 0;
  return {
    year: part("year"),
    month: part("month"),
    day: part("day"),
    hour: part("hour"),
    minute: part("minute"),
    second: part("second"),
  };
}

function same(a: Wall, b: Wall): boolean {
  return utcOf(a) === utcOf(b) && a.month === b.month && a.day === b.day && a.hour === b.hour;
}

/** `3 phút 04 giây`, `1 giờ 02 phút`, `45 giây` */
export function lengthText(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / SECOND_MS));
  const hours = Math.floor(seconds / 3_600);
  const minutes = Math.floor((seconds % 3_600) / 60);
  if (hours > 0) return `${hours} giờ ${two(minutes)} phút`;
  return minutes > 0 ? `${minutes} phút ${two(seconds % 60)} giây` : `${seconds} giây`;
}
