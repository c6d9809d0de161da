import { NUMBER, readInteger, readNumber, readOrdinal } from "./numbers.ts";
import { anyOf, END, group, rule, type Around, type Rule } from "./rule.ts";
import { MONEY, SCALES, UNITS } from "./units.ts";

const UNIT = anyOf(Object.keys(UNITS));
const CURRENCY = anyOf(Object.keys(MONEY));
const SCALE = anyOf(Object.keys(SCALES));
/** One letter may stand for many things; after a space only these are taken for units. */
const SPACED_LETTERS = new Set(["m", "g", "l", "h", "%", "°"]);
const ORDINAL = /(?:^|\s)thứ\s(?:[1-7]\s?(?:,|và|-|–|đến|hoặc)\s?)*$/;
const ORDINAL_GOES_ON =
  /^(?:$|[^\s\p{L}]|\s(?:$|[^\p{Ll}\d]|(?:hàng|và|đến|hoặc|tới|tuần|từ|lúc|trong|này|sau|là|của|tại|ngày)(?!\p{L})))/u;
const MEASURED_NEXT =
  /^\s?(?:nghìn|ngàn|triệu|tỷ|tỉ|điểm|độ|lần|tạ|tấn|lít|mét|cân|ký|giờ|ngày|tháng|năm|sào|mẫu|công)(?!\p{L})/u;
/** `5kg - 10kg`, `7h-9h`, `2026–2030`, `1/9 - 5/9`. */
const AFTER_AMOUNT = new RegExp(`\\d\\s?(?:[a-z]|${UNIT}|${CURRENCY}|${SCALE})?\\s?$`, "u");
/** `Thôn 1 - 5 hộ`: the first figure is a name. */
const NUMBERED_THING =
  /(?:^|\s)(?:thôn|xóm|tổ|ấp|bản|buôn|khu|đội|bài|mục|câu|bước|cụm|loa|phòng|bàn|số)\s\d+\s$/;
const SCORE = /(?:tỷ số|tỉ số|thắng|thua|hòa|hoà)\s(?:\p{L}+\s){0,3}\d+\s?$/u;
const COUNTED = /\d\s?[\p{L}²³%°$₫]+(?:\/[\p{L}]+)*$/u;
const MEASURED = new RegExp(`\\d\\s?${UNIT}$`, "u");

export const amountRules: readonly Rule[] = [
  rule("sign", `(?<=(?:^|[\\s(:])-?)-(?=\\d+(?:[.,]\\d+)?\\s?(?:°|º|oC|℃|độ|%))`, () => "âm"),
  rule(
    "sign",
    `([$€])\\s?(${NUMBER})${END}`,
    (match) => `${readNumber(group(match, 2))} ${MONEY[group(match, 1)] ?? ""}`,
  ),
  rule("figure", `(${NUMBER})((?:\\s?[x×]\\s?${NUMBER}){1,2})(?:\\s?(${UNIT}))?`, (match) => {
    const [, first = "", others = "", unit] = match;
    const sides = [first, ...others.split(/[x×]/).slice(1)].map((side) => readNumber(side.trim()));
    return sides.join(" nhân ") + (unit === undefined ? "" : ` ${UNITS[unit] ?? unit}`);
  }),
  // With a comma it is no date: a mark out of ten, a transformer's two voltages.
  rule("figure", `(\\d+)/(\\d+,\\d+)(?:\\s?(${UNIT}))?|(\\d+,\\d+)/(\\d+)${END}`, (match) => {
    const [, first = match[4], second = match[5], unit] = match;
    const read = `${readNumber(first ?? "")} trên ${readNumber(second ?? "")}`;
    return unit === undefined ? read : `${read} ${UNITS[unit] ?? unit}`;
  }),
  rule("letter", `[xX](?=\\s?\\d)`, (_match, { before }) =>
    AFTER_AMOUNT.test(before) && before.endsWith(" ") ? "nhân" : undefined,
  ),
  rule("figure", `(\\d+)\\s?tr(\\d)${END}`, (match) => {
    const tenths = group(match, 2);
    return `${readInteger(group(match, 1))} triệu ${tenths === "5" ? "rưỡi" : readInteger(tenths)}`;
  }),
  rule(
    "figure",
    `(\\d{1,3}(?: \\d{3})+)\\s?(${CURRENCY})`,
    (match) => `${readInteger(group(match, 1).replaceAll(" ", ""))} ${MONEY[group(match, 2)] ?? ""}`,
  ),
  rule("figure", `(${NUMBER})(\\s?)(${SCALE})(?:\\s?(${CURRENCY}))?`, (match) => {
    const [, number = "", space, scale = "", currency] = match;
    // `5K` is a name, `500K` a price.
    if (scale === "K" && (number.length < 2 || space !== "")) return undefined;
    const read = `${readNumber(number)} ${SCALES[scale] ?? scale}`;
    return currency === undefined ? read : `${read} ${MONEY[currency] ?? currency}`;
  }),
  rule("figure", `(${NUMBER})\\s?(${CURRENCY})`, (match) => {
    const [, number = "", currency = ""] = match;
    return `${readPrice(number)} ${MONEY[currency] ?? currency}`;
  }),
  rule("figure", `(${NUMBER})(\\s?)(${UNIT})`, (match) => {
    const [, number = "", space, unit = ""] = match;
    if (space !== "" && unit.length === 1 && !SPACED_LETTERS.has(unit)) return undefined;
    return `${readNumber(number)} ${UNITS[unit] ?? unit}`;
  }),
  rule("figure", `([1-9]\\d?)${END}(?![.,/:]\\d)`, (match, { before, after }) =>
    ORDINAL.test(before) && (before.endsWith("thứ ") || ORDINAL_GOES_ON.test(after))
      ? readOrdinal(group(match, 1))
      : undefined,
  ),
  rule("figure", `\\d+(?:\\.\\d+){2,}${END}`, ([written]) =>
    /^\d{1,3}(?:\.\d{3})+$/.test(written) ? undefined : written.split(".").map(readInteger).join(" chấm "),
  ),
  rule("figure", `(${NUMBER})${END}`, (match, { after }) =>
    readNumber(group(match, 1), MEASURED_NEXT.test(after) ? "phẩy" : "chấm"),
  ),
];

/** Signs between amounts; they stand where a word does not begin. */
export const betweenAmounts: readonly Rule[] = [
  rule("sign", `\\s?[-–]\\s?(?=[\\d$€])`, (match, { before }) => {
    if (SCORE.test(before)) return "";
    const spaced = match[0].startsWith(" ") ? `${before} ` : before;
    return AFTER_AMOUNT.test(before) && !NUMBERED_THING.test(spaced) ? "đến" : undefined;
  }),
  rule("sign", `\\s?[-–]\\s?(?=(?:T[2-7]|CN)${END})`, (_match, { before }) =>
    /(?:^|\s)t[2-7]$/.test(before) ? "đến" : undefined,
  ),
  rule(
    "sign",
    `\\s?[-–]\\s?(?=(?:[Tt]hứ|[Tt]háng|[Nn]gày|[Qq]uý|[Tt]uần|[Nn]ăm|[Tt]hôn|[Kk]hối|[Ll]ớp|[Cc]hủ nhật)\\s)`,
    (_match, around) => (isSameKind(around) ? "đến" : undefined),
  ),
  rule("sign", `/\\s?(${UNIT})`, (match, { before }) => {
    const unit = UNITS[group(match, 1)] ?? "";
    if (MEASURED.test(before)) return `trên ${unit}`;
    return COUNTED.test(before) ? `một ${unit}` : undefined;
  }),
  rule("sign", `/(?=\\d)`, (_match, { before }) =>
    MEASURED.test(before) && !/[hg]$/.test(before) ? "trên" : undefined,
  ),
  rule("sign", `/\\s?(?=\\p{Ll})`, (_match, { before }) => (COUNTED.test(before) ? "một" : undefined)),
  rule("sign", `\\s?×\\s?(?=\\d)`, (_match, { before }) => (AFTER_AMOUNT.test(before) ? "nhân" : undefined)),
  rule("sign", `\\s?\\+\\s?(?=\\d)`, (_match, { before }) =>
    AFTER_AMOUNT.test(before) ? "cộng" : undefined,
  ),
  rule("sign", `\\s?=\\s?`, () => "bằng"),
  rule("sign", `\\s?(?:≥|>=)\\s?`, () => "lớn hơn hoặc bằng"),
  rule("sign", `\\s?(?:≤|<=)\\s?`, () => "nhỏ hơn hoặc bằng"),
  rule("sign", `\\s?>\\s?(?=\\d)`, () => "lớn hơn"),
  rule("sign", `\\s?<\\s?(?=\\d)`, () => "nhỏ hơn"),
  rule("sign", `±`, () => "cộng trừ"),
  rule("sign", `\\s?&\\s?`, () => "và"),
  rule("sign", `%`, () => "phần trăm"),
];

/** `thứ Hai - thứ Sáu`, `tháng 3 - tháng 5`: the same word on both sides. */
function isSameKind({ before, after }: Around): boolean {
  const kind = /(?:^|\s)(\p{L}+)\s[\p{L}\d/]+$/u.exec(before)?.[1];
  const next = /^\p{L}+/u.exec(after.toLowerCase())?.[0];
  return kind !== undefined && (kind === next || (kind === "thứ" && next === "chủ"));
}

/** Comma before three figures is a thousand when money follows; `,00` says nothing. */
function readPrice(number: string): string {
  if (/^\d{1,3},\d{3}$/.test(number)) return readInteger(number.replace(",", ""));
  return readNumber(number.replace(/,0{1,2}$/, ""));
}
