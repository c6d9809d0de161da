import { civilOf, dayNumberOf, monthDayNumber, type DayNumber, type DayRange } from "./days.ts";
import { lunarMonths } from "./lunar.ts";
import type { Holiday } from "./model.ts";

/** Labour Code 2019, article 112. Tết and the second day of 2 September are set anew each year: the list is editable. */
export const DEFAULT_HOLIDAYS: readonly Holiday[] = [
  { type: "solar", monthDay: "01-01", name: "Tết Dương lịch" },
  { type: "lunar", month: 12, day: "last", name: "Giao thừa" },
  { type: "lunar", month: 1, day: 1, name: "Mồng một Tết" },
  { type: "lunar", month: 1, day: 2, name: "Mồng hai Tết" },
  { type: "lunar", month: 1, day: 3, name: "Mồng ba Tết" },
  { type: "lunar", month: 1, day: 4, name: "Mồng bốn Tết" },
  { type: "lunar", month: 3, day: 10, name: "Giỗ Tổ Hùng Vương" },
  { type: "solar", monthDay: "04-30", name: "Ngày Chiến thắng" },
  { type: "solar", monthDay: "05-01", name: "Quốc tế Lao động" },
  { type: "solar", monthDay: "09-01", name: "Quốc khánh (ngày liền kề)" },
  { type: "solar", monthDay: "09-02", name: "Quốc khánh" },
];

/** Offered beside the list: days that many communes mark, and one whose legal standing is not settled. */
export const SUGGESTED_HOLIDAYS: readonly Holiday[] = [
  { type: "lunar", month: 1, day: 15, name: "Rằm tháng Giêng" },
  { type: "solar", monthDay: "02-03", name: "Thành lập Đảng Cộng sản Việt Nam" },
  { type: "solar", monthDay: "03-08", name: "Quốc tế Phụ nữ" },
  { type: "lunar", month: 4, day: 15, name: "Phật đản" },
  { type: "solar", monthDay: "05-19", name: "Ngày sinh Chủ tịch Hồ Chí Minh" },
  { type: "lunar", month: 5, day: 5, name: "Tết Đoan ngọ" },
  { type: "solar", monthDay: "06-01", name: "Quốc tế Thiếu nhi" },
  { type: "lunar", month: 7, day: 15, name: "Vu Lan" },
  { type: "solar", monthDay: "07-27", name: "Thương binh - Liệt sĩ" },
  { type: "lunar", month: 8, day: 15, name: "Tết Trung thu" },
  { type: "solar", monthDay: "10-20", name: "Phụ nữ Việt Nam" },
  { type: "solar", monthDay: "11-20", name: "Nhà giáo Việt Nam" },
  { type: "solar", monthDay: "11-24", name: "Ngày Văn hóa Việt Nam" },
  { type: "solar", monthDay: "12-22", name: "Quân đội nhân dân Việt Nam" },
  { type: "lunar", month: 12, day: 23, name: "Ông Công, ông Táo" },
];

/** The holidays within the range with their names. A lunar holiday is kept in the month itself, never in its leap twin. */
export function holidaysIn(holidays: readonly Holiday[], range: DayRange): Map<DayNumber, string[]> {
  const found = new Map<DayNumber, string[]>();
  for (const holiday of holidays) {
    for (const day of daysOf(holiday, range)) {
      if (day < range.first || day > range.last) continue;
      const names = found.get(day);
      if (names === undefined) found.set(day, [holiday.name]);
      else names.push(holiday.name);
    }
  }
  return found;
}

function daysOf(holiday: Holiday, range: DayRange): DayNumber[] {
  switch (holiday.type) {
    case "date":
      return [dayNumberOf(holiday.date)];
    case "solar":
      return solarDays(monthDayNumber(holiday.monthDay), range);
    case "lunar":
      return lunarMonths(range)
        .filter(({ month, leap }) => month === holiday.month && !leap)
        .filter(({ length }) => holiday.day === "last" || holiday.day <= length)
        .map(({ firstDay, length }) => firstDay + (holiday.day === "last" ? length : holiday.day) - 1);
  }
}

function solarDays(monthDay: number, range: DayRange): DayNumber[] {
  const days: DayNumber[] = [];
  for (let day = range.first; day <= range.last; day += 1) {
    const civil = civilOf(day);
    if (civil.month * 100 + civil.day === monthDay) days.push(day);
  }
  return days;
}
