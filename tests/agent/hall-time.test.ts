import { expect, test } from "vitest";
import { newHallTime } from "../../src/agent/hall-time.ts";
import { LEVEL, type AiringId } from "../../src/speakers/protocol.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { RunningAgent } from "../support/running-agent.ts";
import { ScriptedHall } from "../support/scripted-hall.ts";
import { makeSound } from "../support/sound.ts";
import { until } from "../support/until.ts";

const HOUR_MS = 3_600_000;

test("once measured, hall time does not follow a step of the own wall clock", async () => {
  const clock = new FakeClock(1_000_000);
  const hallTime = newHallTime({ clock, mode: "hall", storedOffsetMs: 500 });
  expect(hallTime.now()).toBe(1_000_500);
  hallTime.follow(2_000_000 - clock.uptime());
  expect([hallTime.now(), hallTime.offsetMs()]).toEqual([2_000_000, 1_000_000]);
  clock.step(HOUR_MS);
  await clock.advance(1_000);
  expect([hallTime.now(), hallTime.offsetMs()]).toEqual([2_001_000, 1_000_000 - HOUR_MS]);
  expect(hallTime.uptimeOf(2_003_000) - clock.uptime()).toBe(2_000);
  expect(hallTime.at(clock.uptime() - 1_000)).toBe(2_000_000);
});

test("mode system keeps to the own clock and only tells the difference", () => {
  const clock = new FakeClock(1_000_000);
  const hallTime = newHallTime({ clock, mode: "system", storedOffsetMs: 500 });
  expect([hallTime.now(), hallTime.offsetMs()]).toEqual([1_000_000, 0]);
  hallTime.follow(1_000_250 - clock.uptime());
  expect([hallTime.now(), hallTime.offsetMs()]).toEqual([1_000_000, 250]);
});

test("a speaker whose clock is an hour wrong plays at the hall's time", { timeout: 90_000 }, async () => {
  await using hall = await ScriptedHall.open();
  hall.clockShiftMs = HOUR_MS;
  const sound = await makeSound(0.5, 71);
  hall.offer(sound);
  await using agent = new RunningAgent(hall);
  await hall.plan({ version: 1, items: [] });
  await hall.online();
  await until("plan known", () => hall.state()?.planVersion === 1);
  expect(Math.abs((hall.state()?.clockOffsetMs ?? 0) - HOUR_MS)).toBeLessThan(500);
  const at = hall.now() + 3_000;
  const source = { type: "files" as const, parts: [sound.part], offsetMs: 0 };
  const airing = "news" as AiringId;
  await hall.order({
    kind: "play",
    airing,
    level: LEVEL.programme,
    at,
    until: at + 9_000,
    source,
    afterPreempt: "drop",
  });
  const receipt = await hall.receiptOf(airing);
  expect(Math.abs((receipt.startedAt ?? 0) - at)).toBeLessThan(1_000);
  expect(agent.wav(airing).length).toBeGreaterThan(0);
});
