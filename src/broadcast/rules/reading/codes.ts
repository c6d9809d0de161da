import { ABBREVIATIONS } from "./abbreviations.ts";
import { DOCUMENT_ISSUERS, DOCUMENT_KINDS } from "./document-names.ts";
import { inSyllables, spell } from "./letters.ts";
import { readDigits, readInteger } from "./numbers.ts";
import { END, group, rule, type Rule } from "./rule.ts";

const YEAR = "((?:19|20)[0-9]{2})";
const PART = "\\p{Lu}[\\p{L}&]{0,15}\\d{0,3}";
const PHONE_REST = `(?:[ .-]?\\d{2,4}){1,4}${END}`;
/** Emergency and service numbers are named digit by digit. */
const CALLED =
  /(?:gọi|tổng đài|đường dây nóng|hotline|số máy|sđt|điện thoại|alo|bấm|nhắn tin|liên hệ)(?:\s(?:số|ngay|đến|tới|cho|theo|là|cấp cứu))*[\s:]*(?:\d{3,4}(?:\s?[,;/]\s?|\s(?:hoặc|và)\s|\s?[-–]\s?))*$/;
const NAMED_BY_NUMBER =
  /(?:cccd|cmnd|cmtnd|căn cước|chứng minh|tài khoản|stk|mst|mã số thuế|mã số|mã|otp|bhxh|bhyt|hồ sơ|seri|sê ri)(?:\s(?:công dân|nhân dân|số|là|ngân hàng))*[\s:]*$/;

export const codeRules: readonly Rule[] = [
  ...addressRules("letter"),
  ...addressRules("figure"),
  rule("figure", `(\\d+)/(?:${YEAR}/)?(${PART}(?:[-–]${PART})*)${END}`, (match) => {
    const [, number = "", year, body = ""] = match;
    const kind = readDocument(body);
    if (kind === undefined) return undefined;
    return `${readInteger(number)}${year === undefined ? "" : ` năm ${readInteger(year)}`}, ${kind}`;
  }),
  rule("capital", `(${PART})-(${PART})${END}`, (match) =>
    DOCUMENT_KINDS[group(match, 1)] === undefined || issuer(group(match, 2)) === undefined
      ? undefined
      : readDocument(match[0]),
  ),
  rule("figure", `(\\d{2})-?([A-Z]{1,2}\\d?|[A-ZĐ]{2})[- ]?(\\d{3}\\.\\d{2}|\\d{5}|\\d{4})${END}`, (match) =>
    [
      readDigits(group(match, 1)),
      readPlateSeries(group(match, 2)),
      readDigits(group(match, 3).replace(".", "")),
    ]
      .join(" ")
      .replace(/ (?=\S+( \S+){3,4}$)/, " "),
  ),
  rule("figure", `0\\d{1,3}${PHONE_REST}`, ([written]) => readPhone(written)),
  rule("sign", `(?:\\(\\+?\\d{2,4}\\)\\s?|\\+84[ .-]?)\\d{1,4}${PHONE_REST}`, ([written]) =>
    readPhone(written),
  ),
  rule(
    "figure",
    `(1[89]00)[ .-]?(\\d{4}|\\d{6}|\\d{2}[ .-]\\d{2})${END}`,
    (match) => `${readDigits(group(match, 1))}, ${readDigits(group(match, 2))}`,
  ),
  rule("figure", `\\d{3,4}${END}(?![.,]\\d)`, ([written], { before }) =>
    CALLED.test(before) ? readDigits(written) : undefined,
  ),
  rule("figure", `\\d{4,}${END}(?![.,]\\d)`, ([written], { before }) =>
    NAMED_BY_NUMBER.test(before) ? readDigits(inThrees(written)) : undefined,
  ),
  // More figures than anyone writes without dots: an identity card, an account.
  rule("figure", `\\d{10,}${END}`, ([written]) => readDigits(inThrees(written))),
  rule("letter", `(?:COVID|Covid|covid|CoViD)(?:[- ]?(19))?${END}`, (match) =>
    match[1] === undefined ? "cô vít" : "cô vít mười chín",
  ),
  rule("capital", `SARS-CoV-2${END}`, () => "sác cô vi hai"),
  rule(
    "capital",
    `(?:A/)?H(\\d+)N(\\d+)${END}`,
    (match) =>
      `${match[0].startsWith("A/") ? "a " : ""}hát ${readInteger(group(match, 1))} en nờ ${readInteger(group(match, 2))}`,
  ),
];

function addressRules(start: "letter" | "figure"): Rule[] {
  return [
    rule(
      start,
      `([A-Za-z0-9._%+-]{1,64})@([A-Za-z0-9-]{1,63}(?:\\.[A-Za-z0-9-]{1,63}){1,5})`,
      (match) => `${readAddress(group(match, 1))} a còng ${readAddress(group(match, 2))}`,
    ),
    rule(
      start,
      `(?:https?://)?((?:[A-Za-z0-9-]{1,63}\\.){1,5}(?:vn|com|net|org|info|io|me|gov|edu)(?![A-Za-z0-9-])(?:/[A-Za-z0-9._~/?#&=%-]*[A-Za-z0-9/])?)`,
      (match) => readAddress(group(match, 1)),
    ),
  ];
}

/** `QĐ-UBND` → quyết định ủy ban nhân dân; undefined where the first part is no kind of document and no body. */
function readDocument(body: string): string | undefined {
  const [kind = "", ...issuers] = body.split(/[-–]/);
  const read = DOCUMENT_KINDS[kind] ?? issuer(kind);
  if (read === undefined) return undefined;
  return [read, ...issuers.map((name) => issuer(name) ?? spell(name))].join(" ");
}

function issuer(name: string): string | undefined {
  const assembly = /^QH(\d+)$/.exec(name)?.[1];
  if (assembly !== undefined) return `quốc hội khóa ${readInteger(assembly)}`;
  return DOCUMENT_ISSUERS[name] ?? ABBREVIATIONS[name];
}

function readPlateSeries(series: string): string {
  const figure = /\d$/.exec(series)?.[0] ?? "";
  return `${spell(series.replace(/\d/, ""))}${figure === "" ? "" : ` ${readDigits(figure)}`},`;
}

/** Ten figures, eleven for old ones; twelve and more are no telephone. */
function readPhone(written: string): string | undefined {
  const figures = written.replace(/\D/g, "");
  const abroad = written.includes("+84");
  if (abroad ? figures.length < 11 || figures.length > 12 : figures.length < 10 || figures.length > 11)
    return undefined;
  const grouped = /\d[ .)-]+\d/.test(written) ? written : inPhoneGroups(figures);
  return abroad ? `cộng tám bốn, ${readDigits(grouped.replace(/^\(?\+?84\)?/, ""))}` : readDigits(grouped);
}

function inPhoneGroups(figures: string): string {
  if (figures.startsWith("84")) return `84 ${figures.slice(2, 5)} ${figures.slice(5, 8)} ${figures.slice(8)}`;
  const first = figures.startsWith("02") ? 3 : 4;
  return `${figures.slice(0, first)} ${figures.slice(first, 7)} ${figures.slice(7)}`;
}

function inThrees(figures: string): string {
  return figures.length < 7 ? figures : figures.replace(/(\d{3})(?=\d{2})/g, "$1 ");
}

/** Parts of addresses that have a name of their own. */
const ADDRESS_WORDS: Readonly<Record<string, string>> = {
  gmail: "gờ meo",
  yahoo: "da hu",
  hotmail: "hót meo",
  outlook: "ao lúc",
  com: "com",
  vn: "vê nờ",
  gov: "gốp",
  edu: "e đu",
  org: "o rờ gờ",
  net: "nét",
  www: "vê kép vê kép vê kép",
  facebook: "phây búc",
  fb: "phây búc",
  zalo: "da lô",
  youtube: "diu túp",
  google: "gu gồ",
  dichvucong: "dịch vụ công",
  baohiem: "bảo hiểm",
  vneid: "vi nít i đi",
  ubnd: "ủy ban nhân dân",
  info: "in phô",
};
/** Signs inside addresses. */
const SIGNS: Readonly<Record<string, string>> = {
  ".": "chấm",
  "-": "gạch ngang",
  _: "gạch dưới",
  "/": "gạch chéo",
  "+": "cộng",
  "?": "hỏi chấm",
  "=": "bằng",
  "&": "và",
  "#": "thăng",
  "%": "phần trăm",
  "~": "ngã",
};

function readAddress(address: string): string {
  return Array.from(address.replace(/\/$/, "").matchAll(/[A-Za-z]+|\d+|./g), ([run]) => {
    if (/^\d/.test(run)) return readDigits(run);
    return SIGNS[run] ?? readAddressWord(run.toLowerCase());
  }).join(" ");
}

/** Syllables without their tones are understood better than twelve letters. */
function readAddressWord(word: string): string {
  return ADDRESS_WORDS[word] ?? inSyllables(word, ADDRESS_WORDS) ?? spell(word);
}
