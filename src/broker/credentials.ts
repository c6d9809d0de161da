import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";

const SCHEME = "hmac-sha256";
const SECRET_BYTES = 32;
const SALT_BYTES = 16;

/** 256 random bits, base64url (43 characters). Shown once, then only its hash is kept. */
export function newDeviceSecret(): string {
  return randomBytes(SECRET_BYTES).toString("base64url");
}

/**
 * `hmac-sha256$<salt>$<mac>`. A slow password hash would protect a guessable secret; this one has 256 random bits, and
 * a whole fleet must be let in within seconds of a power cut.
 */
export function hashDeviceSecret(secret: string): string {
  const salt = randomBytes(SALT_BYTES);
  return `${SCHEME}$${salt.toString("base64url")}$${mac(salt, secret).toString("base64url")}`;
}

/** Constant time for a well-formed hash; false for one that is not. */
export function verifyDeviceSecret(secret: string | Uint8Array, hash: string): boolean {
  const [scheme, salt, expected] = hash.split("$");
  if (scheme !== SCHEME || salt === undefined || expected === undefined) return false;
  const wanted = Buffer.from(expected, "base64url");
  const got = mac(Buffer.from(salt, "base64url"), secret);
  return wanted.length === got.length && timingSafeEqual(wanted, got);
}

function mac(salt: Buffer, secret: string | Uint8Array): Buffer {
  return createHmac("sha256", salt).update(secret).digest();
}
