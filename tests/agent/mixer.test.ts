import { expect, test } from "vitest";
import { uptimeMs, type UptimeMs } from "../../src/kernel/time.ts";
import type { AiringId } from "../../src/speakers/protocol.ts";
import type { Channel } from "../../src/agent/channel.ts";
import { newMixer, type Mixer } from "../../src/agent/mixer.ts";
import type { Output } from "../../src/agent/output.ts";
import type { Voice } from "../../src/agent/voice.ts";
import { StallingClock } from "../support/stalling-clock.ts";

/** Keeps every sample with the instant it left. */
class RecordedOutput implements Output {
  readonly heard: { at: number; sample: number }[] = [];
  readonly latencyMs = 0;
  readonly leadMs: number;
  works = true;

  constructor(leadMs: number) {
    this.leadMs = leadMs;
  }

  wake = (): void => undefined;
  rest = (): void => undefined;

  write({ leavesAt, mixed }: Parameters<Output["write"]>[0]): boolean {
    if (!this.works) return false;
    mixed.forEach((sample, index) => this.heard.push({ at: leavesAt + index / 44.1, sample }));
    return true;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }

  /** Instants of the first and last sample that was not silent. */
  span(): string {
    const loud = this.heard.filter(({ sample }) => sample !== 0);
    return `${Math.round(loud[0]?.at ?? 0)} to ${Math.round(loud.at(-1)?.at ?? 0)}`;
  }
}

function constantVoice(level: number, isReady: () => boolean = () => true): Voice {
  return {
    isReady,
    read: (into) => {
      into.fill(level);
      return { soundFrames: into.length, missingFrames: 0, reason: undefined };
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

async function running(
  leadMs: number,
  work: (mixer: Mixer, clock: StallingClock, output: RecordedOutput) => Promise<void>,
): Promise<RecordedOutput> {
  const clock = new StallingClock();
  const output = new RecordedOutput(leadMs);
  const mixer = newMixer({ clock, output, firstLeftAt: () => undefined });
  const stopping = new AbortController();
  const run = mixer.run(stopping.signal);
  await work(mixer, clock, output);
  stopping.abort();
  await run;
  return output;
}

function add(mixer: Mixer, at: number, voice: Voice, graceMs = 0): Channel {
  return mixer.add({ airing: "a" as AiringId, voice, startAt: uptimeMs(at), gain: 1, graceMs });
}

const at = (ms: number): UptimeMs => uptimeMs(ms);

test.each([[0], [300]])("begins and ends on the planned sample, %i ms ahead", async (leadMs) => {
  const output = await running(leadMs, async (mixer, clock) => {
    const channel = add(mixer, 5_000.25, constantVoice(1_000));
    channel.setEnd({ at: at(7_000), fadeMs: 0 });
    await clock.advance(10_000);
    expect(channel.isClosed()).toBe(true);
    expect(channel.takeMeasured().playedMs).toBeCloseTo(1_999.75, 1);
    expect(channel.firstLeft()).toMatchObject({ delayMs: expect.closeTo(0, 1) as number });
  });
  expect(output.span()).toBe("5000 to 7000");
});

test("fades out towards its end, and two at a time are added up without overflow", async () => {
  const output = await running(0, async (mixer, clock) => {
    const one = add(mixer, 5_000, constantVoice(30_000));
    one.setEnd({ at: at(6_000), fadeMs: 300 });
    add(mixer, 5_900, constantVoice(30_000)).setEnd({ at: at(7_000), fadeMs: 0 });
    await clock.advance(10_000);
  });
  const sampleAt = (ms: number): number => output.heard.find((heard) => heard.at >= ms)?.sample ?? 0;
  expect(sampleAt(5_500)).toBe(30_000);
  expect(sampleAt(5_850)).toBeCloseTo(15_000, -3);
  expect(sampleAt(5_901)).toBe(32_767);
  expect(sampleAt(6_500)).toBe(30_000);
});

test("waits for a voice that is not ready, but not for ever", async () => {
  let ready = false;
  await running(0, async (mixer, clock, output) => {
    const channel = add(
      mixer,
      5_000,
      constantVoice(1_000, () => ready),
      500,
    );
    await clock.advance(4_200);
    expect(output.span()).toBe("0 to 0");
    ready = true;
    await clock.advance(100);
    expect(channel.firstLeft()?.delayMs).toBeGreaterThan(190);
    const late = add(
      mixer,
      7_000,
      constantVoice(1_000, () => false),
      500,
    );
    await clock.advance(2_300);
    expect(late.firstLeft()?.delayMs).toBeCloseTo(500, -1);
  });
});

test("what does not leave the output is not played; when it recovers it is", async () => {
  await running(0, async (mixer, clock, output) => {
    output.works = false;
    const channel = add(mixer, 2_000, constantVoice(1_000));
    await clock.advance(3_000);
    expect(channel.firstLeft()).toBeUndefined();
    const lost = channel.takeMeasured();
    expect(lost.playedMs).toBe(0);
    expect(lost.missedMs["output-failed"]).toBeCloseTo(2_000, -2);
    output.works = true;
    await clock.advance(1_000);
    expect(channel.takeMeasured().playedMs).toBeCloseTo(1_000, -2);
  });
});

test("a device that ran dry loses what was due, and the rest sounds at its time", async () => {
  const output = await running(300, async (mixer, clock) => {
    const channel = add(mixer, 5_000, constantVoice(1_000));
    channel.setEnd({ at: at(9_000), fadeMs: 0 });
    await clock.advance(5_000);
    // The process is held up for two seconds: no timer fires, the clock goes on.
    clock.stall(2_000);
    await clock.advance(5_000);
    expect(channel.takeMeasured().missedMs["output-failed"]).toBeCloseTo(1_700, -2);
  });
  expect(output.span()).toBe("5000 to 9000");
});

test("tells the level of what left", async () => {
  await running(0, async (mixer, clock) => {
    add(mixer, 2_000, constantVoice(16_384)).setEnd({ at: at(3_000), fadeMs: 0 });
    await clock.advance(5_000);
    const { squareSum, sampleCount } = mixer.takeLevel();
    expect(sampleCount).toBeGreaterThan(44_000);
    expect(squareSum / sampleCount).toBeCloseTo(0.25, 2);
    expect(mixer.takeLevel().sampleCount).toBe(0);
  });
});
