import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { capture } from "../../src/media/capture.ts";
import { openRtspServer, type RtspServer } from "../support/rtsp-server.ts";
import { until } from "../support/until.ts";

const PATIENTLY = { patienceMs: 60_000, everyMs: 50 };
const never = new AbortController().signal;

let server: RtspServer;
let dir: string;

beforeAll(async () => {
  server = await openRtspServer({ auth: "digest" });
  dir = await mkdtemp(join(tmpdir(), "capture-"));
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await rm(dir, { recursive: true, force: true });
});

const plain = { ffmpeg: "ffmpeg", transport: "tcp", audio: false } as const;

test("records and shows at once, tells each file, and ends in order", async () => {
  const stop = new AbortController();
  const live: Uint8Array[] = [];
  const files: string[] = [];
  const complaints: string[] = [];
  let frames = 0;
  const running = capture(
    {
      ...plain,
      url: server.urlWithPassword("sub"),
      record: { dir, session: "s1", segmentSec: 2 },
      live: { fragmentMs: 250 },
    },
    {
      onLive: (bytes) => live.push(bytes),
      onSegment: ({ file, startSec, endSec }) => files.push(`${file} ${endSec > startSec}`),
      onProgress: (progress) => {
        frames = progress.frames;
      },
      onLine: (line) => complaints.push(line),
    },
    stop.signal,
  );
  await until("two files", () => files.length >= 2, PATIENTLY);
  stop.abort();
  const end = await running;
  expect(end).toMatchObject({ code: 255, killedBy: null, notStarted: undefined });
  expect(frames).toBeGreaterThan(20);
  expect(Buffer.concat(live).toString("latin1", 4, 8)).toBe("ftyp");
  // The last file is told of too.
  expect(files.map((line) => line.split(" ")[0])).toEqual((await readdir(dir)).sort());
  expect(files.every((line) => line.endsWith("true"))).toBe(true);
  // Every frame of a guessed rate would be complained of; a start may be.
  expect(complaints.filter((line) => line.includes("Non-monotonous")).length).toBeLessThan(5);
});

test("a wrong password ends it, in words without the password", async () => {
  const url = server.urlWithPassword("sub").replace(server.password, "not-this-one");
  const end = await capture({ ...plain, url, live: { fragmentMs: 250 } }, {}, never);
  expect(end.code).toBe(1);
  const words = end.lastLines.join("\n");
  expect(words).toContain("401 Unauthorized");
  expect(words).not.toContain("not-this-one");
});

test("a missing program is named", async () => {
  const end = await capture(
    { ...plain, ffmpeg: "no-such-ffmpeg", url: server.url("sub"), live: { fragmentMs: 250 } },
    {},
    never,
  );
  expect(end.notStarted?.said.vi).toBe("Chưa cài chương trình no-such-ffmpeg.");
});

test("nothing is started when it was stopped before", async () => {
  const stop = new AbortController();
  stop.abort();
  const end = await capture({ ...plain, url: server.url("sub") }, {}, stop.signal);
  expect(end).toMatchObject({ pid: undefined, code: null });
});
