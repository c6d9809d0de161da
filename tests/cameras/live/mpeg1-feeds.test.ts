import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { newLiveChannel, type LiveChannel } from "../../../src/cameras/live/channel.ts";
import { openMpeg1Feeds, type Mpeg1Feeds, type Mpeg1Viewer } from "../../../src/cameras/live/mpeg1-feeds.ts";
import { text } from "../../../src/kernel/text.ts";
import { findMediaTools } from "../../../src/media/tools.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { makeLivePieces, type LivePieces } from "../../support/live-pieces.ts";
import { openMadeFiles, type MadeFiles } from "../../support/made-files.ts";
import { RecordingLog } from "../../support/recording-log.ts";
import { until } from "../../support/until.ts";
import { GATE } from "../camera-house.ts";

let files: MadeFiles;
let pieces: LivePieces;
let clock: FakeClock;
let log: RecordingLog;
let source: LiveChannel;
let joins: number;
let feeds: Mpeg1Feeds;

beforeAll(async () => {
  files = await openMadeFiles();
  pieces = await makeLivePieces(files, "pieces.mp4", { seconds: 4 });
});
afterAll(() => files[Symbol.asyncDispose]());

beforeEach(() => {
  clock = new FakeClock();
  log = new RecordingLog();
  joins = 0;
  source = newLiveChannel({ clock, whyNot: () => text("away", "vắng"), maxGroupBytes: 1_048_576 });
  source.begin();
  source.push(pieces.init);
  for (const fragment of pieces.fragments.slice(0, 4)) source.push(fragment);
});
afterEach(() => feeds[Symbol.asyncDispose]());

function open(ffmpeg: string): void {
  feeds = openMpeg1Feeds({ ffmpeg, clock, log, maxFeeds: 1 });
}

class Viewer implements Mpeg1Viewer {
  readonly seen: string[] = [];
  bytes = 0;
  buffered = 0;
  bufferedBytes(): number {
    return this.buffered;
  }
  data({ length }: Uint8Array): void {
    this.bytes += length;
  }
  dropped(count: number): void {
    this.seen.push(`dropped ${count > 0 ? "some" : "none"}`);
  }
  waiting(said: { readonly en: string }): void {
    this.seen.push(`waiting: ${said.en}`);
  }
}

function join(): Viewer & Disposable {
  const viewer = new Viewer();
  const leave = feeds.join(
    GATE,
    (inner) => {
      joins += 1;
      return source.join(inner);
    },
    viewer,
  );
  return Object.assign(viewer, { [Symbol.dispose]: () => leave[Symbol.dispose]() });
}

function goOn(): void {
  for (const fragment of pieces.fragments.slice(4)) source.push(fragment);
}

describe("a conversion", () => {
  it("is one for all who watch, and ends with the last of them", async () => {
    open(findMediaTools().ffmpeg);
    const [one, other] = [join(), join()];
    goOn();
    await until("both see something", () => one.bytes > 0 && other.bytes > 0);
    expect([joins, feeds.running]).toEqual([1, 1]);
    one[Symbol.dispose]();
    expect(feeds.running).toBe(1);
    other[Symbol.dispose]();
    other[Symbol.dispose]();
    expect([feeds.running, source.viewers]).toEqual([0, 0]);
  });

  it("leaves out what a slow viewer can't take, and tells it when it goes on", async () => {
    open(findMediaTools().ffmpeg);
    const [slow, quick] = [join(), join()];
    slow.buffered = 3 * 1_048_576;
    goOn();
    await until("the quick one sees something", () => quick.bytes > 0);
    expect(slow.bytes).toBe(0);
    slow.buffered = 0;
    await until("the slow one goes on", () => {
      goOn();
      return slow.bytes > 0;
    });
    expect(slow.seen).toEqual(["dropped some"]);
  });

  it("says why there is no picture, to who joins later as well", () => {
    open(findMediaTools().ffmpeg);
    const first = join();
    source.end();
    expect(first.seen).toEqual(["waiting: away"]);
    expect(join().seen).toEqual(["waiting: away"]);
  });

  it("that always fails is tried ever more rarely, and complained of once", async () => {
    open("/nowhere/ffmpeg");
    join();
    for (const pauseMs of [2_000, 4_000, 8_000, 16_000]) {
      const before = joins;
      // The program's failure to start is told by the system a moment later.
      await until("it is tried again", async () => {
        await clock.advance(pauseMs / 4);
        return joins > before;
      });
    }
    expect(log.lines).toEqual(["warn conversion to MPEG-1 has ended; starting it again"]);
    const waited = clock.uptime() - 1_000;
    expect(waited).toBeGreaterThanOrEqual(30_000);
  });
});
