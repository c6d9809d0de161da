import { expect, test } from "vitest";
import { hashDeviceSecret, newDeviceSecret, verifyDeviceSecret } from "../../src/broker/credentials.ts";

test("a secret is 256 random bits in characters that survive any configuration file", () => {
  const secrets = Array.from({ length: 100 }, newDeviceSecret);
  expect(new Set(secrets).size).toBe(100);
  for (const secret of secrets) {
    expect(secret).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(Buffer.from(secret, "base64url")).toHaveLength(32);
  }
});

test("a secret proves itself against its hash, as text and as bytes, and nothing else does", () => {
  const secret = newDeviceSecret();
  const hash = hashDeviceSecret(secret);
  expect(verifyDeviceSecret(secret, hash)).toBe(true);
  expect(verifyDeviceSecret(Buffer.from(secret), hash)).toBe(true);
  expect(verifyDeviceSecret(`${secret} `, hash)).toBe(false);
  expect(verifyDeviceSecret("", hash)).toBe(false);
  expect(verifyDeviceSecret(newDeviceSecret(), hash)).toBe(false);
});

test("the hash does not show the secret, nor that two devices share it", () => {
  const secret = newDeviceSecret();
  expect(hashDeviceSecret(secret)).not.toContain(secret);
  expect(hashDeviceSecret(secret)).not.toBe(hashDeviceSecret(secret));
});

test.each(["", "x", "hmac-sha256$", "hmac-sha256$$", "hmac-sha256$a$b", "sha1$AAAA$AAAA"])(
  "a damaged hash %j proves nobody",
  (hash) => {
    expect(verifyDeviceSecret("", hash)).toBe(false);
    expect(verifyDeviceSecret("secret", hash)).toBe(false);
  },
);
