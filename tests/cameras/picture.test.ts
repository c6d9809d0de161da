import { copyFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openPictureWatch, type PictureWatch } from "../../src/cameras/picture.ts";
import type { CameraId, PictureVerdict, Segment, Span } from "../../src/cameras/rules/model.ts";
import { openThumbnails, type Thumbnails } from "../../src/cameras/thumbnails.ts";
import { DAY_MS, epochMs, HOUR_MS, MINUTE_MS, type EpochMs } from "../../src/kernel/time.ts";
import { capture } from "../../src/media/capture.ts";
import { findMediaTools } from "../../src/media/tools.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { RecordingLog } from "../support/recording-log.ts";
import { openRtspServer, type RtspMount } from "../support/rtsp-server.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { until } from "../support/until.ts";

const DESK = "quay-1" as CameraId;
const tools = findMediaTools();
const MOUNTS = ["black", "frozen", "dim", "sub"] as const;
/** A still picture is believed after five comparisons, so six files. */
const FILES = 6;
const T = Date.UTC(2026, 10, 23, 2);

let films: ReturnType<typeof temporaryFolder>;
const recorded = new Map<RtspMount, string[]>();
let folder: ReturnType<typeof temporaryFolder>;
let listeners: Set<(segment: Segment) => void>;
let thumbnails: Thumbnails;
let clock: FakeClock;
let watch: PictureWatch;
let changed: CameraId[];
let oldestAt: number;
let erased: Span[];
let stop: AbortController;
let running: Promise<void>;

beforeAll(async () => {
  films = temporaryFolder();
  await using rtsp = await openRtspServer();
  await Promise.all(MOUNTS.map((mount) => record(mount, rtsp.url(mount))));
}, 120_000);
afterAll(() => films[Symbol.dispose]());

async function record(mount: RtspMount, url: string): Promise<void> {
  const files: string[] = [];
  recorded.set(mount, files);
  const enough = new AbortController();
  await capture(
    {
      ffmpeg: tools.ffmpeg,
      url,
      transport: "tcp",
      audio: false,
      record: { dir: films.path, session: mount, segmentSec: 1 },
    },
    {
      onSegment: ({ file }) => {
        files.push(join(films.path, file));
        if (files.length === FILES) enough.abort();
      },
    },
    AbortSignal.any([enough.signal, AbortSignal.timeout(90_000)]),
  );
}

beforeEach(() => {
  folder = temporaryFolder();
  listeners = new Set();
  changed = [];
  oldestAt = T;
  erased = [];
  clock = new FakeClock(T);
  thumbnails = openThumbnails({ dir: join(folder.path, "thumbs") });
  watch = openPictureWatch({
    recordings: {
      onSegment: (listener) => {
        listeners.add(listener);
        return { [Symbol.dispose]: () => listeners.delete(listener) };
      },
      pathOf: ({ path }) => path,
      oldestAt: () => epochMs(oldestAt),
      erased: () => erased,
    },
    thumbnails,
    tools,
    clock,
    log: new RecordingLog(),
    onChange: (camera) => changed.push(camera),
  });
  stop = new AbortController();
  running = watch.run(stop.signal);
});
afterEach(async () => {
  stop.abort();
  await running;
  folder[Symbol.dispose]();
});

function finish(path: string, minute: number, bytes = 300_000, camera = DESK): void {
  const startAt = epochMs(T + minute * MINUTE_MS);
  const segment: Segment = {
    ...{
      id: minute,
      camera,
      session: "a",
      n: minute,
      path,
      startAt,
      endAt: epochMs(startAt + 30_000),
      bytes,
    },
    ...{ sha256: "", ledgerN: 0, codec: "avc1", recovered: false, suspect: false },
  };
  for (const listener of listeners) listener(segment);
}

/** Waits for the picture of each before it shows the next. */
async function show(files: readonly string[], fromMinute = 0): Promise<void> {
  for (const [n, file] of files.entries()) {
    finish(file, fromMinute + n);
    const at = epochMs(T + (fromMinute + n) * MINUTE_MS);
    await until("it is looked at", async () => (await thumbnails.nearestBefore(DESK, at))?.at === at);
  }
}

function of(mount: RtspMount): readonly string[] {
  return recorded.get(mount) ?? [];
}

describe("a camera's picture", () => {
  it.each<[RtspMount, PictureVerdict]>([
    ["sub", "ok"],
    ["black", "black"],
    ["frozen", "frozen"],
    ["dim", "ok"],
  ])("of the camera that shows “%s” is %s after six minutes", async (mount, verdict) => {
    await show(of(mount));
    expect(watch.verdict(DESK).verdict).toBe(verdict);
    expect(changed.every((camera) => camera === DESK)).toBe(true);
    expect(changed.length).toBeGreaterThan(0);
  });

  it("is told with when it changed", async () => {
    expect(watch.verdict(DESK).verdict).toBe("unknown");
    await show(of("sub"));
    clock.step(HOUR_MS);
    await show(of("black").slice(0, 3), 60);
    const { verdict, since, said } = watch.verdict(DESK);
    expect([verdict, since]).toEqual(["black", T + HOUR_MS]);
    expect(said.vi).toContain("Hình đen");
    expect(changed).toHaveLength(2);
  });

  it("is looked at once a minute, however short the files are", async () => {
    const [first = "", second = "", third = ""] = of("sub");
    await show([first]);
    finish(second, 0.5);
    await show([third], 1);
    expect(await thumbnails.nearestBefore(DESK, epochMs(T + 0.9 * MINUTE_MS))).toMatchObject({ at: T });
  });

  it("is looked at again after a file without a picture", async () => {
    const empty = join(folder.path, "empty.mp4");
    await writeFile(empty, "no picture");
    finish(empty, 0);
    finish(join(folder.path, "cleaned-away.mp4"), 1);
    await show(of("sub").slice(0, 2), 2);
    expect(watch.verdict(DESK).verdict).toBe("ok");
  });

  it("is doubted when the camera sends a fraction of what it sent before", async () => {
    const [file = ""] = of("sub");
    for (let minute = 0; minute < 12; minute += 1) finish(file, minute, 300_000);
    expect(watch.verdict(DESK).rateCollapsed).toBe(false);
    finish(file, 12, 30_000);
    expect(watch.verdict(DESK)).toMatchObject({ rateCollapsed: true });
    await until("somebody is told", () => changed.length > 0);
  });
});

describe("its small pictures", () => {
  it("are real, and go with the recordings they are of", async () => {
    await show(of("sub").slice(0, 3));
    const newest = await thumbnails.nearestBefore(DESK, epochMs(T + 5 * MINUTE_MS));
    expect([...(newest?.jpeg.subarray(0, 2) ?? [])]).toEqual([0xff, 0xd8]);
    expect(await thumbnails.bytes(DESK)).toBeGreaterThan(1_000);
    oldestAt = T + 2 * MINUTE_MS;
    await clock.advance(HOUR_MS);
    const left = (ms: number): Promise<unknown> => thumbnails.nearestBefore(DESK, epochMs(T + ms));
    await until("old ones are gone", async () => (await left(1.5 * MINUTE_MS)) === undefined);
    expect(await left(2 * MINUTE_MS)).toBeDefined();
  });

  it("go with recordings that were deleted on request, also when a crash came between", async () => {
    await show(of("sub").slice(0, 3));
    erased = [{ from: epochMs(T + MINUTE_MS), to: epochMs(T + 2 * MINUTE_MS) }];
    await clock.advance(HOUR_MS);
    const at = async (ms: number): Promise<number | undefined> =>
      (await thumbnails.nearestBefore(DESK, epochMs(T + ms)))?.at;
    await until("the one between is gone", async () => (await at(1.5 * MINUTE_MS)) === T);
    expect(await at(2 * MINUTE_MS)).toBe(T + 2 * MINUTE_MS);
  });

  it("of the oldest days go first when room is short, never today's", async () => {
    const day = (n: number): EpochMs => epochMs(T + n * DAY_MS);
    for (const n of [0, 1, 2]) {
      const file = await thumbnails.newFile(DESK);
      await writeFile(file, "x".repeat(1_000));
      await thumbnails.keep(file, DESK, day(n));
    }
    const left = async (): Promise<boolean[]> =>
      Promise.all([0, 1, 2].map(async (n) => (await thumbnails.nearestBefore(DESK, day(n))) !== undefined));
    await thumbnails.removeOldest(600);
    expect(await left()).toEqual([false, true, true]);
    await thumbnails.removeOldest(1e9);
    expect(await left()).toEqual([false, false, true]);
  });

  it("leave no folder behind when the last is gone", async () => {
    await show(of("sub").slice(0, 1));
    await thumbnails.removeWithin(DESK, { from: epochMs(0), to: epochMs(T + HOUR_MS) });
    await expect(stat(join(folder.path, "thumbs", DESK, "2026-11-23"))).rejects.toThrow("ENOENT");
  });

  it("are not taken from names that are no time", async () => {
    await show(of("sub").slice(0, 1));
    const day = join(folder.path, "thumbs", DESK, "2026-11-23");
    await copyFile(join(day, `${T}.jpg`), join(day, "x.jpg"));
    expect(await thumbnails.nearestBefore(DESK, epochMs(T - 1))).toBeUndefined();
  });
});
