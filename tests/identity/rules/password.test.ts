import { describe, expect, test } from "vitest";
import { checkPassword } from "../../../src/identity/rules/password.ts";

function check(password: string): string {
  try {
    checkPassword(password, "lan");
    return "taken";
  } catch (fault) {
    return fault instanceof Error ? fault.message : "?";
  }
}

describe("a password", () => {
  test.for([
    ["con trâu đi trước", "taken"],
    ["Xa-Tan-Hoa-2026", "taken"],
    ["ngắn", "The password is too short (4 characters, at least 10)."],
    ["", "The password is too short (0 characters, at least 10)."],
    // Ten letters as one keyboard sends them, seventeen code points as another does: short in both.
    ["ếếắắộộ".normalize("NFD"), "The password is too short (6 characters, at least 10)."],
    ["x".repeat(100) + "yzabc".repeat(30), "The password is too long (at most 200 characters)."],
    ["chào LAN nhé bạn", "The password must not contain the user name."],
    ["aaaaaaaaaaaa", "The password is too easy to guess (repeated or consecutive characters)."],
    ["121212121212", "The password is too easy to guess (repeated or consecutive characters)."],
    ["1234567890", "The password is too easy to guess (repeated or consecutive characters)."],
    ["jihgfedcba", "The password is too easy to guess (repeated or consecutive characters)."],
  ] as const)("%s: %s", ([password, outcome]) => {
    expect(check(password)).toBe(outcome);
  });
});
