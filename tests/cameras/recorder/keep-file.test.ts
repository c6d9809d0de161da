import { copyFile, readFile, truncate, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openGapStore } from "../../../src/cameras/gap-store.ts";
import { keepFile, type KeepOrder, type KeepParts } from "../../../src/cameras/recorder/keep-file.ts";
import { openSegmentStore, RECORDINGS_SCHEMA } from "../../../src/cameras/segment-store.ts";
import { epochMs } from "../../../src/kernel/time.ts";
import { runProcess } from "../../../src/media/process.ts";
import { openDatabase, type Database } from "../../../src/store/database.ts";
import { migrate } from "../../../src/store/migrate.ts";
import { RecordingLog } from "../../support/recording-log.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { GATE, MemoryLedger } from "./support.ts";

/** As the recorder's ffmpeg writes it, but without `prft`: five fragments of a second. */
const source = temporaryFolder();
const SOURCE = join(source.path, "source.mp4");

beforeAll(async () => {
  const picture = "testsrc2=size=160x90:rate=10:duration=5";
  const args = [
    ...["-v", "error", "-f", "lavfi", "-i", picture, "-c:v", "libx264", "-preset", "ultrafast", "-g", "10"],
    ...["-movflags", "+frag_keyframe+empty_moov+default_base_moof", SOURCE],
  ];
  await runProcess({ command: "ffmpeg", args }, new AbortController().signal);
});

afterAll(() => source[Symbol.dispose]());

interface Bench extends Disposable {
  readonly parts: KeepParts & { readonly ledger: MemoryLedger; readonly log: RecordingLog };
  readonly database: Database;
  readonly file: string;
}

async function openBench(): Promise<Bench> {
  const folder = temporaryFolder();
  const database = openDatabase(join(folder.path, "keep.db"), "normal");
  migrate(database, [RECORDINGS_SCHEMA]);
  const ledger = new MemoryLedger();
  const file = join(folder.path, "s1-000003.mp4");
  await copyFile(SOURCE, file);
  return {
    parts: {
      ...{ dir: folder.path, database, ledger, log: new RecordingLog() },
      segments: openSegmentStore(database),
      gaps: openGapStore(database, ledger),
    },
    ...{ database, file },
    [Symbol.dispose]: () => {
      database[Symbol.dispose]();
      folder[Symbol.dispose]();
    },
  };
}

const CLOSED_AT = epochMs(1_800_000_000_000);

function order(change: Partial<KeepOrder> = {}): KeepOrder {
  return {
    ...{ camera: GATE, session: "s1", n: 3, path: "s1-000003.mp4", closedAt: CLOSED_AT },
    ...{ follows: undefined, found: false },
    ...change,
  };
}

test("a whole file is kept as it is; without a time of its own it is dated by its closing", async () => {
  using bench = await openBench();
  const before = await readFile(bench.file);
  const segment = await keepFile(order(), bench.parts);
  expect(segment).toMatchObject({ startAt: CLOSED_AT - 5_000, endAt: CLOSED_AT, bytes: before.length });
  expect(segment).toMatchObject({ recovered: false, suspect: false, ledgerN: 1 });
  expect((await readFile(bench.file)).equals(before)).toBe(true);
});

test("a torn file is cut after its last whole fragment", async () => {
  using bench = await openBench();
  await truncate(bench.file, (await readFile(bench.file)).length - 3_000);
  const segment = await keepFile(order(), bench.parts);
  expect(segment).toMatchObject({ recovered: true, startAt: CLOSED_AT - 4_000 });
  expect((await readFile(bench.file)).length).toBe(segment?.bytes);
});

test.each([
  ["an empty file", ""],
  ["something else", "not a film at all"],
])("%s is removed", async (_name, content) => {
  using bench = await openBench();
  await writeFile(bench.file, content);
  expect(await keepFile(order(), bench.parts)).toBeUndefined();
  expect(existsSync(bench.file)).toBe(false);
  expect(bench.parts.ledger.facts).toEqual([]);
});

test("a disk that reports an error makes the file suspect, and a person hears of it", async () => {
  using bench = await openBench();
  const sync = (): Promise<void> => Promise.reject(new Error("EIO: i/o error, fsync"));
  expect(await keepFile(order(), { ...bench.parts, sync })).toMatchObject({ suspect: true });
  expect(bench.parts.log.lines).toEqual(["error the disk reports an error; recording is suspect"]);
});

test.each([
  ["200 ms after the one before: joined to it", -5_200, -5_200, 0],
  ["2 s after the one before: a gap between", -7_000, -5_000, 1],
])("a file that begins %s", async (_name, followsMs, startMs, gapCount) => {
  using bench = await openBench();
  const follows = epochMs(CLOSED_AT + followsMs);
  const segment = await keepFile(order({ follows }), bench.parts);
  expect(segment?.startAt).toBe(CLOSED_AT + startMs);
  const gaps = bench.parts.ledger.facts.filter(({ kind }) => kind === "gap");
  expect(gaps).toHaveLength(gapCount);
});

test("when its row is refused nothing of it is stored, and the file stays", async () => {
  using bench = await openBench();
  await keepFile(order(), bench.parts);
  await expect(keepFile(order(), bench.parts)).rejects.toThrow(/UNIQUE/);
  expect(bench.parts.segments.count(GATE)).toBe(1);
  expect(existsSync(bench.file)).toBe(true);
});
