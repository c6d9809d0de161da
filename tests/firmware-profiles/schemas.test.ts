import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { FIRMWARE_PROFILES, generatedSchemas } from "../../scripts/quality/protocol-schemas.ts";
import {
  Ack,
  Beat,
  Envelope,
  Health,
  Receipt,
  ReceiptAck,
  SignedOrder,
  SignedPlan,
  State,
  TimeMessage,
} from "../../src/speakers/protocol.ts";
import { schemaErrors, type MessageKind } from "../support/protocol-check.ts";

const generated = await generatedSchemas();

test.each([...generated])("%s is what the programs parse with", (file, text) => {
  // When this fails: node scripts/quality/protocol-schemas.ts
  expect(readFileSync(join(FIRMWARE_PROFILES, file), "utf8")).toBe(text);
});

const parsers = {
  state: State,
  health: Health,
  receipt: Receipt,
  ack: Ack,
  time: TimeMessage,
  envelope: Envelope,
  order: SignedOrder,
  plan: SignedPlan,
  "receipt-ack": ReceiptAck,
  beat: Beat,
} satisfies Record<MessageKind, unknown>;

const sha256 = "0123456789abcdef".repeat(4);
const part = { durationMs: 60_000, files: [{ sha256, bytes: 480_000, kbps: 64, sampleRateHz: 44_100 }] };
const play = {
  kind: "play",
  airing: "s1.2026-11-24",
  level: 400,
  at: 1_795_510_800_000,
  until: 1_795_510_860_000,
  source: { type: "files", parts: [part], offsetMs: 0 },
  afterPreempt: "resume",
};
const order = (content: object): object => ({
  v: 1,
  scope: "hamlet/thon-1",
  seq: 7,
  issuedAt: 1,
  expiresAt: 2,
  order: content,
});
const online = {
  online: true,
  boot: 3,
  firmware: "1.0",
  profile: "native",
  address: "10.0.0.7",
  playing: null,
  volumePercent: 80,
  clockOffsetMs: -3.25,
  storageFreeBytes: 0,
  planVersion: 0,
  missing: [],
};
const health = {
  at: 1,
  uptimeSec: 1.5,
  temperatureCelsius: null,
  supplyVolts: 24.1,
  amplifierFault: null,
  signalDbm: -71,
  dataUsedBytes: null,
  outputLevelDbfs: -18,
};
const receipt = {
  n: 1,
  airing: "a",
  outcome: "partial",
  reason: "power-cut",
  plannedAt: 1,
  startedAt: null,
  endedAt: 2,
  playedMs: 0,
  expectedMs: null,
  startErrorMs: null,
  sha256: [],
  levelDbfs: null,
  via: "plan",
};
const plan = {
  v: 1,
  scope: "speaker/a",
  version: 1,
  issuedAt: 1,
  expiresAt: 2,
  timeZone: "Asia/Ho_Chi_Minh",
  quietHours: [{ fromMinute: 1_290, toMinute: 300 }],
  items: [{ ...withoutKind(play), source: play.source }],
};

function withoutKind({ kind: _kind, ...rest }: typeof play): Omit<typeof play, "kind"> {
  return rest;
}

const stream = { type: "stream", path: "/stream/p1", kbps: 64 };
const cases: readonly [MessageKind, "fits" | "does not fit", string, unknown][] = [
  ["state", "fits", "online", online],
  ["state", "fits", "playing", { ...online, playing: { airing: "a", level: 850, since: 5 } }],
  ["state", "fits", "the last will", { online: false }],
  ["state", "does not fit", "a will with more in it", { online: false, boot: 1 }],
  ["state", "does not fit", "volume 101", { ...online, volumePercent: 101 }],
  ["state", "does not fit", "half a volume", { ...online, volumePercent: 50.5 }],
  ["state", "does not fit", "a hash in capitals", { ...online, missing: [sha256.toUpperCase()] }],
  ["state", "does not fit", "too many missing", { ...online, missing: Array(51).fill(sha256) }],
  [
    "state",
    "does not fit",
    "a level that is none",
    { ...online, playing: { airing: "a", level: 5, since: 5 } },
  ],
  ["health", "fits", "with holes", health],
  ["health", "does not fit", "a text for a number", { ...health, supplyVolts: "24" }],
  ["health", "does not fit", "a field too few", { at: 1, uptimeSec: 1 }],
  ["health", "does not fit", "minus uptime", { ...health, uptimeSec: -1 }],
  ["receipt", "fits", "silent", receipt],
  ["receipt", "does not fit", "an unknown reason", { ...receipt, reason: "bad mood" }],
  ["receipt", "does not fit", "number 0", { ...receipt, n: 0 }],
  ["receipt", "does not fit", "an empty airing", { ...receipt, airing: "" }],
  ["ack", "fits", "refused with a reason", { scope: "all", seq: 1, outcome: "refused", reason: "expired" }],
  ["ack", "does not fit", "a scope that is none", { scope: "speaker/", seq: 1, outcome: "done" }],
  ["ack", "does not fit", "an outcome that is none", { scope: "all", seq: 1, outcome: "maybe" }],
  ["time", "fits", "a question", { t1: 0.5 }],
  ["time", "fits", "an answer", { t1: 1, t2: 2, t3: 3 }],
  ["time", "does not fit", "half an answer", { t1: 1, t2: 2 }],
  ["envelope", "fits", "signed", { signed: "{}", signature: "AAAA" }],
  ["envelope", "does not fit", "base64url", { signed: "{}", signature: "AA-_" }],
  ["envelope", "does not fit", "too long", { signed: "x".repeat(262_145), signature: "AAAA" }],
  ["order", "fits", "play files", order(play)],
  [
    "order",
    "fits",
    "play a stream, again and again",
    order({ ...play, source: stream, repeatEveryMs: 300_000 }),
  ],
  ["order", "fits", "stop everything", order({ kind: "stop" })],
  ["order", "fits", "stop and hold", order({ kind: "stop", holdUntil: 5 })],
  ["order", "fits", "prefetch", order({ kind: "prefetch", parts: [part] })],
  ["order", "fits", "volume", order({ kind: "volume", percent: 0 })],
  ["order", "fits", "plan", order({ kind: "plan", version: 3 })],
  ["order", "fits", "time", order({ kind: "time" })],
  ["order", "fits", "selftest", order({ kind: "selftest", toneMs: 1_000, volumePercent: 20 })],
  ["order", "fits", "reboot", order({ kind: "reboot" })],
  ["order", "fits", "update", order({ kind: "update", version: "2.1", file: { sha256, bytes: 9 } })],
  ["order", "does not fit", "an unknown kind", order({ kind: "sing" })],
  ["order", "does not fit", "an unknown field", order({ ...play, mood: "good" })],
  ["order", "does not fit", "nothing to play", order({ ...play, source: { ...play.source, parts: [] } })],
  [
    "order",
    "does not fit",
    "a path that climbs out",
    order({ ...play, source: { ...stream, path: "/a b" } }),
  ],
  ["order", "does not fit", "a version of later days", { ...order({ kind: "time" }), v: 2 }],
  ["plan", "fits", "a week", plan],
  ["plan", "does not fit", "a stream in it", { ...plan, items: [{ ...withoutKind(play), source: stream }] }],
  ["plan", "does not fit", "minute 1440", { ...plan, quietHours: [{ fromMinute: 1_440, toMinute: 0 }] }],
  ["receipt-ack", "fits", "up to 9", { upTo: 9 }],
  ["receipt-ack", "does not fit", "up to 0", { upTo: 0 }],
  ["beat", "fits", "now", { at: 1 }],
  ["beat", "does not fit", "a date in words", { at: "now" }],
];

describe("program and published schema agree", () => {
  test.each(cases)("%s %s: %s", (kind, verdict, _name, message) => {
    const errors = schemaErrors(kind, message);
    expect([parsers[kind].safeParse(message).success, errors === ""]).toEqual([
      verdict === "fits",
      verdict === "fits",
    ]);
  });
});
