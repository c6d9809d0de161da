import { readInteger } from "./numbers.ts";
import { END, group, rule, type Rule } from "./rule.ts";

const HOUR = "([01]?[0-9]|2[0-4])";
const MINUTE = "([0-5][0-9])";
const MINUTE_SIGN = "(?:\\s?(?:phút|ph|p|'|’))?";
/** Two figures with a colon that are no clock. */
const RATIO = /(?:tỷ lệ|tỉ lệ|tỷ số|tỉ số|bản đồ)\s$/;
const DAY_PART = /^\s?(?:sáng|trưa|chiều|tối|đêm|kém|rưỡi|ngày|hôm|\d)/;

export const timeRules: readonly Rule[] = [
  rule("figure", `24/24\\s?(?:h|giờ)?${END}`, () => "hai mươi tư trên hai mươi tư giờ"),
  rule("figure", `24h/24h?${END}`, () => "hai mươi tư trên hai mươi tư giờ"),
  rule("figure", `${HOUR}\\s?[hH]\\s?${MINUTE}${MINUTE_SIGN}${END}`, clock),
  rule("figure", `${HOUR}g${MINUTE}${MINUTE_SIGN}${END}`, clock),
  rule("figure", `${HOUR}\\s?[hH]${END}(?!\\s?/)`, (match) => `${readInteger(group(match, 1))} giờ`),
  // A `g` alone is a gram, unless a part of the day follows.
  rule("figure", `${HOUR}\\s?g${END}`, (match, { after }) =>
    DAY_PART.test(after) ? `${readInteger(group(match, 1))} giờ` : undefined,
  ),
  rule("figure", `${HOUR}:${MINUTE}(?::${MINUTE})?(?:\\s?h)?${END}`, (match, { before }) =>
    RATIO.test(before) ? undefined : clock(match),
  ),
  rule("figure", `(\\d+)\\s?:\\s?(\\d[\\d.]*)${END}`, (match, { before }) =>
    RATIO.test(before)
      ? `${readInteger(group(match, 1))} trên ${readInteger(group(match, 2).replaceAll(".", ""))}`
      : undefined,
  ),
];

function clock(match: RegExpExecArray): string {
  const [, hour = "", minute = "0", second = "0"] = match;
  const minutes = Number(minute) === 0 && Number(second) === 0 ? "" : ` ${readInteger(minute)} phút`;
  const seconds = Number(second) === 0 ? "" : ` ${readInteger(second)} giây`;
  return `${readInteger(hour)} giờ${minutes}${seconds}`;
}
