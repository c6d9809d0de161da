import { access, writeFile } from "node:fs/promises";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { RelayOrder, Relays } from "../../src/broadcast/playout-orders.ts";
import { openRelays, RELAY_RATE_HZ, type RelayParts } from "../../src/broadcast/relay.ts";
import { silentFrames } from "../../src/broadcast/streams/mp3-frames.ts";
import { Streams } from "../../src/broadcast/streams/streams.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { epochMs, MINUTE_MS, SECOND_MS } from "../../src/kernel/time.ts";
import { encodeLive } from "../../src/media/encode-live.ts";
import { pullAudio } from "../../src/media/pull.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { RecordingLog } from "../support/recording-log.ts";
import { decoded, loudest, tempDir, tools, toneMp3, until } from "./streams/support.ts";

let dir: Awaited<ReturnType<typeof tempDir>>;
beforeAll(async () => {
  dir = await tempDir();
});
afterAll(() => dir[Symbol.asyncDispose]());

const START = 10 * MINUTE_MS;
const RELAYED = 1_000;
const FALLBACK = 2_000;
const CHIME = 3_000;

describe("a relay whose source", () => {
  let clock: FakeClock;
  let relays: Relays & AsyncDisposable;
  /** What the source gives at present. */
  let source: "sound" | "silence" | "nothing" | "error";
  let steps: string[];
  /** What went into the encoder, by its level, each second: r, f, c or . for silence. */
  let aired: string;
  let pulls: number;

  function piece(level: number, durationMs = 100): Buffer {
    return Buffer.from(new Int16Array((durationMs * RELAY_RATE_HZ) / 1_000).fill(level).buffer);
  }

  async function* pull(_address: string, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    pulls += 1;
    while (await clock.sleep(100, signal)) {
      if (source === "error") throw new Error("connection refused");
      if (source !== "nothing") yield piece(source === "sound" ? RELAYED : 20);
    }
  }

  async function* decode(path: string, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    await Promise.resolve();
    const seconds = path.includes("short") ? 5 : 600;
    for (let second = 0; second < seconds && !signal.aborted; second += 1) yield piece(FALLBACK, 1_000);
  }

  async function* encode({ input }: { input: AsyncIterable<Uint8Array> }): AsyncGenerator<Uint8Array> {
    let pieces = 0;
    for await (const pcm of input) {
      const level = Math.abs(Buffer.from(pcm).readInt16LE(0));
      if (pieces % 10 === 0)
        aired += level === RELAYED ? "r" : level === FALLBACK ? "f" : level === CHIME ? "c" : ".";
      pieces += 1;
      yield silentFrames({ kbps: 64, sampleRateHz: 44_100 }, 100).bytes;
    }
  }

  function open(more: Partial<RelayParts> = {}): Relays & AsyncDisposable {
    const streams = new Streams({ clock, boxes: () => [] });
    return openRelays({
      clock,
      log: new RecordingLog(),
      streams: () => streams,
      pull,
      decode,
      encode,
      chime: { samples: new Int16Array(2 * RELAY_RATE_HZ).fill(CHIME), sampleRateHz: RELAY_RATE_HZ },
      fileOf: (id) => (id === "gone" ? undefined : `/audio/${id}`),
      onStep: ({ step }) => steps.push(`${step} at ${Math.round((clock.now() - START) / SECOND_MS)} s`),
      kbps: 64,
      recordingsDir: undefined,
      ...more,
    });
  }

  function order(more: Partial<RelayOrder> = {}): RelayOrder {
    return {
      airing: "relay-1",
      title: "Tiếp âm",
      address: "http://127.0.0.1/vov",
      fallbackAudioId: undefined,
      at: epochMs(START),
      until: epochMs(START + 2 * MINUTE_MS),
      ...more,
    };
  }

  async function pass(sec: number): Promise<void> {
    for (let tenth = 0; tenth < sec * 10; tenth += 1) await clock.advance(100);
  }

  beforeEach(() => {
    clock = new FakeClock(START - 20 * SECOND_MS);
    source = "sound";
    steps = [];
    aired = "";
    pulls = 0;
    relays = open();
  });
  afterEach(async () => {
    const closing = relays[Symbol.asyncDispose]();
    await pass(1);
    await closing;
  });

  test("is well is heard before its instant, sounds from it and ends at its time", async () => {
    const { path } = relays.start(order());
    expect(path).toBe("/stream/relay-1");
    expect(relays.start(order()).path).toBe(path);
    await pass(16);
    expect(aired).toBe("");
    await pass(20 - 16 + 121);
    expect(steps).toEqual(["ready at -16 s", "ended at 120 s"]);
    expect(aired).toMatch(/^r{122,124}$/);
    expect(pulls).toBe(1);
  });

  test("stutters is bridged, without any step", async () => {
    relays.start(order());
    await pass(30);
    source = "nothing";
    await pass(6);
    source = "sound";
    await pass(20);
    expect(steps).toEqual(["ready at -16 s"]);
    expect(aired).toMatch(/^r+\.{1,7}r+$/);
  });

  test.each([
    ["hangs", "nothing", "dead", 10],
    ["breaks off", "error", "dead", 10],
    ["falls silent", "silence", "silent", 15],
  ] as const)(
    "%s is replaced by the fallback, and taken back when it has been well",
    async (_name, fault, step, afterSec) => {
      relays.start(order({ fallbackAudioId: "music" }));
      await pass(30);
      source = fault;
      await pass(30);
      const [, replaced = ""] = steps;
      expect(replaced).toMatch(new RegExp(`^${step} at `));
      const replacedAt = Number(/\d+/.exec(replaced)?.[0]);
      expect(replacedAt).toBeGreaterThanOrEqual(10 + afterSec);
      // What is buffered sounds first.
      expect(replacedAt).toBeLessThanOrEqual(10 + afterSec + 2);
      expect(aired.endsWith("ff")).toBe(true);
      source = "sound";
      await pass(20);
      expect(steps[2]).toMatch(/^back at /);
      const backAt = Number(/\d+/.exec(steps[2] ?? "")?.[0]);
      expect(backAt).toBeGreaterThanOrEqual(50);
      expect(backAt).toBeLessThanOrEqual(57);
      expect(aired.endsWith("rr")).toBe(true);
    },
  );

  test("is dead before its instant is replaced from the first second", async () => {
    source = "error";
    relays.start(order({ fallbackAudioId: "music" }));
    await pass(30);
    expect(steps).toEqual(["not-ready at -3 s", "dead at -3 s"]);
    expect(aired).toMatch(/^\.?f+$/);
    expect(pulls).toBeGreaterThan(3);
  });

  test.each([
    ["there is nothing to play instead", undefined],
    ["the chosen recording is gone", "gone"],
  ])("is dead ends with the chime when %s", async (_name, fallbackAudioId) => {
    relays.start(order({ fallbackAudioId }));
    await pass(30);
    source = "nothing";
    await pass(20);
    expect(steps.map((step) => step.replace(/ at.*/, ""))).toEqual(["ready", "giving-up", "gave-up"]);
    expect(aired).toMatch(/^r+\.{9,11}c{1,3}$/);
  });

  test("is dead ends with the chime after a fallback that is short: nothing plays for ever", async () => {
    relays.start(order({ fallbackAudioId: "short" }));
    await pass(30);
    source = "nothing";
    await pass(30);
    expect(steps.map((step) => step.replace(/ at.*/, ""))).toEqual(["ready", "dead", "giving-up", "gave-up"]);
    expect(aired).toMatch(/^r+\.{9,11}f{5,6}c{1,3}$/);
  });

  test("went well is kept, and played when it fails the next time", async () => {
    const fallbacks: string[] = [];
    relays = open({
      recordingsDir: dir.path,
      decode: (path, signal) => {
        fallbacks.push(path);
        return decode(path, signal);
      },
    });
    relays.start(order());
    await pass(150);
    await until(
      () =>
        access(join(dir.path, "relay-1.part")).then(
          () => false,
          () => true,
        ),
      "renamed",
    );
    source = "nothing";
    relays.start(
      order({ airing: "relay-2", at: epochMs(clock.now()), until: epochMs(clock.now() + MINUTE_MS) }),
    );
    await pass(5);
    await until(async () => {
      await pass(1);
      return fallbacks.length > 0;
    }, "fallback");
    expect(fallbacks[0]).toMatch(/relay-[0-9a-f]{16}\.mp3$/);
  });

  test("is stopped ends at once, and its end can be moved while it lasts", async () => {
    relays.start(order());
    await pass(30);
    relays.start(order({ until: epochMs(START + 30 * SECOND_MS) }));
    await pass(21);
    expect(steps.at(-1)).toBe("ended at 30 s");
    relays.start(order({ airing: "relay-2", at: epochMs(clock.now()) }));
    await pass(5);
    const before = aired.length;
    relays.stop("relay-2");
    relays.stop("nobody");
    await pass(5);
    expect(aired.length).toBe(before);
  });
});

describe("a real source", () => {
  let tone: Buffer;
  const servers: Server[] = [];

  beforeAll(async () => {
    tone = await toneMp3({ hz: 500, durationMs: 20_000 });
  });
  afterEach(() => {
    for (const server of servers.splice(0)) {
      server.close();
      server.closeAllConnections();
    }
  });

  async function serve(answer: RequestListener): Promise<string> {
    const server = createServer(answer);
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  async function pulled(address: string, stalledAfterMs = 10_000): Promise<Buffer> {
    const pieces: Uint8Array[] = [];
    const signal = AbortSignal.timeout(25_000);
    for await (const piece of pullAudio(tools, { address, sampleRateHz: 44_100, stalledAfterMs }, signal)) {
      pieces.push(piece);
      if (pieces.reduce((sum, { length }) => sum + length, 0) > 88_200) break;
    }
    return Buffer.concat(pieces);
  }

  test("is pulled as sound", async () => {
    const address = await serve((_request, response) => {
      response.writeHead(200, { "Content-Type": "audio/mpeg" });
      response.write(tone);
    });
    const sound = await pulled(`${address}/live.mp3`);
    expect(loudest(new Int16Array(sound.buffer, sound.byteOffset, 40_000))).toBeGreaterThan(10_000);
  });

  test("may be an HLS playlist", async () => {
    const address = await serve((request, response) => {
      if (request.url === "/seg.mp3") response.end(tone);
      else {
        response.writeHead(200, { "Content-Type": "application/vnd.apple.mpegurl" });
        response.end("#EXTM3U\n#EXT-X-TARGETDURATION:20\n#EXTINF:20,\nseg.mp3\n#EXT-X-ENDLIST\n");
      }
    });
    expect((await pulled(`${address}/vov.m3u8`)).length).toBeGreaterThan(80_000);
  });

  test("that leads into our own files gives nothing of them", async () => {
    const secret = join(dir.path, "secret.mp3");
    await writeFile(secret, tone);
    const address = await serve((_request, response) => {
      response.writeHead(200, { "Content-Type": "application/vnd.apple.mpegurl" });
      response.end(`#EXTM3U\n#EXT-X-TARGETDURATION:20\n#EXTINF:20,\nfile://${secret}\n#EXT-X-ENDLIST\n`);
    });
    const outcome = await pulled(`${address}/evil.m3u8`, 3_000).catch((error: unknown) => error);
    expect(outcome instanceof Error || (outcome instanceof Buffer && outcome.length === 0)).toBe(true);
  });

  test.each([
    "file:///etc/passwd",
    "concat:a|b",
    "rtmp://x/y",
    "not an address",
    `http://x/${"a".repeat(3_000)}`,
  ])("can't be %s", async (address) => {
    await expect(pulled(address)).rejects.toMatchObject({ kind: "invalid", field: "address" });
  });

  test("that accepts and sends nothing is given up, by name", async () => {
    const address = await serve(() => undefined);
    await expect(pulled(`${address}/x`, 500)).rejects.toMatchObject({ kind: "timeout" });
  });

  test.each([
    ["is not there", 404, "no"],
    ["is no sound", 200, "<html>not a radio station</html>".repeat(200)],
  ])("that %s is a fault", async (_name, status, body) => {
    const address = await serve((_request, response) => {
      response.writeHead(status).end(body);
    });
    await expect(pulled(`${address}/x`)).rejects.toMatchObject({ name: "Fault" });
  });

  test("that hangs is replaced on the air by the fallback, through real encoders", async () => {
    const address = await serve(() => undefined);
    const streams = new Streams({ clock: systemClock, boxes: () => [] });
    const file = join(dir.path, "fallback.mp3");
    await writeFile(file, tone);
    const steps: string[] = [];
    await using relays = openRelays({
      clock: systemClock,
      log: new RecordingLog(),
      streams: () => streams,
      pull: (source, signal) =>
        pullAudio(tools, { address: source, sampleRateHz: RELAY_RATE_HZ, stalledAfterMs: 500 }, signal),
      decode: async function* (path, signal) {
        // A file stands in for the media floor's decoder, which has its own tests.
        await Promise.resolve();
        signal.throwIfAborted();
        expect(path).toBe(file);
        yield Buffer.from((await decoded(tone)).buffer);
      },
      encode: (order, signal) => encodeLive(tools, { ...order, channels: 1 }, signal),
      chime: { samples: new Int16Array(RELAY_RATE_HZ), sampleRateHz: RELAY_RATE_HZ },
      fileOf: () => file,
      onStep: ({ step, cause }) => steps.push(`${step}: ${cause?.en ?? ""}`),
      kbps: 64,
      recordingsDir: undefined,
      limits: { deadAfterMs: 1_000 },
    });
    const now = systemClock.now();
    relays.start({
      airing: "real",
      title: "",
      address,
      fallbackAudioId: "music",
      at: epochMs(now + 1_000),
      until: epochMs(now + 60_000),
    });
    await until(() => steps.some((step) => step.startsWith("dead: 127.0.0.1")), "replaced, and said why");
    relays.stop("real");
  });
});
