import { amountRules, betweenAmounts } from "./amounts.ts";
import { clean } from "./clean.ts";
import { codeRules } from "./codes.ts";
import { dateRules } from "./dates.ts";
import { isWordChar, tableRule, type Found, type Rule } from "./rule.ts";
import { SpokenText } from "./spoken-text.ts";
import { timeRules } from "./times.ts";
import { wordRules } from "./words.ts";

/** A stretch that is said otherwise than it is written. */
export interface ReadingSpan {
  /** In `text`, UTF-16 units, half-open. */
  readonly from: number;
  readonly to: number;
  /** Where `read` begins in `readText`. */
  readonly readFrom: number;
  readonly original: string;
  readonly read: string;
}

export interface Reading {
  /** What was read: the input with composed letters, and without invisible marks and pictures. */
  readonly text: string;
  /** What a voice gets: words and rests only. Empty when nothing can be said. */
  readonly readText: string;
  /** In order, without overlap: what to highlight when both texts are shown side by side. */
  readonly spans: readonly ReadingSpan[];
}

/** The first that answers wins: codes hold dates, dates hold fractions, amounts hold numbers. */
const RULES: readonly Rule[] = [...codeRules, ...timeRules, ...dateRules, ...amountRules, ...wordRules];
const FIGURE_RULES = RULES.filter(({ start }) => start === "figure");
const CAPITAL_RULES = RULES.filter(({ start }) => start === "capital" || start === "letter");
const LETTER_RULES = RULES.filter(({ start }) => start === "letter");
const SIGN_RULES = [...RULES.filter(({ start }) => start === "sign"), ...betweenAmounts];

/** Writes a Vietnamese text out as it is spoken. The glossary's words are taken exactly as written, and before any rule. */
export function readAloud(written: string, glossary: Readonly<Record<string, string>> = {}): Reading {
  const text = clean(written);
  const own = tableRule(
    Object.fromEntries(
      Object.entries(glossary).map(([word, read]) => [clean(word).trim(), clean(read).trim()]),
    ),
  );
  const spoken = new SpokenText();
  const spans: ReadingSpan[] = [];
  let at = 0;
  while (at < text.length) {
    const found = readAt(text, at, own);
    if (found === undefined) {
      at = passOver(text, at, spoken);
      continue;
    }
    const { length, read } = found;
    if (read !== "") {
      const readFrom = spoken.say(read);
      const original = text.slice(at, at + length);
      if (read !== original) spans.push({ from: at, to: at + length, readFrom, original, read });
    }
    at += length;
  }
  return { text, readText: spoken.text, spans };
}

function readAt(text: string, at: number, glossary: Rule): Found | undefined {
  if (!isWordChar(text, at)) return glossary.readAt(text, at) ?? firstOf(SIGN_RULES, text, at);
  if (at > 0 && isWordChar(text, at - 1) && isFigure(text, at) === isFigure(text, at - 1)) return undefined;
  return glossary.readAt(text, at) ?? firstOf(rulesFor(text.charAt(at)), text, at);
}

function rulesFor(first: string): readonly Rule[] {
  if (isFigure(first, 0)) return FIGURE_RULES;
  return first === first.toLowerCase() ? LETTER_RULES : CAPITAL_RULES;
}

function firstOf(rules: readonly Rule[], text: string, at: number): Found | undefined {
  for (const each of rules) {
    const found = each.readAt(text, at);
    if (found !== undefined) return found;
  }
  return undefined;
}

function isFigure(text: string, at: number): boolean {
  return /\d/.test(text.charAt(at));
}

/** Says a word as it is, or notes the rest that a sign means. Returns where to go on. */
function passOver(text: string, at: number, spoken: SpokenText): number {
  WORD.lastIndex = at;
  const word = WORD.exec(text);
  if (word !== null) {
    spoken.say(word[0]);
    return at + word[0].length;
  }
  spoken.pause(restAt(text, at));
  return at + 1;
}

const WORD = /\p{L}+/uy;

/** A dash between spaces is a rest, between letters a space; a full stop inside a word is none. */
function restAt(text: string, at: number): string {
  const sign = text.charAt(at);
  if (sign === "-") return text.charAt(at - 1) === " " && text.charAt(at + 1) === " " ? "," : " ";
  if (sign === "/") return ",";
  return sign;
}
