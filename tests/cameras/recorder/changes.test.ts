import { afterAll, beforeAll, expect, test } from "vitest";
import type { Clock } from "../../../src/kernel/clock.ts";
import { systemClock } from "../../../src/kernel/clock.ts";
import { epochMs, HOUR_MS } from "../../../src/kernel/time.ts";
import { runProcess } from "../../../src/media/process.ts";
import { openRtspServer, type RtspServer } from "../../support/rtsp-server.ts";
import { until } from "../../support/until.ts";
import { cameraAt, gapsOf, GATE, openDesk, segmentsOf } from "./support.ts";

const PATIENTLY = { patienceMs: 90_000, everyMs: 50 };
const LONG = { timeout: 180_000 };
const never = new AbortController().signal;

let server: RtspServer;

beforeAll(async () => {
  server = await openRtspServer();
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

/** Width and height of every decoded picture of a file; fails when ffmpeg complains. */
async function sizesOf(file: string): Promise<readonly string[]> {
  const { stdout, stderr } = await runProcess(
    {
      command: "ffprobe",
      args: [
        ...["-v", "error", "-select_streams", "v", "-show_entries", "frame=width,height"],
        ...["-of", "csv=p=0", file],
      ],
    },
    never,
  );
  expect(stderr).toBe("");
  return [...new Set(stdout.toString().match(/\d+,\d+/g))];
}

test("a camera that changes its resolution is recorded on, each file of one size", LONG, async () => {
  // Somebody else watches on, so that the stream does not begin anew, at its first size, with each of our runs.
  const leaving = new AbortController();
  const watching = runProcess(
    {
      command: "ffmpeg",
      args: [
        "-v",
        "quiet",
        "-rtsp_transport",
        "tcp",
        "-i",
        server.url("resize"),
        "-c",
        "copy",
        "-f",
        "null",
        "-",
      ],
    },
    leaving.signal,
  ).catch(() => undefined);
  await using desk = await openDesk({ cameras: [cameraAt(server.url("resize"))], segmentSec: 30 });
  await until("three sizes are kept", () => segmentsOf(desk).length >= 3, PATIENTLY);
  const sizes = [];
  for (const segment of segmentsOf(desk).slice(0, 3)) {
    const file = desk.recorder.pathOf(segment);
    const found = await sizesOf(file);
    expect(found).toHaveLength(1);
    sizes.push(found[0]);
  }
  leaving.abort();
  await watching;
  expect(new Set(sizes).size).toBe(2);
  const causes = new Set(gapsOf(desk).map(({ cause }) => cause));
  expect([...causes]).toEqual(["stream-changed"]);
});

test.each([
  ["forward", HOUR_MS],
  ["back", -HOUR_MS],
])("a clock set %s by an hour begins a new run, with the gap explained", LONG, async (_name, stepMs) => {
  let offsetMs = 0;
  const clock: Clock = { ...systemClock, now: () => epochMs(Date.now() + offsetMs) };
  const addedAt = epochMs(Date.now() - 2 * HOUR_MS);
  await using desk = await openDesk({
    cameras: [cameraAt(server.url("sub"), { addedAt })],
    clock,
    segmentSec: 30,
  });
  await until("it records", () => desk.recorder.status(GATE).state === "recording", PATIENTLY);
  offsetMs = stepMs;
  await until("a second run", () => gapsOf(desk)[0]?.to != null, PATIENTLY);
  const before = segmentsOf(desk)[0];
  const after = desk.recorder.openSegment(GATE);
  const gap = gapsOf(desk)[0];
  if (before === undefined || after === undefined || gap?.to == null) throw new Error("two runs and a gap");
  expect(gap.cause).toBe("clock-step");
  expect(Math.abs(before.startAt - Date.now())).toBeLessThan(60_000);
  expect(Math.abs(after.startAt - Date.now() - stepMs)).toBeLessThan(60_000);
  expect(after.session).not.toBe(before.session);
  expect(gap.to - gap.from).toBeLessThan(Math.max(stepMs, 0) + 60_000);
  await desk.stop();
  // Set back, the two overlap; both are found.
  expect(new Set(segmentsOf(desk).map(({ session }) => session))).toEqual(
    new Set([before.session, after.session]),
  );
  const { recordedMs } = desk.recorder.completeness(GATE, { from: epochMs(0), to: epochMs(8e15) });
  expect(recordedMs).toBeGreaterThan(1_000);
});

test("a camera whose own clock jumps is recorded without a hole", LONG, async () => {
  await using desk = await openDesk({ cameras: [cameraAt(server.url("sub"))] });
  await until("it records", () => desk.recorder.status(GATE).state === "recording", PATIENTLY);
  // A new client of a shared stream makes the server begin its RTP time anew for all.
  await runProcess(
    {
      command: "ffmpeg",
      args: [
        ...["-v", "error", "-rtsp_transport", "tcp", "-i", server.url("sub"), "-t", "2", "-c", "copy"],
        ...["-f", "null", "-"],
      ],
    },
    never,
  );
  const afterAt = Date.now();
  await until("recorded past it", () => (segmentsOf(desk).at(-1)?.startAt ?? 0) > afterAt, PATIENTLY);
  // The server may hold its breath meanwhile: what it did not send is a gap, and nothing else is.
  const seams = segmentsOf(desk)
    .slice(1)
    .map(({ startAt }, index) => ({ from: segmentsOf(desk)[index]?.endAt ?? startAt, to: startAt }))
    .filter(({ from, to }) => to - from > 1_500);
  expect(gapsOf(desk)).toMatchObject(seams.map((seam) => ({ ...seam, cause: "stalled" })));
  const longest = Math.max(...segmentsOf(desk).map(({ startAt, endAt }) => endAt - startAt));
  expect(longest).toBeLessThan(12_000);
});

test(
  "H.265 is recorded as it is, tagged as browsers play it, although it was taken for H.264",
  LONG,
  async () => {
    await using desk = await openDesk({ cameras: [cameraAt(server.url("h265"))] });
    await until("a file", () => segmentsOf(desk).length > 0, PATIENTLY);
    expect(segmentsOf(desk)[0]?.codec).toMatch(/^h(vc|ev)1\./);
  },
);
