import { isStopped, type Clock } from "../kernel/clock.ts";
import { asError, Fault } from "../kernel/faults.ts";
import type { Log } from "../kernel/log.ts";
import { SECOND_MS, type UptimeMs } from "../kernel/time.ts";
import type { MissingReason } from "./rules/receipt.ts";
import { frameAt, PieceQueue, type Voice } from "./voice.ts";

export interface StreamVoiceParts {
  readonly clock: Clock;
  readonly log: Log;
  /** 0 ≤ x < 1. */
  readonly random: () => number;
  /** Bytes of `GET <path>`; throws a Fault when the hall does not answer or the stream breaks. */
  readonly openStream: (path: string, signal: AbortSignal) => AsyncIterable<Uint8Array>;
  readonly decode: (bytes: AsyncIterable<Uint8Array>, signal: AbortSignal) => AsyncIterable<Int16Array>;
  /** Whether the hall has been heard lately; without it a stream must fall silent. */
  readonly isHallAlive: () => boolean;
}

/** Sound begins with this much in hand, and again after a gap: the jitter of a village's Wi-Fi. */
const PREBUFFER_FRAMES = frameAt(300);
/** What the hall sends as a burst for others is the past: only this much of it is kept. */
const KEPT_FRAMES = frameAt(400);
/** A backlog beyond this (a line that stalled and caught up) is cut back, so that live stays live. */
const BACKLOG_FRAMES = frameAt(1_500);
const RECONNECT_MS = [1, 2, 4, 8, 15].map((seconds) => seconds * SECOND_MS);
const NOTHING_DECODED_MS = 5 * SECOND_MS;
const LOOK_EVERY_MS = 250;

/** Connects at once, and again whenever the stream is lost, until it is disposed of. */
export function openStreamVoice(path: string, parts: StreamVoiceParts): Voice {
  const { clock, log, random, isHallAlive } = parts;
  const queue = new PieceQueue();
  const stopping = new AbortController();
  let buffering = true;
  let decodedAt: UptimeMs = clock.uptime();

  const pull = async (signal: AbortSignal): Promise<void> => {
    for await (const samples of parts.decode(parts.openStream(path, signal), signal)) {
      decodedAt = clock.uptime();
      queue.push({ type: "sound", samples });
      if (queue.frames > BACKLOG_FRAMES) queue.skip(queue.frames - KEPT_FRAMES);
    }
  };
  /** One connection, given up when it yields nothing or the hall falls silent. */
  const connection = async (signal: AbortSignal): Promise<void> => {
    const leaving = new AbortController();
    decodedAt = clock.uptime();
    const watch = async (): Promise<void> => {
      while (await clock.sleep(LOOK_EVERY_MS, leaving.signal)) {
        if (!isHallAlive() || clock.uptime() - decodedAt >= NOTHING_DECODED_MS) leaving.abort();
      }
    };
    const watching = watch();
    try {
      await pull(AbortSignal.any([signal, leaving.signal]));
    } catch (error) {
      if (!leaving.signal.aborted && !isStopped(signal) && !(error instanceof Fault)) throw error;
      log.debug({ err: asError(error), path }, "stream connection ended");
    } finally {
      leaving.abort();
      await watching;
    }
  };
  const run = async (signal: AbortSignal): Promise<void> => {
    let failures = 0;
    while (!isStopped(signal)) {
      if (!isHallAlive()) {
        await clock.sleep(LOOK_EVERY_MS, signal);
        continue;
      }
      const startedAt = clock.uptime();
      await connection(signal);
      if (decodedAt - startedAt >= NOTHING_DECODED_MS) failures = 0;
      const delayMs = RECONNECT_MS[Math.min(failures, RECONNECT_MS.length - 1)] ?? 0;
      failures += 1;
      await clock.sleep(delayMs * (0.8 + 0.4 * random()), signal);
    }
  };
  const running = run(stopping.signal);
  // Kept until the voice is disposed of, where it is thrown.
  running.catch(() => undefined);

  const silence = (into: Int16Array, reason: MissingReason): ReturnType<Voice["read"]> => {
    into.fill(0);
    return { soundFrames: 0, missingFrames: into.length, reason };
  };
  return {
    isReady: () => queue.frames >= PREBUFFER_FRAMES,
    read: (into) => {
      if (!isHallAlive()) {
        queue.skip(queue.frames);
        buffering = true;
        return silence(into, "dead-man");
      }
      if (buffering && queue.frames < PREBUFFER_FRAMES) return silence(into, "stream-lost");
      if (buffering) queue.skip(Math.max(0, queue.frames - KEPT_FRAMES));
      buffering = false;
      const { taken, ...read } = queue.take(into);
      if (taken === into.length) return read;
      buffering = true;
      return { ...read, missingFrames: into.length - taken, reason: "stream-lost" };
    },
    [Symbol.asyncDispose]: async () => {
      stopping.abort();
      await running;
    },
  };
}
