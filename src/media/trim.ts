import { open, type FileHandle } from "node:fs/promises";
import { SECOND_MS } from "../kernel/time.ts";

/** −45 dB full scale in 16-bit samples: below it nothing is heard from a horn. */
const SILENCE_LEVEL = Math.round(32_768 * 10 ** (-45 / 20));
/** Kept before the first and after the last sound, so that soft consonants and the room's echo survive. */
const KEPT_HEAD_MS = 50;
const KEPT_TAIL_MS = 250;

/** A part of a sound, half-open, in samples. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** From the first loud sample to the last; undefined when all is silent. */
export function soundingSpan(samples: Int16Array): Span | undefined {
  const first = firstLoud(samples);
  if (first === undefined) return undefined;
  return { from: first, to: (lastLoud(samples) ?? first) + 1 };
}

const BLOCK_SAMPLES = 262_144;

/** The same for a file of s16le samples, reading only its silent ends. */
export async function soundingSpanOfFile(file: string): Promise<Span | undefined> {
  await using handle = await open(file, "r");
  const total = Math.floor((await handle.stat()).size / 2);
  let from: number | undefined;
  for (let at = 0; at < total && from === undefined; at += BLOCK_SAMPLES) {
    const found = firstLoud(await readSamples(handle, at, total));
    if (found !== undefined) from = at + found;
  }
  if (from === undefined) return undefined;
  let to: number | undefined;
  for (let at = lastBlock(total); at >= 0 && to === undefined; at -= BLOCK_SAMPLES) {
    const found = lastLoud(await readSamples(handle, at, total));
    if (found !== undefined) to = at + found + 1;
  }
  return { from, to: to ?? total };
}

function lastBlock(total: number): number {
  return Math.max(0, Math.ceil(total / BLOCK_SAMPLES) - 1) * BLOCK_SAMPLES;
}

async function readSamples(handle: FileHandle, at: number, total: number): Promise<Int16Array> {
  const samples = new Int16Array(Math.min(BLOCK_SAMPLES, total - at));
  await handle.read(new Uint8Array(samples.buffer), 0, samples.byteLength, at * 2);
  return samples;
}

function firstLoud(samples: Int16Array): number | undefined {
  const found = samples.findIndex(isLoud);
  return found < 0 ? undefined : found;
}

function lastLoud(samples: Int16Array): number | undefined {
  const found = samples.findLastIndex(isLoud);
  return found < 0 ? undefined : found;
}

function isLoud(sample: number): boolean {
  return sample > SILENCE_LEVEL || sample < -SILENCE_LEVEL;
}

/** The span with a little of the quiet around it. */
export function withMargins(
  span: Span,
  { total, sampleRateHz }: { total: number; sampleRateHz: number },
): Span {
  const samplesOf = (ms: number): number => Math.round((ms * sampleRateHz) / SECOND_MS);
  return {
    from: Math.max(0, span.from - samplesOf(KEPT_HEAD_MS)),
    to: Math.min(total, span.to + samplesOf(KEPT_TAIL_MS)),
  };
}
