/** What stands around a match. */
export interface Around {
  /** The text before the match, in lower case; at most 60 characters, from the same line. */
  readonly before: string;
  /** The text after the match, as written; at most 60 characters. */
  readonly after: string;
}

/** So many characters of the text are said so. */
export interface Found {
  readonly length: number;
  readonly read: string;
}

/** With what kind of character a rule's matches begin; `letter` takes small and capital ones. */
type Start = "figure" | "capital" | "letter" | "sign";

/** One way of reading what stands at a place. Of several rules the first that answers wins. */
export interface Rule {
  readonly start: Start;
  readAt(text: string, at: number): Found | undefined;
}

/** The word or figure ends here. A range instead of a property: every rule holds it, and properties compile slowly. */
export const END = "(?![0-9A-Za-zÀ-ÖØ-öø-ỹ])";

const CONTEXT_CHARS = 60;

function around(text: string, from: number, to: number): Around {
  const before = text.slice(Math.max(0, from - CONTEXT_CHARS), from);
  return {
    before: before.slice(before.lastIndexOf("\n") + 1).toLowerCase(),
    after: text.slice(to, to + CONTEXT_CHARS),
  };
}

/** A rule by pattern. `read` may still pass, by answering undefined. */
export function rule(
  start: Start,
  source: string,
  read: (match: RegExpExecArray, around: Around) => string | undefined,
): Rule {
  const pattern = new RegExp(source, "yu");
  return {
    start,
    readAt: (text, at) => {
      pattern.lastIndex = at;
      const match = pattern.exec(text);
      if (match === null || match[0] === "") return undefined;
      const words = read(match, around(text, at, at + match[0].length));
      return words === undefined ? undefined : { length: match[0].length, read: words };
    },
  };
}

/** A rule by table: whole words exactly as written, the longest first. `accept` may still refuse one. */
export function tableRule(
  table: Readonly<Record<string, string>>,
  accept: (word: string, around: Around) => boolean = () => true,
): Rule {
  const byFirst = Map.groupBy(
    Object.entries(table).sort(([a], [b]) => b.length - a.length),
    ([word]) => word.charAt(0),
  );
  return {
    start: "letter",
    readAt: (text, at) => {
      for (const [word, read] of byFirst.get(text.charAt(at)) ?? []) {
        const end = at + word.length;
        if (!text.startsWith(word, at) || (isWordChar(text, end - 1) && isWordChar(text, end))) continue;
        if (accept(word, around(text, at, end))) return { length: word.length, read };
      }
      return undefined;
    },
  };
}

export function isWordChar(text: string, at: number): boolean {
  return /[\p{L}\d]/u.test(text.charAt(at));
}

/** An alternation of a table's keys, longest first; keys that end in a letter or figure must end a word. */
export function anyOf(keys: readonly string[]): string {
  const sorted = [...keys].sort((a, b) => b.length - a.length);
  const alternatives = sorted.map((key) => escape(key) + (isWordChar(key, key.length - 1) ? END : ""));
  return `(?:${alternatives.join("|")})`;
}

function escape(literal: string): string {
  return literal.replace(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`);
}

/** The nth group of a match; the empty string where it took no part. */
export function group(match: RegExpExecArray, n: number): string {
  return match[n] ?? "";
}
