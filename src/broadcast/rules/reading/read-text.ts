import { amountRules, betweenAmounts } from "./amounts.ts";
import { clean } from "./clean.ts";
import { codeRules } from "./codes.ts";
import { dateRules } from "./dates.ts";
import type { Around, Rule } from "./rule.ts";
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
const AT_WORDS: readonly Rule[] = [...codeRules, ...timeRules, ...dateRules, ...amountRules, ...wordRules];
const CONTEXT_CHARS = 60;

/** Writes a Vietnamese text out as it is spoken. The glossary's words are taken exactly as written, and before any rule. */
export function readAloud(written: string, glossary: Readonly<Record<string, string>> = {}): Reading {
  const text = clean(written);
  const words = glossaryWords(glossary);
  const spoken = new SpokenText();
  const spans: ReadingSpan[] = [];
  let at = 0;
  while (at < text.length) {
    const found = readAt(text, at, words);
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

interface Found {
  readonly length: number;
  readonly read: string;
}

type GlossaryWord = readonly [word: string, reading: string];

/** By first character, longest first. */
function glossaryWords(glossary: Readonly<Record<string, string>>): Map<string, GlossaryWord[]> {
  const words = new Map<string, GlossaryWord[]>();
  for (const [key, reading] of Object.entries(glossary)) {
    const word = clean(key).trim();
    if (word === "") continue;
    const first = word.charAt(0);
    words.set(first, [...(words.get(first) ?? []), [word, clean(reading).trim()]]);
  }
  for (const list of words.values()) list.sort(([a], [b]) => b.length - a.length);
  return words;
}

function readAt(text: string, at: number, glossary: Map<string, GlossaryWord[]>): Found | undefined {
  const startsWord = !isInWord(text, at);
  if (startsWord) {
    const own = (glossary.get(text.charAt(at)) ?? []).find(
      ([word]) =>
        text.startsWith(word, at) &&
        !(isInWord(text, at + word.length) && isWordChar(text, at + word.length)),
    );
    if (own !== undefined) return { length: own[0].length, read: own[1] };
  }
  const rules = startsWord && /[\p{L}\p{N}+($€-]/u.test(text.charAt(at)) ? AT_WORDS : [];
  return firstOf(rules, text, at) ?? (isWordChar(text, at) ? undefined : firstOf(betweenAmounts, text, at));
}

function firstOf(rules: readonly Rule[], text: string, at: number): Found | undefined {
  if (rules.length === 0) return undefined;
  const before =
    text
      .slice(Math.max(0, at - CONTEXT_CHARS), at)
      .split("\n")
      .at(-1) ?? "";
  for (const rule of rules) {
    rule.pattern.lastIndex = at;
    const match = rule.pattern.exec(text);
    if (match === null || match[0] === "") continue;
    const end = at + match[0].length;
    const around: Around = { before: before.toLowerCase(), after: text.slice(end, end + CONTEXT_CHARS) };
    const words = rule.read(match, around);
    if (words !== undefined) return { length: match[0].length, read: words };
  }
  return undefined;
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

const WORD = /[\p{L}\p{M}\p{N}]+(?:['’][\p{L}]+)*/uy;

/** A dash between spaces is a rest, between letters a space; a full stop inside a word is none. */
function restAt(text: string, at: number): string {
  const sign = text.charAt(at);
  if (sign === "-") return text.charAt(at - 1) === " " && text.charAt(at + 1) === " " ? "," : " ";
  if (sign === "/") return ",";
  return sign;
}

function isInWord(text: string, at: number): boolean {
  return at > 0 && isWordChar(text, at - 1);
}

function isWordChar(text: string, at: number): boolean {
  return /[\p{L}\p{M}\p{N}]/u.test(text.charAt(at));
}
