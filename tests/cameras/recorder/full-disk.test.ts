import { mkdir, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { epochMs, HOUR_MS, MINUTE_MS, type EpochMs } from "../../../src/kernel/time.ts";
import type { CameraId } from "../../../src/cameras/rules/model.ts";
import { openSegmentStore } from "../../../src/cameras/segment-store.ts";
import { openRtspServer, type RtspServer } from "../../support/rtsp-server.ts";
import { until } from "../../support/until.ts";
import { openSmallDisk } from "./small-disk.ts";
import { cameraAt, gapsOf, GATE, openDesk, segmentsOf } from "./support.ts";

const PATIENTLY = { patienceMs: 90_000, everyMs: 50 };
const LONG = { timeout: 180_000 };
const MEGABYTE = 1_048_576;

let server: RtspServer;

beforeAll(async () => {
  server = await openRtspServer();
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

type Desk = Awaited<ReturnType<typeof openDesk>>;

const yesterdayAt = Date.now() - 24 * HOUR_MS;
const segmentTime = (n: number): EpochMs => epochMs(yesterdayAt + n * MINUTE_MS);

/** Files of a megabyte, one a minute since yesterday. */
async function addOld(desk: Desk, count: number, camera: CameraId = GATE): Promise<void> {
  const store = openSegmentStore(desk.database);
  for (let n = 0; n < count; n += 1) {
    const path = `${camera}/20260101/old-${String(n).padStart(6, "0")}.mp4`;
    await mkdir(dirname(join(desk.dir, path)), { recursive: true });
    await writeFile(join(desk.dir, path), new Uint8Array(MEGABYTE));
    store.add({
      ...{ camera, session: "old", n, path, bytes: MEGABYTE, sha256: "0".repeat(64), ledgerN: n + 1 },
      startAt: segmentTime(n),
      endAt: segmentTime(n + 1),
      ...{ codec: "avc1.42c016", recovered: false, suspect: false },
    });
  }
}

const state = (desk: Desk): string => desk.recorder.status(GATE).state;
const recording = (desk: Desk): Promise<void> =>
  until("it records", () => state(desk) === "recording", PATIENTLY);

test(
  "a disk that runs full costs old footage, never held one, and recording goes on by itself",
  LONG,
  async () => {
    using disk = openSmallDisk(24);
    const sacrificed: string[] = [];
    const deleted = (): number => desk.ledger.facts.filter(({ kind }) => kind === "deletion").length;
    // The database lies on the same disk, as it does where nobody chose another.
    await using desk = await openDesk({
      cameras: [cameraAt(server.url("sub"), { addedAt: segmentTime(0) })],
      folder: disk.path,
      parts: {
        sacrifice: {
          first: () => Promise.resolve(void sacrificed.push(`first after ${deleted()} deletions`)),
          last: () => Promise.resolve(void sacrificed.push("last")),
        },
      },
    });
    await addOld(desk, 10);
    const [, held] = segmentsOf(desk);
    if (held === undefined) throw new Error("no old file");
    desk.kept.push({ from: held.startAt, to: epochMs(held.startAt + 1), why: "hold" });
    await recording(desk);
    disk.fill(0);
    await until("the full disk is felt", () => gapsOf(desk).length > 0, PATIENTLY);
    await until(
      "it records again",
      () => gapsOf(desk).at(-1)?.to != null && state(desk) === "recording",
      PATIENTLY,
    );
    expect(gapsOf(desk).map(({ cause }) => cause)).toContain("disk-full");
    expect(sacrificed[0]).toBe("first after 0 deletions");
    expect(existsSync(desk.recorder.pathOf(held))).toBe(true);
    const deletions = desk.ledger.facts.filter((fact) => fact.kind === "deletion");
    expect(deletions.every(({ reason }) => reason === "pressure")).toBe(true);
    const gone = deletions.flatMap(({ entries }) => entries);
    expect(gone.length).toBeGreaterThan(0);
    expect(gone).not.toContain(held.ledgerN);
    for (const n of gone) {
      expect(existsSync(join(desk.dir, `gate/20260101/old-${String(n - 1).padStart(6, "0")}.mp4`))).toBe(
        false,
      );
    }
    // What was there stays proven: its time still counts as recorded.
    const yesterday = { from: segmentTime(0), to: segmentTime(10) };
    const { recordedMs, expectedMs } = desk.recorder.completeness(GATE, yesterday);
    expect({ recordedMs, expectedMs }).toEqual({ recordedMs: 10 * MINUTE_MS, expectedMs: 10 * MINUTE_MS });
  },
);

test(
  "when only held footage is left the least important camera stops, in words, and comes back",
  LONG,
  async () => {
    const hall = "hall" as CameraId;
    using disk = openSmallDisk(24);
    await using desk = await openDesk({
      cameras: [
        cameraAt(server.url("sub"), { priority: 1 }),
        cameraAt(server.url("sub"), { id: hall, priority: 9 }),
      ],
      ringDir: join(disk.path, "ring"),
    });
    desk.kept.push({ from: epochMs(0), to: epochMs(8.64e15), why: "hold" });
    await recording(desk);
    await until("both record", () => desk.recorder.status(hall).state === "recording", PATIENTLY);
    disk.fill(0);
    await until("the hall stops", () => desk.recorder.disk()?.stopped.includes(hall) === true, PATIENTLY);
    await until("and says so", () => desk.recorder.status(hall).state === "disk-full", PATIENTLY);
    expect(desk.log.lines).toContain("error recording stops: the disk is full of what must be kept");
    expect(desk.recorder.disk()).toMatchObject({ level: "critical" });
    expect(gapsOf(desk, hall).at(-1)).toMatchObject({ cause: "disk-full", to: null });
    disk.empty();
    await until(
      "the hall is recorded again",
      () => desk.recorder.status(hall).state === "recording",
      PATIENTLY,
    );
    expect(desk.recorder.disk()?.stopped).toEqual([]);
  },
);
