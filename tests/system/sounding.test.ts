import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { expect, test } from "vitest";
import { z } from "zod";
import { coefficientAt, correlate } from "../support/correlate.ts";
import { PATIENTLY, RealHall } from "../support/real-hall.ts";
import { until } from "../support/until.ts";

const timeout = 180_000;
const RATE_HZ = 44_100;

// Real time on a machine that others share: a late start of a program costs the sound a piece, so a try may be repeated.
test(
  "an emergency: the chime at once, the message after it, over a running bulletin, until it is cancelled",
  { timeout, retry: 3 },
  async () => {
    await using hall = new RealHall();
    await hall.start();
    await hall.addHamlet("thon-1");
    await hall.addAgent("loa-1", "thon-1");
    await hall.untilOnline(1);
    // The chimes are on every loudspeaker before anyone needs them.
    const Missing = z.object({
      speakers: z.array(z.object({ missingFiles: z.number(), pendingOrders: z.number() })),
    });
    await until(
      "the chimes are there",
      async () => {
        const { speakers } = await hall.api.get("/api/speakers", Missing);
        return speakers.every(({ missingFiles, pendingOrders }) => missingFiles === 0 && pendingOrders === 0);
      },
      PATIENTLY,
    );

    const askedAt = Date.now();
    const { airing } = await hall.api.send("POST", "/api/emergency", {
      body: {
        text: "Nước lũ lên nhanh, bà con di chuyển đến nơi cao.",
        title: "Lũ",
        everywhere: true,
        lastsMinutes: 5,
      },
      schema: z.object({ airing: z.string() }),
    });
    const chime = await hall.untilOver(`${airing}.chime`);
    expect(chime.speakers[0]).toMatchObject({ outcome: "played" });
    await until(
      "the message has sounded for a while",
      async () => {
        const { onAir } = await hall.api.get(
          "/api/on-air",
          z.object({ onAir: z.array(z.object({ airing: z.string(), startedAt: z.number() })) }),
        );
        return onAir.some((it) => it.airing === airing && Date.now() > it.startedAt + 5_000);
      },
      PATIENTLY,
    );
    await hall.api.send("POST", `/api/airings/${airing}/stop`, { body: {}, schema: z.unknown() });
    expect((await hall.untilOver(airing)).outcome).toBe("stopped");
    await until(
      "its receipt is in",
      async () => ((await hall.record(airing)).speakers[0]?.playedMs ?? 0) > 4_000,
      PATIENTLY,
    );
    expect(Date.now() - askedAt).toBeLessThan(timeout);

    // What sounded is the message: its three repetitions are alike.
    const awaiting = await hall.api.get(
      "/api/bulletins",
      z.object({
        bulletins: z.array(z.looseObject({ class: z.string(), content: z.object({ audioId: z.string() }) })),
      }),
    );
    expect(awaiting.bulletins.filter((bulletin) => bulletin["awaitsCountersign"] === true)).toHaveLength(1);
    const message = await hall.soundOf(awaiting.bulletins[0]?.content.audioId ?? "");
    const heard = await hall.heard("loa-1", airing);
    const first = message.subarray(0, Math.min(message.length, 3 * RATE_HZ));
    const { lagFrames, coefficient } = correlate(first, heard);
    expect(coefficient).toBeGreaterThanOrEqual(0.95);
    expect(coefficientAt(first, heard, lagFrames)).toBeGreaterThanOrEqual(0.95);
  },
);

test(
  "a plain Internet-radio box hears the bulletin over HTTP, and its proof says delivered",
  { timeout, retry: 3 },
  async () => {
    await using hall = new RealHall();
    await hall.start();
    await hall.addHamlet("thon-1");
    const { provisioning } = await hall.api.send("POST", "/api/speakers", {
      body: { id: "hop-radio", name: "Hộp radio", hamlet: "thon-1", profile: "http-icy" },
      schema: z.object({ provisioning: z.object({ address: z.string() }) }),
    });
    const address = provisioning.address.replace(new URL(provisioning.address).hostname, "127.0.0.1");
    const recording = join(hall.dataDir, "box.wav");
    const box = spawn("ffmpeg", [
      "-hide_banner",
      "-loglevel",
      "error",
      "-i",
      address,
      "-ac",
      "1",
      "-ar",
      String(RATE_HZ),
      "-y",
      recording,
    ]);
    await hall.untilOnline(1);
    const { airing, sound } = await hall.say(
      "Kính mời bà con đến nhà văn hóa họp thôn lúc 19 giờ tối nay.",
      14_000,
    );
    const record = await hall.untilOver(airing);
    expect(record.speakers[0]).toMatchObject({ outcome: "delivered" });
    expect(record.sentence.vi).toBe("đã phát 1/1 cụm, 100 % thời lượng");
    box.kill("SIGINT");
    await once(box, "exit");
    const { coefficient } = correlate(sound, await hall.decoded(recording));
    expect(coefficient).toBeGreaterThanOrEqual(0.95);
  },
);

test("stop-all silences what sounds and holds what comes", { timeout }, async () => {
  await using hall = new RealHall();
  await hall.start();
  await hall.addHamlet("thon-1");
  await hall.addAgent("loa-1", "thon-1");
  await hall.untilOnline(1);
  const long = "Kính mời bà con chú ý nghe thông báo của ủy ban. ".repeat(6);
  const { airing, at, sound } = await hall.say(long, 14_000);
  await until("it sounds", () => Date.now() > at + 3_000, PATIENTLY);
  await hall.api.send("POST", "/api/stop-all", { body: { holdMinutes: 10 }, schema: z.unknown() });
  const record = await hall.untilOver(airing);
  expect(record).toMatchObject({ outcome: "stopped" });
  const heard = await hall.heard("loa-1", airing);
  expect(heard.length).toBeLessThan(sound.length * 0.8);
  const held = await hall.say("Bản tin tiếp theo trong lúc đang dừng.", 13_000);
  const silent = await hall.untilOver(held.airing);
  expect(silent.outcome).toBe("barred");
  await hall.api.send("POST", "/api/resume", { body: {}, schema: z.unknown() });
});
