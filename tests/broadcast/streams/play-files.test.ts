import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { playFiles, type FilesOrder } from "../../../src/broadcast/streams/play-files.ts";
import { systemClock } from "../../../src/kernel/clock.ts";
import { Fault } from "../../../src/kernel/faults.ts";
import { epochMs } from "../../../src/kernel/time.ts";
import { Sha256, type AudioFile } from "../../../src/speakers/protocol.ts";
import {
  box,
  decoded,
  loudest,
  never,
  openHall,
  Player,
  tempDir,
  toneMp3,
  until,
  type Hall,
} from "./support.ts";

let hall: Hall;
let dir: Awaited<ReturnType<typeof tempDir>>;
let long: { file: AudioFile; bytes: Buffer };
let short: { file: AudioFile; bytes: Buffer };
let shortThin: { file: AudioFile; bytes: Buffer };

async function keep(durationMs: number, kbps: number): Promise<{ file: AudioFile; bytes: Buffer }> {
  const bytes = await toneMp3({ hz: 300, durationMs, kbps });
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const path = join(dir.path, `${sha256}.mp3`);
  await writeFile(path, bytes);
  hall.files.set(sha256, path);
  const sampleRateHz = kbps >= 64 ? 44_100 : 24_000;
  return { bytes, file: { sha256: Sha256.parse(sha256), bytes: bytes.length, kbps, sampleRateHz } };
}

beforeAll(async () => {
  hall = await openHall();
  dir = await tempDir();
  long = await keep(60_000, 64);
  short = await keep(1_500, 64);
  shortThin = await keep(1_500, 32);
});
afterAll(async () => {
  await hall[Symbol.asyncDispose]();
  await dir[Symbol.asyncDispose]();
});

function order(airing: string, startsInMs: number, more: Partial<FilesOrder> = {}): FilesOrder {
  const at = epochMs(systemClock.now() + startsInMs);
  const parts = [{ durationMs: 60_000, files: [long.file] }];
  return { airing, title: "Bản tin", parts, at, offsetMs: 0, until: epochMs(at + 600_000), ...more };
}

const shortPart = (): FilesOrder["parts"][number] => ({
  durationMs: 1_500,
  files: [short.file, shortThin.file],
});

const parts = () => ({
  clock: systemClock,
  streams: hall.streams,
  pathOf: (sha: string) => hall.files.get(sha),
});

test("a box hears the whole of the files, one after the other, in the encoding that suits it", async () => {
  const boxes = [box("wide"), box("thin", { format: { kbps: 32, sampleRateHz: 24_000 } }), box("wide-2")];
  hall.boxes.splice(0, hall.boxes.length, ...boxes);
  const players = boxes.map(({ streamToken }) => new Player(hall.plainPort, `/icy/${streamToken}`));
  await until(() => players.every((player) => player.body.length > 0), "idle");
  await playFiles(order("both", 50, { parts: [shortPart(), shortPart()] }), boxes, parts(), never);
  const wanted = [short, shortThin, short].map(({ bytes }) => Buffer.concat([bytes, bytes]));
  await until(() => players.every((player, n) => player.body.includes(wanted[n] ?? "")), "all heard");
  const delivered = hall.streams.delivered("both");
  expect([...delivered.keys()].sort()).toEqual(["thin", "wide", "wide-2"]);
  expect(delivered.get("thin")?.deliveredMs).toBeGreaterThan(2_900);
  // Afterwards silence, on the same connection.
  const lengths = players.map((player) => player.body.length);
  await until(() => players.every((player, n) => player.body.length > (lengths[n] ?? 0)), "silence");
  for (const player of players) player[Symbol.dispose]();
});

test("what began earlier is joined where it should be", async () => {
  hall.boxes.splice(0, hall.boxes.length, box("late"));
  using player = new Player(hall.plainPort, "/icy/token-of-late");
  await until(() => player.body.length > 0, "idle");
  await playFiles(order("late", -58_000), hall.boxes, parts(), never);
  await until(() => player.body.includes(long.bytes.subarray(-2_000)), "the end");
  const heardFrom = long.bytes.indexOf(firstSound(player.body, long.bytes));
  expect(heardFrom / 8).toBeGreaterThan(57_900);
  // A machine under load may come later; it must not come earlier.
  expect(heardFrom / 8).toBeLessThan(60_000);
});

test("nothing sounds from its end on, nor when it is called after it", async () => {
  hall.boxes.splice(0, hall.boxes.length, box("cut"));
  using player = new Player(hall.plainPort, "/icy/token-of-cut");
  await until(() => player.body.length > 0, "idle");
  const now = systemClock.now();
  await playFiles(order("cut", 0, { until: epochMs(now + 1_300) }), hall.boxes, parts(), never);
  await playFiles(order("over", -2_000, { until: epochMs(now) }), hall.boxes, parts(), never);
  expect(hall.streams.delivered("cut").get("cut")?.deliveredMs).toBeLessThanOrEqual(1_300);
  expect(hall.streams.delivered("over").size).toBe(0);
});

test("a repeated message begins anew, with silence between", async () => {
  hall.boxes.splice(0, hall.boxes.length, box("again"));
  using player = new Player(hall.plainPort, "/icy/token-of-again");
  const now = systemClock.now();
  const twice = order("again", 0, {
    parts: [shortPart()],
    repeatEveryMs: 2_000,
    until: epochMs(now + 3_700),
  });
  await playFiles(twice, hall.boxes, parts(), never);
  const first = player.body.indexOf(short.bytes.subarray(2_000, 4_000));
  const second = player.body.indexOf(short.bytes.subarray(2_000, 4_000), first + 1);
  expect((second - first) / 8).toBeGreaterThan(1_900);
  expect((second - first) / 8).toBeLessThan(2_100);
  expect(loudest(await decoded(player.body))).toBeGreaterThan(10_000);
});

test("a box that was put on something else stays there", async () => {
  hall.boxes.splice(0, hall.boxes.length, box("moved"));
  const stopping = new AbortController();
  const playing = playFiles(order("under", 0), hall.boxes, parts(), stopping.signal);
  await until(() => hall.streams.feeds.wants(box("moved", { idle: "refuse" })), "assigned");
  const emergency = hall.streams.open({ airing: "emergency", title: "", kbps: 64, live: true });
  hall.streams.assignBox("moved", emergency);
  stopping.abort();
  await playing;
  using player = new Player(hall.plainPort, "/icy/token-of-moved");
  await until(() => emergency.listenerCount === 1, "on the emergency");
  emergency.end();
  expect(player.closed).toBe(false);
});

test("a file that is gone is named", async () => {
  const missing = { ...long.file, sha256: Sha256.parse("f".repeat(64)) };
  const lost = order("lost", 0, { parts: [{ durationMs: 1_000, files: [missing] }] });
  hall.boxes.splice(0, hall.boxes.length, box("lost"));
  const playing = playFiles(lost, hall.boxes, parts(), never);
  await expect(playing).rejects.toThrow(Fault);
  await expect(playing).rejects.toThrow("f".repeat(64));
});

/** The first 400 bytes of the tone that the player was sent. */
function firstSound(body: Buffer, sound: Buffer): Buffer {
  for (let at = 0; at + 400 <= body.length; at += 1) {
    const piece = body.subarray(at, at + 400);
    if (piece.some((byte) => byte !== 0) && body[at] === 0xff && sound.includes(piece)) return piece;
  }
  throw new Error("no sound was sent");
}
