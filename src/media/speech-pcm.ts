import { Fault } from "../kernel/faults.ts";
import { SECOND_MS } from "../kernel/time.ts";

/** Sound in memory: signed 16-bit little-endian samples of one channel. */
export interface Pcm {
  readonly sampleRateHz: number;
  readonly samples: Int16Array;
}

export function pcmBytes({ samples }: Pcm): Uint8Array {
  return new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
}

export function pcmDurationMs({ samples, sampleRateHz }: Pcm): number {
  return (samples.length * SECOND_MS) / sampleRateHz;
}

/** Mean level of the samples that are not silence, dB full scale. */
export function rmsDbfs({ samples }: Pcm): number {
  let sum = 0;
  let count = 0;
  for (const sample of samples) {
    if (sample > 300 || sample < -300) {
      sum += sample * sample;
      count += 1;
    }
  }
  return count === 0 ? -90 : 10 * Math.log10(sum / count / 32_768 ** 2);
}

/** Pieces of one voice, one after the other with a pause between. At least one piece. */
export function joinPcm(pieces: readonly Pcm[], pauseMs: number): Pcm {
  const sampleRateHz = pieces[0]?.sampleRateHz ?? 0;
  if (pieces.some((piece) => piece.sampleRateHz !== sampleRateHz)) {
    throw new Fault("corrupt", "the speech engine changed its sample rate within one text");
  }
  const pauseSamples = Math.round((pauseMs * sampleRateHz) / SECOND_MS);
  const total = pieces.reduce((sum, { samples }) => sum + samples.length + pauseSamples, -pauseSamples);
  const joined = new Int16Array(Math.max(total, 0));
  let at = 0;
  for (const { samples } of pieces) {
    joined.set(samples, at);
    at += samples.length + pauseSamples;
  }
  return { sampleRateHz, samples: joined };
}

const PCM_FORMAT = 1;
/** WAVE_FORMAT_EXTENSIBLE: the true format is the first two bytes of a GUID further on. */
const EXTENSIBLE_FORMAT = 0xfffe;

/**
 * Reads 16-bit WAV, mixing channels to one. Sizes that lie are taken as "to the end": programs that write to a pipe
 * can't fill them in.
 */
export function readWav(wav: Uint8Array): Pcm {
  const bytes = Buffer.from(wav.buffer, wav.byteOffset, wav.byteLength);
  if (bytes.toString("latin1", 0, 4) !== "RIFF" || bytes.toString("latin1", 8, 12) !== "WAVE") {
    throw new Fault("corrupt", "the speech engine did not answer with a WAV file");
  }
  let format: { channels: number; sampleRateHz: number } | undefined;
  for (let at = 12; at + 8 <= bytes.length;) {
    const id = bytes.toString("latin1", at, at + 4);
    const sizeBytes = bytes.readUInt32LE(at + 4);
    if (id === "fmt ") format = readFormat(bytes.subarray(at + 8));
    if (id === "data") {
      if (format === undefined) break;
      return {
        sampleRateHz: format.sampleRateHz,
        samples: mixDown(bytes.subarray(at + 8, at + 8 + sizeBytes), format.channels),
      };
    }
    at += 8 + sizeBytes + (sizeBytes % 2);
  }
  throw new Fault("corrupt", "the speech engine's WAV file holds no sound");
}

function readFormat(chunk: Buffer): { channels: number; sampleRateHz: number } {
  const tag = chunk.length < 16 ? 0 : chunk.readUInt16LE(0);
  const format = tag === EXTENSIBLE_FORMAT && chunk.length >= 26 ? chunk.readUInt16LE(24) : tag;
  if (format !== PCM_FORMAT || chunk.readUInt16LE(14) !== 16) {
    throw new Fault("corrupt", "the speech engine must write 16-bit PCM WAV");
  }
  return { channels: Math.max(1, chunk.readUInt16LE(2)), sampleRateHz: chunk.readUInt32LE(4) };
}

function mixDown(data: Buffer, channels: number): Int16Array {
  const samples = new Int16Array(Math.floor(data.length / 2 / channels));
  for (let i = 0; i < samples.length; i += 1) {
    let sum = 0;
    for (let channel = 0; channel < channels; channel += 1)
      sum += data.readInt16LE((i * channels + channel) * 2);
    samples[i] = Math.round(sum / channels);
  }
  return samples;
}
