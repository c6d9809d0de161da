import { ABBREVIATIONS, PLACE_PREFIXES } from "./abbreviations.ts";
import { inSyllables, isSpelled, isSyllable, readCode, spell } from "./letters.ts";
import { readDigits, readInteger, readOrdinal, romanValue } from "./numbers.ts";
import { END, group, rule, tableRule, type Around, type Rule } from "./rule.ts";

/** What is counted in Roman numerals. */
const COUNTED_IN_ROMAN =
  "(?:quý|khóa|khoá|thế kỷ|thế kỉ|kỳ|kì|kỳ họp thứ|chương|mục|phần|thứ|đại hội|đại hội đảng|hạng|loại|cấp|giai đoạn|tập|nhóm|vùng|khu vực|đợt|bậc|tuyến|phụ lục|bảng|lần|điều|khoản)";
const ROMAN_CONTEXT = new RegExp(`${COUNTED_IN_ROMAN}\\s(?:[ivxlcdm]+\\s?(?:,|và|-|–|đến|hoặc)\\s?)*$`);
const ROADS: Readonly<Record<string, string>> = {
  QL: "quốc lộ",
  TL: "tỉnh lộ",
  ĐT: "đường tỉnh",
  DT: "đường tỉnh",
  HL: "hương lộ",
  ĐH: "đường huyện",
  ĐX: "đường xã",
};
const NUMBERED: Readonly<Record<string, string>> = {
  KP: "khu phố",
  TDP: "tổ dân phố",
  P: "phường",
  Q: "quận",
  KV: "khu vực",
};

/** Foreign words that the Vietnamese voice would take for English or for nonsense, in lower case. */
const FOREIGN: Readonly<Record<string, string>> = {
  zalo: "da lô",
  facebook: "phây búc",
  youtube: "diu túp",
  tiktok: "tích tóc",
  google: "gu gồ",
  internet: "in tơ nét",
  wifi: "oai phai",
  website: "oép sai",
  web: "oép",
  email: "i meo",
  online: "on lai",
  offline: "óp lai",
  video: "vi đi ô",
  clip: "cờ líp",
  camera: "ca mê ra",
  radio: "ra đi ô",
  fanpage: "phan pết",
  app: "áp",
  hotline: "hót lai",
  album: "an bum",
  karaoke: "ka ra ô kê",
  festival: "phét ti van",
  marathon: "ma ra tông",
  vaccine: "vắc xin",
  vacxin: "vắc xin",
  dengue: "đăng gơ",
  zika: "di ca",
  virus: "vi rút",
  bitcoin: "bít coi",
  smartphone: "sờ mát phôn",
  container: "công te nơ",
  gas: "ga",
  oxy: "ô xy",
  covid: "cô vít",
  internetbanking: "in tơ nét banh kinh",
  livestream: "lai trim",
  logo: "lô gô",
  showroom: "sâu rum",
  livetream: "lai trim",
  standee: "sờ tan đi",
  pano: "pa nô",
  vnpt: "vê nờ pê tê",
  viettel: "việt teo",
  mobifone: "mô bi phôn",
  agribank: "a gờ ri banh",
  vietcombank: "việt com banh",
  vietinbank: "việt tin banh",
  đăk: "đắc",
  đắk: "đắc",
  lắk: "lắc",
  lăk: "lắc",
  pleiku: "pờ lây cu",
  đăkrông: "đắc rông",
};

const MIXED = ["letter", "figure"] as const;

export const wordRules: readonly Rule[] = [
  rule("capital", `([IVXLCDM]+)(?:/((?:19|20)\\d{2}))?${END}`, (match, { before, after }) => {
    const [, letters = "", year] = match;
    const value = romanValue(letters);
    if (value === undefined || !isMeantAsRoman(letters, before, after)) return undefined;
    const read = /thứ\s$/.test(before) ? readOrdinal(String(value)) : readInteger(String(value));
    return year === undefined ? read : `${read} năm ${readInteger(year)}`;
  }),
  rule(
    "capital",
    `T(1[0-2]|0?[1-9])/((?:19|20)\\d{2})${END}`,
    (match) =>
      `tháng ${group(match, 1).replace(/^0?4$/, "") === "" ? "tư" : readInteger(group(match, 1))} năm ${readInteger(group(match, 2))}`,
  ),
  rule("capital", `T([2-7])${END}`, (match) => `thứ ${readOrdinal(group(match, 1))}`),
  rule("capital", `CN${END}`, (_match, { before }) =>
    /(?:t[2-7]|thứ \S+|sáng|chiều|tối|ngày|hoặc|và)[\s,-]*(?:và|-|–|đến)?\s?$/.test(before)
      ? "chủ nhật"
      : undefined,
  ),
  rule("capital", `(QL|TL|ĐT|DT|HL|ĐH|ĐX)[. ]?(\\d+)([A-ZĐ]?)${END}`, (match, { before }) => {
    const [, road = "", number = "", letter = ""] = match;
    const read = number.length > 2 ? readDigits(number) : readInteger(number);
    const name = ROADS[road] ?? road;
    // `đường ĐH.05`, `quốc lộ QL1A`: the writer has said it already.
    const said = /(đường|quốc lộ|tỉnh lộ)\s$/.exec(before)?.[1] ?? "-";
    const rest = name.startsWith(said) ? name.slice(said.length).trim() : name;
    return `${rest} ${read}${letter === "" ? "" : ` ${spell(letter)}`}`.trim();
  }),
  rule("capital", `BĐ\\s?([1-3])${END}`, (match) => `báo động ${readInteger(group(match, 1))}`),
  rule("capital", `(KP|TDP|KV|P|Q)\\.?\\s?(\\d+)([A-Z]?)${END}`, (match) => {
    const [written, prefix = "", number = "", letter = ""] = match;
    // `P3` may be anything; `P.3` is a ward.
    if (prefix.length === 1 && !written.includes(".")) return undefined;
    return `${NUMBERED[prefix] ?? prefix} ${readInteger(number)}${letter === "" ? "" : ` ${spell(letter)}`}`;
  }),
  tableRule(ABBREVIATIONS, (word, { after }) => !isHeadlineWord(word, after)),
  tableRule(PLACE_PREFIXES, isPlacePrefix),
  ...MIXED.map((start) =>
    rule(start, `(?=[\\p{L}\\d]*\\d)(?=[\\p{L}\\d]*\\p{L})[\\p{L}\\d]+${END}`, ([written]) =>
      readCode(written),
    ),
  ),
  rule("letter", `\\p{L}+${END}`, ([written]) => FOREIGN[written.toLowerCase()]),
  rule("capital", `\\p{Lu}(?:\\.\\p{Lu})+\\.?${END}`, ([written]) => spell(written.replaceAll(".", ""))),
  rule("capital", `\\p{Lu}{2,}${END}`, ([written]) =>
    isSpelled(written)
      ? ((written.length > 3 ? inSyllables(written.toLowerCase()) : undefined) ?? spell(written))
      : undefined,
  ),
  // Figures inside what is no word: better said than lost.
  rule("figure", `\\d+`, ([written]) => readDigits(written)),
];

/** `XV` is a number anywhere; `I`, `C` or `CD` only where something is counted, or at the head of a paragraph. */
function isMeantAsRoman(letters: string, before: string, after: string): boolean {
  if (ROMAN_CONTEXT.test(before)) return true;
  if (letters.length > 1) return /^[IVX]+$/.test(letters);
  return /^[IVX]$/.test(letters) && before.trim() === "" && /^[.)]\s/.test(after);
}

/** Before a name or a number, and not the initial of a person's name. */
function isPlacePrefix(prefix: string, { before, after }: Around): boolean {
  if (!/^\s?(?:\d|\p{Lu}\p{Ll})/u.test(after)) return false;
  return prefix.length > 2 || !/(?:ông|bà|anh|chị|em|cháu)(?:\s\p{L}+)*\s$/u.test(before);
}

/** `CA NHẠC` in a headline is a song, not the police. */
function isHeadlineWord(written: string, after: string): boolean {
  if (!/^\p{Lu}+$/u.test(written) || !isSyllable(written)) return false;
  const next = /^\s(\p{Lu}{2,})(?!\p{L})/u.exec(after)?.[1];
  return next !== undefined && isSyllable(next);
}
