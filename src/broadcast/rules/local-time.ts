import { DAY_MS, SECOND_MS, epochMs, type EpochMs } from "../../kernel/time.ts";
import type { DayNumber } from "./days.ts";

/** A place's wall clock: from local readings to instants and back. */
export interface LocalZone {
  /** The local date on which an instant falls. */
  dayOf(at: EpochMs): DayNumber;
  /** What the wall clock shows, in milliseconds after local midnight. */
  msOfDayAt(at: EpochMs): number;
  /**
   * When the wall clock shows this. A reading that a clock change skips means the first instant after the change; one
   * that comes twice means the first.
   */
  instantOf(day: DayNumber, msOfDay: number): EpochMs;
  /** As `instantOf`, but the later of two. */
  lastInstantOf(day: DayNumber, msOfDay: number): EpochMs;
}

/** From `from` on the wall clock is `offsetMs` ahead of UTC. */
interface Offset {
  readonly from: number;
  readonly offsetMs: number;
}

const zones = new Map<string, LocalZone>();

/** Takes IANA names; throws a RangeError for others. */
export function localZone(timeZone: string): LocalZone {
  const known = zones.get(timeZone);
  if (known !== undefined) return known;
  const zone = newLocalZone(timeZone);
  zones.set(timeZone, zone);
  return zone;
}

/** Offsets are looked up once for a stretch of time and kept: asking Intl each time costs microseconds. */
const STRETCH_MS = 64 * DAY_MS;
/** Readings and instants differ by at most 14 h, so a stretch of readings needs a little more of instants. */
const MARGIN_MS = 2 * DAY_MS;
/** No zone of the IANA database has changed its clock twice within a week since 1970. */
const PROBE_MS = 4 * DAY_MS;

function newLocalZone(timeZone: string): LocalZone {
  const offsetMsAt = offsetReader(timeZone);
  const stretches = new Map<number, readonly Offset[]>();

  function offsetsAround(ms: number): readonly Offset[] {
    const stretch = Math.floor(ms / STRETCH_MS);
    let offsets = stretches.get(stretch);
    if (offsets === undefined) {
      const from = stretch * STRETCH_MS - MARGIN_MS;
      offsets = findOffsets(offsetMsAt, from, from + STRETCH_MS + 2 * MARGIN_MS);
      stretches.set(stretch, offsets);
    }
    return offsets;
  }

  function localMsOf(at: number): number {
    const offsets = offsetsAround(at);
    let index = offsets.length - 1;
    while (index > 0 && (offsets[index]?.from ?? 0) > at) index -= 1;
    return at + (offsets[index]?.offsetMs ?? 0);
  }

  return {
    dayOf: (at) => Math.floor(localMsOf(at) / DAY_MS),
    msOfDayAt: (at) => {
      const localMs = localMsOf(at);
      return localMs - Math.floor(localMs / DAY_MS) * DAY_MS;
    },
    instantOf: (day, msOfDay) => {
      const localMs = day * DAY_MS + msOfDay;
      return epochMs(instantsOf(localMs, offsetsAround(localMs)).first);
    },
    lastInstantOf: (day, msOfDay) => {
      const localMs = day * DAY_MS + msOfDay;
      return epochMs(instantsOf(localMs, offsetsAround(localMs)).last);
    },
  };
}

function instantsOf(localMs: number, offsets: readonly Offset[]): { first: number; last: number } {
  let first: number | undefined;
  let last = 0;
  let skippedTo = 0;
  for (const [index, { from, offsetMs }] of offsets.entries()) {
    const at = localMs - offsetMs;
    if (at < from) continue;
    const until = offsets[index + 1]?.from;
    if (until === undefined || at < until) {
      first ??= at;
      last = at;
    } else if (first === undefined) {
      skippedTo = until;
    }
  }
  return first === undefined ? { first: skippedTo, last: skippedTo } : { first, last };
}

function findOffsets(offsetMsAt: (at: number) => number, from: number, to: number): readonly Offset[] {
  const offsets: Offset[] = [{ from, offsetMs: offsetMsAt(from) }];
  let known = offsets[0]?.offsetMs;
  for (let at = from + PROBE_MS; at <= to; at += PROBE_MS) {
    const offsetMs = offsetMsAt(at);
    if (offsetMs === known) continue;
    offsets.push({ from: findChange(offsetMsAt, at - PROBE_MS, at), offsetMs });
    known = offsetMs;
  }
  return offsets;
}

/** The first second at which the offset is that of `after`. */
function findChange(offsetMsAt: (at: number) => number, before: number, after: number): number {
  const offsetMs = offsetMsAt(after);
  let [low, high] = [before, after];
  while (high - low > SECOND_MS) {
    const middle = low + Math.floor((high - low) / 2 / SECOND_MS) * SECOND_MS;
    if (offsetMsAt(middle) === offsetMs) high = middle;
    else low = middle;
  }
  return high;
}

function offsetReader(timeZone: string): (at: number) => number {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  return (at) => {
    const parts: Partial<Record<Intl.DateTimeFormatPartTypes, number>> = {};
    for (const { type, value } of format.formatToParts(at)) parts[type] = Number(value);
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
    const wholeSecond = Math.floor(at / SECOND_MS) * SECOND_MS;
    return Date.UTC(year, month - 1, day, hour, minute, second) - wholeSecond;
  };
}
