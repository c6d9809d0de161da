import { isStopped, type Clock } from "../kernel/clock.ts";
import { asError } from "../kernel/faults.ts";
import { uptimeMs, type UptimeMs } from "../kernel/time.ts";
import type { AiringId } from "../speakers/protocol.ts";
import { newBell } from "./bell.ts";
import { openChannel, type Channel, type ChannelOrder, type MixedChannel } from "./channel.ts";
import type { Output, OutputVoice } from "./output.ts";
import { frameAt, framesToMs } from "./voice.ts";

/** Adds up what sounds and hands it to the output in time. */
export interface Mixer {
  add(order: ChannelOrder): Channel;
  /** RMS of what left since the last call, over the time that anything sounded. */
  takeLevel(): { readonly squareSum: number; readonly sampleCount: number };
  run(signal: AbortSignal): Promise<void>;
}

interface MixerParts {
  readonly clock: Clock;
  readonly output: Output;
  /** When the first sample of an airing left in an earlier run of this program; undefined when it did not. */
  readonly firstLeftAt: (airing: AiringId) => UptimeMs | undefined;
}

const BLOCK_MS = 20;
const BLOCK_FRAMES = frameAt(BLOCK_MS);
/** A device needs a moment to open before the first sample. */
const WARM_UP_MS = 1_500;
/** A timer that comes this late still starts on the planned sample. */
const TIMER_SLACK_MS = 50;
const LONGEST_NAP_MS = 5_000;

export function newMixer({ clock, output, firstLeftAt }: MixerParts): Mixer {
  const bell = newBell();
  const channels = new Set<MixedChannel>();
  const closing = new Set<Promise<void>>();
  let failure: Error | undefined;
  let squareSum = 0;
  let sampleCount = 0;
  const { leadMs, latencyMs } = output;
  /** What is rendered now leaves after this. */
  const aheadMs = leadMs + latencyMs;
  const warmUpMs = leadMs > 0 ? WARM_UP_MS : 0;

  const close = (channel: MixedChannel): void => {
    channels.delete(channel);
    const closed: Promise<void> = channel
      .close()
      .catch((error: unknown) => {
        failure ??= asError(error);
      })
      .finally(() => closing.delete(closed));
    closing.add(closed);
  };

  /** One block in which no channel begins but at its first frame. */
  const renderBlock = (leavesAt: UptimeMs, frames: number): void => {
    const mixed = new Int32Array(frames);
    const voices: OutputVoice[] = [];
    const rendered: MixedChannel[] = [];
    for (const channel of channels) {
      const samples = channel.render(leavesAt, frames);
      if (samples === undefined) continue;
      rendered.push(channel);
      samples.forEach((sample, index) => (mixed[index] = (mixed[index] ?? 0) + sample));
      const { airing } = channel;
      if (airing !== undefined) voices.push({ airing, firstLeftAt: firstLeftAt(airing), samples });
    }
    const left = output.write({ leavesAt, mixed: clipped(mixed), voices });
    for (const channel of rendered) channel.settle(left);
    if (!left || rendered.length === 0) return;
    sampleCount += frames;
    for (const sample of mixed) squareSum += (sample / 32_768) ** 2;
  };

  /** Renders [cursor, until), beginning a new block wherever a channel begins. */
  const renderUntil = (timeline: Timeline, until: number): void => {
    for (;;) {
      const leavesAt = timeline.cursor();
      const frames = Math.min(BLOCK_FRAMES, Math.floor(frameAtExact(until - leavesAt)));
      if (frames <= 0) return;
      const toNextStart = [...channels]
        .map((channel) => Math.round(frameAtExact(channel.startAt - leavesAt)))
        .filter((count) => count > 0);
      const count = Math.min(frames, ...toNextStart);
      renderBlock(leavesAt, count);
      timeline.advance(count);
    }
  };

  const isActive = (now: number): boolean =>
    [...channels].some((channel) => channel.startAt - aheadMs - warmUpMs <= now);

  let timeline: Timeline | undefined;

  /** The timeline to render on; begun anew when nothing was rendered before, or when the device ran dry. */
  const timelineAt = (now: UptimeMs): Timeline => {
    if (timeline === undefined) {
      output.wake();
      return newTimeline(leadMs > 0 ? uptimeMs(now + latencyMs) : firstFrameAt(channels, now));
    }
    const cursor = timeline.cursor();
    if (leadMs === 0 || cursor >= now + latencyMs) return timeline;
    // What was missed is gone, and the rest must sound at its own time.
    for (const channel of channels) channel.skip(cursor, now + latencyMs);
    return newTimeline(uptimeMs(now + latencyMs));
  };
  const closeEnded = (now: UptimeMs): void => {
    // What has been rendered to its end, rather than what should have been: the last block may be due yet.
    const renderedTo = timeline?.cursor() ?? now + aheadMs;
    for (const channel of channels) if (channel.isOver(renderedTo)) close(channel);
  };
  /** Renders what is due; returns how long nothing is. */
  const work = (now: UptimeMs): number => {
    closeEnded(now);
    if (!isActive(now)) {
      if (timeline !== undefined) output.rest();
      timeline = undefined;
      return untilFirst(channels, now + aheadMs + warmUpMs);
    }
    timeline = timelineAt(now);
    renderUntil(timeline, now + aheadMs);
    return Math.min(BLOCK_MS, untilFirst(channels, timeline.cursor()));
  };

  return {
    add: (order) => {
      const channel = openChannel(order, clock, () => bell.ring());
      channels.add(channel);
      bell.ring();
      return channel;
    },
    takeLevel: () => {
      const taken = { squareSum, sampleCount };
      squareSum = 0;
      sampleCount = 0;
      return taken;
    },
    run: async (signal) => {
      try {
        while (!isStopped(signal)) {
          if (failure !== undefined) throw failure;
          await bell.wait(work(clock.uptime()), clock, signal);
        }
      } finally {
        for (const channel of channels) close(channel);
        await Promise.all(closing);
      }
    },
  };
}

/** Counts frames, so that rounding never adds up. */
interface Timeline {
  /** When the next frame leaves. */
  cursor(): UptimeMs;
  advance(frames: number): void;
}

function newTimeline(startAt: UptimeMs): Timeline {
  let frames = 0;
  return {
    cursor: () => uptimeMs(startAt + framesToMs(frames)),
    advance: (count) => {
      frames += count;
    },
  };
}

/** Nothing is open yet, so the first frame is the first sample, even when the timer comes a moment late. */
function firstFrameAt(channels: ReadonlySet<MixedChannel>, now: UptimeMs): UptimeMs {
  const first = Math.min(...[...channels].map((channel) => channel.startAt));
  return now - first < TIMER_SLACK_MS ? uptimeMs(first) : now;
}

function untilFirst(channels: ReadonlySet<MixedChannel>, after: number): number {
  return [...channels]
    .map((channel) => channel.startAt - after)
    .filter((ms) => ms > 0)
    .reduce((a, b) => Math.min(a, b), LONGEST_NAP_MS);
}

function frameAtExact(ms: number): number {
  // A hundredth of a frame against the rounding of sums of milliseconds.
  return ms * 44.1 + 0.01;
}

function clipped(mixed: Int32Array): Int16Array {
  return Int16Array.from(mixed, (sample) => Math.max(-32_768, Math.min(32_767, sample)));
}
