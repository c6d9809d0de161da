import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openAccess } from "../../src/cameras/access.ts";
import { playbackRoutes } from "../../src/cameras/playback-routes.ts";
import { openPlayback } from "../../src/cameras/playback.ts";
import { readFragment, unitsToMs } from "../../src/cameras/rules/mp4-fragment.ts";
import { readInit } from "../../src/cameras/rules/mp4-init.ts";
import { newMp4Splitter } from "../../src/cameras/rules/mp4.ts";
import { openThumbnails, type Thumbnails } from "../../src/cameras/thumbnails.ts";
import { openWatchLog, type WatchLog } from "../../src/cameras/watch-log.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { epochMs, HOUR_MS, MINUTE_MS } from "../../src/kernel/time.ts";
import { findMediaTools } from "../../src/media/tools.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { aCamera, GATE, MemoryCameras } from "./camera-house.ts";
import { FILE_SEC, filmSegments, MadeRing, packetHashes } from "./made-ring.ts";
import { openWatchingHouse, type Person, type WatchingHouse } from "./watching-house.ts";

const FILE_MS = FILE_SEC * 1_000;
/** Some full second of the near past. */
const T = Math.floor((Date.now() - 2 * HOUR_MS) / 1_000) * 1_000;

let films: ReturnType<typeof temporaryFolder>;
let wide: string[];
let small: string[];
let folder: ReturnType<typeof temporaryFolder>;
let ring: MadeRing;
let house: WatchingHouse;
let watchLog: WatchLog;
let thumbnails: Thumbnails;
let picture: Uint8Array | undefined;
let leader: Person;

beforeAll(async () => {
  films = temporaryFolder();
  wide = await filmSegments({ folder: films.path, name: "wide", files: 3, widthPx: 320 });
  small = await filmSegments({ folder: films.path, name: "small", files: 1, widthPx: 160 });
});
afterAll(() => films[Symbol.dispose]());

beforeEach(async () => {
  folder = temporaryFolder();
  ring = new MadeRing(folder.path);
  picture = undefined;
  thumbnails = openThumbnails({ dir: join(folder.path, "thumbs") });
  house = await openWatchingHouse(({ parts: { audit, clock } }) => {
    watchLog = openWatchLog({ audit, clock });
    const cameras = new MemoryCameras(aCamera());
    return [
      playbackRoutes({
        playback: openPlayback({ recordings: ring, clock }),
        recordings: ring,
        thumbnails,
        hub: { picture: () => picture },
        tools: findMediaTools(),
        access: openAccess({ cameras, audit }),
        watchLog,
        clock,
        events: (camera) => [
          {
            id: 1,
            camera,
            at: epochMs(T),
            arrivedAt: epochMs(T),
            kind: "motion",
            topic: "t",
            on: true,
            endAt: null,
          },
        ],
        clips: () => [],
        holds: () => [{ from: epochMs(T), to: epochMs(T + 1_000), case: "12/2026" }],
      }),
    ];
  });
  leader = await house.login("leader");
});
afterEach(async () => {
  watchLog[Symbol.dispose]();
  await house[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

function record(files: readonly string[], startMs: number, session = "a"): void {
  files.forEach((file, n) => ring.add(GATE, file, { startMs: startMs + n * FILE_MS, session, n }));
}

interface Played {
  readonly status: number;
  readonly from: number;
  readonly to: number;
  readonly next: number | undefined;
  readonly bytes: Buffer;
  /** Where its fragments lie in the video, in ms. */
  readonly mediaMs: readonly number[];
  readonly beginsWithKey: boolean;
}

async function play(from: number, to: number, origin?: number): Promise<Played> {
  const query = `from=${from}&to=${to}${origin === undefined ? "" : `&origin=${origin}`}`;
  const { status, headers, bytes } = await leader.get(`/cameras/${GATE}/playback?${query}`);
  const pieces = status === 200 ? newMp4Splitter().push(bytes) : [];
  const init = readInit(pieces[0]?.bytes ?? new Uint8Array());
  const fragments = pieces.slice(1).flatMap((piece) => (init && readFragment(piece.bytes, init)) ?? []);
  return {
    status,
    from: Number(headers["x-from"]),
    to: Number(headers["x-to"]),
    next: headers["x-next"] === undefined ? undefined : Number(headers["x-next"]),
    bytes,
    mediaMs: init === undefined ? [] : fragments.map(({ decodeTime }) => unitsToMs(decodeTime, init.video)),
    beginsWithKey: fragments[0]?.startsWithKey ?? false,
  };
}

describe("playback", () => {
  it("brings whole groups of pictures around a span, at their wall times after the origin", async () => {
    record(wide, T);
    const played = await play(T + 5_000, T + 11_000, T - 60_000);
    expect(played).toMatchObject({ status: 200, from: T + 4_000, to: T + 12_000, next: T + 12_000 });
    expect(played.beginsWithKey).toBe(true);
    expect(played.mediaMs).toEqual(Array.from({ length: 8 }, (_, n) => 64_000 + n * 1_000));
  });

  it("plays every packet of the ring, unchanged and once, by following where it goes on", async () => {
    record(wide, T);
    const parts: Buffer[] = [];
    for (let from: number | undefined = T; from !== undefined;) {
      const played: Played = await play(from, from + 3_000, T);
      parts.push(played.bytes);
      from = played.next;
    }
    const hashes: string[] = [];
    for (const part of parts) {
      const file = join(folder.path, "part.mp4");
      await writeFile(file, part);
      hashes.push(...(await packetHashes(file)));
    }
    const source = (await Promise.all(wide.map(packetHashes))).flat();
    expect(hashes).toEqual(source);
    expect(parts.length).toBeGreaterThan(5);
  });

  it("begins at its own beginning when no origin is given", async () => {
    record(wide, T);
    expect((await play(T + 5_000, T + 6_000)).mediaMs).toEqual([0, 1_000]);
  });

  it("stops at a gap and says where it goes on", async () => {
    record(wide.slice(0, 1), T);
    record(wide.slice(1, 2), T + MINUTE_MS, "b");
    expect(await play(T + 6_000, T + 30_000, T)).toMatchObject({ to: T + FILE_MS, next: T + MINUTE_MS });
    expect(await play(T + 6_000, T + 90_000, T)).toMatchObject({ to: T + FILE_MS, next: T + MINUTE_MS });
  });

  it("stops where the camera's picture changes its size, because the player needs a new beginning there", async () => {
    record(wide.slice(0, 1), T);
    record(small, T + FILE_MS, "b");
    const first = await play(T + 6_000, T + 12_000, T);
    expect(first).toMatchObject({ to: T + FILE_MS, next: T + FILE_MS });
    const second = await play(first.next ?? 0, T + 12_000, T);
    expect(second).toMatchObject({ from: T + FILE_MS, to: T + 12_000 });
  });

  it("includes the whole fragments of the file that is being written", async () => {
    record(wide.slice(0, 1), T);
    ring.setOpen(GATE, wide[1] ?? "", { startMs: T + FILE_MS, session: "a", n: 1, share: 0.6 });
    const played = await play(T + 6_000, T + 60_000, T);
    expect(played.from).toBe(T + 6_000);
    expect(played.to).toBeGreaterThanOrEqual(T + FILE_MS + 2_000);
    expect(played.to).toBeLessThan(T + FILE_MS + 7_000);
    expect(played.next).toBeUndefined();
  });

  it("says that there is nothing, and where there is something", async () => {
    record(wide.slice(0, 1), T);
    expect(await play(T - 60_000, T - 30_000)).toMatchObject({ status: 404, next: T });
    expect(await play(T + MINUTE_MS, T + 2 * MINUTE_MS)).toMatchObject({ status: 404, next: undefined });
  });

  it("lives with a file that was cleaned away a moment ago", async () => {
    record(wide, T);
    using empty = temporaryFolder();
    ring.pathOf = ({ path }) => join(path === "ring-1.mp4" ? empty.path : folder.path, path);
    expect(await play(T, T + 12_000, T)).toMatchObject({ status: 200, from: T + FILE_MS });
  });

  it.each([
    ["an end before its beginning", `from=${T}&to=${T - 1}`, "sau thời điểm bắt đầu"],
    ["more than five minutes", `from=${T}&to=${T + 6 * MINUTE_MS}`, "tối đa 5 phút"],
    ["what is no time", "from=hôm-qua&to=5", "from"],
    ["a time that no calendar has", "from=1e300&to=2e300", "from"],
  ])("refuses %s", async (_name, query, words) => {
    const { status, bytes } = await leader.get(`/cameras/${GATE}/playback?${query}`);
    expect(status).toBe(400);
    expect(bytes.toString("utf8")).toContain(words);
  });

  it("is entered in the trail once, not for each piece, and refused to who may not see the camera", async () => {
    record(wide, T);
    await play(T, T + 4_000);
    await play(T + 4_000, T + 8_000);
    const officer = await house.login("officer");
    expect((await officer.get(`/cameras/${GATE}/playback?from=${T}&to=${T + 1_000}`)).status).toBe(403);
    expect(house.trail()).toEqual(["camera.playback u-leader", "camera.refused u-officer"]);
  });
});

describe("the timeline", () => {
  it("joins what plays without a break, names gaps, and shows events and holds", async () => {
    record(wide.slice(0, 2), T);
    record(wide.slice(2), T + MINUTE_MS, "b");
    ring.addGap(GATE, { from: epochMs(T + 2 * FILE_MS), to: epochMs(T + MINUTE_MS) }, "camera-offline");
    const { status, bytes } = await leader.get(
      `/cameras/${GATE}/timeline?from=${T - HOUR_MS}&to=${T + HOUR_MS}`,
    );
    expect(status).toBe(200);
    expect(JSON.parse(bytes.toString("utf8"))).toMatchObject({
      runs: [
        { from: T, to: T + 2 * FILE_MS, codec: "avc1.42c01e" },
        { from: T + MINUTE_MS, to: T + MINUTE_MS + FILE_MS },
      ],
      gaps: [
        { from: T + 2 * FILE_MS, to: T + MINUTE_MS, cause: "camera-offline", said: { vi: "mất kết nối" } },
      ],
      events: [{ id: 1, kind: "motion" }],
      holds: [{ case: "12/2026" }],
    });
  });

  it("ends with the file that is being written", async () => {
    record(wide.slice(0, 1), T);
    ring.setOpen(GATE, wide[1] ?? "", { startMs: T + FILE_MS, session: "a", n: 1, share: 0.6 });
    const { bytes } = await leader.get(`/cameras/${GATE}/timeline?from=${T}&to=${T + HOUR_MS}`);
    const { runs } = JSON.parse(bytes.toString("utf8")) as { runs: { to: number }[] };
    expect(runs.at(-1)?.to).toBeGreaterThan(T + FILE_MS + 1_000);
  });

  it("lets a gap that is still open end now", async () => {
    ring.knownGaps.push({ id: 1, camera: GATE, from: epochMs(T), to: null, cause: "stalled" });
    const { bytes } = await leader.get(`/cameras/${GATE}/timeline?from=${T}&to=${T + 20 * HOUR_MS}`);
    const { gaps } = JSON.parse(bytes.toString("utf8")) as { gaps: { to: number }[] };
    expect(gaps[0]?.to).toBeGreaterThan(T + HOUR_MS);
    expect(gaps[0]?.to).toBeLessThanOrEqual(Date.now());
  });

  it("is a day at most", async () => {
    const { status } = await leader.get(`/cameras/${GATE}/timeline?from=${T}&to=${T + 27 * HOUR_MS}`);
    expect(status).toBe(400);
  });
});

describe("still pictures", () => {
  async function keep(at: number, words: string): Promise<void> {
    const file = await thumbnails.newFile(GATE);
    await writeFile(file, words);
    await thumbnails.keep(file, GATE, epochMs(at));
  }

  it("of a time are the nearest before it, at most ten minutes old", async () => {
    await keep(T, "first");
    await keep(T + MINUTE_MS, "second");
    const at = (ms: number): Promise<Buffer> =>
      leader.get(`/cameras/${GATE}/thumbnail?at=${ms}`).then(({ bytes }) => bytes);
    expect(String(await at(T + MINUTE_MS - 1))).toBe("first");
    expect(String(await at(T + 2 * MINUTE_MS))).toBe("second");
    expect((await leader.get(`/cameras/${GATE}/thumbnail?at=${T - 1}`)).status).toBe(404);
    expect((await leader.get(`/cameras/${GATE}/thumbnail?at=${T + 12 * MINUTE_MS}`)).status).toBe(404);
    expect(house.trail()).toEqual(["camera.playback u-leader"]);
  });

  it("of now are taken from the live picture, or are the newest kept", async () => {
    const snapshot = `/cameras/${GATE}/snapshot`;
    expect((await leader.get(snapshot)).status).toBe(404);
    await keep(systemClock.now() - 1_000, "kept");
    expect(String((await leader.get(snapshot)).bytes)).toBe("kept");
    const pieces = newMp4Splitter().push(await readFile(wide[0] ?? ""));
    picture = Buffer.concat(pieces.slice(0, 2).map(({ bytes }) => bytes));
    const live = await leader.get(snapshot);
    expect(live.headers["content-type"]).toBe("image/jpeg");
    expect([...live.bytes.subarray(0, 2)]).toEqual([0xff, 0xd8]);
  });

  it("are not shown to who may not see the camera", async () => {
    await keep(T, "first");
    const officer = await house.login("officer");
    expect((await officer.get(`/cameras/${GATE}/thumbnail?at=${T}`)).status).toBe(403);
    expect((await officer.get(`/cameras/${GATE}/snapshot`)).status).toBe(403);
  });
});
