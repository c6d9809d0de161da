import { FIRST_NEW_MOON, LUNATION_DAYS, newMoonAt, sunLongitude } from "./astronomy.ts";
import { civilOf, dayFrom, type DayNumber, type DayRange } from "./days.ts";

/** A month of the Vietnamese calendar, from new moon to new moon as days are counted at 105° E. */
export interface LunarMonth {
  /** The lunar year, named after the solar year in which it begins. */
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  /** The second of two months with this number. */
  readonly leap: boolean;
  readonly firstDay: DayNumber;
  /** 29 or 30. */
  readonly length: number;
}

export interface LunarDate {
  readonly year: number;
  readonly month: number;
  readonly leap: boolean;
  /** 1 to 30. */
  readonly day: number;
  /** 29 or 30. */
  readonly monthLength: number;
}

/** Julian day of 1970-01-01, 00:00 UT. */
const DAY_0_JULIAN = 2_440_587.5;
/** Vietnam's law counts the calendar's days at UTC+7 since 1968, whatever time zone the commune's clock shows. */
const HANOI_DAYS_AHEAD = 7 / 24;

const years = new Map<number, readonly LunarMonth[]>();

/** Every month that has a day in the range, in order. */
export function lunarMonths(range: DayRange): LunarMonth[] {
  const months: LunarMonth[] = [];
  const lastYear = civilOf(range.last).year + 1;
  for (let year = civilOf(range.first).year; year <= lastYear; year += 1) {
    for (const month of monthsUpToSolstice(year)) {
      if (month.firstDay <= range.last && month.firstDay + month.length > range.first) months.push(month);
    }
  }
  return months;
}

export function lunarDateOf(day: DayNumber): LunarDate {
  const [found] = lunarMonths({ first: day, last: day });
  if (found === undefined) throw new RangeError(`no lunar month has day ${day}`);
  const { year, month, leap, firstDay, length } = found;
  return { year, month, leap, day: day - firstDay + 1, monthLength: length };
}

/** From the month of one winter solstice (always the 11th) up to that of the next, which is in `year`. */
function monthsUpToSolstice(year: number): readonly LunarMonth[] {
  const known = years.get(year);
  if (known !== undefined) return known;
  const firstMoon = solsticeMoon(year - 1);
  const starts: DayNumber[] = [];
  for (let k = firstMoon; k <= solsticeMoon(year); k += 1) starts.push(newMoonDay(k));
  const months = numberMonths(starts, year);
  years.set(year, months);
  return months;
}

/** `starts` has one more entry than there are months. Thirteen months: the first without a principal term is leap. */
function numberMonths(starts: readonly DayNumber[], year: number): readonly LunarMonth[] {
  const months: LunarMonth[] = [];
  let leapIsDue = starts.length === 14;
  let number = 10;
  for (const [index, firstDay] of starts.slice(0, -1).entries()) {
    const end = starts[index + 1] ?? firstDay;
    const leap = leapIsDue && sectorAt(firstDay) === sectorAt(end);
    if (leap) leapIsDue = false;
    else number += 1;
    const month = ((number - 1) % 12) + 1;
    months.push({ year: month >= 11 ? year - 1 : year, month, leap, firstDay, length: end - firstDay });
  }
  return months;
}

/** The new moon that begins the month of the winter solstice (270°) of a solar year. */
function solsticeMoon(year: number): number {
  let solstice = dayFrom({ year, month: 12, day: 19 });
  while (sunAtStartOf(solstice + 1) < 270) solstice += 1;
  let k = Math.ceil((solstice + DAY_0_JULIAN - FIRST_NEW_MOON) / LUNATION_DAYS) + 1;
  while (newMoonDay(k) > solstice) k -= 1;
  return k;
}

function newMoonDay(k: number): DayNumber {
  return Math.floor(newMoonAt(k) + HANOI_DAYS_AHEAD - DAY_0_JULIAN);
}

function sunAtStartOf(day: DayNumber): number {
  return sunLongitude(day + DAY_0_JULIAN - HANOI_DAYS_AHEAD);
}

/** Which twelfth of the sun's way the day begins in: a month whose ends lie in the same one has no principal term. */
function sectorAt(day: DayNumber): number {
  return Math.floor(sunAtStartOf(day) / 30);
}
