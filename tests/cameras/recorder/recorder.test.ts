import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openRtspServer, type RtspServer } from "../../support/rtsp-server.ts";
import { until } from "../../support/until.ts";
import type { CameraId } from "../../../src/cameras/rules/model.ts";
import { cameraAt, gapsOf, GATE, openDesk, segmentsOf } from "./support.ts";

const PATIENTLY = { patienceMs: 120_000, everyMs: 50 };

let server: RtspServer;

beforeAll(async () => {
  server = await openRtspServer();
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

test(
  "records files that join without a hole, each hashed and in the ledger",
  { timeout: 120_000 },
  async () => {
    await using desk = await openDesk({ cameras: [cameraAt(server.url("sub"))] });
    await until("three files", () => segmentsOf(desk).length >= 3, PATIENTLY);
    const segments = segmentsOf(desk);
    for (const [index, segment] of segments.entries()) {
      const bytes = await readFile(desk.recorder.pathOf(segment));
      expect(createHash("sha256").update(bytes).digest("hex")).toBe(segment.sha256);
      expect(bytes.length).toBe(segment.bytes);
      const next = segments[index + 1];
      if (next !== undefined) expect(next.startAt - segment.endAt).toBe(0);
      expect(segment).toMatchObject({
        n: index,
        recovered: false,
        suspect: false,
        codec: expect.stringMatching(/^avc1\.42/),
      });
    }
    expect(desk.recorder.status(GATE)).toMatchObject({ state: "recording", detail: null });
    expect(desk.recorder.status(GATE).fps).toBeGreaterThan(5);
    expect(desk.live.bytes).toBeGreaterThan(20_000);
    const running = desk.recorder.openSegment(GATE);
    expect(running?.startAt).toBe(segments.at(-1)?.endAt);
    expect(desk.ledger.facts.filter(({ kind }) => kind === "segment")).toHaveLength(segmentsOf(desk).length);
  },
);

test(
  "sixteen cameras are recorded at once; one that is dead touches none of the others",
  { timeout: 180_000 },
  async () => {
    const ids = Array.from({ length: 16 }, (_, index) => `cam${index}` as CameraId);
    const dead = ids[7];
    await using desk = await openDesk({
      cameras: ids.map((id) => cameraAt(id === dead ? "rtsp://127.0.0.1:1/x" : server.url("sub"), { id })),
    });
    const living = ids.filter((id) => id !== dead);
    await until(
      "each has two files",
      () => living.every((id) => segmentsOf(desk, id).length >= 2),
      PATIENTLY,
    );
    for (const id of living) {
      expect(desk.recorder.status(id).state).toBe("recording");
      // One run each. (The server itself pauses a shared stream for whoever joins: no more than that may be missing.)
      expect(new Set(segmentsOf(desk, id).map(({ session }) => session)).size).toBe(1);
      expect(gapsOf(desk, id).filter(({ cause }) => cause !== "stalled")).toEqual([]);
    }
    expect(desk.recorder.status(dead ?? GATE).state).toBe("offline");
  },
);
