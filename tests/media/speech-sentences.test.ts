import { expect, test } from "vitest";
import { sentencesOf } from "../../src/media/speech-sentences.ts";

test.each([
  ["", []],
  ["  \n ", []],
  ["Một câu.", ["Một câu."]],
  ["Câu một. Câu hai! Câu ba?", ["Câu một. Câu hai! Câu ba?"]],
])("%j becomes %j", (text, pieces) => {
  expect(sentencesOf(text)).toEqual(pieces);
});

test("a long text is cut between sentences, and nothing is lost", () => {
  const sentence = "Kính mời bà con đến nhà văn hóa thôn để họp bàn việc làm đường bê tông.";
  const text = Array.from({ length: 100 }, () => sentence).join(" ");
  const pieces = sentencesOf(text);
  expect(pieces.every((piece) => piece.length <= 1_000 && piece.endsWith("."))).toBe(true);
  expect(pieces.join(" ")).toBe(text);
});

test("an endless sentence is cut at commas, else at spaces, else anywhere", () => {
  const commas = sentencesOf(Array.from({ length: 300 }, () => "mời bà con").join(", "));
  expect(commas.slice(0, -1).every((piece) => piece.endsWith(","))).toBe(true);
  const words = sentencesOf("mời ".repeat(600));
  expect(words.every((piece) => piece.length <= 1_000 && !piece.includes("  "))).toBe(true);
  expect(sentencesOf("x".repeat(2_500)).map(({ length }) => length)).toEqual([1_000, 1_000, 500]);
});
