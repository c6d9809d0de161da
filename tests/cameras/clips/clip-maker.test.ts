import { readdirSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { makeClip } from "../../../src/cameras/clips/clip-maker.ts";
import type { CameraId } from "../../../src/cameras/rules/model.ts";
import { systemClock } from "../../../src/kernel/clock.ts";
import { epochMs } from "../../../src/kernel/time.ts";
import { runProcess } from "../../../src/media/process.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { filmSegments, MadeRing, packetHashes } from "../made-ring.ts";

const COUNTER = "counter" as CameraId;
const AT = 1_760_000_000_000;

let film: readonly string[];
let other: readonly string[];
let hashes: readonly string[];

beforeAll(async () => {
  const folder = temporaryFolder();
  film = await filmSegments({ folder: folder.path, name: "film", files: 3 });
  other = await filmSegments({ folder: folder.path, name: "other", files: 1, widthPx: 320 });
  hashes = (await Promise.all(film.map(packetHashes))).flat();
  return () => folder[Symbol.dispose]();
});

const never = new AbortController().signal;

function opened() {
  const folder = temporaryFolder();
  const ring = new MadeRing(folder.path);
  const cut = (fromSec: number, toSec: number, file = "clip.mp4") =>
    makeClip(
      {
        camera: COUNTER,
        span: { from: epochMs(AT + fromSec * 1_000), to: epochMs(AT + toSec * 1_000) },
        file: join(folder.path, file),
      },
      { recordings: ring, clock: systemClock, ffmpeg: "ffmpeg" },
      never,
    );
  return {
    ...folder,
    folder,
    ring,
    cut,
    clip: join(folder.path, "clip.mp4"),
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  };
}

const seconds = ({ from, to }: { from: number; to: number }): string =>
  `${(from - AT) / 1_000}–${(to - AT) / 1_000}`;

test("across three files every packet is that of the source, from a key frame on", async () => {
  using all = opened();
  film.forEach((file, n) => all.ring.add(COUNTER, file, { startMs: AT + n * 8_000, session: "s", n }));
  const made = await all.cut(5, 19);
  expect(seconds(made.delivered)).toBe("4–19");
  expect(await packetHashes(all.clip)).toEqual(hashes.slice(40, 190));
  const { stdout } = await runProcess(
    {
      command: "ffprobe",
      args: ["-v", "error", "-show_entries", "packet=flags,pts_time", "-of", "csv=p=0", all.clip],
    },
    never,
  );
  const packets = stdout.toString("utf8").trim().split("\n");
  expect(packets[0]).toBe("0.000000,K_");
  // Media time runs on without a step where one file ends and the next begins.
  expect(packets.map((line) => Number(line.split(",")[0]))).toEqual(
    Array.from({ length: 150 }, (_, index) => Number((index / 10).toFixed(6))),
  );
});

test("has its index in front, so that a browser can begin at once", async () => {
  using all = opened();
  all.ring.add(COUNTER, film[0] ?? "", { startMs: AT, session: "s", n: 0 });
  await all.cut(0, 8);
  const { stderr } = await runProcess({ command: "ffprobe", args: ["-v", "trace", all.clip] }, never);
  const boxes = [...stderr.matchAll(/type:'(ftyp|moov|mdat)' parent:'root'/g)].map((match) => match[1]);
  expect(boxes).toEqual(["ftyp", "moov", "mdat"]);
});

test("takes the whole fragments of the file that is being written", async () => {
  using all = opened();
  all.ring.add(COUNTER, film[0] ?? "", { startMs: AT, session: "s", n: 0 });
  all.ring.setOpen(COUNTER, film[1] ?? "", { startMs: AT + 8_000, session: "s", n: 1, share: 0.55 });
  const made = await all.cut(0, 12);
  expect(seconds(made.delivered)).toBe("0–12");
  expect(await packetHashes(all.clip)).toEqual(hashes.slice(0, 120));
});

test("names a gap and its cause, and where the clip goes on after it", async () => {
  using all = opened();
  all.ring.add(COUNTER, film[0] ?? "", { startMs: AT, session: "s", n: 0 });
  all.ring.add(COUNTER, film[1] ?? "", { startMs: AT + 20_000, session: "t", n: 0 });
  all.ring.addGap(COUNTER, { from: epochMs(AT + 8_000), to: epochMs(AT + 18_000) }, "camera-offline");
  const made = await all.cut(0, 30);
  expect(made.gaps.map(({ cause, ...gap }) => `${seconds(gap)} ${cause}`)).toEqual([
    "8–18 camera-offline",
    "18–20 unknown",
    "28–30 unknown",
  ]);
  expect(made.stretches.map(({ mediaMs, ...wall }) => `${mediaMs}: ${seconds(wall)}`)).toEqual([
    "0: 0–8",
    "8000: 20–28",
  ]);
  expect(await packetHashes(all.clip)).toEqual(hashes.slice(0, 160));
});

test("does not join pictures of different size: the longer run is in, the other told as a gap", async () => {
  using all = opened();
  all.ring.add(COUNTER, other[0] ?? "", { startMs: AT, session: "s", n: 0 });
  all.ring.add(COUNTER, film[0] ?? "", { startMs: AT + 8_000, session: "t", n: 0 });
  all.ring.add(COUNTER, film[1] ?? "", { startMs: AT + 16_000, session: "t", n: 1 });
  const made = await all.cut(0, 24);
  expect(seconds(made.delivered)).toBe("8–24");
  expect(made.widthPx).toBe(640);
  expect(made.gaps.map(({ cause, ...gap }) => `${seconds(gap)} ${cause}`)).toEqual(["0–8 stream-changed"]);
});

test("waits for a file that is being closed", async () => {
  using all = opened();
  const [first = "", second = "", third = ""] = film;
  all.ring.add(COUNTER, first, { startMs: AT, session: "s", n: 0 });
  all.ring.setOpen(COUNTER, third, { startMs: AT + 16_000, session: "s", n: 2, share: 0.5 });
  const cutting = all.cut(0, 18);
  all.ring.add(COUNTER, second, { startMs: AT + 8_000, session: "s", n: 1 });
  expect(seconds((await cutting).delivered)).toBe("0–18");
});

test("nothing recorded is said so, and leaves no file", async () => {
  using all = opened();
  all.ring.add(COUNTER, film[0] ?? "", { startMs: AT, session: "s", n: 0 });
  await expect(all.cut(100, 110)).rejects.toMatchObject({ kind: "not-found", field: "from" });
  expect(readdirSync(all.folder.path).filter((name) => name.startsWith("clip"))).toEqual([]);
});

test("a clip that is stopped leaves no file", async () => {
  using all = opened();
  all.ring.add(COUNTER, film[0] ?? "", { startMs: AT, session: "s", n: 0 });
  const stopped = AbortSignal.abort(new Error("stopped"));
  const cutting = makeClip(
    { camera: COUNTER, span: { from: epochMs(AT), to: epochMs(AT + 8_000) }, file: all.clip },
    { recordings: all.ring, clock: systemClock, ffmpeg: "ffmpeg" },
    stopped,
  );
  await expect(cutting).rejects.toThrow("stopped");
  expect(readdirSync(all.folder.path).filter((name) => name.startsWith("clip"))).toEqual([]);
});
