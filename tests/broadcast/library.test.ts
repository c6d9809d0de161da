import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { LIBRARY_SCHEMA } from "../../src/broadcast/library-store.ts";
import { openLibrary, type Library } from "../../src/broadcast/library.ts";
import { findMediaTools } from "../../src/media/tools.ts";
import { openEspeak } from "../../src/media/speech-espeak.ts";
import { openDatabase, type Database } from "../../src/store/database.ts";
import { migrate } from "../../src/store/migrate.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { RecordingLog } from "../support/recording-log.ts";

const signal = new AbortController().signal;
const tools = findMediaTools();
let root = "";
let database: Database;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "library-"));
  database = openDatabase(join(root, "test.db"), "normal");
  migrate(database, [LIBRARY_SCHEMA]);
});

afterEach(async () => {
  database[Symbol.dispose]();
  await rm(root, { recursive: true });
});

function open(): Promise<Library> {
  const parts = {
    database,
    clock: new FakeClock(1_000_000),
    log: new RecordingLog(),
    tools,
    engine: openEspeak(tools),
  };
  return openLibrary({ ...parts, dir: join(root, "audio") }, signal);
}

test("speaks a text and keeps both formats under their hashes", async () => {
  const library = await open();
  const audio = await library.addSpeech(
    { text: "Kính mời bà con đến họp lúc bảy giờ tối nay.", by: "u1" },
    signal,
  );
  expect(audio).toMatchObject({
    origin: "speech",
    by: "u1",
    name: "Kính mời bà con đến họp lúc bảy giờ tối nay.",
  });
  expect(audio.durationMs).toBeGreaterThan(2_000);
  expect(audio.files.map(({ kbps }) => kbps)).toEqual([64, 32]);
  expect(audio.sha256).toBe(audio.files[0]?.sha256);
  for (const file of library.part(audio.id).files) {
    const path = library.pathOf(file.sha256);
    expect((await stat(path ?? "")).size).toBe(file.bytes);
  }
  expect(library.get(audio.id)).toMatchObject({ sha256: audio.sha256, speech: { readText: audio.readText } });
  expect(await readdir(join(root, "audio", "incoming"))).toEqual([]);
});
