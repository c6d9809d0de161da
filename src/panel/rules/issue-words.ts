import { text, type Text } from "../../kernel/text.ts";

/** What zod found wrong with one field, as far as we need it to say so in our own words. */
export interface Issue {
  readonly code: string;
  /** Nothing was given. */
  readonly missing: boolean;
  readonly expected?: string;
  readonly origin?: string;
  readonly minimum?: number | bigint;
  readonly maximum?: number | bigint;
  readonly format?: string;
  readonly keys?: readonly string[];
  readonly values?: readonly unknown[];
  /** The schema's own sentence, for what has no words here. */
  readonly message: string;
}

const KINDS: Record<string, Text> = {
  string: text("text", "chữ"),
  number: text("a number", "số"),
  int: text("a whole number", "số nguyên"),
  boolean: text("true or false", "đúng hoặc sai (true/false)"),
  array: text("a list", "danh sách"),
  object: text("an object", "đối tượng"),
};

const FORMATS: Record<string, Text> = {
  email: text("an e-mail address", "địa chỉ thư điện tử"),
  url: text("a web address", "địa chỉ web"),
  datetime: text("a time such as 2026-11-23T17:05:00+07:00", "thời điểm dạng 2026-11-23T17:05:00+07:00"),
  date: text("a date such as 2026-11-23", "ngày dạng 2026-11-23"),
  uuid: text("a UUID", "mã UUID"),
};

/** What is wrong, as the rest of a sentence that begins with the field's name. */
export function wordsFor(issue: Issue): Text {
  if (issue.missing) return text("is missing", "còn thiếu");
  const say = WORDS[issue.code];
  return say?.(issue) ?? text(`can't be used: ${issue.message}`, `không hợp lệ (${issue.message})`);
}

const WORDS: Record<string, (issue: Issue) => Text | undefined> = {
  invalid_type: ({ expected = "" }) => mustBe(KINDS[expected]),
  invalid_format: ({ format = "" }) => mustBe(FORMATS[format]),
  too_small: ({ origin, minimum = 0 }) => limit(origin, `${minimum}`, text("at least", "ít nhất")),
  too_big: ({ origin, maximum = 0 }) => limit(origin, `${maximum}`, text("at most", "nhiều nhất")),
  not_multiple_of: () => mustBe(KINDS["int"]),
  invalid_value: ({ values = [] }) => {
    const list = values.map(String).join(", ");
    return text(`must be one of: ${list}`, `phải là một trong: ${list}`);
  },
  unrecognized_keys: ({ keys = [] }) => {
    const list = keys.join(", ");
    return text(`has unknown parts: ${list}`, `có phần không dùng được: ${list}`);
  },
};

function mustBe(kind: Text | undefined): Text | undefined {
  return kind === undefined ? undefined : text(`must be ${kind.en}`, `phải là ${kind.vi}`);
}

function limit(origin: string | undefined, bound: string, how: Text): Text {
  if (origin === "string")
    return text(`must have ${how.en} ${bound} characters`, `phải có ${how.vi} ${bound} ký tự`);
  if (origin === "array")
    return text(`must have ${how.en} ${bound} entries`, `phải có ${how.vi} ${bound} mục`);
  return text(`must be ${how.en} ${bound}`, `phải ${how.vi} là ${bound}`);
}

/** `["slots", 0, "startsAt"]` as a person writes it: `slots[0].startsAt`. */
export function fieldName(path: readonly (string | number)[]): string {
  return path.reduce<string>((name, part) => {
    if (typeof part === "number") return `${name}[${part}]`;
    return name === "" ? part : `${name}.${part}`;
  }, "");
}

/** Where the page or the caller wants it otherwise; Vietnamese else. */
export function langFrom(query: unknown, acceptLanguage: string | undefined): "vi" | "en" {
  if (query === "vi" || query === "en") return query;
  const ranked = (acceptLanguage ?? "")
    .split(",")
    .map((part, index) => {
      const [tag = "", ...parameters] = part.trim().toLowerCase().split(";");
      const weight = /^\s*q=([\d.]+)$/.exec(parameters[0] ?? "")?.[1];
      return { lang: tag.split("-")[0], weight: weight === undefined ? 1 : Number(weight), index };
    })
    .filter(({ lang, weight }) => (lang === "vi" || lang === "en") && weight > 0)
    .sort((a, b) => b.weight - a.weight || a.index - b.index);
  return ranked[0]?.lang === "en" ? "en" : "vi";
}
