import { expect, test } from "vitest";
import { runTogether } from "../../src/kernel/run-together.ts";
import { openDatabase } from "../../src/store/database.ts";
import { migrate } from "../../src/store/migrate.ts";
import { openOutbox, OUTBOX_SCHEMA } from "../../src/store/outbox.ts";
import {
  LEVEL,
  PlayOrder,
  Receipt,
  type AiringId,
  type AudioFile,
  type Sha256,
} from "../../src/speakers/protocol.ts";
import { openBook, RECEIPT_STREAM, type Book } from "../../src/agent/book.ts";
import { openFileVoice } from "../../src/agent/file-voice.ts";
import { newHallTime } from "../../src/agent/hall-time.ts";
import { newMixer } from "../../src/agent/mixer.ts";
import type { Output } from "../../src/agent/output.ts";
import { newPlayer, type Player } from "../../src/agent/player.ts";
import { newStarter } from "../../src/agent/starter.ts";
import { AGENT_SCHEMA, openAgentStore } from "../../src/agent/store.ts";
import { RecordingLog } from "../support/recording-log.ts";
import { StallingClock } from "../support/stalling-clock.ts";

const START = 1_800_000_000_000;
const SECOND = 1_000;
/** Longer than the silence within a fade. */
const PAUSE_MS = 50;

interface Stage {
  readonly clock: StallingClock;
  readonly book: Book;
  readonly player: Player;
  /** Takes an order for ten seconds of sound, `atMs` after the curtain. */
  readonly add: (airing: string, atMs: number, changes?: Partial<PlayOrder>) => void;
  readonly receipts: () => string[];
  /** `0.0-2.0 at 5.0`: the first two seconds of its sound left five seconds after the curtain. */
  readonly heard: (airing: string) => string;
}

/** Sound whose samples tell where in it they lie: its tenths of a second, counted from 1. */
async function* tellTale(_sha256: Sha256, offsetMs: number): AsyncGenerator<Int16Array> {
  for (let ms = offsetMs; ms < 10_000; ms += 10) {
    const chunk = new Int16Array(441);
    yield await Promise.resolve(chunk.map((_, index) => 1 + Math.floor((ms + index / 44.1) / 100)));
  }
}

/** Everything but the hall and the disk, on a clock that only moves when told. */
async function onStage(work: (stage: Stage) => Promise<void>): Promise<void> {
  const clock = new StallingClock(START);
  const curtainUptime = clock.uptime();
  using database = openDatabase(":memory:");
  migrate(database, [OUTBOX_SCHEMA, AGENT_SCHEMA]);
  const outbox = openOutbox(database);
  const log = new RecordingLog();
  const book = openBook({ database, store: openAgentStore(database), outbox, log });
  const hallTime = newHallTime({ clock, mode: "system", storedOffsetMs: 0 });
  const left: { airing: string; atMs: number; sample: number }[] = [];
  const output: Output = {
    leadMs: 0,
    latencyMs: 0,
    wake: () => undefined,
    rest: () => undefined,
    write: ({ leavesAt, voices }) => {
      for (const { airing, samples } of voices)
        samples.forEach((sample, index) =>
          left.push({ airing, atMs: leavesAt - curtainUptime + index / 44.1, sample }),
        );
      return true;
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  const mixer = newMixer({ clock, output, firstLeftAt: () => undefined });
  const starter = newStarter({
    clock,
    hallTime,
    mixer,
    volumePercent: () => 100,
    openFileVoice: (order) => openFileVoice(order, { log, decode: tellTale }),
    openStreamVoice: () => {
      throw new Error("no streams on this stage");
    },
    playable: ({ spec }) =>
      spec.source.type === "files" ? spec.source.parts.flatMap(({ files }) => files) : [],
    aheadMs: 0,
  });
  const player = newPlayer({
    clock,
    hallTime,
    book,
    starter,
    bars: () => ({ holdUntil: 0, quiet: { timeZone: "UTC", windows: [] } }),
    beforeLook: () => undefined,
    isPlayable: () => true,
    fileReason: () => "file-missing",
    onChange: () => undefined,
  });
  const stopping = new AbortController();
  const running = runTogether(
    [(signal) => mixer.run(signal), (signal) => player.run(signal)],
    stopping.signal,
  );
  const add: Stage["add"] = (airing, atMs, changes = {}) => {
    const files = [{ sha256: "a".repeat(64), bytes: 1, kbps: 64, sampleRateHz: 44_100 } as AudioFile];
    const at = START + atMs;
    const spec = {
      kind: "play",
      airing: airing as AiringId,
      level: LEVEL.programme,
      at,
      until: at + 60 * SECOND,
      source: { type: "files", parts: [{ durationMs: 10 * SECOND, files }], offsetMs: 0 },
      afterPreempt: "resume",
      ...changes,
    };
    book.takeOrder(PlayOrder.parse(spec), clock.now());
    player.refresh();
  };
  const receipts = (): string[] =>
    outbox.pending(RECEIPT_STREAM, 100).map(({ payload }) => {
      const { airing, outcome, reason, playedMs } = Receipt.parse(JSON.parse(payload));
      return `${airing} ${outcome} ${reason ?? "-"} ${(playedMs / SECOND).toFixed(1)}`;
    });
  const heard: Stage["heard"] = (airing) => {
    const stretches: { from: number; to: number; at: number; lastAt: number }[] = [];
    for (const { atMs, sample } of left.filter((entry) => entry.airing === airing && entry.sample !== 0)) {
      const open = stretches.at(-1);
      if (open === undefined || atMs - open.lastAt > PAUSE_MS) {
        stretches.push({ from: sample, to: sample, at: atMs, lastAt: atMs });
        continue;
      }
      // A fade lowers what the samples say, so that a stretch seems to end where its fade begins.
      open.to = Math.max(open.to, sample);
      open.lastAt = atMs;
    }
    return stretches
      .map(
        ({ from, to, at }) =>
          `${((from - 1) / 10).toFixed(1)}-${(to / 10).toFixed(1)} at ${(at / SECOND).toFixed(1)}`,
      )
      .join(", ");
  };
  await work({ clock, book, player, add, receipts, heard });
  stopping.abort();
  await running;
}

test("plays at its time to its end, and writes one receipt", () =>
  onStage(async ({ clock, add, heard, receipts }) => {
    add("news", 5 * SECOND);
    await clock.advance(20 * SECOND);
    expect(heard("news")).toBe("0.0-10.0 at 5.0");
    expect(receipts()).toEqual(["news played - 10.0"]);
  }));

test("joins late where it should be", () =>
  onStage(async ({ clock, add, heard, receipts }) => {
    add("news", -4 * SECOND);
    await clock.advance(20 * SECOND);
    expect(heard("news")).toBe("4.4-10.0 at 0.4");
    expect(receipts()).toEqual(["news partial late 5.6"]);
  }));

test.each([
  ["resume", "0.0-2.8 at 5.0, 3.0-10.0 at 18.0", "news played - 10.0"],
  ["restart", "0.0-2.8 at 5.0, 0.0-10.0 at 18.0", "news played - 13.0"],
  ["drop", "0.0-2.8 at 5.0", "news partial preempted 3.0"],
] as const)("what is cut off at a known time fades before it: %s", (afterPreempt, sound, receipt) =>
  onStage(async ({ clock, add, heard, receipts }) => {
    add("news", 5 * SECOND, { afterPreempt });
    add("alarm", 8 * SECOND, { level: LEVEL.communeEmergency });
    await clock.advance(40 * SECOND);
    expect(heard("news")).toBe(sound);
    expect(heard("alarm")).toBe("0.0-10.0 at 8.0");
    expect(receipts()).toContain(receipt);
  }),
);

test("an interrupted interruption: each resumes in its turn", () =>
  onStage(async ({ clock, add, receipts }) => {
    add("news", 1 * SECOND);
    add("notice", 3 * SECOND, { level: LEVEL.priority });
    add("alarm", 5 * SECOND, { level: LEVEL.communeEmergency });
    await clock.advance(60 * SECOND);
    expect(receipts()).toEqual(["alarm played - 10.0", "notice played - 10.0", "news played - 10.0"]);
  }));

test("stopped before its start, it never sounds", () =>
  onStage(async ({ clock, book, player, add, heard, receipts }) => {
    add("news", 5 * SECOND);
    await clock.advance(2 * SECOND);
    const entry = book.entries.get("news" as AiringId);
    if (entry !== undefined) player.stop(entry, "stopped");
    await clock.advance(20 * SECOND);
    expect(heard("news")).toBe("");
    expect(receipts()).toEqual(["news silent stopped 0.0"]);
    add("news", 30 * SECOND);
    await clock.advance(60 * SECOND);
    expect(heard("news")).toBe("");
  }));

test.each([[3_600], [-3_600]])("a clock step of %i s does not disturb what sounds", (stepSec) =>
  onStage(async ({ clock, add, heard, receipts }) => {
    add("news", 5 * SECOND);
    await clock.advance(8 * SECOND);
    clock.step(stepSec * SECOND);
    await clock.advance(20 * SECOND);
    expect(heard("news")).toBe("0.0-10.0 at 5.0");
    expect(receipts()).toEqual(["news played clock-step 10.0"]);
  }),
);

test("repeats until its time is over", () =>
  onStage(async ({ clock, add, heard, receipts }) => {
    add("alarm", 1 * SECOND, {
      level: LEVEL.communeEmergency,
      repeatEveryMs: 15 * SECOND,
      until: START + 34 * SECOND,
    });
    await clock.advance(60 * SECOND);
    expect(heard("alarm")).toContain("0.0-10.0 at 1.0, 0.0-10.0 at 16.0, 0.0-");
    expect(receipts()).toEqual(["alarm played - 23.0"]);
  }));

test("held up for half a second when an interruption is due, it loses nothing of what it cut off", () =>
  onStage(async ({ clock, add, heard, receipts }) => {
    add("news", 5 * SECOND);
    add("alarm", 8 * SECOND, { level: LEVEL.communeEmergency });
    await clock.advance(8 * SECOND - 10);
    clock.stall(500);
    await clock.advance(40 * SECOND);
    expect(heard("news")).toBe("0.0-2.8 at 5.0, 3.0-10.0 at 18.0");
    expect(receipts()).toEqual(["alarm played - 10.0", "news played - 10.0"]);
  }));
