import { createPublicKey, generateKeyPairSync, verify } from "node:crypto";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Fault } from "../../src/kernel/faults.ts";
import { openHallKey } from "../../src/speakers/signing.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

test("the key is made once, readable by its owner only, and found again", () => {
  using folder = temporaryFolder();
  const first = openHallKey(folder.path);
  const file = join(folder.path, "hall-signing-key.pem");
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(openHallKey(folder.path).publicKey).toBe(first.publicKey);
  expect(readFileSync(file, "utf8")).not.toContain(first.publicKey);
});

test("a seal covers exactly the bytes that travel", () => {
  using folder = temporaryFolder();
  const key = openHallKey(folder.path);
  const { signed, signature } = key.sealed('{"tên":"Thôn Đông"}');
  const x = Buffer.from(key.publicKey, "base64").toString("base64url");
  const publicKey = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
  const check = (text: string): boolean =>
    verify(null, Buffer.from(text), publicKey, Buffer.from(signature, "base64"));
  expect(Buffer.from(key.publicKey, "base64")).toHaveLength(32);
  expect([check(signed), check(`${signed} `)]).toEqual([true, false]);
});

test.each([
  ["garbage", "not a key"],
  ["empty", ""],
  [
    "of another kind",
    generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ type: "pkcs8", format: "pem" }),
  ],
])("a key file that is %s is named, with what to do", (_name, content) => {
  using folder = temporaryFolder();
  const file = join(folder.path, "hall-signing-key.pem");
  writeFileSync(file, content);
  expect(() => openHallKey(folder.path)).toThrow(Fault);
  expect(() => openHallKey(folder.path)).toThrow(file);
  expect(readFileSync(file, "utf8")).toBe(content);
});
