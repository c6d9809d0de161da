import { Fault } from "../../kernel/faults.ts";
import { text, type Text } from "../../kernel/text.ts";

/** In characters, after NFC: phones send "ế" as one character or as three. */
const MIN_PASSWORD_CHARS = 10;
/** Hashing is slow on purpose; a megabyte of it would be a way to keep the machine busy. */
const MAX_PASSWORD_CHARS = 200;
const MIN_DIFFERENT_CHARS = 5;

/** One form for what different keyboards send for the same letters. */
export function normalPassword(password: string): string {
  return password.normalize("NFC");
}

/** Throws a Fault("invalid", field `password`) that says which rule is broken. */
export function checkPassword(password: string, userName: string): void {
  const problem = problemOf(normalPassword(password), userName);
  if (problem === undefined) return;
  throw new Fault("invalid", problem, {
    field: "password",
    hint: text(
      "A sentence of a few words is easy to remember and hard to guess.",
      "Nên dùng một câu vài từ: dễ nhớ mà khó đoán.",
    ),
  });
}

function problemOf(password: string, userName: string): Text | undefined {
  const chars = Array.from(password);
  if (chars.length < MIN_PASSWORD_CHARS) {
    return text(
      `The password is too short (${chars.length} characters, at least ${MIN_PASSWORD_CHARS}).`,
      `Mật khẩu quá ngắn (${chars.length} ký tự, cần ít nhất ${MIN_PASSWORD_CHARS}).`,
    );
  }
  if (chars.length > MAX_PASSWORD_CHARS) {
    return text(
      `The password is too long (at most ${MAX_PASSWORD_CHARS} characters).`,
      `Mật khẩu quá dài (nhiều nhất ${MAX_PASSWORD_CHARS} ký tự).`,
    );
  }
  if (password.toLowerCase().includes(userName.toLowerCase())) {
    return text("The password must not contain the user name.", "Mật khẩu không được chứa tên đăng nhập.");
  }
  if (new Set(chars).size < MIN_DIFFERENT_CHARS || isRun(password)) {
    return text(
      "The password is too easy to guess (repeated or consecutive characters).",
      "Mật khẩu quá dễ đoán (ký tự lặp lại hoặc liên tiếp).",
    );
  }
  return undefined;
}

/** 1234567890, abcdefghij, 9876543210. */
function isRun(password: string): boolean {
  const codes = Array.from(password).map((char) => char.codePointAt(0) ?? 0);
  const steps = codes.slice(1).map((code, index) => code - (codes[index] ?? 0));
  // Nine is followed by nought on every keyboard's number row.
  const isStep = (step: number): boolean => Math.abs(step) === 1 || Math.abs(step) === 9;
  return steps.every(isStep);
}
