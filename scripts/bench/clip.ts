/**
 * Time to cut a clip of 60 s with pre-roll out of the ring, the open file included, against ffmpeg's concat on the same
 * files, turn by turn. `clip.ts [rounds]`; default 15. The clip's packets are compared with the ring's.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeClip } from "../../src/cameras/clips/clip-maker.ts";
import type { CameraId } from "../../src/cameras/rules/model.ts";
import { systemClock as clock } from "../../src/kernel/clock.ts";
import { epochMs } from "../../src/kernel/time.ts";
import { runProcess } from "../../src/media/process.ts";
import { FILE_SEC, filmSegments, MadeRing } from "../../tests/cameras/made-ring.ts";
import { temporaryFolder } from "../../tests/support/temporary-folder.ts";

const rounds = Number(process.argv[2] ?? "15");
const CAMERA = "bench" as CameraId;
const START_MS = 1_800_000_000_000;
const FILES = 12;
/** 10 s before what happened, 50 s after. */
const FROM_SEC = 31;
const LENGTH_SEC = 60;
/** Of a good 1080p counter camera. */
const KBPS = 3_000;
const BAR_MS = 500;
const never = new AbortController().signal;

async function hashes(file: string): Promise<readonly string[]> {
  const args = ["-v", "error", "-i", file, "-map", "0:v:0", "-c", "copy", "-f", "framemd5", "-"];
  const { stdout } = await runProcess({ command: "ffmpeg", args }, never);
  const lines = stdout.toString().split("\n");
  return lines.filter((line) => line !== "" && !line.startsWith("#")).map((line) => line.slice(-32));
}

using folder = temporaryFolder();
const filmed = join(folder.path, "filmed");
const made = join(folder.path, "made");
for (const dir of [filmed, made]) mkdirSync(dir);
const files = await filmSegments({ folder: filmed, name: "film", files: FILES, widthPx: 1920, kbps: KBPS });
const ring = new MadeRing(folder.path);
const last = files.length - 1;
for (const [n, file] of files.slice(0, last).entries()) {
  ring.add(CAMERA, file, { startMs: START_MS + n * FILE_SEC * 1_000, session: "s", n });
}
ring.setOpen(CAMERA, files[last] ?? "", {
  ...{ startMs: START_MS + last * FILE_SEC * 1_000, session: "s", n: last, share: 0.7 },
});
const span = {
  from: epochMs(START_MS + FROM_SEC * 1_000),
  to: epochMs(START_MS + (FROM_SEC + LENGTH_SEC) * 1_000),
};
const list = join(folder.path, "list.txt");
writeFileSync(list, files.map((file) => `file '${file}'`).join("\n"));
const concat = ["-v", "error", "-y", "-f", "concat", "-safe", "0", "-ss", String(FROM_SEC), "-i", list];
const copied = ["-t", String(LENGTH_SEC), "-c", "copy", "-movflags", "+faststart", join(made, "peer.mp4")];

const ours: number[] = [];
const peer: number[] = [];
let first = "";
for (let round = 0; round < rounds; round += 1) {
  const file = join(made, `clip-${round}.mp4`);
  first ||= file;
  let began = performance.now();
  await makeClip({ camera: CAMERA, span, file }, { recordings: ring, clock, ffmpeg: "ffmpeg" }, never);
  ours.push(performance.now() - began);
  began = performance.now();
  await runProcess({ command: "ffmpeg", args: [...concat, ...copied] }, never);
  peer.push(performance.now() - began);
}
const known = new Set((await Promise.all(files.map(hashes))).flat());
const cut = await hashes(first);
const same = cut.filter((hash) => known.has(hash)).length;
const sorted = (times: number[]): string => {
  const [least, middle, most] = [0, 0.5, 0.999].map(
    (share) => times.sort((a, b) => a - b)[Math.floor(share * times.length)] ?? 0,
  );
  return `${(least ?? 0).toFixed(0)} / ${(middle ?? 0).toFixed(0)} / ${(most ?? 0).toFixed(0)} ms`;
};
console.log(
  `60 s of 1080p, ${KBPS} kbit/s, with pre-roll (min / median / max): ours ${sorted(ours)}, ffmpeg concat ${sorted(peer)}`,
);
const median = ours[Math.floor(ours.length / 2)] ?? 0;
console.log(
  `ratio of medians ${(median / (peer[Math.floor(peer.length / 2)] ?? 1)).toFixed(2)}; ours also hashes and syncs`,
);
console.log(
  `packets as in the ring: ${same} of ${cut.length}; bar ${BAR_MS} ms: ${median <= BAR_MS ? "met" : "MISSED"}`,
);
