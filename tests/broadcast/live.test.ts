import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  LINE_LOST,
  newMicrophoneBuffer,
  openLiveDesk,
  type LiveDesk,
  type LiveEnd,
  type LiveEvent,
  type LiveParts,
} from "../../src/broadcast/live.ts";
import { Streams } from "../../src/broadcast/streams/streams.ts";
import { silentFrames } from "../../src/broadcast/streams/mp3-frames.ts";
import { Fault } from "../../src/kernel/faults.ts";
import { text } from "../../src/kernel/text.ts";
import { MINUTE_MS } from "../../src/kernel/time.ts";
import { AiringId } from "../../src/speakers/protocol.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { RecordingLog } from "../support/recording-log.ts";
import { tempDir } from "./streams/support.ts";

const CHIME_MS = 1_000;
const SPEECH = pcm(20, 8_000);
const HUSH = pcm(20, 40);

let dir: Awaited<ReturnType<typeof tempDir>>;
beforeAll(async () => {
  dir = await tempDir();
});
afterAll(() => dir[Symbol.asyncDispose]());

let clock: FakeClock;
let streams: Streams;
let events: LiveEvent[];
let ended: string[];
let encoded: Buffer[];
let desk: LiveDesk;
let stopping: AbortController;
let refusal: Fault | undefined;

beforeEach(() => {
  clock = new FakeClock(1_000_000);
  streams = new Streams({ clock, boxes: () => [] });
  events = [];
  ended = [];
  encoded = [];
  stopping = new AbortController();
  refusal = undefined;
  desk = openLiveDesk(parts({ limits: { longestMs: MINUTE_MS } }));
});

/** An encoder that gives one frame of silence per piece, and keeps what it was fed. */
async function* encode({ input }: { input: AsyncIterable<Uint8Array> }): AsyncGenerator<Uint8Array> {
  for await (const piece of input) {
    encoded.push(Buffer.from(piece));
    yield silentFrames({ kbps: 64, sampleRateHz: 44_100 }, 26).bytes;
  }
}

function parts(more: Partial<LiveParts> = {}): LiveParts {
  return {
    clock,
    log: new RecordingLog(),
    streams,
    encode,
    chime: { samples: new Int16Array((CHIME_MS * 44_100) / 1_000).fill(12_000), sampleRateHz: 44_100 },
    begin: ({ airing, level }) => {
      if (refusal !== undefined) throw refusal;
      return { end: (reason) => ended.push(`${airing} at ${level}: ${reason}`) };
    },
    reach: (targets) => (targets.type === "everywhere" ? ["loa-1", "loa-2"] : targets.speakers),
    recordingsDir: dir.path,
    kbps: 64,
    ...more,
  };
}

interface Talk {
  readonly ended: Promise<LiveEnd>;
  readonly hangUp: AbortController;
  /** Time passes, and every 20 ms of it the microphone gives this; undefined: nothing. */
  pass(durationMs: number, sound?: Buffer): Promise<void>;
}

function talk(airing = "live-1", speakers?: readonly string[]): Talk {
  const sound = newMicrophoneBuffer();
  const hangUp = new AbortController();
  const microphone = { sound, closed: hangUp.signal, tell: (event: LiveEvent) => events.push(event) };
  const targets =
    speakers === undefined
      ? ({ type: "everywhere" } as const)
      : ({ type: "some", hamlets: [], speakers } as const);
  const order = { airing: AiringId.parse(airing), title: "Trực tiếp", targets, by: "Lan", microphone };
  const session = desk.start(order, stopping.signal);
  // Its end is looked at later.
  session.catch(() => undefined);
  return {
    ended: session,
    hangUp,
    async pass(durationMs, piece) {
      for (let atMs = 0; atMs < durationMs; atMs += 20) {
        if (piece !== undefined) sound.push(piece);
        await clock.advance(20);
      }
    },
  };
}

describe("a live session", () => {
  test("sounds the chime, then the voice, and ends when the microphone is closed", async () => {
    const session = talk();
    await session.pass(CHIME_MS + 200, SPEECH);
    await session.pass(2_000, SPEECH);
    session.hangUp.abort();
    const end = await session.ended;
    expect(end.reason).toBe("hung-up");
    expect(ended).toEqual(["live-1 at 700: hung-up"]);
    const sound = Buffer.concat(encoded);
    expect(sound.readInt16LE(0)).toBe(12_000);
    expect(sound.readInt16LE(sound.length - 2)).not.toBe(12_000);
    expect(sound.length / 32).toBeGreaterThan(CHIME_MS + 1_900);
    expect(events.slice(0, 1)).toMatchObject([{ type: "chime", speakers: 2, until: 1_060_000 }]);
    expect(events.some(({ type }) => type === "on-air")).toBe(true);
    const levels = events.flatMap((event) => (event.type === "level" ? event.dbfs : []));
    expect(Math.max(...levels)).toBeCloseTo(-12.2, 0);
    expect(streams.programme("live-1")).toBeUndefined();
  });

  test("is recorded as it was sent", async () => {
    const session = talk("live-rec");
    await session.pass(2_000, SPEECH);
    session.hangUp.abort();
    const { recording } = await session.ended;
    const kept = await readFile(recording?.path ?? "");
    expect(kept.length).toBe(recording?.bytes);
    expect(kept.length).toBe(
      encoded.length * silentFrames({ kbps: 64, sampleRateHz: 44_100 }, 26).bytes.length,
    );
  });

  test("goes on without a recording when there is no place for one", async () => {
    const file = join(dir.path, "no-folder");
    await writeFile(file, "");
    desk = openLiveDesk(parts({ recordingsDir: file }));
    const session = talk();
    await session.pass(2_000, SPEECH);
    session.hangUp.abort();
    expect(await session.ended).toMatchObject({ reason: "hung-up", recording: undefined });
  });

  test("bridges a short gap with silence", async () => {
    const session = talk();
    await session.pass(CHIME_MS + 1_000, SPEECH);
    await session.pass(1_500);
    await session.pass(1_000, SPEECH);
    session.hangUp.abort();
    expect((await session.ended).reason).toBe("hung-up");
    expect(Buffer.concat(encoded).includes(Buffer.alloc(32_000))).toBe(true);
  });

  test.each<[string, string, (session: Talk) => void | Promise<void>]>([
    ["the line gives nothing for more than 2 s", "line-lost", (session: Talk) => session.pass(2_500)],
    ["nobody speaks for 30 s", "silent", (session: Talk) => session.pass(31_000, HUSH)],
    ["its longest time is over", "too-long", (session: Talk) => session.pass(MINUTE_MS, SPEECH)],
    ["someone stops it", "stopped", () => desk.stop("live-1")],
    ["everything is stopped", "stopped", () => desk.stopAll()],
    ["the daemon stops", "shutdown", () => stopping.abort()],
    ["its socket dies", "line-lost", (session: Talk) => session.hangUp.abort(LINE_LOST)],
  ])("ends when %s", async (_name, reason, happen) => {
    const session = talk();
    await session.pass(CHIME_MS + 500, SPEECH);
    await happen(session);
    const end = await session.ended;
    expect(end.reason).toBe(reason);
    expect(end.said.vi).not.toBe("");
    expect(ended).toEqual([`live-1 at 700: ${reason}`]);
    expect(desk.current()).toEqual([]);
  });

  test("warns before it ends by itself", async () => {
    desk = openLiveDesk(parts({ limits: { longestMs: 40_000 } }));
    const session = talk();
    await session.pass(CHIME_MS + 500, SPEECH);
    await session.pass(26_000, HUSH);
    await session.pass(13_000, SPEECH);
    await session.ended;
    const warned = events.flatMap((event) =>
      event.type === "silence" || event.type === "time-left" ? `${event.type} ${event.secondsLeft}` : [],
    );
    expect(warned).toContain("silence 15");
    expect(warned.filter((line) => line.startsWith("time-left"))).toEqual(
      [30, 10, 5, 4, 3, 2, 1].map((left) => `time-left ${left}`),
    );
  });

  test("does not begin where somebody speaks already, and says who", async () => {
    const first = talk("live-1", ["loa-1", "loa-2"]);
    await first.pass(100, SPEECH);
    await expect(talk("live-2", ["loa-2", "loa-3"]).ended).rejects.toMatchObject({
      kind: "conflict",
      field: "targets",
    });
    await expect(talk("live-3", ["loa-2"]).ended).rejects.toThrow("Lan is already speaking live");
    const elsewhere = talk("live-4", ["loa-3"]);
    await elsewhere.pass(100, SPEECH);
    expect(desk.current().map(({ airing }) => airing)).toEqual(["live-1", "live-4"]);
    desk.stopAll();
    await Promise.all([first.ended, elsewhere.ended]);
  });

  test("that may not sound now leaves nothing on air", async () => {
    refusal = new Fault("rejected", text("quiet hours", "khung giờ yên tĩnh"));
    await expect(talk().ended).rejects.toBe(refusal);
    expect([desk.current(), streams.programme("live-1"), ended]).toEqual([[], undefined, []]);
  });

  test("whose encoder fails ends with the reason of the failure", async () => {
    const broken = new Fault("unavailable", "ffmpeg is not installed");
    desk = openLiveDesk(
      parts({
        async *encode() {
          await Promise.resolve();
          throw broken;
        },
      }),
    );
    const session = talk();
    await session.pass(200, SPEECH);
    await expect(session.ended).rejects.toBe(broken);
    expect(ended).toEqual(["live-1 at 700: failed"]);
  });

  test("that is not there can't be stopped", () => {
    expect(() => desk.stop("live-9")).toThrow("There is no live broadcast live-9");
  });
});

function pcm(durationMs: number, level: number): Buffer {
  const samples = Int16Array.from({ length: durationMs * 16 }, (_, n) => (n % 2 === 0 ? level : -level));
  return Buffer.from(samples.buffer);
}
