import { createReadStream } from "node:fs";
import { cp, mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { LIBRARY_SCHEMA, type Audio } from "../../src/broadcast/library-store.ts";
import { openLibrary, type Library } from "../../src/broadcast/library.ts";
import { runProcess } from "../../src/media/process.ts";
import { openEspeak } from "../../src/media/speech-espeak.ts";
import { findMediaTools, type MediaTools } from "../../src/media/tools.ts";
import { openDatabase, type Database } from "../../src/store/database.ts";
import { migrate } from "../../src/store/migrate.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { openMadeFiles, speechLike, type MadeFiles } from "../support/made-files.ts";
import { RecordingLog } from "../support/recording-log.ts";

const signal = new AbortController().signal;
const tools = findMediaTools();
let made: MadeFiles;
let database: Database;
let log: RecordingLog;
let clock: FakeClock;

/** A library with nothing but its chimes, made once. */
let template: MadeFiles;

beforeAll(async () => {
  template = await openMadeFiles();
  made = template;
  using fresh = openDatabase(join(template.dir, "test.db"), "normal");
  migrate(fresh, [LIBRARY_SCHEMA]);
  database = fresh;
  log = new RecordingLog();
  clock = new FakeClock();
  await open();
});

afterAll(() => template[Symbol.asyncDispose]());

beforeEach(async () => {
  made = await openMadeFiles();
  await cp(template.dir, made.dir, { recursive: true });
  database = openDatabase(join(made.dir, "test.db"), "normal");
  log = new RecordingLog();
  clock = new FakeClock(1_000_000);
});

afterEach(async () => {
  database[Symbol.dispose]();
  await made[Symbol.asyncDispose]();
});

interface OpenHow {
  readonly tools?: MediaTools;
  readonly limits?: Parameters<typeof openLibrary>[0]["limits"];
}

function open({ tools: used = tools, limits }: OpenHow = {}): Promise<Library> {
  const parts = { database, clock, log, tools: used, engine: openEspeak(used), dir: join(made.dir, "audio") };
  return openLibrary(limits === undefined ? parts : { ...parts, limits }, signal);
}

function upload(library: Library, path: string): Promise<Audio> {
  return library.addUpload(createReadStream(path), { name: "tin.wav", by: "u1" }, { signal });
}

/** Every audio file in its place, and what lies beside them. */
async function stored(): Promise<string[]> {
  const all = await readdir(join(made.dir, "audio"), { recursive: true });
  return all.filter((name) => !/^[0-9a-f]{2}$/.test(name) && name !== "incoming").sort();
}

function hashesOf({ files }: Audio): string[] {
  return files.map(({ sha256 }) => `${sha256.slice(0, 2)}/${sha256.slice(2)}.mp3`);
}

describe("speech", () => {
  const TEXT = "UBND xã mời bà con đến họp lúc 7h30 tối nay.";

  test("is read as it will be shown, and kept with both texts", async () => {
    const library = await open();
    library.setGlossary({ "bà con": "bà con cô bác" });
    const audio = await library.addSpeech({ text: TEXT, by: "u1" }, signal);
    const readText = "ủy ban nhân dân xã mời bà con cô bác đến họp lúc bảy giờ ba mươi phút tối nay.";
    expect(library.readAloud(TEXT).readText).toBe(readText);
    expect(audio).toMatchObject({ origin: "speech", by: "u1", name: TEXT, createdAt: 1_000_000, readText });
    expect(library.get(audio.id)?.speech).toEqual({ text: TEXT, readText, voice: "vi" });
    expect(audio.sha256).toBe(audio.files[0]?.sha256);
    expect(library.part(audio.id)).toEqual({ durationMs: audio.durationMs, files: audio.files });
    for (const file of audio.files) {
      expect((await stat(library.pathOf(file.sha256) ?? "")).size).toBe(file.bytes);
    }
  });

  test("in a hurry is the same words", async () => {
    const library = await open();
    const audio = await library.addSpeech({ text: TEXT, by: "u1", quick: true, name: "Khẩn" }, signal);
    expect(audio.name).toBe("Khẩn");
    expect(audio.durationMs).toBeGreaterThan(2_000);
    expect(audio.loudness.afterPeakDbtp).toBeLessThanOrEqual(-1.5);
  });

  test.each([
    ["of 100,000 characters", "Mời bà con. ".repeat(8_334), "20.000"],
    ["of nothing", "   \n ", "không có chữ"],
    ["of pictures only", "😀🎉 ***", "không có chữ"],
  ])("%s is refused, naming the field", async (_name, text, why) => {
    const library = await open();
    await expect(library.addSpeech({ text, by: "u1" }, signal)).rejects.toMatchObject({
      kind: "invalid",
      field: "text",
      said: { vi: expect.stringContaining(why) as string },
    });
    expect(library.list({ limit: 10 })).toEqual([]);
  });

  test("emoji, mixed letters and invisible marks change nothing", async () => {
    const library = await open();
    const plain = await library.addSpeech({ text: "Mời bà con họp.", by: "u1" }, signal);
    const messy = `${"Mời bà con".normalize("NFD")}\u200b 😀 họp.`;
    expect((await library.addSpeech({ text: messy, by: "u1" }, signal)).sha256).toBe(plain.sha256);
  });
});

test("uploads arrive in pieces and keep their measurements", async () => {
  const library = await open();
  const steps: string[] = [];
  const path = await made.make("in.wav", ...speechLike(4));
  const audio = await library.addUpload(
    createReadStream(path, { highWaterMark: 10_000 }),
    { name: "Tin sáng", by: "u1" },
    { signal, onProgress: ({ step }) => steps.push(step) },
  );
  expect(new Set(steps)).toEqual(new Set(["receiving", "measuring", "encoding"]));
  expect(steps.filter((step) => step === "receiving").length).toBeGreaterThan(30);
  expect(audio).toMatchObject({ name: "Tin sáng", origin: "upload" });
  expect(audio.loudness.beforeLufs).toBeLessThan(-16);
  expect(Math.abs((audio.loudness.afterLufs ?? 0) + 16)).toBeLessThanOrEqual(0.6);
  expect(library.get(audio.id)).toEqual(audio);
});

test("what is stored alongside is stored with the audio, or neither is", async () => {
  const library = await open();
  const refuse = (): void => {
    throw new Error("the trail is full");
  };
  await expect(
    library.addSpeech({ text: "Mời bà con họp.", by: "u1", alongside: refuse }, signal),
  ).rejects.toThrow("the trail is full");
  expect(library.list({ limit: 10 })).toEqual([]);
  const seen: string[] = [];
  const alongside = ({ id }: Audio): void => void seen.push(id);
  const audio = await library.addSpeech({ text: "Mời bà con họp.", by: "u1", alongside }, signal);
  expect(seen).toEqual([audio.id]);
});

describe("refused uploads leave nothing behind", () => {
  async function* broken(path: string): AsyncGenerator<Uint8Array> {
    yield (await readFile(path)).subarray(0, 50_000);
    throw new Error("socket hang up");
  }

  test.each([
    ["larger than allowed", { maxUploadBytes: 100_000 }, "larger than"],
    ["longer than allowed", { maxDurationMs: 2_000 }, "longer than"],
  ])("%s", async (_name, limits, why) => {
    const library = await open({ limits });
    const before = await stored();
    await expect(upload(library, await made.make("big.wav", ...speechLike(4)))).rejects.toMatchObject({
      kind: "invalid",
      field: "file",
      message: expect.stringContaining(why) as string,
    });
    expect(await stored()).toEqual(before);
  });

  test("cut off in the middle, or empty", async () => {
    const library = await open();
    const before = await stored();
    const path = await made.make("cut.wav", ...speechLike(4));
    const meta = { name: "tin.wav", by: "u1" };
    await expect(library.addUpload(broken(path), meta, { signal })).rejects.toThrow("end is missing");
    await writeFile(path, "");
    await expect(upload(library, path)).rejects.toThrow("is empty");
    expect(await stored()).toEqual(before);
    expect(library.list({ limit: 10 })).toEqual([]);
  });
});

describe("at the next start", () => {
  test("the chimes are the same, and everything is still there", async () => {
    const first = await open();
    const audio = await first.addSpeech({ text: "Mời bà con họp.", by: "u1" }, signal);
    const before = await stored();
    const second = await open();
    expect(second.chimes).toEqual(first.chimes);
    expect(second.get(audio.id)).toMatchObject({ sha256: audio.sha256 });
    expect(await stored()).toEqual(before);
    expect(log.lines).toEqual([]);
  });

  test("what an interrupted run left is swept away, and nothing else", async () => {
    const library = await open();
    const audio = await library.addSpeech({ text: "Mời bà con họp.", by: "u1" }, signal);
    const before = await stored();
    const dir = join(made.dir, "audio");
    await mkdir(join(dir, "incoming", "dead"));
    await writeFile(join(dir, "incoming", "dead", "decoded.raw"), "half");
    await mkdir(join(dir, "ff"), { recursive: true });
    await writeFile(join(dir, "ff", `${"0".repeat(62)}.mp3`), "no row names it");
    await open();
    expect(await stored()).toEqual(before);
    expect(before).toEqual(expect.arrayContaining(hashesOf(audio)));
  });

  test("a missing file is told; a missing chime is made again", async () => {
    const library = await open();
    const audio = await library.addSpeech({ text: "Mời bà con họp.", by: "u1" }, signal);
    await rm(library.pathOf(audio.sha256) ?? "");
    await rm(library.pathOf(library.chimes.opening.sha256) ?? "");
    const again = await open();
    expect(log.lines).toEqual(["error audio files are missing; restore a backup"]);
    expect((await stat(again.pathOf(again.chimes.opening.sha256) ?? "")).size).toBeGreaterThan(10_000);
  });

  test("without ffmpeg a library that has its chimes still opens", async () => {
    await open();
    const library = await open({ tools: { ...tools, ffmpeg: "/nowhere/ffmpeg" } });
    expect(library.chimes.emergency.durationMs).toBeGreaterThan(3_000);
    await expect(library.addSpeech({ text: "Mời bà con họp.", by: "u1" }, signal)).rejects.toMatchObject({
      kind: "unavailable",
    });
  });
});

test("the list is the newest first, without chimes, page by page", async () => {
  const library = await open();
  for (const text of ["Một.", "Hai hai hai.", "Ba ba ba ba."]) {
    clock.step(1_000);
    await library.addSpeech({ text, by: "u1", quick: true }, signal);
  }
  const names = (page: Parameters<Library["list"]>[0]): string[] =>
    library.list(page).map(({ name }) => name);
  expect(names({ limit: 2 })).toEqual(["Ba ba ba ba.", "Hai hai hai."]);
  const [, second] = library.list({ limit: 2 });
  expect(names({ limit: 2, before: second?.createdAt ?? clock.now() })).toEqual(["Một."]);
});

test("only hashes of the library have a path", async () => {
  const library = await open();
  expect(library.pathOf("0".repeat(64))).toBeUndefined();
  expect(library.pathOf("../../etc/passwd")).toBeUndefined();
  expect(() => library.part("nothing")).toThrow("no audio nothing");
});

describe("on a full disk", () => {
  const fixture = join(import.meta.dirname, "../fixtures/library-upload.ts");

  /** A disk of a few megabytes where the kernel lets us mount one, else a limit on the size of files. */
  async function smallDisk(dir: string): Promise<readonly string[]> {
    const mount = `mount -t tmpfs -o size=5m none '${dir}' && exec "$0" "$@"`;
    const onTmpfs = ["unshare", "-rm", "sh", "-c", mount];
    const [command = "", ...args] = onTmpfs;
    const mounted = await runProcess({ command, args: [...args, "true"] }, signal).then(
      () => true,
      () => false,
    );
    return mounted ? onTmpfs : ["prlimit", "--fsize=2500000"];
  }

  test("nothing is stored and the officer is told what to do", async () => {
    await open();
    const path = await made.make("long.wav", ...speechLike(40));
    const dir = join(made.dir, "small");
    await mkdir(dir);
    const [command = "", ...args] = await smallDisk(dir);
    const database2 = join(made.dir, "other.db");
    const { stdout } = await runProcess(
      { command, args: [...args, process.execPath, fixture, database2, dir, path] },
      signal,
    );
    expect(JSON.parse(stdout.toString())).toEqual({
      kind: "unavailable",
      vi: expect.stringContaining("Ổ đĩa đã đầy") as string,
      hint: "Chưa lưu gì cả. Hãy giải phóng dung lượng rồi gửi lại.",
    });
    using other = openDatabase(database2);
    expect(other.all("SELECT * FROM audio WHERE origin <> 'chime'")).toEqual([]);
  });
});
