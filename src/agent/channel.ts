import type { Clock } from "../kernel/clock.ts";
import type { UptimeMs } from "../kernel/time.ts";
import type { AiringId } from "../speakers/protocol.ts";
import type { MissingReason } from "./rules/receipt.ts";
import { frameAt, framesToMs, type ReadFrames, type Voice } from "./voice.ts";

export interface ChannelOrder {
  /** Undefined for a test tone, which is nobody's broadcast. */
  readonly airing: AiringId | undefined;
  /** Belongs to the channel from now on, and is released with it. */
  readonly voice: Voice;
  readonly startAt: UptimeMs;
  /** Linear, 0 to 1. */
  readonly gain: number;
  /** How long a voice that is not ready may delay the start; afterwards what is late is left out. */
  readonly graceMs: number;
}

/** What has sounded since the last look. */
export interface Measured {
  readonly playedMs: number;
  readonly squareSum: number;
  readonly sampleCount: number;
  readonly missedMs: Readonly<Partial<Record<MissingReason, number>>>;
}

export interface ChannelEnd {
  readonly at: UptimeMs;
  readonly fadeMs: number;
}

export interface FirstSample {
  readonly at: UptimeMs;
  /** How long the voice was waited for. */
  readonly delayMs: number;
}

/** One voice on its way to the output. */
export interface Channel {
  readonly startAt: UptimeMs;
  /** Undefined before the first sample has left. */
  firstLeft(): FirstSample | undefined;
  setGain(gain: number): void;
  /** Nothing sounds from that instant on; `fadeMs` before it the sound begins to fade. Undefined takes it back. */
  setEnd(end: ChannelEnd | undefined): void;
  /** As `setEnd`, but never later than what was set. */
  endBy(end: ChannelEnd): void;
  /** Nothing of it will sound any more, and everything is measured. */
  isClosed(): boolean;
  takeMeasured(): Measured;
}

/** The mixer's side of a channel. */
export interface MixedChannel extends Channel {
  readonly airing: AiringId | undefined;
  isOver(at: number): boolean;
  /** The next samples, which leave from `leavesAt` on; undefined while it has not begun or when it is over. */
  render(leavesAt: UptimeMs, frames: number): Int16Array | undefined;
  /** Says whether what was rendered last has left the output. */
  settle(left: boolean): void;
  /** Time that was lost: reads on without sounding. */
  skip(from: number, to: number): void;
  close(): Promise<void>;
}

const HALF_FRAME_MS = framesToMs(1) / 2;

/** Short enough to be prompt, long enough not to click. */
export const FADE_MS = 300;

/** `onEnd` is called when its end has been set anew. */
export function openChannel(order: ChannelOrder, clock: Clock, onEnd: () => void): MixedChannel {
  const { voice, startAt } = order;
  let gain = order.gain;
  let reachedGain = gain;
  let end: ChannelEnd | undefined;
  let over = false;
  let firstLeft: FirstSample | undefined;
  let begunAt: UptimeMs | undefined;
  let rendered: { read: ReadFrames; squareSum: number; leftAt: UptimeMs } | undefined;
  let measured = newMeasured();

  const hasBegun = (leavesAt: UptimeMs): boolean => {
    if (begunAt !== undefined) return true;
    if (leavesAt < startAt - HALF_FRAME_MS) return false;
    if (voice.isReady() || leavesAt - startAt >= order.graceMs) begunAt = leavesAt;
    return begunAt !== undefined;
  };
  const setEnd = (wanted: ChannelEnd | undefined): void => {
    if (end?.at !== wanted?.at) onEnd();
    end = wanted;
  };
  const miss = (reason: MissingReason, frames: number): void => {
    if (frames > 0) measured.missedMs[reason] = (measured.missedMs[reason] ?? 0) + framesToMs(frames);
  };
  return {
    airing: order.airing,
    startAt,
    firstLeft: () => firstLeft,
    setGain: (wanted) => {
      gain = wanted;
    },
    setEnd,
    endBy: (wanted) => {
      if (end === undefined || wanted.at < end.at) setEnd(wanted);
    },
    isClosed: () => over,
    isOver: (at) => {
      if (end !== undefined && at >= end.at - HALF_FRAME_MS) over = true;
      return over;
    },
    takeMeasured: () => {
      const taken = measured;
      measured = newMeasured();
      return taken;
    },
    render: (leavesAt, frames) => {
      rendered = undefined;
      if (over || !hasBegun(leavesAt)) return undefined;
      const samples = new Int16Array(frames);
      const read = voice.read(samples);
      const framesLeft = end === undefined ? frames : Math.max(0, frameAt(end.at - leavesAt));
      const fade = end === undefined ? undefined : { endMs: end.at - leavesAt, fadeMs: end.fadeMs };
      shape(samples, { from: reachedGain, to: gain }, fade);
      reachedGain = gain;
      const squareSum = samples.reduce((sum, sample) => sum + (sample / 32_768) ** 2, 0);
      const now = clock.uptime();
      const soundFrames = Math.min(read.soundFrames, framesLeft);
      rendered = { read: { ...read, soundFrames }, squareSum, leftAt: now > leavesAt ? now : leavesAt };
      return samples;
    },
    settle: (left) => {
      if (rendered === undefined) return;
      const { read, squareSum } = rendered;
      miss(read.reason ?? "late", read.missingFrames);
      if (!left) {
        miss("output-failed", read.soundFrames);
        return;
      }
      if (read.soundFrames > 0)
        firstLeft ??= { at: rendered.leftAt, delayMs: Math.max(0, (begunAt ?? startAt) - startAt) };
      measured.playedMs += framesToMs(read.soundFrames);
      measured.sampleCount += read.soundFrames;
      measured.squareSum += squareSum;
    },
    skip: (from, to) => {
      if (begunAt === undefined) return;
      const lost = new Int16Array(frameAt(to - Math.max(from, startAt)));
      miss("output-failed", voice.read(lost).soundFrames);
    },
    close: async () => {
      over = true;
      await voice[Symbol.asyncDispose]();
    },
  };
}

type Growing<T> = { -readonly [K in keyof T]: T[K] };

function newMeasured(): Growing<Measured> & { missedMs: Partial<Record<MissingReason, number>> } {
  return { playedMs: 0, squareSum: 0, sampleCount: 0, missedMs: {} };
}

/** Volume, moved to its new value over the block, and the fade towards the end. */
function shape(
  samples: Int16Array,
  gain: { readonly from: number; readonly to: number },
  end: { readonly endMs: number; readonly fadeMs: number } | undefined,
): void {
  const perFrame = (gain.to - gain.from) / samples.length;
  const endFrame = end === undefined ? Infinity : frameAt(end.endMs);
  const fadeFrames = Math.max(1, frameAt(end?.fadeMs ?? 0));
  for (let index = 0; index < samples.length; index += 1) {
    const fade = Math.max(0, Math.min(1, (endFrame - index) / fadeFrames));
    samples[index] = Math.round((samples[index] ?? 0) * (gain.from + perFrame * index) * fade);
  }
}
