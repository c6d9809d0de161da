import { readDigits, readInteger } from "./numbers.ts";

/** How the letters are named when an abbreviation is spelled out. */
const NAMES: Readonly<Record<string, string>> = {
  a: "a",
  ă: "á",
  â: "ớ",
  b: "bê",
  c: "xê",
  d: "dê",
  đ: "đê",
  e: "e",
  ê: "ê",
  f: "ép",
  g: "gờ",
  h: "hát",
  i: "i",
  j: "giây",
  k: "ca",
  l: "lờ",
  m: "mờ",
  n: "nờ",
  o: "o",
  ô: "ô",
  ơ: "ơ",
  p: "pê",
  q: "quy",
  r: "rờ",
  s: "ét",
  t: "tê",
  u: "u",
  ư: "ư",
  v: "vê",
  w: "vê kép",
  x: "ích",
  y: "y",
  z: "dét",
};

/** Letter by letter. */
export function spell(letters: string): string {
  return Array.from(letters.toLowerCase(), (letter) => NAMES[letter] ?? letter).join(" ");
}

const ONSET = "(?:ngh|ng|nh|ch|gh|gi|kh|ph|qu|th|tr|[bcdđghklmnpqrstvx])";
const VOWELS = "[aàáảãạăằắẳẵặâầấẩẫậeèéẻẽẹêềếểễệiìíỉĩịoòóỏõọôồốổỗộơờớởỡợuùúủũụưừứửữựyỳýỷỹỵ]";
const SYLLABLE = new RegExp(`^${ONSET}?${VOWELS}{1,3}(?:ch|ng|nh|[cmnpt])?$`, "u");
/** Longer ones are nobody's name, and would take long to try. */
const LONGEST_WORD = 30;
/** The longest word of an address that has a reading of its own. */
const LONGEST_PIECE = 10;
const PLAIN_VOWELS_ONLY = /^[a-zđ]+$/;

/** Whether a voice can say it as one Vietnamese syllable. */
export function isSyllable(word: string): boolean {
  return SYLLABLE.test(word.toLowerCase());
}

/**
 * Whether a word in capitals is an abbreviation rather than a word of a headline. `BAN` and `HOA` may be either;
 * they are taken as words, since headlines are far more frequent.
 */
export function isSpelled(capitals: string): boolean {
  const lower = capitals.toLowerCase();
  return PLAIN_VOWELS_ONLY.test(lower) ? !isSyllable(lower) : !isSyllable(lower) && capitals.length <= 6;
}

/**
 * A word run together of syllables, such as a name in an address: `tanan`, `yagi`. Pieces found in `known` are read as
 * that says. Undefined when it can't be cut.
 */
export function inSyllables(word: string, known: Readonly<Record<string, string>> = {}): string | undefined {
  if (word === "") return "";
  if (word.length > LONGEST_WORD) return undefined;
  for (let length = Math.min(LONGEST_PIECE, word.length); length > 1; length -= 1) {
    const piece = word.slice(0, length);
    const read = length > 2 ? known[piece] : undefined;
    if (read === undefined && !isSyllable(piece)) continue;
    const rest = inSyllables(word.slice(length), known);
    if (rest !== undefined) return `${read ?? piece} ${rest}`.trim();
  }
  return undefined;
}

/** Letters and figures mixed, as in `A1`, `5B` or `QL1A`: letters by name, short figures as numbers. */
export function readCode(code: string): string {
  return Array.from(code.matchAll(/\d+|[^\d\s./-]+/gu), ([run]) => {
    if (!/^\d/.test(run)) return isSyllable(run) && run.length > 2 ? run : spell(run);
    return run.length > 3 || (run.length > 1 && run.startsWith("0")) ? readDigits(run) : readInteger(run);
  }).join(" ");
}
