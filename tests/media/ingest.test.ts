import { createHash } from "node:crypto";
import { mkdir, readFile, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { synthesizeChime } from "../../src/media/chime.ts";
import {
  ingestAsIs,
  ingestAudio,
  ingestQuickly,
  type Ingested,
  type IngestProgress,
} from "../../src/media/ingest.ts";
import { openEspeak } from "../../src/media/speech-espeak.ts";
import { findMediaTools } from "../../src/media/tools.ts";
import { openMadeFiles, speechLike, type MadeFiles } from "../support/made-files.ts";

const never = new AbortController().signal;
const tools = findMediaTools();
const MINUTE_MS = 60_000;
let files: MadeFiles;
let works = 0;

beforeAll(async () => {
  files = await openMadeFiles();
});

afterAll(() => files[Symbol.asyncDispose]());

async function workDir(): Promise<string> {
  works += 1;
  const path = join(files.dir, `work-${works}`);
  await mkdir(path);
  return path;
}

async function ingest(path: string, maxDurationMs = MINUTE_MS, signal = never): Promise<Ingested> {
  const input = { type: "file", path, name: path.split("/").at(-1) ?? "" } as const;
  return ingestAudio(tools, { input, workDir: await workDir(), maxDurationMs }, signal);
}

function expectLoud({ after }: Ingested): void {
  expect(Math.abs((after.integratedLufs ?? 0) + 16)).toBeLessThanOrEqual(0.6);
  expect(after.peakDbtp ?? 0).toBeLessThanOrEqual(-1.5);
}

describe("takes", () => {
  const video = ["-f", "lavfi", "-i", "testsrc=d=5:s=160x120:r=5"];
  test.each([
    ["a video with sound", "clip.mp4", [...video, ...speechLike(5), "-shortest"]],
    ["a telephone's recording", "phone.m4a", speechLike(5, -30)],
    ["a loud recording", "loud.mp3", speechLike(5, 6)],
    ["stereo with one dead side", "left.wav", [...speechLike(5), "-af", "pan=stereo|c0=c0|c1=0*c0"]],
    ["96 kHz", "hi.flac", [...speechLike(5), "-ar", "96000"]],
    ["8 kHz", "lo.ogg", [...speechLike(5), "-ar", "8000", "-c:a", "libopus"]],
  ])("%s and brings it to −16 LUFS under −1.5 dBTP", async (_name, name, args) => {
    const ingested = await ingest(await files.make(name, ...args));
    expectLoud(ingested);
    expect(ingested.durationMs).toBeGreaterThan(4_300);
    expect(ingested.durationMs).toBeLessThan(5_300);
  });

  test("short sounds by their peak", async () => {
    const { after } = await ingest(await files.make("short.wav", ...speechLike(1.5, -30)));
    expect(after.peakDbtp).toBeGreaterThan(-5);
    expect(after.peakDbtp).toBeLessThanOrEqual(-1.5);
  });

  test("files whose name says nothing or lies", async () => {
    const path = await files.make("honest.wav", ...speechLike(4));
    const lying = join(files.dir, "-lying name; (1).pdf");
    await writeFile(lying, await readFile(path));
    expectLoud(await ingest(lying));
  });
});

test("cuts silent ends, keeps a margin, and reports both", async () => {
  const delayed = ["-af", "volume=-12dB,adelay=2000,apad=pad_dur=3"];
  const path = await files.make(
    "padded.wav",
    "-f",
    "lavfi",
    "-i",
    "anoisesrc=d=4:c=pink:a=0.5:seed=3",
    ...delayed,
  );
  const ingested = await ingest(path);
  expect(ingested.trimmedHeadMs).toBeGreaterThan(1_800);
  expect(ingested.trimmedHeadMs).toBeLessThan(2_000);
  expect(ingested.trimmedTailMs).toBeGreaterThan(2_600);
  expect(ingested.trimmedTailMs).toBeLessThan(2_900);
  expect(ingested.durationMs).toBeGreaterThan(4_200);
  expect(ingested.durationMs).toBeLessThan(4_500);
});

test("writes plain frames at a constant bit rate, the same bytes each time", async () => {
  const path = await files.make("same.wav", ...speechLike(4));
  const hashes: string[] = [];
  for (const round of [1, 2]) {
    const { files: encoded, durationMs } = await ingest(path);
    expect(encoded.map(({ kbps, sampleRateHz }) => [kbps, sampleRateHz])).toEqual([
      [64, 44_100],
      [32, 24_000],
    ]);
    const [wide, narrow] = await Promise.all(encoded.map((file) => readFile(file.path)));
    expect(wide?.subarray(0, 2).toString("hex")).toBe("fffb");
    expect(narrow?.subarray(0, 2).toString("hex")).toBe("fff3");
    expect(wide?.includes("Xing")).toBe(false);
    expect(wide?.includes("Info")).toBe(false);
    expect(wide?.length).toBe(encoded[0].bytes);
    expect(durationMs).toBeCloseTo(((wide?.length ?? 0) * 8) / 64, 0);
    hashes.push(
      createHash("sha256")
        .update(wide ?? "")
        .digest("hex"),
    );
    expect(round).toBe(hashes.length);
  }
  expect(hashes[0]).toBe(hashes[1]);
});

test("tells how far it is", async () => {
  const steps: IngestProgress[] = [];
  const input = {
    type: "file",
    path: await files.make("progress.wav", ...speechLike(4)),
    name: "p",
  } as const;
  const order = { input, workDir: await workDir(), maxDurationMs: MINUTE_MS };
  await ingestAudio(tools, { ...order, onProgress: (step) => steps.push(step) }, never);
  expect(steps.at(0)).toMatchObject({ step: "measuring", totalMs: 4_000 });
  expect(steps.at(-1)).toEqual({ step: "encoding" });
});

describe("refuses with a reason", () => {
  const PLAYLIST = "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n";
  test.each([
    ["a PDF", "%PDF-1.7\n1 0 obj", "a PDF document"],
    ["a picture", Buffer.from("89504e470d0a1a0a0000000d49484452", "hex"), "a PNG picture"],
    ["a text", "Kính mời bà con đến họp.", "a text file"],
    ["a playlist that names a local file", PLAYLIST, "a playlist"],
    [
      "a playlist that names an address",
      PLAYLIST.replace("file:///etc/passwd", "http://127.0.0.1:9/x.ts"),
      "a playlist",
    ],
    ["a list of other files", "ffconcat version 1.0\nfile /etc/passwd\n", "a list of other files"],
    ["noise without any format", Buffer.alloc(5_000, 0xa5), "holds no sound"],
  ])("%s named .mp3", async (name, content, what) => {
    const path = join(files.dir, `${name}.mp3`);
    await writeFile(path, content);
    await expect(ingest(path)).rejects.toMatchObject({
      kind: "invalid",
      field: "file",
      message: expect.stringContaining(what) as string,
    });
  });

  test("a film without sound", async () => {
    const path = await files.make("mute.mp4", "-f", "lavfi", "-i", "testsrc=d=2:s=160x120:r=5");
    await expect(ingest(path)).rejects.toThrow("holds no sound");
  });

  test.each([
    ["silence", "silence.flac", "anullsrc=d=5", "silent from beginning to end"],
    ["hiss below −45 dB", "hiss.flac", "anoisesrc=d=5:a=0.003", "silent from beginning to end"],
    ["a single click", "click.wav", "sine=d=0.2,apad=pad_dur=3", "only"],
  ])("%s", async (_name, name, source, why) => {
    await expect(ingest(await files.make(name, "-f", "lavfi", "-i", source))).rejects.toMatchObject({
      kind: "invalid",
      message: expect.stringContaining(why) as string,
    });
  });

  test.each([
    ["WAV", "cut.wav", []],
    ["MP3", "cut.mp3", []],
    ["M4A", "cut.m4a", []],
    ["FLAC", "cut.flac", []],
  ])("a %s file that was cut off", async (_name, name, args) => {
    const path = await files.make(name, ...speechLike(12), ...args);
    await truncate(path, Math.floor((await stat(path)).size / 2));
    await expect(ingest(path)).rejects.toMatchObject({
      kind: "invalid",
      message: expect.stringContaining("end is missing") as string,
    });
  });

  test("hours of silence in a few bytes, when the file says so", async () => {
    const path = await files.make("bomb.flac", "-f", "lavfi", "-i", "anullsrc=d=7200:r=8000:cl=mono");
    expect((await stat(path)).size).toBeLessThan(2_000_000);
    await expect(ingest(path, 60 * MINUTE_MS)).rejects.toMatchObject({
      kind: "invalid",
      message: expect.stringContaining("longer than the 60 minutes") as string,
    });
  });

  test("hours of silence in a file that does not say how long it is", async () => {
    const path = await files.make(
      "bomb.aac",
      "-f",
      "lavfi",
      "-i",
      "anullsrc=d=600:r=44100:cl=mono",
      "-b:a",
      "8k",
    );
    const dir = await workDir();
    const input = { type: "file", path, name: "bomb.aac" } as const;
    await expect(
      ingestAudio(tools, { input, workDir: dir, maxDurationMs: MINUTE_MS }, never),
    ).rejects.toMatchObject({ kind: "invalid", message: expect.stringContaining("longer than") as string });
    // It stopped at the limit instead of filling the disk.
    expect((await stat(join(dir, "decoded.raw"))).size).toBeLessThan(62 * 88_200);
  });
});

test("stops when asked, with the asker's reason", async () => {
  const path = await files.make("stopped.wav", ...speechLike(20));
  const stop = new AbortController();
  const input = { type: "file", path, name: "x" } as const;
  const order = { input, workDir: await workDir(), maxDurationMs: MINUTE_MS };
  const onProgress = (): void => stop.abort(new Error("the officer left"));
  await expect(ingestAudio(tools, { ...order, onProgress }, stop.signal)).rejects.toThrow("the officer left");
});

test.each([
  ["ffprobe", { ...tools, ffprobe: "/nowhere/ffprobe" }],
  ["ffmpeg", { ...tools, ffmpeg: "/nowhere/ffmpeg" }],
])("a missing %s is named with its remedy, and is not the file's fault", async (name, broken) => {
  const path = await files.make("fine.wav", ...speechLike(3));
  const input = { type: "file", path, name: "x" } as const;
  const order = { input, workDir: await workDir(), maxDurationMs: MINUTE_MS };
  await expect(ingestAudio(broken, order, never)).rejects.toMatchObject({
    kind: "unavailable",
    hint: { vi: expect.stringContaining(`apt-get install ${name}`) as string },
  });
});

describe("speech", () => {
  const TEXT =
    "Khẩn cấp: nước sông đang lên nhanh, bà con ở bãi ngoài di chuyển ngay lên đê, mang theo giấy tờ và thuốc.";

  test.each(["vi", "vi-vn-x-central", "vi-vn-x-south"])(
    "the quick way is nearly as loud for %s",
    async (voice) => {
      const pcm = await openEspeak(tools).speak(TEXT, voice, never);
      const ingested = await ingestQuickly(tools, { pcm, workDir: await workDir() }, never);
      expect(Math.abs((ingested.after.integratedLufs ?? 0) + 16)).toBeLessThanOrEqual(1.5);
      expect(ingested.after.peakDbtp).toBeLessThanOrEqual(-1.5);
      expect(ingested.durationMs).toBeGreaterThan(3_000);
    },
  );

  test("the quick way suits itself to a quiet voice", async () => {
    const pcm = await openEspeak(tools).speak(TEXT, "vi", never);
    const quiet = { ...pcm, samples: pcm.samples.map((sample) => sample / 4) };
    const ingested = await ingestQuickly(tools, { pcm: quiet, workDir: await workDir() }, never);
    expect(Math.abs((ingested.after.integratedLufs ?? 0) + 16)).toBeLessThanOrEqual(1.5);
  });

  test("a voice that says nothing is refused", async () => {
    const pcm = { sampleRateHz: 22_050, samples: new Int16Array(22_050) };
    await expect(ingestQuickly(tools, { pcm, workDir: await workDir() }, never)).rejects.toMatchObject({
      kind: "invalid",
      field: "text",
    });
  });
});

test("our own sounds keep their level", async () => {
  const ingested = await ingestAsIs(
    tools,
    { pcm: synthesizeChime("opening"), workDir: await workDir() },
    never,
  );
  expect(ingested.after.peakDbtp).toBeCloseTo(-3, 0);
  expect(ingested).toMatchObject({ trimmedHeadMs: 0, trimmedTailMs: 0 });
});
