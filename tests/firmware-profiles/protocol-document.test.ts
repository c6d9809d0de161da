import { createPrivateKey, createPublicKey, sign, verify } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { FIRMWARE_PROFILES } from "../../scripts/quality/protocol-schemas.ts";
import { REASONS, topic, type HamletId, type SpeakerId } from "../../src/speakers/protocol.ts";
import { hallKeyOf } from "../../src/speakers/signing.ts";
import { schemaErrors, type MessageKind } from "../support/protocol-check.ts";

const document = readFileSync(join(FIRMWARE_PROFILES, "PROTOCOL.md"), "utf8");

/** Every fenced block with its label: "```json state" … */
const blocks = [...document.matchAll(/^```(\w+) ([\w-]+)\n([\s\S]*?)^```$/gm)].map(
  ([, language = "", label = "", content = ""]) => ({ language, label, content: content.trim() }),
);
const messages = blocks.filter(({ language }) => language === "json");
const named = (label: string): string => blocks.find((block) => block.label === label)?.content ?? "";

const x = Buffer.from(named("test-public-key"), "base64").toString("base64url");
const d = Buffer.from(named("test-private-key"), "hex").toString("base64url");
const privateKey = createPrivateKey({ key: { kty: "OKP", crv: "Ed25519", x, d }, format: "jwk" });

test("every kind of message has an example", () => {
  expect([...new Set(messages.map(({ label }) => label))].sort()).toEqual([
    "ack",
    "beat",
    "envelope",
    "health",
    "receipt",
    "receipt-ack",
    "state",
    "time",
  ]);
});

test.each(messages)("the example of $label fits its schema", ({ label, content }) => {
  expect(schemaErrors(label as MessageKind, JSON.parse(content))).toBe("");
});

describe.each(messages.filter(({ label }) => label === "envelope"))("signed example", ({ content }) => {
  const { signed, signature } = JSON.parse(content) as { signed: string; signature: string };

  test("can be checked with the published key, and made with the private one", () => {
    const publicKey = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
    expect(verify(null, Buffer.from(signed), publicKey, Buffer.from(signature, "base64"))).toBe(true);
    expect(sign(null, Buffer.from(signed), privateKey).toString("base64")).toBe(signature);
    expect(hallKeyOf(privateKey)).toMatchObject({ publicKey: named("test-public-key") });
    expect(hallKeyOf(privateKey).sealed(signed)).toEqual({ signed, signature });
  });

  test("says what its schema allows", () => {
    const content = JSON.parse(signed) as { order?: object };
    expect(schemaErrors(content.order === undefined ? "plan" : "order", content)).toBe("");
  });
});

test("the document names every topic, order and reason", () => {
  const speaker = "<speaker>" as SpeakerId;
  const words = [
    topic.order(speaker),
    topic.hamletOrder("<hamlet>" as HamletId),
    topic.allOrder,
    topic.beat,
    topic.plan(speaker),
    topic.receiptAck(speaker),
    ...(["state", "health", "receipt", "ack", "time"] as const).map((kind) => topic.up(speaker, kind)),
    ...["play", "stop", "prefetch", "volume", "plan", "time", "selftest", "reboot", "update"],
    ...REASONS,
  ];
  expect(words.filter((word) => !document.includes(`\`${word}\``))).toEqual([]);
});
