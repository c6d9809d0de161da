import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { localZone } from "../../../src/broadcast/rules/local-time.ts";
import { openLiveHub, type LiveHub } from "../../../src/cameras/live/hub.ts";
import type { RecordingState, StreamRole } from "../../../src/cameras/rules/model.ts";
import { Fault } from "../../../src/kernel/faults.ts";
import { epochMs, MINUTE_MS } from "../../../src/kernel/time.ts";
import type { capture, CaptureEnd, CaptureSpec } from "../../../src/media/capture.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { makeLivePieces, NotingViewer, type LivePieces } from "../../support/live-pieces.ts";
import { openMadeFiles, type MadeFiles } from "../../support/made-files.ts";
import { RecordingLog } from "../../support/recording-log.ts";
import { aCamera, GATE, MemoryCameras } from "../camera-house.ts";

/** Stands in for ffmpeg: says what it was asked, and does what the test wants. */
class ScriptedCapture {
  readonly specs: CaptureSpec[] = [];
  running = 0;
  most = 0;
  push: (bytes: Uint8Array) => void = () => undefined;
  fail: (...words: string[]) => void = () => undefined;

  readonly run: typeof capture = (spec, { onLive }, signal) => {
    this.specs.push(spec);
    this.running += 1;
    this.most = Math.max(this.most, this.running);
    return new Promise<CaptureEnd>((resolve) => {
      const end = (lastLines: readonly string[]): void => {
        this.running -= 1;
        resolve({ code: 0, killedBy: null, lastLines, pid: 1, notStarted: undefined });
      };
      this.push = (bytes) => onLive?.(bytes);
      this.fail = (...words) => end(words);
      signal.addEventListener("abort", () => end([]), { once: true });
    });
  };
}

class TwoStreams extends MemoryCameras {
  override streamUrl(id: typeof GATE, role: StreamRole = "main"): string {
    return `rtsp://admin:secret1@127.0.0.1:8554/${role === "main" ? id : "sub"}`;
  }
}

const MAIN = aCamera().streams.main;
const WITH_SUB = aCamera({
  streams: { main: MAIN, sub: { ...MAIN, codec: "h265", url: "rtsp://127.0.0.1:8554/sub" } },
});

let files: MadeFiles;
let pieces: LivePieces;
let clock: FakeClock;
let ffmpeg: ScriptedCapture;
let cameras: MemoryCameras;
let hub: LiveHub;
let state: RecordingState;
let stop: AbortController;
let running: Promise<void>;

beforeAll(async () => {
  files = await openMadeFiles();
  pieces = await makeLivePieces(files, "pieces.mp4", { seconds: 2 });
});
afterAll(() => files[Symbol.asyncDispose]());

beforeEach(() => {
  clock = new FakeClock(Date.UTC(2026, 10, 23, 2));
  ffmpeg = new ScriptedCapture();
  cameras = new TwoStreams(WITH_SUB);
  state = "recording";
  stop = new AbortController();
  hub = openLiveHub({
    cameras,
    state: () => state,
    zone: localZone("Asia/Ho_Chi_Minh"),
    clock,
    log: new RecordingLog(),
    random: () => 0.5,
    tools: { ffmpeg: "ffmpeg" },
    capture: ffmpeg.run,
    limits: { maxViewers: 5, maxMpeg1: 1 },
  });
  running = hub.run(stop.signal);
});
afterEach(async () => {
  stop.abort();
  await running;
  await hub[Symbol.asyncDispose]();
});

function watch(stream: StreamRole): NotingViewer & Disposable {
  const viewer = new NotingViewer();
  const leave = hub.watch(GATE, stream, viewer);
  return Object.assign(viewer, { [Symbol.dispose]: () => leave[Symbol.dispose]() });
}

function record(): void {
  const sink = hub.sink(GATE);
  sink.begin();
  sink.push(pieces.init);
  sink.push(pieces.fragments[0] ?? new Uint8Array());
}

describe("the main stream", () => {
  it("is what the recorder pulls anyway: nothing is started for any number of viewers", async () => {
    record();
    const viewers = [watch("main"), watch("main"), watch("main")];
    await clock.advance(1_000);
    expect(viewers.map(({ seen }) => seen)).toEqual(Array(3).fill(["init 64x48", "key"]));
    expect(ffmpeg.specs).toEqual([]);
  });

  it("stands in for a second stream the camera does not have", async () => {
    cameras.change(GATE, { streams: { main: MAIN, sub: null } });
    record();
    const viewer = watch("sub");
    await clock.advance(1_000);
    expect(viewer.seen).toEqual(["init 64x48", "key"]);
    expect(ffmpeg.specs).toEqual([]);
  });

  it.each<[RecordingState, RegExp]>([
    ["starting", /Connecting/],
    ["offline", /does not answer/],
    ["wrong-password", /refuses its password/],
    ["disk-full", /disk is full/],
  ])("says in words that a camera is %s", async (is, words) => {
    state = is;
    const viewer = watch("main");
    await clock.advance(5_000);
    expect(viewer.seen).toHaveLength(1);
    expect(viewer.seen[0]).toMatch(words);
  });

  it("gives its newest key frame for a still picture", () => {
    expect(hub.picture(GATE)).toBeUndefined();
    record();
    expect(hub.picture(GATE)?.length).toBe(pieces.init.length + (pieces.fragments[0]?.length ?? 0));
  });
});

describe("the second stream", () => {
  it("is pulled by the first viewer, once however many watch, without sound", async () => {
    const viewers = [watch("sub"), watch("sub"), watch("sub")];
    await clock.advance(100);
    ffmpeg.push(pieces.init);
    ffmpeg.push(pieces.fragments[0] ?? new Uint8Array());
    expect(ffmpeg.specs).toHaveLength(1);
    expect(ffmpeg.specs[0]).toMatchObject({ audio: false, codec: "h265", live: { fragmentMs: 250 } });
    expect(ffmpeg.specs[0]?.url).toContain("/sub");
    for (const { seen } of viewers) expect(seen.slice(1)).toEqual(["init 64x48", "key"]);
  });

  it("goes on for 15 s after the last viewer, for the one who comes back", async () => {
    const first = watch("sub");
    await clock.advance(100);
    first[Symbol.dispose]();
    await clock.advance(14_000);
    expect(ffmpeg.running).toBe(1);
    const second = watch("sub");
    await clock.advance(60_000);
    expect(ffmpeg.running).toBe(1);
    second[Symbol.dispose]();
    await clock.advance(15_100);
    expect(ffmpeg.running).toBe(0);
    expect(ffmpeg.specs).toHaveLength(1);
  });

  it("never has two sessions with the camera, however people come and go", async () => {
    for (let visit = 0; visit < 10; visit += 1) {
      const viewer = watch("sub");
      await clock.advance(100);
      viewer[Symbol.dispose]();
      await clock.advance(15_000);
      watch("sub")[Symbol.dispose]();
      await clock.advance(1_000);
    }
    expect(ffmpeg.most).toBe(1);
  });

  it("is called again, ever more patiently, when the camera goes", async () => {
    watch("sub");
    await clock.advance(100);
    for (const pauseMs of [750, 1_500, 3_000, 6_000, 11_250, 11_250]) {
      const calls = ffmpeg.specs.length;
      ffmpeg.fail("Connection refused");
      await clock.advance(pauseMs - 50);
      expect(ffmpeg.specs).toHaveLength(calls);
      await clock.advance(50);
      expect(ffmpeg.specs).toHaveLength(calls + 1);
    }
  });

  it("drops the tag that ffmpeg refuses", async () => {
    watch("sub");
    await clock.advance(100);
    ffmpeg.fail("Tag hvc1 incompatible with output codec id '27' (avc1)");
    await clock.advance(1_000);
    expect(ffmpeg.specs.map(({ codec }) => codec)).toEqual(["h265", "other"]);
  });

  it("is begun anew when the camera's address changes", async () => {
    watch("sub");
    await clock.advance(100);
    cameras.change(GATE, { user: "other" });
    await clock.advance(100);
    expect(ffmpeg.specs).toHaveLength(2);
    expect(ffmpeg.running).toBe(1);
  });
});

describe("a privacy pause", () => {
  it("hides the picture within a second, ends the second stream, and says until when", async () => {
    record();
    const [main, sub] = [watch("main"), watch("sub")];
    await clock.advance(100);
    cameras.change(GATE, { pausedUntil: epochMs(clock.now() + 10 * MINUTE_MS) });
    hub.sink(GATE).push(pieces.fragments[4] ?? new Uint8Array());
    await clock.advance(100);
    expect(main.seen.at(-1)).toBe("waiting: The camera is paused until 09:10 to protect privacy.");
    expect(sub.seen.at(-1)).toBe("waiting: The camera is paused until 09:10 to protect privacy.");
    expect(main.fragments).toHaveLength(1);
    expect(hub.picture(GATE)).toBeUndefined();
    await clock.advance(1_000);
    expect(ffmpeg.running).toBe(0);
  });

  it("ends by itself, for those who waited as well", async () => {
    cameras.change(GATE, { pausedUntil: epochMs(clock.now() + MINUTE_MS) });
    const [main, sub] = [watch("main"), watch("sub")];
    await clock.advance(MINUTE_MS + 2_000);
    record();
    expect(main.seen.at(-1)).toBe("key");
    expect(sub.seen.at(-1)).toMatch(/Waiting for the camera's picture/);
    expect(ffmpeg.running).toBe(1);
  });

  it("by schedule begins while somebody watches", async () => {
    const weekdays = [1, 2, 3, 4, 5, 6, 7];
    cameras.change(GATE, { pauseHours: [{ weekdays, fromMinute: 9 * 60 + 5, toMinute: 10 * 60 }] });
    record();
    const viewer = watch("main");
    await clock.advance(4 * MINUTE_MS);
    expect(viewer.seen.at(-1)).toBe("key");
    await clock.advance(MINUTE_MS + 1_000);
    expect(viewer.seen.at(-1)).toMatch(/paused until 10:00/);
  });

  it("is not the only reason: a camera switched off shows nothing either", async () => {
    record();
    cameras.change(GATE, { enabled: false });
    await clock.advance(100);
    expect(watch("main").seen).toEqual(["waiting: The camera is switched off in its settings."]);
  });
});

describe("too many viewers", () => {
  it("are refused with a reason, and let in when others have gone", () => {
    const five = Array.from({ length: 5 }, () => watch("main"));
    expect(() => watch("main")).toThrow(/5 live pictures are being watched already/);
    five[0]?.[Symbol.dispose]();
    five[0]?.[Symbol.dispose]();
    expect(hub.viewers).toBe(4);
    watch("main");
    expect(() => watch("main")).toThrow(Fault);
  });
});

it("knows no camera that is not there", () => {
  cameras.remove(GATE);
  expect(() => watch("main")).toThrow(Fault);
  expect(hub.viewers).toBe(0);
});
