import { expect, test } from "vitest";
import { LEVEL, type AiringId, type Order } from "../../src/speakers/protocol.ts";
import type { ScriptedSpeaker } from "../support/scripted-speaker.ts";
import { SpeakerHall } from "../support/speaker-hall.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { until } from "../support/until.ts";

const COUNT = 500;
/** A storm of all at once is the broker's own test. */
const AT_ONCE = 50;

function alert(at: number): Order {
  return {
    kind: "play",
    airing: "alert-1" as AiringId,
    level: LEVEL.communeEmergency,
    at,
    until: at + 600_000,
    source: { type: "stream", path: "/stream/alert", kbps: 64 },
    volumePercent: 100,
    afterPreempt: "drop",
    repeatEveryMs: 300_000,
  };
}

/**
 * Not a timed test: that 500 speakers are served at all, each once, and that nobody has to be told twice. How fast is
 * for scripts/bench to say.
 */
test("an emergency reaches 500 speakers, and all their receipts come in", { timeout: 120_000 }, async () => {
  using folder = temporaryFolder();
  await using hall = new SpeakerHall(folder.path);
  const speakers: ScriptedSpeaker[] = [];
  await using fleet = new AsyncDisposableStack();
  hall.registry.hamlets.add({ name: "Thôn 1", id: "t1" });
  const made = Array.from({ length: COUNT }, (_, index) =>
    hall.registry.speakers.add({ name: `Loa ${index + 1}`, hamlet: "t1" }),
  );
  await hall.connect();
  for (let from = 0; from < COUNT; from += AT_ONCE) {
    const batch = await Promise.all(
      made.slice(from, from + AT_ONCE).map(({ speaker, secret = "" }) => hall.device(speaker.id, secret)),
    );
    speakers.push(...batch.map((speaker) => fleet.use(speaker)));
  }
  await until("all are online", () => hall.link.statuses().every(({ presence }) => presence === "online"));

  const sentAt = performance.now();
  const ticket = hall.link.send({ type: "all" }, alert(Date.now()), { ttlMs: 60_000 });
  await ticket.reachedAll(AbortSignal.timeout(60_000));
  const tookMs = performance.now() - sentAt;
  expect([...new Set(ticket.outcomes().values())]).toEqual(["done"]);
  expect(speakers.every(({ executed }) => executed.length === 1)).toBe(true);
  process.stdout.write(`emergency acknowledged by ${COUNT} speakers after ${Math.round(tookMs)} ms\n`);

  await Promise.all(speakers.map((speaker) => speaker.tellReceipt(1, { airing: "alert-1" })));
  await until("all receipts are acknowledged", () =>
    speakers.every(({ receiptAcks }) => receiptAcks.includes(1)),
  );
  expect(new Set(hall.receipts).size).toBe(COUNT);
  expect(hall.receipts).toHaveLength(COUNT);
});
