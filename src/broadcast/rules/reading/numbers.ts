const DIGITS = ["không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín"] as const;

/** Names of the groups of three digits within a billion. */
const GROUPS = ["", " nghìn", " triệu"] as const;

/** Groups of digits told apart by commas, so that the voice rests where the writer did. */
export function readDigits(groups: string): string {
  return groups
    .split(/[^0-9]+/)
    .filter((group) => group !== "")
    .map((group) => Array.from(group, digitName).join(" "))
    .join(", ");
}

function digitName(digit: string): string {
  return DIGITS[Number(digit)] ?? "";
}

/** A whole number given by its digits, of any length. Leading zeros say nothing: `05` is five. */
export function readInteger(digits: string): string {
  const significant = digits.replace(/^0+(?=\d)/, "");
  if (significant.length <= 9) return readBelowBillion(significant, false);
  const above = significant.slice(0, -9);
  const rest = significant.slice(-9);
  const billions = `${readInteger(above)} tỷ`;
  return /^0+$/.test(rest) ? billions : `${billions} ${readBelowBillion(rest, true)}`;
}

/** `follows`: after billions, so the hundred of the first group is said even when it is zero. */
function readBelowBillion(digits: string, follows: boolean): string {
  if (/^0+$/.test(digits)) return DIGITS[0];
  const padded = digits.padStart(Math.ceil(digits.length / 3) * 3, "0");
  const words: string[] = [];
  for (let at = 0; at < padded.length; at += 3) {
    const group = padded.slice(at, at + 3);
    if (group === "000") continue;
    const rank = (padded.length - at) / 3 - 1;
    words.push(readGroup(group, follows || words.length > 0) + (GROUPS[rank] ?? ""));
  }
  return words.join(" ");
}

function readGroup(group: string, sayZeroHundred: boolean): string {
  const [hundreds, tens, ones] = Array.from(group, Number) as [number, number, number];
  if (hundreds === 0 && !sayZeroHundred) return readTens(tens, ones);
  const hundred = `${digitName(String(hundreds))} trăm`;
  if (tens === 0 && ones === 0) return hundred;
  if (tens === 0) return `${hundred} linh ${digitName(String(ones))}`;
  return `${hundred} ${readTens(tens, ones)}`;
}

function readTens(tens: number, ones: number): string {
  const one = digitName(String(ones));
  if (tens === 0) return one;
  if (tens === 1) return ones === 0 ? "mười" : `mười ${ones === 5 ? "lăm" : one}`;
  const ten = `${digitName(String(tens))} mươi`;
  switch (ones) {
    case 0:
      return ten;
    case 1:
      return `${ten} mốt`;
    case 4:
      return `${ten} tư`;
    case 5:
      return `${ten} lăm`;
    default:
      return `${ten} ${one}`;
  }
}

/** The digits after a comma: as a number while short, one by one when they begin with zero or are many. */
function readFraction(digits: string): string {
  return digits.startsWith("0") || digits.length > 3 ? readDigits(digits) : readInteger(digits);
}

/** How figures are written: `1.234,5` in Vietnam, `1,234.5` on imported forms. */
export const NUMBER = String.raw`(?:\d{1,3}(?:\.\d{3})+(?:,\d+)?|\d{1,3}(?:,\d{3}){2,}(?:\.\d+)?|\d+(?:[.,]\d+)?)`;

/**
 * Reads what NUMBER matches. `point` is how a dot before a fraction is said: measured figures have a comma whatever
 * was typed, while versions and levels (4.0) keep their dot.
 */
export function readNumber(written: string, point: "phẩy" | "chấm" = "phẩy"): string {
  const grouped = /^\d{1,3}(?:\.\d{3})+(?:,(\d+))?$/.exec(written);
  if (grouped !== null && !written.startsWith("0.")) {
    const [whole = ""] = written.split(",");
    return withFraction(readInteger(whole.replaceAll(".", "")), grouped[1], "phẩy");
  }
  const imported = /^\d{1,3}(?:,\d{3}){2,}(?:\.(\d+))?$/.exec(written);
  if (imported !== null) {
    const [whole = ""] = written.split(".");
    return withFraction(readInteger(whole.replaceAll(",", "")), imported[1], "phẩy");
  }
  const [whole = "", fraction] = written.split(/[.,]/);
  const read = isCode(whole) ? readDigits(whole) : readInteger(whole);
  return withFraction(read, fraction, written.includes(",") ? "phẩy" : point);
}

function withFraction(whole: string, fraction: string | undefined, point: string): string {
  return fraction === undefined ? whole : `${whole} ${point} ${readFraction(fraction)}`;
}

/** Leading zeros beyond the forms' `05` mark a code; so do more digits than anyone writes without dots. */
function isCode(digits: string): boolean {
  return (digits.length > 2 && digits.startsWith("0")) || digits.length > 9;
}

/** After `thứ`, `lần thứ`: first and fourth have names of their own. */
export function readOrdinal(digits: string): string {
  const value = Number(digits);
  if (value === 1) return "nhất";
  if (value === 4) return "tư";
  return readInteger(digits);
}

const ROMAN_VALUE: Readonly<Record<string, number>> = { I: 1, V: 5, X: 10, L: 50, C: 100, D: 500, M: 1_000 };
const ROMAN_FORM = /^(?=[IVXLCDM])M{0,3}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})$/;

/** The value of a well-formed Roman numeral, else undefined. */
export function romanValue(letters: string): number | undefined {
  if (!ROMAN_FORM.test(letters)) return undefined;
  const values = Array.from(letters, (letter) => ROMAN_VALUE[letter] ?? 0);
  return values.reduce((sum, value, at) => sum + (value < (values[at + 1] ?? 0) ? -value : value), 0);
}
