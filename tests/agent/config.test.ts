import { generateKeyPairSync } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadAgentConfig, parseHallPublicKey } from "../../src/agent/config.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const plain = {
  id: "loa-1",
  secret: "a-secret-of-the-test-loudspeaker",
  hamlet: "thon-1",
  hall: { mqttUrl: "mqtts://hall.example:8883", audioUrl: "https://hall.example:8444" },
  caFile: "ca.pem",
  hallPublicKey: "x".repeat(44),
  dataDir: "data",
  output: { alsa: "auto" },
};

function load(content: unknown): ReturnType<typeof loadAgentConfig> {
  using folder = temporaryFolder();
  const file = join(folder.path, "agent.json");
  writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
  return loadAgentConfig(file);
}

test("what is left out has a usual value", () => {
  expect(load(plain)).toMatchObject({
    clock: "hall",
    prefer: "lan",
    volumePercent: 80,
    logLevel: "info",
    output: { alsa: "auto", latencyMs: 0 },
  });
});

test.each<[string, unknown, string]>([
  ["no JSON", "{", "agent.json"],
  ["an unknown setting", { ...plain, colour: "red" }, "colour"],
  ["no output", { ...plain, output: {} }, "output: name alsa, wavDir or both"],
  ["an id the topics can't hold", { ...plain, id: "all" }, "id: 'all' and 'hamlet' are reserved"],
  [
    "files without TLS",
    { ...plain, hall: { ...plain.hall, audioUrl: "http://hall.example" } },
    "hall.audioUrl",
  ],
  [
    "a secret in the clear",
    { ...plain, hall: { ...plain.hall, mqttUrl: "mqtt://hall.example" } },
    "hall.mqttUrl",
  ],
])("%s is refused, and named", (_name, content, named) => {
  expect(() => load(content)).toThrow(
    expect.objectContaining({ kind: "invalid", message: expect.stringContaining(named) as string }),
  );
});

test("plain MQTT is allowed on the loopback", () => {
  const mqttUrl = "mqtt://127.0.0.1:1883";
  expect(load({ ...plain, hall: { ...plain.hall, mqttUrl } }).hall.mqttUrl).toBe(mqttUrl);
});

test("the hall's key is taken as PEM, as base64 of SPKI, and as base64 of its 32 bytes", () => {
  const { publicKey } = generateKeyPairSync("ed25519");
  const spki = publicKey.export({ type: "spki", format: "der" });
  const forms = [
    publicKey.export({ type: "spki", format: "pem" }),
    spki.toString("base64"),
    spki.subarray(-32).toString("base64"),
  ];
  for (const form of forms) expect(parseHallPublicKey(form).equals(publicKey)).toBe(true);
});

test.each([
  ["rubbish", "not a key of any kind, whatever one may think"],
  ["another kind of key", generateKeyPairSync("x25519").publicKey.export({ type: "spki", format: "pem" })],
])("%s is not the hall's key", (_name, encoded) => {
  expect(() => parseHallPublicKey(encoded)).toThrow(
    expect.objectContaining({ kind: "invalid", field: "hallPublicKey" }),
  );
});
