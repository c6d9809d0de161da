import { describe, expect, test } from "vitest";
import { epochMs, HOUR_MS, MINUTE_MS } from "../../src/kernel/time.ts";
import type { AiringId } from "../../src/speakers/protocol.ts";
import { barred, BEFORE_FIVE, part, PlayoutBench, slot } from "../support/playout-bench.ts";

const TODAY = "news.2026-11-24";
const PLAY = `play ${TODAY} at +60s to all`;

describe("an approved slot", () => {
  test("is ordered once, ten seconds ahead, and stands in every speaker's plan long before", async () => {
    using bench = new PlayoutBench([slot()]);
    await bench.clock.advance(40_000);
    expect(bench.sent).toEqual([]);
    expect(
      bench.plans
        .get("loa-1")
        ?.map(({ airing }) => airing)
        .slice(0, 2),
    ).toEqual([TODAY, "news.2026-11-25"]);
    await bench.clock.advance(10_000);
    expect(bench.sent).toEqual([PLAY]);
    bench.playout.changed();
    bench.playout.changed();
    await bench.clock.advance(2 * MINUTE_MS);
    expect(bench.sent).toEqual([PLAY]);
  });

  test("is proven by its receipts, at once when all are there", async () => {
    using bench = new PlayoutBench([slot()]);
    await bench.clock.advance(2 * MINUTE_MS + 500);
    bench.receipt("loa-1", TODAY);
    await bench.clock.advance(1_000);
    expect(bench.records).toEqual([]);
    bench.receipt("loa-2", TODAY);
    await bench.clock.advance(1_000);
    expect(bench.records.map(({ outcome, sentence }) => `${outcome}: ${sentence.vi}`)).toEqual([
      "played: đã phát 2/2 cụm, 100 % thời lượng",
    ]);
  });

  test("says why a speaker gave no proof, and takes the proof that comes later", async () => {
    using bench = new PlayoutBench([slot()]);
    await bench.clock.advance(2 * MINUTE_MS);
    bench.receipt("loa-1", TODAY, { outcome: "partial", reason: "power-cut", playedMs: 30_000 });
    await bench.clock.advance(30_000);
    expect(bench.records.map(({ sentence }) => sentence.vi)).toEqual(["đã phát 0/2 cụm, 25 % thời lượng"]);
    expect(bench.records[0]?.speakers.map(({ sentence }) => sentence?.vi)).toEqual([
      "cụm loa bị mất điện hoặc khởi động lại",
      "cụm loa mất kết nối từ 16:41 24/11",
    ]);
    await bench.clock.advance(3 * HOUR_MS);
    bench.receipt("loa-2", TODAY);
    expect(bench.records.at(-1)?.sentence.vi).toBe("đã phát 1/2 cụm, 75 % thời lượng");
  });
});

describe("what must not sound", () => {
  test("a slot that is not approved is recorded with the reason, and no plan holds it", async () => {
    using bench = new PlayoutBench([slot({ barred })]);
    await bench.clock.advance(5 * MINUTE_MS);
    expect(bench.sent).toEqual([]);
    expect(bench.plans.get("loa-1")).toEqual([]);
    expect(bench.records.map(({ outcome, sentence }) => `${outcome}: ${sentence.vi}`)).toEqual([
      "barred: không phát: chưa được duyệt",
    ]);
  });

  test("a slot at 03:15 that was forced into the database", async () => {
    using bench = new PlayoutBench([slot({ startTime: "03:15:00" })], Date.UTC(2026, 10, 23, 20, 14));
    await bench.clock.advance(5 * MINUTE_MS);
    expect(bench.sent).toEqual([]);
    expect(bench.plans.get("loa-1")).toEqual([]);
    expect(bench.records.map(({ sentence }) => sentence.vi)).toEqual([
      "không phát: rơi vào khung giờ yên tĩnh",
    ]);
  });

  test("what is allowed only after its minute is not begun half-way, in no plan either", async () => {
    using bench = new PlayoutBench([slot({ durationMs: 10 * MINUTE_MS, barred })]);
    await bench.clock.advance(3 * MINUTE_MS);
    bench.slots = [slot({ durationMs: 10 * MINUTE_MS })];
    bench.playout.changed();
    await bench.clock.advance(2 * MINUTE_MS);
    expect(bench.sent).toEqual([]);
    expect(bench.plans.get("loa-1")?.[0]?.airing).toBe("news.2026-11-25");
  });

  test("a slot that loses its approval on air is taken off", async () => {
    using bench = new PlayoutBench([slot()]);
    await bench.clock.advance(70_000);
    bench.slots = [slot({ barred })];
    bench.playout.changed();
    await bench.clock.advance(1_000);
    expect(bench.sent).toEqual([PLAY, `stop ${TODAY}`]);
  });
});

describe("a daemon that is killed", () => {
  test.each([
    ["before the order", 30_000, 1_000, [PLAY]],
    ["between order and start", 55_000, 1_000, [PLAY]],
    ["during the airing", 70_000, 1_000, [PLAY]],
    ["from before the start into the airing", 30_000, 50_000, [PLAY]],
    ["after the airing", 150_000, 1_000, [PLAY]],
  ])("%s sends the order exactly once", async (_name, killAfterMs, darkMs, expected) => {
    using bench = new PlayoutBench([slot()]);
    await bench.clock.advance(killAfterMs);
    await bench.kill(darkMs);
    await bench.clock.advance(5 * MINUTE_MS);
    expect(bench.sent).toEqual(expected);
  });

  test("over the whole airing records it, and the receipts of the plan prove it", async () => {
    using bench = new PlayoutBench([slot()]);
    await bench.clock.advance(30_000);
    await bench.kill(HOUR_MS);
    bench.receipt("loa-1", TODAY, { via: "plan" });
    bench.receipt("loa-2", TODAY, { via: "plan" });
    await bench.clock.advance(MINUTE_MS);
    expect(bench.sent).toEqual([]);
    expect(bench.records.at(-1)?.sentence.vi).toBe(
      "đã phát 2/2 cụm, 100 % thời lượng; lúc đó trung tâm không hoạt động",
    );
  });
});

describe("a clock that is set", () => {
  test("back an hour during an airing neither repeats nor stops it", async () => {
    using bench = new PlayoutBench([slot()]);
    await bench.clock.advance(80_000);
    bench.clock.step(-HOUR_MS);
    await bench.clock.advance(2 * HOUR_MS);
    expect(bench.sent).toEqual([PLAY]);
  });

  test("forward an hour during an airing does not stop it; what it jumped over is recorded", async () => {
    using bench = new PlayoutBench([slot(), slot({ id: "music", title: "Ca nhạc", startTime: "17:30:00" })]);
    await bench.clock.advance(80_000);
    bench.clock.step(HOUR_MS);
    await bench.clock.advance(MINUTE_MS);
    expect(bench.sent).toEqual([PLAY]);
    expect(bench.records.find(({ title }) => title === "Ca nhạc")?.sentence.vi).toMatch(
      /trung tâm không hoạt động/,
    );
  });
});

describe("stop-all", () => {
  test("cuts what sounds, holds what comes, and lets go when it is lifted", async () => {
    using bench = new PlayoutBench([
      slot(),
      slot({ id: "music", startTime: "17:05:00" }),
      slot({ id: "late", startTime: "17:09:00" }),
    ]);
    await bench.clock.advance(70_000);
    expect(bench.playout.stopAll(30 * MINUTE_MS).map(({ id }) => id)).toEqual([TODAY]);
    await bench.clock.advance(6 * MINUTE_MS);
    expect(bench.sent).toEqual([PLAY, "stop everything until +1870s"]);
    bench.playout.resume();
    await bench.clock.advance(5 * MINUTE_MS);
    expect(bench.sent.slice(2)).toEqual([
      "stop everything until +430s",
      "play late.2026-11-24 at +600s to all",
    ]);
  });
});

describe("what is not on the calendar", () => {
  const live = (bench: PlayoutBench) => ({
    id: "live.1" as AiringId,
    kind: "live" as const,
    title: "Phát trực tiếp",
    level: 700,
    targets: { type: "some" as const, hamlets: ["thon-1"], speakers: [] },
    source: { type: "stream" as const, path: "/stream/live.1", kbps: 32 },
    at: bench.clock.now(),
    until: epochMs(bench.clock.now() + 15 * MINUTE_MS),
  });

  test("a live session reaches its hamlet alone and ends when it is told to", async () => {
    using bench = new PlayoutBench([slot()]);
    await bench.clock.advance(1_000);
    bench.playout.begin(live(bench));
    await bench.clock.advance(5_000);
    bench.playout.end("live.1" as AiringId, "itself");
    expect(bench.sent).toEqual(["play live.1 at +1s to loa-1", "stop live.1"]);
    expect(() => bench.playout.end("live.1" as AiringId, "itself")).toThrow(
      expect.objectContaining({ kind: "not-found" }),
    );
  });

  test("a live session does not outlive the daemon", async () => {
    using bench = new PlayoutBench([]);
    bench.playout.begin(live(bench));
    await bench.kill(1_000);
    await bench.clock.advance(1_000);
    expect(bench.airings.get("live.1" as AiringId)).toMatchObject({ state: "ended", endedBy: "itself" });
  });

  test("an emergency goes on after a restart, without a second order", async () => {
    using bench = new PlayoutBench([]);
    const at = bench.clock.now();
    bench.playout.begin({
      ...live(bench),
      id: "emergency.1" as AiringId,
      kind: "emergency",
      level: 850,
      targets: { type: "everywhere" },
      source: { type: "files", parts: [part(20_000)], offsetMs: 0 },
      at,
      until: epochMs(at + HOUR_MS),
      repeatEveryMs: 5 * MINUTE_MS,
    });
    await bench.kill(MINUTE_MS);
    await bench.clock.advance(MINUTE_MS);
    expect(bench.sent).toEqual(["play emergency.1 at +0s to all"]);
    expect(bench.airings.onAir().map(({ id }) => id)).toEqual(["emergency.1"]);
  });

  test("nobody to hear it is refused in words", () => {
    using bench = new PlayoutBench([]);
    bench.zones.length = 0;
    expect(() => bench.playout.begin(live(bench))).toThrow(
      expect.objectContaining({ kind: "not-found", field: "targets" }),
    );
  });
});

test("a relay is pulled a minute ahead", async () => {
  using bench = new PlayoutBench([slot({ id: "vov", level: 300, startTime: "17:02:00" })], BEFORE_FIVE);
  await bench.clock.advance(119_000);
  expect(bench.sent).toEqual([]);
  await bench.clock.advance(2_000);
  expect(bench.sent).toEqual(["pull vov.2026-11-24"]);
});

test("a relay taken off the calendar before its minute is no longer pulled", async () => {
  using bench = new PlayoutBench([slot({ id: "vov", level: 300, startTime: "17:02:00" })], BEFORE_FIVE);
  await bench.clock.advance(125_000);
  bench.slots = [];
  bench.playout.changed();
  await bench.clock.advance(90_000);
  expect(bench.sent.filter((line) => !line.startsWith("pull"))).toEqual(["let go vov.2026-11-24"]);
});
