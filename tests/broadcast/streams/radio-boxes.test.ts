import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { RadioBox } from "../../../src/broadcast/streams/box-feeds.ts";
import { META_EVERY_BYTES } from "../../../src/broadcast/streams/icy.ts";
import { runProcess } from "../../../src/media/process.ts";
import {
  box,
  decoded,
  loudest,
  never,
  openHall,
  Player,
  tools,
  toneMp3,
  until,
  type Hall,
} from "./support.ts";

let hall: Hall;
let tone: Buffer;
let serial = 0;
/** A new box for every test. */
let loa: RadioBox;

beforeAll(async () => {
  hall = await openHall();
  tone = await toneMp3({ hz: 500, durationMs: 20_000 });
});
afterAll(() => hall[Symbol.asyncDispose]());
beforeEach(() => {
  serial += 1;
  loa = box(`box-${serial}`);
  hall.boxes.push(loa);
});

function play(headers: Readonly<Record<string, string>> = {}): Player {
  return new Player(hall.plainPort, `/icy/${loa.streamToken}`, headers);
}

describe("between airings", () => {
  test("a box hears silence in real time, without a gap and without end", async () => {
    using player = play();
    // The burst, and pieces after it.
    await until(() => player.body.length > 4.5 * 8_000, "silence flows");
    expect(player.head).toMatch(/^HTTP\/1\.0 200 OK\r\n/);
    expect(player.head).toContain(`icy-name: Loa ${loa.speaker}\r\n`);
    expect(loudest(await decoded(player.body))).toBe(0);
    expect(player.closed).toBe(false);
  });

  test("a box that wants none is told so, and let go when its airing ends", async () => {
    loa = { ...loa, idle: "refuse" };
    hall.boxes.splice(0, hall.boxes.length, loa);
    using refused = play();
    await until(() => refused.closed, "refused");
    expect(refused.head).toMatch(/^HTTP\/1\.1 503 /);
    expect(refused.head).toContain("Retry-After: 10");
    const programme = hall.streams.open({ airing: "a-refuse", title: "", kbps: 64, live: false });
    hall.streams.assignBox(loa.speaker, programme);
    using player = play();
    await until(() => programme.listenerCount === 1, "connected");
    programme.push(tone);
    programme.end();
    await until(() => player.closed, "let go");
    expect(player.body.equals(tone)).toBe(true);
  });

  test("an unknown address is answered in words", async () => {
    using player = new Player(hall.plainPort, "/icy/token-of-nobody");
    await until(() => player.closed, "refused");
    expect(player.head).toMatch(/^HTTP\/1\.1 404 /);
    expect(player.body.toString("utf8")).toContain("sao chép lại địa chỉ");
  });
});

describe("an airing", () => {
  test("is joined and left at frame boundaries on the same connection", async () => {
    using player = play();
    await until(() => player.body.length > 0, "idle");
    const programme = hall.streams.open({ airing: "a1", title: "Bản tin", kbps: 64, live: false });
    hall.streams.assignBox(loa.speaker, programme);
    programme.push(tone);
    programme.end();
    await until(() => player.body.includes(tone.subarray(-2_000)), "all heard");
    const soundedBytes = player.body.length;
    await until(() => player.body.length > soundedBytes + 8_000, "silence again");
    const samples = await decoded(player.body);
    expect(loudest(samples)).toBeGreaterThan(10_000);
    expect(loudest(samples.subarray(-4_000))).toBe(0);
    expect(hall.streams.delivered("a1").get(loa.speaker)?.deliveredMs).toBeGreaterThan(19_000);
    expect(player.closed).toBe(false);
  });

  test("is heard at once by a box that connects in its middle, with what came just before", async () => {
    const programme = hall.streams.open({ airing: "a2", title: "", kbps: 64, live: false });
    hall.streams.assignBox(loa.speaker, programme);
    for (let at = 0; at < 80_000; at += 2_000) programme.push(tone.subarray(at, at + 2_000));
    using player = play();
    await until(() => player.body.length > 0, "burst");
    programme.push(tone.subarray(80_000));
    programme.end();
    await until(() => player.body.includes(tone.subarray(-2_000)), "the end");
    const burstMs = player.body.indexOf(tone.subarray(80_000, 81_000)) / 8;
    expect(burstMs).toBeGreaterThan(3_000);
    expect(burstMs).toBeLessThan(5_200);
  });

  test("goes on when the box comes back after a broken line", async () => {
    const programme = hall.streams.open({ airing: "a3", title: "", kbps: 64, live: false });
    hall.streams.assignBox(loa.speaker, programme);
    const first = play();
    await until(() => programme.listenerCount === 1, "connected");
    programme.push(tone.subarray(0, 60_000));
    await until(() => first.body.length > 0, "hears");
    first[Symbol.dispose]();
    await until(() => hall.reports.includes(`${loa.speaker} gone`), "gone");
    expect(programme.listenerCount).toBe(0);
    using second = play();
    await until(() => programme.listenerCount === 1, "back");
    programme.push(tone.subarray(60_000));
    programme.end();
    await until(() => second.body.includes(tone.subarray(-2_000)), "the end");
    const delivery = hall.streams.delivered("a3").get(loa.speaker);
    expect(delivery?.deliveredMs).toBeGreaterThan(15_000);
    expect(delivery?.deliveredMs).toBeLessThan(20_100);
  });

  test("ends for boxes that are put on something else, at once", async () => {
    using player = play();
    const low = hall.streams.open({ airing: "low", title: "", kbps: 64, live: false });
    const high = hall.streams.open({ airing: "high", title: "", kbps: 64, live: true });
    hall.streams.assignBox(loa.speaker, low);
    await until(() => low.listenerCount === 1, "connected");
    hall.streams.assignBox(loa.speaker, high);
    expect([low.listenerCount, high.listenerCount]).toEqual([0, 1]);
    high.push(tone);
    high.end();
    low.push(tone);
    low.end();
    await until(() => player.body.includes(tone.subarray(-2_000)), "heard the one");
    expect(hall.streams.delivered("low").has(loa.speaker)).toBe(false);
  });
});

describe("a connection", () => {
  test("is replaced by the newer one of the same box, which is not reported as gone", async () => {
    using first = play();
    await until(() => first.body.length > 0, "first plays");
    using second = play();
    await until(() => first.closed && second.body.length > 0, "replaced");
    expect(hall.reports.filter((report) => report.startsWith(`${loa.speaker} `))).not.toContain(
      `${loa.speaker} gone`,
    );
  });

  test("ends when the box's address is void", async () => {
    using player = play();
    await until(() => player.body.length > 0, "plays");
    hall.boxes.splice(hall.boxes.indexOf(loa), 1, { ...loa, streamToken: "another" });
    await until(() => player.closed, "dropped");
  });

  test("that stands still is dropped when our own queue for it grows", async () => {
    using player = play();
    await until(() => player.body.length > 0, "plays");
    player.socket.pause();
    const programme = hall.streams.open({ airing: "stalled", title: "", kbps: 64, live: true });
    hall.streams.assignBox(loa.speaker, programme);
    await until(() => {
      programme.push(tone);
      return programme.listenerCount === 0;
    }, "dropped");
    programme.end();
    await until(() => hall.reports.includes(`${loa.speaker} gone`), "reported");
  });

  test("that stands still is dropped although the kernel takes all its sound, which does not count as delivered", async () => {
    using player = play();
    await until(() => player.body.length > 0, "plays");
    player.socket.pause();
    const programme = hall.streams.open({ airing: "kernel", title: "", kbps: 64, live: true });
    hall.streams.assignBox(loa.speaker, programme);
    for (let twentySec = 0; twentySec < 2; twentySec += 1) programme.push(tone);
    await until(() => programme.listenerCount === 0, "dropped");
    programme.end();
    expect(hall.streams.delivered("kernel").get(loa.speaker)?.deliveredMs).toBeLessThan(30_000);
  });
});

describe("titles between the sound", () => {
  test("stand every 16,000 bytes, and the sound around them is whole", async () => {
    using player = play({ "Icy-MetaData": "1" });
    await until(() => player.body.length > 0, "idle");
    expect(player.head).toContain(`icy-metaint: ${META_EVERY_BYTES}`);
    const programme = hall.streams.open({
      airing: "t1",
      title: "Thông báo lịch tiêm",
      kbps: 64,
      live: false,
    });
    hall.streams.assignBox(loa.speaker, programme);
    programme.push(tone);
    programme.end();
    await until(() => withoutTitles(player.body).sound.includes(tone.subarray(-2_000)), "all heard");
    const { sound, titles } = withoutTitles(player.body);
    expect(sound.includes(tone)).toBe(true);
    expect(titles).toContain("StreamTitle='Thông báo lịch tiêm';");
    // Said once, not with every block.
    expect(titles.filter((title) => title.includes("tiêm"))).toHaveLength(1);
  });

  test("are left out for a box that can't take them", async () => {
    hall.boxes.splice(hall.boxes.indexOf(loa), 1, { ...loa, icyMetadata: false, httpVersion: "1.1" });
    using player = play({ "Icy-MetaData": "1" });
    await until(() => player.body.length > META_EVERY_BYTES + 8_000, "plays");
    expect(player.head).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(player.head).not.toContain("icy-metaint");
    expect(loudest(await decoded(player.body))).toBe(0);
  });
});

describe("players of others", () => {
  test("ffmpeg reads name, title and sound", async () => {
    const programme = hall.streams.open({ airing: "ffmpeg", title: "Đài xã", kbps: 64, live: false });
    hall.streams.assignBox(loa.speaker, programme);
    using airing = new DisposableStack();
    airing.adopt(
      setInterval(() => programme.push(tone.subarray(0, 8_000)), 200),
      clearInterval,
    );
    airing.defer(() => programme.end());
    const url = `http://127.0.0.1:${hall.plainPort}/icy/${loa.streamToken}`;
    const show = [
      "-v",
      "error",
      "-show_entries",
      "stream=codec_name,sample_rate:format_tags",
      "-of",
      "default=nw=1",
    ];
    const probed = await runProcess({ command: tools.ffprobe, args: [...show, url] }, never);
    expect(probed.stdout.toString("utf8")).toContain("codec_name=mp3");
    expect(probed.stdout.toString("utf8")).toContain(`TAG:icy-name=Loa ${loa.speaker}`);
    const args = [
      "-hide_banner",
      "-loglevel",
      "error",
      "-i",
      url,
      "-t",
      "4",
      "-ac",
      "1",
      "-f",
      "s16le",
      "pipe:1",
    ];
    const { stdout } = await runProcess({ command: tools.ffmpeg, args }, never);
    expect(stdout.length).toBe(4 * 44_100 * 2);
    expect(
      loudest(new Int16Array(stdout.buffer.slice(stdout.byteOffset, stdout.byteOffset + stdout.length))),
    ).toBeGreaterThan(10_000);
  });
});

/** Takes a stream apart as a player does. */
function withoutTitles(body: Buffer): { sound: Buffer; titles: string[] } {
  const sound: Buffer[] = [];
  const titles: string[] = [];
  let at = 0;
  while (at < body.length) {
    sound.push(body.subarray(at, at + META_EVERY_BYTES));
    at += META_EVERY_BYTES;
    const lengthBytes = (body[at] ?? 0) * 16;
    if (lengthBytes > 0) titles.push(body.toString("utf8", at + 1, at + 1 + lengthBytes).replace(/\0+$/, ""));
    at += 1 + lengthBytes;
  }
  return { sound: Buffer.concat(sound), titles };
}
