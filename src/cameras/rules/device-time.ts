import { epochMs, SECOND_MS, type EpochMs } from "../../kernel/time.ts";
import { first, numberAt, textAt, type XmlNode } from "./xml-node.ts";

export interface DeviceTime {
  readonly at: EpochMs;
  /** The camera takes its time from a server. */
  readonly byNtp: boolean;
  /** Its time zone in POSIX words (`ICT-7`), handed back unchanged when its clock is set. */
  readonly zone: string;
  readonly daylightSaving: boolean;
}

/** What a GetSystemDateAndTimeResponse says; undefined when it says no UTC time that a calendar knows. */
export function deviceTimeIn(answer: XmlNode): DeviceTime | undefined {
  const told = first(answer, "SystemDateAndTime");
  const at = instantIn(first(told, "UTCDateTime"));
  if (at === undefined) return undefined;
  return {
    at,
    byNtp: textAt(told, "DateTimeType") === "NTP",
    zone: textAt(told, "TimeZone", "TZ"),
    daylightSaving: textAt(told, "DaylightSavings") === "true",
  };
}

function instantIn(utc: XmlNode | undefined): EpochMs | undefined {
  const part = (...path: readonly string[]): number => numberAt(utc, ...path) ?? NaN;
  const [year, month, day] = [part("Date", "Year"), part("Date", "Month"), part("Date", "Day")];
  const [hour, minute, second] = [part("Time", "Hour"), part("Time", "Minute"), part("Time", "Second")];
  const ms = Date.UTC(year, month - 1, day, hour, minute, second);
  const real = year >= 1970 && year <= 2200 && month >= 1 && month <= 12 && day >= 1 && day <= 31;
  return real && Number.isFinite(ms) ? epochMs(ms) : undefined;
}

/** One reading of a camera's clock: what it said, and when we asked and were answered, by ours. */
export interface ClockReading {
  readonly askedAt: EpochMs;
  readonly answeredAt: EpochMs;
  readonly told: EpochMs;
}

export interface ClockOffset {
  /** Positive: the camera is ahead. Good to half a second, because cameras tell whole seconds. */
  readonly offsetMs: number;
  readonly roundTripMs: number;
}

/** Middle one of the readings. A told second stands for its middle, compared with the middle of the question. */
export function clockOffset(readings: readonly ClockReading[]): ClockOffset | undefined {
  const offsets = readings
    .map(({ askedAt, answeredAt, told }) => ({
      offsetMs: Math.round(told + SECOND_MS / 2 - (askedAt + answeredAt) / 2),
      roundTripMs: answeredAt - askedAt,
    }))
    .sort((a, b) => a.offsetMs - b.offsetMs);
  return offsets[Math.floor(offsets.length / 2)];
}

const DRIFT_WARN_MS = 2 * SECOND_MS;
const DRIFT_ALARM_MS = 30 * SECOND_MS;

export type ClockVerdict = "right" | "drifting" | "wrong";

export function clockVerdict(offsetMs: number): ClockVerdict {
  const offMs = Math.abs(offsetMs);
  if (offMs > DRIFT_ALARM_MS) return "wrong";
  return offMs > DRIFT_WARN_MS ? "drifting" : "right";
}
