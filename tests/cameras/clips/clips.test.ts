import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { CLIPS_SCHEMA } from "../../../src/cameras/clips/clip-store.ts";
import { openClips, type Clips, type ClipsParts } from "../../../src/cameras/clips/clips.ts";
import type { Clip } from "../../../src/cameras/rules/model.ts";
import { AUDIT_SCHEMA, openAudit } from "../../../src/identity/audit.ts";
import { DAY_MS, epochMs, HOUR_MS } from "../../../src/kernel/time.ts";
import { openDatabase } from "../../../src/store/database.ts";
import { migrate } from "../../../src/store/migrate.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { RecordingLog } from "../../support/recording-log.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { until } from "../../support/until.ts";
import { aCamera, GATE, MemoryCameras, person } from "../camera-house.ts";
import { filmSegments, MadeRing } from "../made-ring.ts";

const AT = 1_760_000_000_000;
const OFFICER = person("officer");

let film: readonly string[];
beforeAll(async () => {
  const folder = temporaryFolder();
  film = await filmSegments({ folder: folder.path, name: "film", files: 2 });
  return () => folder[Symbol.dispose]();
});

/** Two files from AT on, and the clock half a minute later. */
function opened(how: Partial<ClipsParts> = {}) {
  const folder = temporaryFolder();
  const database = openDatabase(join(folder.path, "test.db"), "normal");
  migrate(database, [AUDIT_SCHEMA, CLIPS_SCHEMA]);
  const clock = new FakeClock(AT + 30_000);
  const ring = new MadeRing(folder.path);
  film.forEach((file, n) => ring.add(GATE, file, { startMs: AT + n * 8_000, session: "s", n }));
  const audit = openAudit({ database, clock });
  const dir = join(folder.path, "clips");
  const told: string[] = [];
  const parts: ClipsParts = {
    database,
    clock,
    log: new RecordingLog(),
    audit,
    cameras: new MemoryCameras(aCamera({ retentionDays: 15, eventRetentionDays: 40 })),
    recordings: ring,
    tools: { ffmpeg: "ffmpeg" },
    timeZone: "Asia/Ho_Chi_Minh",
    dir,
    notify: ({ id }) => told.push(id),
    isHeld: () => false,
    ...how,
  };
  const stopping = new AbortController();
  let running: Promise<void> | undefined;
  const clips = openClips(parts);
  return {
    clock,
    ring,
    audit,
    dir,
    told,
    clips,
    reopen: () => openClips(parts),
    run: (which: Clips = clips) => (running = which.run(stopping.signal)),
    ask: (fromSec: number, toSec: number, origin: Clip["origin"] = "hand") =>
      clips.request(
        {
          camera: GATE,
          from: epochMs(AT + fromSec * 1_000),
          to: epochMs(AT + toSec * 1_000),
          reason: "xem lại",
          origin,
        },
        origin === "hand" ? OFFICER : "system",
      ),
    [Symbol.asyncDispose]: async () => {
      stopping.abort(new Error("stopped"));
      await running;
      database[Symbol.dispose]();
      folder[Symbol.dispose]();
    },
  };
}

const settled = (clips: Clips, id: string): Promise<void> =>
  until("the clip is made or failed", () => ["ready", "failed"].includes(clips.get(id).state), {
    everyMs: 20,
  });

test("a clip of the past is made at once, with its picture", async () => {
  await using all = opened();
  void all.run();
  const { id } = all.ask(2, 10);
  await settled(all.clips, id);
  expect(all.clips.get(id)).toMatchObject({
    state: "ready",
    by: "the-officer",
    reason: "xem lại",
    requested: { from: AT + 2_000, to: AT + 10_000 },
    delivered: { from: AT + 2_000, to: AT + 10_000 },
    gaps: [],
  });
  expect(existsSync(all.clips.fileOf(id))).toBe(true);
  await until("its picture is there", () => existsSync(all.clips.pictureOf(id)));
  expect(all.told).toContain(id);
});

test("a clip whose end is to come waits for it, and for a later end when it is extended", async () => {
  await using all = opened();
  void all.run();
  const { id } = all.ask(2, 40, "event");
  expect(all.clips.extend(id, epochMs(AT + 60_000))).toBe(true);
  await all.clock.advance(20_000);
  expect(all.clips.get(id)).toMatchObject({ state: "waiting", requested: { to: AT + 60_000 } });
  await all.clock.advance(15_000);
  await settled(all.clips, id);
  expect(all.clips.get(id)).toMatchObject({ state: "ready", delivered: { to: AT + 16_000 } });
  expect(all.clips.extend(id, epochMs(AT + 90_000))).toBe(false);
});

test("who waits is told when it is made", async () => {
  await using all = opened();
  void all.run();
  const { id } = all.ask(2, 10);
  expect(await all.clips.settled(id, 60_000, AbortSignal.timeout(20_000))).toMatchObject({ state: "ready" });
});

test("who waits is let go when the time is over", async () => {
  await using all = opened();
  const { id } = all.ask(2, 10);
  const waiting = all.clips.settled(id, 3_000, AbortSignal.timeout(20_000));
  await all.clock.advance(3_000);
  expect(await waiting).toMatchObject({ state: "waiting" });
});

test.each([
  ["an end before the beginning", 10, 2, "to"],
  ["a day and a half", -36 * 3_600, 0, "to"],
  ["an end tomorrow", 0, 13 * 3_600, "to"],
  ["a time nobody recorded", -600, -500, "from"],
])("%s is refused, and the field named", async (_name, from, to, field) => {
  await using all = opened();
  expect(() => all.ask(from, to)).toThrow(expect.objectContaining({ field }));
  expect(all.clips.list({ limit: 10 })).toEqual([]);
});

test("an event at a time that was not recorded becomes a clip that says so", async () => {
  await using all = opened();
  void all.run();
  const { id } = all.ask(-600, -500, "event");
  await settled(all.clips, id);
  expect(all.clips.get(id)).toMatchObject({
    state: "failed",
    failure: { vi: expect.stringContaining("Không có bản ghi") },
  });
  expect(() => all.clips.fileOf(id)).toThrow(expect.objectContaining({ kind: "not-found" }));
});

test.each([
  ["hand", 40],
  ["event", 40],
  ["schedule", 15],
] as const)("a clip by %s is kept %i days from its end", async (origin, days) => {
  await using all = opened();
  const { keepUntil } = all.ask(2, 10, origin);
  expect(keepUntil).toBe(AT + 30_000 + days * DAY_MS);
});

test("a clip goes when its time is over, with its file, and the trail says so", async () => {
  await using all = opened();
  void all.run();
  const { id } = all.ask(2, 10);
  await settled(all.clips, id);
  const file = all.clips.fileOf(id);
  all.clock.step(40 * DAY_MS);
  await all.clock.advance(HOUR_MS);
  await until("it is gone", () => all.clips.find(id) === undefined && !existsSync(file));
  expect(all.audit.read({ limit: 1 })[0]).toMatchObject({
    action: "clip.expire",
    subject: id,
    actorName: "system",
  });
});

test("a hold keeps a clip past its day", async () => {
  await using all = opened({ isHeld: () => true });
  void all.run();
  const { id } = all.ask(2, 10);
  await settled(all.clips, id);
  all.clock.step(41 * DAY_MS);
  await all.clock.advance(HOUR_MS);
  expect(existsSync(all.clips.fileOf(id))).toBe(true);
});

test("removing takes the file and leaves a trace", async () => {
  await using all = opened();
  void all.run();
  const { id } = all.ask(2, 10);
  await settled(all.clips, id);
  const file = all.clips.fileOf(id);
  await all.clips.remove(id, OFFICER);
  expect(existsSync(file)).toBe(false);
  expect(all.audit.read({ limit: 1 })[0]).toMatchObject({
    action: "clip.remove",
    subject: id,
    actorName: "the-officer",
  });
});

test("the ring under a clip is kept as long as the clip", async () => {
  await using all = opened();
  all.ask(2, 10);
  const span = { from: epochMs(AT), to: epochMs(AT + 16_000) };
  expect(all.clips.kept(GATE, span)).toEqual([{ from: AT + 2_000, to: AT + 10_000, why: "clip" }]);
  expect(all.clips.kept(GATE, { ...span, from: epochMs(AT + 10_000) })).toEqual([]);
  all.clock.step(41 * DAY_MS);
  expect(all.clips.kept(GATE, span)).toEqual([]);
});

test("what a crash cut off is made at the next start, and its rubbish swept away", async () => {
  await using all = opened();
  const { id } = all.ask(2, 10);
  writeFileSync(join(all.dir, `${id}.mp4.part`), "half");
  writeFileSync(join(all.dir, "00000000-0000-0000-0000-000000000000.mp4"), "no row");
  const again = all.reopen();
  expect(readdirSync(all.dir)).toEqual([]);
  void all.run(again);
  await settled(again, id);
  expect(again.get(id).state).toBe("ready");
});

test("a disk that fails is tried again, then told in words, and logged at its first and at its last failure", async () => {
  const log = new RecordingLog();
  await using all = opened({ log });
  all.ring.pathOf = () => {
    throw Object.assign(new Error("EIO: i/o error, open"), { code: "EIO" });
  };
  void all.run();
  const { id } = all.ask(2, 10);
  for (let tries = 0; tries < 6; tries += 1) await all.clock.advance(20_000);
  await settled(all.clips, id);
  expect(all.clips.get(id).failure).toMatchObject({ vi: expect.stringContaining("Không đọc được bản ghi") });
  expect(log.lines).toEqual([
    "warn a clip can't be made yet; will keep trying",
    "warn a clip could not be made",
  ]);
});

test("a name with a path in it is no clip", async () => {
  await using all = opened();
  for (const id of ["../test.db", "..%2ftest.db", "/etc/passwd", ""]) {
    expect(() => all.clips.fileOf(id)).toThrow(expect.objectContaining({ kind: "not-found" }));
  }
});

test("each stretch of a camera's clip hours becomes a clip at its end, once", async () => {
  // 2025-10-09 15:53:20 in Vietnam: a Thursday.
  const clipHours = [{ weekdays: [4], fromMinute: 15 * 60 + 53, toMinute: 15 * 60 + 55 }];
  await using all = opened({ cameras: new MemoryCameras(aCamera({ clipHours })) });
  void all.run();
  await all.clock.advance(60_000);
  expect(all.clips.list({ limit: 10 })).toEqual([]);
  await all.clock.advance(5 * 60_000);
  const [clip, ...more] = all.clips.list({ limit: 10 });
  expect(more).toEqual([]);
  expect(clip).toMatchObject({ origin: "schedule", requested: { to: Date.UTC(2025, 9, 9, 8, 55) } });
  await settled(all.clips, clip?.id ?? "");
  expect(all.clips.list({ limit: 10 })).toMatchObject([{ state: "ready", delivered: { from: AT } }]);
});
