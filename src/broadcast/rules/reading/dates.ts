import { readDigits, readInteger } from "./numbers.ts";
import { END, group, rule, type Around, type Rule } from "./rule.ts";

const DAY = "(0?[1-9]|[12][0-9]|3[01])";
const MONTH = "(0?[1-9]|1[0-2])";
const YEAR = "((?:1[89]|2[01])[0-9]{2})";

/** The writer has said the word already. */
const SAID_DAY = /(?:ngày|mùng|mồng|hôm|rằm)\s*$/;
const SAID_MONTH = /(?:tháng)\s*$/;
/** What makes two figures with a stroke a date: the word before. */
const DATE_CONTEXT =
  /(?:^|[\s(,;-])(?:ngày|mùng|mồng|hôm|sáng|trưa|chiều|tối|đêm|chủ nhật|cn|thứ (?:hai|ba|tư|năm|sáu|bảy|[2-7])|t[2-7]|lễ|tết|dịp|từ|đến|tới|trước|sau|hết|kỷ niệm|hạn|vào|nay|mai|qua|khai mạc|bế mạc)[\s,(:]*$/;
/** `ngày 2-5/9`, `ngày 2, 3 và 4/9`. */
const DATE_LIST = /(?:ngày|từ)\s[\d\s,và–/-]*(?:[-–,]|và|đến)\s?$/;
const HOLIDAYS = new Set([
  "2/9",
  "30/4",
  "1/5",
  "8/3",
  "20/11",
  "27/7",
  "22/12",
  "26/3",
  "19/5",
  "20/10",
  "1/6",
  "19/8",
  "1/1",
  "3/2",
  "27/2",
  "21/6",
  "28/6",
  "13/10",
  "10/3",
  "15/5",
  "18/11",
  "9/11",
]);
const FRACTION_OF =
  /^\s?(?:số|diện tích|dân số|tổng|lượng|chiều|quãng|thời gian|giá|mức|cân|lít|kg|ký|ngày công|hộ|người|phần|sào|mẫu|héc|ha|tấn|tạ)(?![\p{L}])/u;
/** House numbers and plots. */
const ADDRESS = /(?:số|số nhà|nhà|ngõ|ngách|hẻm|kiệt|lô|thửa|tổ|đường)\s$/;
/** What is counted within a year: `quý 4/2026`. */
const PERIOD = /(?:quý|kỳ|kì|đợt|tuần|vụ|khóa|khoá|số|lần|phiên)\s*$/;

export const dateRules: readonly Rule[] = [
  rule("figure", `${DAY}([/.-])${MONTH}\\2${YEAR}${END}`, (match, around) =>
    fullDate({ day: group(match, 1), month: group(match, 3), year: group(match, 4) }, around),
  ),
  rule("figure", `${YEAR}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])${END}`, (match, around) =>
    fullDate({ day: group(match, 3), month: group(match, 2), year: group(match, 1) }, around),
  ),
  rule("figure", `(\\d{1,3})/${YEAR}${END}(?!/)`, (match, around) => {
    const [, first = "", year = ""] = match;
    if (PERIOD.test(around.before)) return `${readInteger(first)} năm ${readInteger(year)}`;
    if (Number(first) < 1 || Number(first) > 12) return undefined;
    return `${SAID_MONTH.test(around.before) ? "" : "tháng "}${monthName(first)} năm ${readInteger(year)}`;
  }),
  rule("figure", `${DAY}([/-])${MONTH}${END}(?![/-]\\d)`, dayAndMonth),
  // House numbers, counts and fractions that are no dates.
  rule("figure", `\\d+[A-Z]?(?:/\\d+[A-Z]?)+${END}(?!,\\d)`, ([written], { before, after }) =>
    strokes(written, before, after),
  ),
  rule("figure", `0?4${END}(?![.,/]\\d)`, (_match, { before }) =>
    SAID_MONTH.test(before) ? "tư" : undefined,
  ),
];

function fullDate(date: { day: string; month: string; year: string }, { before }: Around): string {
  return `${SAID_DAY.test(before) ? "" : "ngày "}${readInteger(date.day)} tháng ${monthName(date.month)} năm ${readInteger(date.year)}`;
}

function monthName(month: string): string {
  return Number(month) === 4 ? "tư" : readInteger(month);
}

function dayAndMonth(match: RegExpExecArray, { before, after }: Around): string | undefined {
  const [, day = "", sign, month = ""] = match;
  const isDate = sign === "-" ? SAID_DAY.test(before) : isStrokeDate(day, month, { before, after });
  if (!isDate) return undefined;
  const prefix = SAID_DAY.test(before) || /\d\s?[-–]\s?$/.test(before) ? "" : "ngày ";
  return `${prefix}${readInteger(day)} tháng ${monthName(month)}`;
}

/** Two figures with a stroke: a date, a fraction or a house number. The words around decide, then the figures. */
function isStrokeDate(day: string, month: string, { before, after }: Around): boolean {
  if (SAID_DAY.test(before)) return true;
  if (ADDRESS.test(before) || FRACTION_OF.test(after)) return false;
  if (DATE_CONTEXT.test(before) || DATE_LIST.test(before)) return true;
  const plain = `${Number(day)}/${Number(month)}`;
  if (HOLIDAYS.has(plain) || day.startsWith("0") || month.startsWith("0")) return true;
  return plain !== "24/7" && !isPlainFraction(Number(day), Number(month));
}

/** A half, two thirds, three quarters: small and less than one. */
function isPlainFraction(numerator: number, denominator: number): boolean {
  return numerator < denominator && denominator <= 10;
}

function strokes(written: string, before: string, after: string): string {
  const parts = written.split("/");
  const [first = "", second = ""] = parts;
  const fraction = parts.length === 2 && isPlainFraction(Number(first), Number(second));
  if (fraction && !ADDRESS.test(before) && !FRACTION_TIMES.test(after)) {
    return `${readInteger(first)} phần ${second === "4" ? "tư" : readInteger(second)}`;
  }
  return parts.map(readPart).join(" trên ");
}

/** `1/5 lần`, as in scores and rounds: of so many, not a part of one. */
const FRACTION_TIMES = /^\s?(?:lần|cụm|bài|đội|xã|thôn|chỉ tiêu|tiêu chí)(?![\p{L}])/u;

function readPart(part: string): string {
  const figures = /^\d+/.exec(part)?.[0] ?? "";
  const letter = part.slice(figures.length).toLowerCase();
  const read = figures.length > 1 && figures.startsWith("0") ? readDigits(figures) : readInteger(figures);
  return letter === "" ? read : `${read} ${letter}`;
}
