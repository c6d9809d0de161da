import { describe, expect, test } from "vitest";
import { z } from "zod";
import { fieldName, langFrom, wordsFor } from "../../../src/panel/rules/issue-words.ts";

/** What is said about a value that the schema refuses. */
function check(schema: z.ZodType, value: unknown): string {
  const issue = schema.safeParse(value).error?.issues[0];
  if (issue === undefined) return "taken";
  const { vi, en } = wordsFor({ ...issue, missing: value === undefined });
  return `${vi} | ${en}`;
}

describe("what is wrong with a field is said in both languages", () => {
  test.for([
    [z.string(), undefined, "còn thiếu | is missing"],
    [z.string(), 1, "phải là chữ | must be text"],
    [z.int(), "x", "phải là số | must be a number"],
    [z.int(), 1.5, "phải là số nguyên | must be a whole number"],
    [z.boolean(), "yes", "phải là đúng hoặc sai (true/false) | must be true or false"],
    [z.array(z.string()), "x", "phải là danh sách | must be a list"],
    [z.string().min(3), "x", "phải có ít nhất 3 ký tự | must have at least 3 characters"],
    [z.string().max(3), "xxxx", "phải có nhiều nhất 3 ký tự | must have at most 3 characters"],
    [z.array(z.string()).min(1), [], "phải có ít nhất 1 mục | must have at least 1 entries"],
    [z.number().min(0), -1, "phải ít nhất là 0 | must be at least 0"],
    [z.number().max(100), 400, "phải nhiều nhất là 100 | must be at most 100"],
    [z.enum(["a", "b"]), "c", "phải là một trong: a, b | must be one of: a, b"],
    [z.strictObject({}), { x: 1 }, "có phần không dùng được: x | has unknown parts: x"],
    [z.email(), "x", "phải là địa chỉ thư điện tử | must be an e-mail address"],
    [
      z.iso.datetime(),
      "today",
      "phải là thời điểm dạng 2026-11-23T17:05:00+07:00 | must be a time such as 2026-11-23T17:05:00+07:00",
    ],
    [z.string().regex(/^a$/, "only a"), "b", "không hợp lệ (only a) | can't be used: only a"],
    [z.string().refine(() => false, "not now"), "b", "không hợp lệ (not now) | can't be used: not now"],
  ] as const)("%#: %j", ([schema, value, words]) => {
    expect(check(schema, value)).toBe(words);
  });
});

test.for([
  [[], ""],
  [["said"], "said"],
  [["slots", 0, "startsAt"], "slots[0].startsAt"],
  [["rows", 1, 2], "rows[1][2]"],
] as const)("the path %j is the field %s", ([path, name]) => {
  expect(fieldName(path)).toBe(name);
});

test.for([
  [undefined, undefined, "vi"],
  ["en", "vi", "en"],
  ["vi", "en", "vi"],
  ["fr", "en", "en"],
  [undefined, "en-GB,en;q=0.9", "en"],
  [undefined, "fr-FR,fr;q=0.9,en;q=0.8,vi;q=0.7", "en"],
  [undefined, "vi-VN,vi;q=0.9,en;q=0.8", "vi"],
  [undefined, "en;q=0,vi;q=0.1", "vi"],
  [undefined, "de", "vi"],
  [undefined, ";;;,=", "vi"],
] as const)("asked for %s by a browser of %s: %s", ([query, header, lang]) => {
  expect(langFrom(query, header)).toBe(lang);
});
