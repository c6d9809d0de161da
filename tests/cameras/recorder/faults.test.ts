import { createServer } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openRtspServer, type RtspServer } from "../../support/rtsp-server.ts";
import { until } from "../../support/until.ts";
import { cameraAt, gapsOf, GATE, openDesk, segmentsOf } from "./support.ts";

const PATIENTLY = { patienceMs: 90_000, everyMs: 50 };
const LONG = { timeout: 180_000 };
type Desk = Awaited<ReturnType<typeof openDesk>>;

let server: RtspServer;

beforeEach(async () => {
  server = await openRtspServer({ auth: "digest" });
});

afterEach(async () => {
  await server[Symbol.asyncDispose]();
});

const state = (desk: Desk): string => desk.recorder.status(GATE).state;
const recording = (desk: Desk): Promise<void> =>
  until("it records", () => state(desk) === "recording", PATIENTLY);

test("a camera that hangs is noticed, and is recorded again when it goes on", LONG, async () => {
  await using desk = await openDesk({ cameras: [cameraAt(server.urlWithPassword("sub"))] });
  await recording(desk);
  server.freeze();
  await until("it is seen to stand still", () => state(desk) !== "recording", PATIENTLY);
  expect(["stalled", "offline"]).toContain(state(desk));
  expect(gapsOf(desk)[0]).toMatchObject({ to: null });
  server.thaw();
  await recording(desk);
  await until("the gap is closed", () => gapsOf(desk)[0]?.to !== null, PATIENTLY);
  const [gap] = gapsOf(desk);
  const before = segmentsOf(desk)
    .filter(({ endAt }) => endAt <= (gap?.from ?? 0))
    .at(-1);
  expect(before?.endAt).toBe(gap?.from);
});

test("a camera that loses power is recorded again seconds after it is back", LONG, async () => {
  await using desk = await openDesk({ cameras: [cameraAt(server.urlWithPassword("sub"))] });
  await recording(desk);
  await server.kill();
  await until("it is missed", () => state(desk) === "offline", PATIENTLY);
  expect(desk.recorder.status(GATE).since).toBe(gapsOf(desk)[0]?.from);
  await server.restart();
  const backAt = Date.now();
  await recording(desk);
  expect(Date.now() - backAt).toBeLessThan(12_000);
  expect(gapsOf(desk)).toMatchObject([{ cause: "camera-offline" }]);
  await until("the gap's entry", () => desk.ledger.facts.some(({ kind }) => kind === "gap"), PATIENTLY);
});

test("a password that is refused after it worked is told apart", LONG, async () => {
  const right = cameraAt(server.urlWithPassword("sub"));
  await using desk = await openDesk({ cameras: [right] });
  await recording(desk);
  const wrong = server.urlWithPassword("sub").replace(server.password, "quên-rồi-7");
  desk.cameras.set(cameraAt(wrong));
  await until("it is refused", () => state(desk) === "wrong-password", PATIENTLY);
  const status = desk.recorder.status(GATE);
  expect(status.detail).toContain("401");
  expect(JSON.stringify(status)).not.toContain("rồi-7");
  expect(gapsOf(desk).at(-1)).toMatchObject({ cause: "credentials", to: null });
  desk.cameras.set(right);
  await recording(desk);
});

test("a stream that is no longer there is told apart", LONG, async () => {
  const url = server.urlWithPassword("sub").replace("/sub", "/gone");
  await using desk = await openDesk({ cameras: [cameraAt(url)] });
  await until("it is gone", () => state(desk) === "stream-gone", PATIENTLY);
  expect(gapsOf(desk)).toMatchObject([{ cause: "stream-gone", to: null }]);
});

test(
  "an address that accepts and says nothing counts as away, and does not hold up a stop",
  LONG,
  async () => {
    const hole = createServer(() => undefined);
    await new Promise<void>((resolve) => hole.listen(0, "127.0.0.1", resolve));
    const address = hole.address();
    const port = typeof address === "object" ? (address?.port ?? 0) : 0;
    const desk = await openDesk({ cameras: [cameraAt(`rtsp://127.0.0.1:${port}/x`)] });
    await until("it is away", () => state(desk) === "offline", PATIENTLY);
    expect(gapsOf(desk)).toMatchObject([{ cause: "camera-offline", to: null }]);
    await desk[Symbol.asyncDispose]();
    hole.close();
  },
);

test("while it is paused nothing is recorded or shown, and the pause is no fault", LONG, async () => {
  const camera = cameraAt(server.urlWithPassword("sub"));
  await using desk = await openDesk({ cameras: [camera] });
  await recording(desk);
  await until("the live leg flows", () => desk.live.bytes > 0, PATIENTLY);
  desk.cameras.set({ ...camera, pausedUntil: (Date.now() + 3_600_000) as never });
  await until("it rests", () => state(desk) === "paused", PATIENTLY);
  expect(desk.live.ended).toBe(desk.live.begun);
  expect(desk.recorder.openSegment(GATE)).toBeUndefined();
  expect(gapsOf(desk)).toMatchObject([{ cause: "privacy-pause", to: null }]);
  desk.cameras.set({ ...camera, pausedUntil: null });
  await recording(desk);
  const day = { from: camera.addedAt, to: Date.now() as never };
  const { expectedMs, gaps } = desk.recorder.completeness(GATE, day);
  const [gap] = gaps;
  expect(expectedMs).toBeLessThan(day.to - day.from);
  expect(gap?.cause).toBe("privacy-pause");
});

test("switched off it rests; taken away its recording ends", LONG, async () => {
  const camera = cameraAt(server.urlWithPassword("sub"));
  await using desk = await openDesk({ cameras: [camera] });
  await recording(desk);
  desk.cameras.set({ ...camera, enabled: false });
  await until("it rests", () => state(desk) === "disabled", PATIENTLY);
  desk.cameras.set(camera);
  await recording(desk);
  desk.cameras.set(undefined);
  await until("its gaps are closed", () => gapsOf(desk).every(({ to }) => to !== null), PATIENTLY);
  await until("nothing is written", () => desk.recorder.openSegment(GATE) === undefined, PATIENTLY);
});
