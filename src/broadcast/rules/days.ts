import { DAY_MS } from "../../kernel/time.ts";
import type { LocalDate, LocalTime } from "./model.ts";

/** Calendar days as whole numbers, 0 = 1970-01-01: adding and comparing dates is adding and comparing numbers. */
export type DayNumber = number;

/** Both ends included. */
export interface DayRange {
  readonly first: DayNumber;
  readonly last: DayNumber;
}

export interface Civil {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
}

const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;
const TIME = /^(\d{2}):(\d{2})(?::(\d{2}))?$/;

/** Undefined for what is no date, `2026-02-30` included. */
export function parseLocalDate(date: LocalDate): DayNumber | undefined {
  const match = DATE.exec(date);
  if (match === null) return undefined;
  const day = dayFrom({ year: Number(match[1]), month: Number(match[2]), day: Number(match[3]) });
  return localDateOf(day) === date ? day : undefined;
}

/** Milliseconds after midnight on the wall clock; undefined for what is no time of day. Seconds may be left out. */
export function parseLocalTime(time: LocalTime): number | undefined {
  const match = TIME.exec(time);
  if (match === null) return undefined;
  const [hour, minute, second] = [Number(match[1]), Number(match[2]), Number(match[3] ?? "0")];
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  return ((hour * 60 + minute) * 60 + second) * 1_000;
}

/** For dates that were checked at the door; throws a RangeError for others. */
export function dayNumberOf(date: LocalDate): DayNumber {
  const day = parseLocalDate(date);
  if (day === undefined) throw new RangeError(`not a date: ${date}`);
  return day;
}

/** For times that were checked at the door; throws a RangeError for others. */
export function msOfDay(time: LocalTime): number {
  const ms = parseLocalTime(time);
  if (ms === undefined) throw new RangeError(`not a time of day: ${time}`);
  return ms;
}

/** Days past the month's end run on into the next month, as in `Date.UTC`. */
export function dayFrom({ year, month, day }: Civil): DayNumber {
  return Math.round(Date.UTC(year, month - 1, day) / DAY_MS);
}

export function civilOf(day: DayNumber): Civil {
  const date = new Date(day * DAY_MS);
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
}

export function localDateOf(day: DayNumber): LocalDate {
  const { year, month, day: dayOfMonth } = civilOf(day);
  return `${String(year).padStart(4, "0")}-${twoDigits(month)}-${twoDigits(dayOfMonth)}`;
}

/** 1 = Monday … 7 = Sunday (ISO 8601). */
export function weekdayOf(day: DayNumber): number {
  // Day 0 was a Thursday.
  return ((((day + 3) % 7) + 7) % 7) + 1;
}

export function monthLengthOf(year: number, month: number): number {
  return dayFrom({ year, month: month + 1, day: 0 }) - dayFrom({ year, month, day: 0 });
}

/** `MM-DD` as 100 x month + day, for comparing within a year. */
export function monthDayNumber(monthDay: string): number {
  return Number(monthDay.slice(0, 2)) * 100 + Number(monthDay.slice(3, 5));
}

export function twoDigits(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}
