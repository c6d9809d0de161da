import { randomInt } from "node:crypto";
import { hash, verify } from "@node-rs/argon2";
import { normalPassword } from "./rules/password.ts";

/** OWASP's first choice for argon2id: 19 MiB, two passes, one lane; about 60 ms on the hall's machine. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

export async function hashPassword(password: string): Promise<string> {
  return hash(normalPassword(password), COST);
}

export async function isPasswordOf(passwordHash: string, password: string): Promise<boolean> {
  return verify(passwordHash, normalPassword(password));
}

let nobody: Promise<string> | undefined;

/** Takes as long as a real check, so that the time of the answer does not tell which names exist. */
export async function checkNobody(password: string): Promise<false> {
  nobody ??= hashPassword("nobody has this password");
  await isPasswordOf(await nobody, password);
  return false;
}

/** Without letters and digits that are mistaken for each other when copied from a terminal. */
const ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789";
const GROUPS = 4;
const GROUP_CHARS = 4;

/** 79 random bits in groups: `k7mp-x2rd-…`. */
export function newPassword(): string {
  const letter = (): string => ALPHABET.charAt(randomInt(ALPHABET.length));
  const group = (): string => Array.from({ length: GROUP_CHARS }, letter).join("");
  return Array.from({ length: GROUPS }, group).join("-");
}
