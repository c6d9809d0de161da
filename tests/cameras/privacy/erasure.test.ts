import { existsSync } from "node:fs";
import { copyFile, mkdir, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { sha256Of } from "../../../src/cameras/clips/clip-maker.ts";
import { openClips, type Clips } from "../../../src/cameras/clips/clips.ts";
import { openExports, type Exports } from "../../../src/cameras/evidence/exports.ts";
import { composePackage } from "../../../src/cameras/evidence/package.ts";
import { writeFolder } from "../../../src/cameras/evidence/package-writer.ts";
import { verifyPackage } from "../../../src/cameras/evidence/verifier/checks.ts";
import { filesAt, nodeTools } from "../../../src/cameras/evidence/verifier/folder.ts";
import { eraseRoutes } from "../../../src/cameras/privacy/erase-routes.ts";
import { openErasure, type Erasure } from "../../../src/cameras/privacy/erasure.ts";
import { openDataRequests } from "../../../src/cameras/privacy/data-requests.ts";
import { PRIVACY_SCHEMA } from "../../../src/cameras/privacy/requests-store.ts";
import { markDeleted } from "../../../src/cameras/recorder/deletion.ts";
import { openRecorder, type Recorder } from "../../../src/cameras/recorder/recorder.ts";
import { completenessView } from "../../../src/cameras/recording-view.ts";
import type { Segment, Span } from "../../../src/cameras/rules/model.ts";
import { openSegmentStore, RECORDINGS_SCHEMA } from "../../../src/cameras/segment-store.ts";
import { openThumbnails, type Thumbnails } from "../../../src/cameras/thumbnails.ts";
import { epochMs, MINUTE_MS } from "../../../src/kernel/time.ts";
import { migrate } from "../../../src/store/migrate.ts";
import { RecordingLog } from "../../support/recording-log.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { until } from "../../support/until.ts";
import { aCamera, GATE, MemoryCameras, person } from "../camera-house.ts";
import { AT, FILE_MS, openEvidenceHouse, type EvidenceHouse } from "../evidence/evidence-house.ts";
import { filmSegments } from "../made-ring.ts";
import { openPrivacyHouse } from "./privacy-house.ts";

const FILES = 6;
const leader = person("leader");
const never = new AbortController().signal;
const at = (ms: number): ReturnType<typeof epochMs> => epochMs(AT + ms);
const everything: Span = { from: at(-MINUTE_MS), to: at(10 * MINUTE_MS) };

let film: readonly string[];
let house: EvidenceHouse;
let recorder: Recorder;
let clips: Clips;
let exports: Exports;
let thumbnails: Thumbnails;
let erasure: Erasure;
let told: string[];
let stop: AbortController;
let running: Promise<void>;

beforeAll(async () => {
  const films = temporaryFolder();
  film = await filmSegments({ folder: films.path, name: "film", files: FILES, widthPx: 320 });
  return () => films[Symbol.dispose]();
});

/** The ring and everything that is made of it, on what is on the disk already. */
async function openHouse(): Promise<void> {
  const { database, clock, audit, cases, ledger, packageParts } = house;
  const cameras = new MemoryCameras(aCamera());
  const log = new RecordingLog();
  recorder = await openRecorder({
    // Nothing is recorded here.
    cameras: new MemoryCameras(),
    ...{ database, clock, log, ledger, dir: join(house.folder, "ring"), segmentSec: 30, reservePercent: 0 },
    random: () => 0.5,
    tools: { ffmpeg: "ffmpeg" },
    live: () => ({ begin: () => undefined, push: () => undefined, end: () => undefined }),
    kept: () => [],
    onStatus: () => undefined,
    timeZone: "Asia/Ho_Chi_Minh",
  });
  const shared = { database, clock, log, audit, cameras, tools: { ffmpeg: "ffmpeg" }, recordings: recorder };
  clips = openClips({
    ...{ ...shared, notify: () => undefined, timeZone: "Asia/Ho_Chi_Minh" },
    dir: join(house.folder, "clips"),
    isHeld: (camera, span) => cases.kept(camera, span).length > 0,
  });
  exports = openExports({
    ...{ ...packageParts, ...shared, cases, notify: () => undefined },
    dir: join(house.folder, "exports"),
  });
  thumbnails = openThumbnails({ dir: join(house.folder, "thumbnails") });
  told = [];
  const requests = openDataRequests({
    ...{ database, audit, clock, timeZone: "Asia/Ho_Chi_Minh", holidays: () => [] },
  });
  erasure = openErasure({
    ...{ recorder, clips, exports, cases, thumbnails, requests, audit, clock },
    notify: ({ type, id }) => told.push(`${type} ${id}`),
  });
  stop = new AbortController();
  running = Promise.all([clips.run(stop.signal), exports.run(stop.signal)]).then(() => undefined);
}

async function closeHouse(): Promise<void> {
  stop.abort();
  await running;
}

beforeEach(async () => {
  house = openEvidenceHouse();
  migrate(house.database, [RECORDINGS_SCHEMA, PRIVACY_SCHEMA]);
  await openHouse();
  for (const [n, file] of film.entries()) await keep(file, n);
});

afterEach(async () => {
  await closeHouse();
  house[Symbol.dispose]();
});

/** Puts a file into the ring, the chain and the thumbnails. */
async function keep(file: string, n: number): Promise<void> {
  const path = `gate/20251009/s-${String(n).padStart(6, "0")}.mp4`;
  const whole = join(house.folder, "ring", path);
  await mkdir(dirname(whole), { recursive: true });
  await copyFile(file, whole);
  const [startAt, endAt] = [at(n * FILE_MS), at((n + 1) * FILE_MS)];
  const fact = {
    session: "s",
    n,
    startAt,
    endAt,
    bytes: (await stat(whole)).size,
    sha256: await sha256Of(whole),
  };
  house.database.transact(() => {
    const { n: ledgerN } = house.ledger.append(GATE, { kind: "segment", ...fact });
    openSegmentStore(house.database).add({
      ...{ ...fact, camera: GATE, path, ledgerN },
      ...{ codec: "avc1.42c01e", recovered: false, suspect: false },
    });
  });
  const picture = await thumbnails.newFile(GATE);
  await writeFile(picture, "jpeg");
  await thumbnails.keep(picture, GATE, startAt);
}

const kept = (): readonly Segment[] => recorder.segments(GATE, everything);
const order = (fromMs: number, toMs: number): Parameters<Erasure["erase"]>[0] => ({
  ...{ camera: GATE, from: at(fromMs), to: at(toMs), reason: "Theo yêu cầu của công dân", request: null },
});

async function clipOf(fromMs: number, toMs: number): Promise<string> {
  const asked = { camera: GATE, from: at(fromMs), to: at(toMs), reason: "Xem lại", origin: "hand" } as const;
  const { id } = clips.request(asked, person("officer"));
  await until("the clip is made", () => clips.get(id).state === "ready", { patienceMs: 60_000 });
  return id;
}

const trail = (action: string): Record<string, unknown>[] =>
  house.audit
    .read({ limit: 50 })
    .filter((entry) => entry.action === action)
    .map(({ details }) => details as never);

test("what is asked for goes with its clips and pictures, the rest stays, and the record tells it", async () => {
  const within = await clipOf(FILE_MS + 1_000, FILE_MS + 3_000);
  const beside = await clipOf(4 * FILE_MS + 1_000, 4 * FILE_MS + 3_000);
  const gone = recorder.segments(GATE, { from: at(FILE_MS + 500), to: at(2 * FILE_MS + 500) });
  const pathOfClip = clips.fileOf(within);
  const erased = await erasure.erase(order(FILE_MS + 500, 2 * FILE_MS + 500), leader);
  expect(erased).toMatchObject({ from: at(FILE_MS), to: at(3 * FILE_MS), files: 2, clips: 1, packages: 0 });
  expect(kept().map(({ n }) => n)).toEqual([0, 3, 4, 5]);
  expect(gone.map((segment) => existsSync(recorder.pathOf(segment)))).toEqual([false, false]);
  expect(clips.find(within)).toBeUndefined();
  expect(existsSync(pathOfClip)).toBe(false);
  expect(clips.get(beside).state).toBe("ready");
  const pictures = [0, 1, 2, 3].map((n) => thumbnails.nearestBefore(GATE, at(n * FILE_MS + 1)));
  expect((await Promise.all(pictures)).map((found) => found?.at)).toEqual([
    at(0),
    at(0),
    at(0),
    at(3 * FILE_MS),
  ]);
  expect(told).toEqual([`camera ${GATE}`]);

  expect(recorder.gaps(GATE, everything)).toEqual([]);
  expect(recorder.erased(GATE, everything)).toEqual([{ from: at(FILE_MS), to: at(3 * FILE_MS) }]);
  const day = completenessView(
    recorder.completeness(GATE, { from: at(0), to: at(FILES * FILE_MS) }),
    house.clock.now(),
  );
  expect(day.said.vi).toBe("100 %, đã xóa theo yêu cầu 16 giây");
  expect(await house.ledger.verify(GATE)).toMatchObject({ whole: true, count: FILES + 1 });
  expect(house.ledger.entries(GATE, FILES + 1, 1)).toMatchObject([
    { kind: "deletion", fields: [[2, 3], erased.bytes, "request"] },
  ]);
  expect(trail("camera.erase")).toMatchObject([
    { reason: "Theo yêu cầu của công dân", request: null, files: 2, asked: { from: at(FILE_MS + 500) } },
  ]);
  expect(trail("clip.erase")).toHaveLength(1);
});

test("an evidence package made afterwards is whole and names what was deleted on request", async () => {
  await erasure.erase(order(FILE_MS + 500, FILE_MS + 600), leader);
  const parts = { ...house.packageParts, recordings: recorder };
  const entries = await composePackage(house.packageOrder(1_000, 3 * FILE_MS), parts, never);
  const folder = join(house.folder, "package");
  await writeFolder(entries, folder);
  const verdict = await verifyPackage(await filesAt(folder), nodeTools);
  expect(verdict.problems).toEqual([]);
  expect(verdict.manifest?.deleted).toMatchObject([{ from: at(FILE_MS), reason: "request", deletionN: 7 }]);
});

test("nothing goes when a case holds any of it, or of a clip that would go", async () => {
  const { id } = house.cases.open({ number: "12/2026/HS", title: "Va chạm", reason: "Khiếu nại" }, leader);
  house.cases.hold(id, { camera: GATE, from: at(3 * FILE_MS + 1), to: at(4 * FILE_MS) }, leader);
  await expect(erasure.erase(order(FILE_MS, 3 * FILE_MS + 100), leader)).rejects.toMatchObject({
    kind: "conflict",
    said: { vi: expect.stringContaining("12/2026/HS") },
  });
  const clip = await clipOf(2 * FILE_MS + 500, 3 * FILE_MS + 3_000);
  await expect(erasure.erase(order(2 * FILE_MS, 2 * FILE_MS + 900), leader)).rejects.toMatchObject({
    kind: "conflict",
  });
  expect(kept()).toHaveLength(FILES);
  expect(clips.get(clip).state).toBe("ready");
  expect(trail("camera.erase")).toEqual([]);
  await erasure.erase(order(FILE_MS, FILE_MS + 100), leader);
  expect(kept().map(({ n }) => n)).toEqual([0, 2, 3, 4, 5]);
});

test("a package stands in the way until its case is released, and goes with the recordings then", async () => {
  const { id } = house.cases.open({ number: "13/2026/HS", title: "Va chạm", reason: "Khiếu nại" }, leader);
  const words = { reason: "r", purpose: "p", redaction: "x" };
  const made = exports.request(id, { camera: GATE, from: at(1_000), to: at(2_000), ...words }, leader);
  await until("the package is made", () => exports.get(made.id).state === "ready", { patienceMs: 60_000 });
  const file = exports.download(made.id, leader);
  await expect(erasure.erase(order(0, 500), leader)).rejects.toMatchObject({ kind: "conflict" });
  house.cases.askRelease(id, "Xong", person("officer"));
  house.cases.confirmRelease(id, leader);
  expect(await erasure.erase(order(0, 500), leader)).toMatchObject({ files: 1, packages: 1 });
  expect(existsSync(file)).toBe(false);
  expect(exports.ofCase(id)).toEqual([]);
  expect(trail("evidence.erase")).toMatchObject([{ case: id }]);
});

test.each([
  ["an end before the beginning", 5_000, 4_000, "invalid"],
  ["a time to come", 20 * MINUTE_MS, 21 * MINUTE_MS, "invalid"],
  ["more than a day", -30 * 60 * MINUTE_MS, 1_000, "invalid"],
  ["what is not kept", -5 * MINUTE_MS, -4 * MINUTE_MS, "not-found"],
])("%s is refused and noted nowhere", async (_name, fromMs, toMs, kind) => {
  await expect(erasure.erase(order(fromMs, toMs), leader)).rejects.toMatchObject({ kind });
  expect(trail("camera.erase")).toEqual([]);
  expect(kept()).toHaveLength(FILES);
});

test("what a crash cut off behind the decision is finished at the next start", async () => {
  const clip = await clipOf(1_000, 3_000);
  const [first] = kept();
  if (first === undefined) throw new Error("nothing is kept");
  const clipFile = clips.fileOf(clip);
  const dir = join(house.folder, "ring");
  house.database.transact(() => {
    clips.erase([clips.get(clip)], leader);
    const { database, ledger, clock } = house;
    const segments = openSegmentStore(database);
    markDeleted(
      { camera: GATE, reason: "request", files: [first] },
      { dir, database, segments, ledger, clock },
    );
  });
  expect([existsSync(clipFile), existsSync(recorder.pathOf(first))]).toEqual([true, true]);
  await closeHouse();
  await openHouse();
  const recording = recorder.run(stop.signal);
  await until("the recording is gone", () => !existsSync(recorder.pathOf(first)));
  stop.abort();
  await recording;
  expect(existsSync(clipFile)).toBe(false);
  expect(kept().map(({ n }) => n)).toEqual([1, 2, 3, 4, 5]);
  expect(await house.ledger.verify(GATE)).toMatchObject({ whole: true });
});

test("only a leader may, by name of a request that is in the register", async () => {
  await using panel = await openPrivacyHouse(() => [eraseRoutes({ erasure })]);
  const body = { from: at(0), to: at(100), reason: "Yêu cầu", request: "YC-2026-0009" };
  const officer = await panel.as("officer");
  expect((await officer("POST", `/cameras/${GATE}/erase`, body)).status).toBe(403);
  const asLeader = await panel.as("leader");
  expect((await asLeader("POST", `/cameras/${GATE}/erase`, body)).status).toBe(404);
  expect(kept()).toHaveLength(FILES);
  const answer = await asLeader("POST", `/cameras/${GATE}/erase`, { ...body, request: null });
  expect(answer).toMatchObject({ status: 200, body: { from: at(0), to: at(FILE_MS), files: 1 } });
});
