import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "../kernel/clock.ts";
import { Fault } from "../kernel/faults.ts";
import type { Log } from "../kernel/log.ts";
import { SECOND_MS, uptimeMs, type UptimeMs } from "../kernel/time.ts";
import { hasSoundCard, openAlsaDevice, type PcmDevice } from "../media/alsa.ts";
import { openWavFile, type WavFile } from "../media/wav.ts";
import type { AiringId } from "../speakers/protocol.ts";
import { frameAt } from "./voice.ts";

/** One voice's share of a block, volume applied. */
export interface OutputVoice {
  readonly airing: AiringId;
  /** When its first sample left in an earlier run of this program. */
  readonly firstLeftAt: UptimeMs | undefined;
  readonly samples: Int16Array;
}

interface OutputBlock {
  /** When its first sample leaves. */
  readonly leavesAt: UptimeMs;
  readonly mixed: Int16Array;
  readonly voices: readonly OutputVoice[];
}

/** Where sound leaves. */
export interface Output extends AsyncDisposable {
  /** Blocks are wanted this long before they leave. */
  readonly leadMs: number;
  /** Sound leaves this much later than the device is believed to play it. */
  readonly latencyMs: number;
  /** Sound is due within the next seconds. */
  wake(): void;
  /** Nothing is due. */
  rest(): void;
  /** False when the block did not leave. Never waits and never throws for what the world did. */
  write(block: OutputBlock): boolean;
}

interface OutputOptions {
  readonly alsa?: string | undefined;
  readonly wavDir?: string | undefined;
  readonly latencyMs: number;
}

interface OutputParts {
  readonly clock: Clock;
  readonly log: Log;
}

/** Held by the sound device: covers a stall of this process by as much. */
const ALSA_LEAD_MS = 300;
const REOPEN_AFTER_MS = 2 * SECOND_MS;

/** The sound device, the recordings, or both. With both, the sound device decides whether a block has left. */
export function openOutput({ alsa, wavDir, latencyMs }: OutputOptions, parts: OutputParts): Output {
  const device = alsa === "auto" ? (hasSoundCard() ? "default" : undefined) : alsa;
  const sinks = [
    ...(device === undefined ? [] : [openAlsaSink(device, parts)]),
    ...(wavDir === undefined ? [] : [openWavSink(wavDir, parts)]),
  ];
  return {
    leadMs: device === undefined ? 0 : ALSA_LEAD_MS,
    latencyMs: device === undefined ? 0 : latencyMs,
    wake: () => sinks.forEach((sink) => sink.wake()),
    rest: () => sinks.forEach((sink) => sink.rest()),
    write: (block) => sinks.map((sink) => sink.write(block))[0] ?? false,
    [Symbol.asyncDispose]: async () => {
      for (const sink of sinks) await sink[Symbol.asyncDispose]();
    },
  };
}

type Sink = Omit<Output, "leadMs" | "latencyMs">;

function openAlsaSink(device: string, { clock, log }: OutputParts): Sink {
  let open: PcmDevice | undefined;
  let reopenAt = 0;
  let reported = false;
  const closing = new Set<Promise<void>>();
  const close = (): void => {
    if (open === undefined) return;
    const closed: Promise<void> = Promise.resolve(open[Symbol.asyncDispose]()).finally(() =>
      closing.delete(closed),
    );
    closing.add(closed);
    open = undefined;
  };
  const ensureOpen = (): PcmDevice | undefined => {
    if (open === undefined && clock.uptime() >= reopenAt)
      open = openAlsaDevice({ device, bufferMs: ALSA_LEAD_MS });
    return open;
  };
  return {
    wake: () => {
      ensureOpen();
    },
    rest: close,
    write: ({ mixed }) => {
      const playing = ensureOpen();
      if (playing === undefined) return false;
      if (playing.write(mixed)) {
        if (reported && clock.uptime() >= reopenAt + REOPEN_AFTER_MS) {
          reported = false;
          log.info({ device }, "sound device plays again");
        }
        return true;
      }
      if (!reported) log.error({ err: playing.failure(), device }, "sound device failed; will keep retrying");
      reported = true;
      reopenAt = clock.uptime() + REOPEN_AFTER_MS;
      close();
      return false;
    },
    [Symbol.asyncDispose]: async () => {
      close();
      await Promise.all(closing);
    },
  };
}

interface Recording {
  readonly file: WavFile;
  /** When frame 0 of the file left. */
  readonly startAt: UptimeMs;
}

/** Blocks this close to each other are one stretch: the difference is rounding. */
const SEAM_FRAMES = frameAt(2);

/** One file per airing: frame n left n/44100 s after the first, whatever happened in between. */
function openWavSink(dir: string, { clock, log }: OutputParts): Sink {
  const recordings = new Map<AiringId, Recording>();
  let failing = false;
  let retryAt = 0;
  const recordingOf = (voice: OutputVoice, leavesAt: UptimeMs): Recording => {
    let recording = recordings.get(voice.airing);
    if (recording === undefined) {
      mkdirSync(dir, { recursive: true });
      const file = openWavFile(join(dir, `${voice.airing}.wav`));
      const earlier = file.frames > 0 ? voice.firstLeftAt : undefined;
      recording = { file, startAt: earlier ?? uptimeMs(leavesAt - (file.frames * 1_000) / 44_100) };
      recordings.set(voice.airing, recording);
    }
    return recording;
  };
  const record = (block: OutputBlock): void => {
    for (const voice of block.voices) {
      const { file, startAt } = recordingOf(voice, block.leavesAt);
      const gapFrames = frameAt(block.leavesAt - startAt) - file.frames;
      if (gapFrames > SEAM_FRAMES) file.appendSilence(gapFrames);
      file.append(voice.samples);
    }
  };
  const close = (): void => {
    for (const { file } of recordings.values()) file[Symbol.dispose]();
    recordings.clear();
  };
  const closeQuietly = (): void => {
    try {
      close();
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      recordings.clear();
      log.warn({ err: error }, "recording was not closed");
    }
  };
  return {
    wake: () => undefined,
    rest: closeQuietly,
    write: (block) => {
      if (failing && clock.uptime() < retryAt) return false;
      try {
        record(block);
        if (failing) log.info({ dir }, "recordings are written again");
        failing = false;
        return true;
      } catch (error) {
        if (!failing) log.error({ err: error, dir }, "recordings can't be written; will keep retrying");
        failing = true;
        retryAt = clock.uptime() + REOPEN_AFTER_MS;
        closeQuietly();
        return false;
      }
    },
    [Symbol.asyncDispose]: () => {
      closeQuietly();
      return Promise.resolve();
    },
  };
}
