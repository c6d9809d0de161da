import { Fault } from "../kernel/faults.ts";

/** What a piece of sound measures, EBU R 128 on one channel. Null below what can be measured (silence, under 0.4 s). */
export interface Loudness {
  readonly integratedLufs: number | null;
  readonly peakDbtp: number | null;
}

/** Horns in a noisy street: louder than radio's −23, with room left for the encoder's overshoot. */
const TARGET_LUFS = -16;
export const CEILING_DBTP = -1.5;
/** Integrated loudness means nothing on shorter pieces; they are set by their peak. */
const SHORTEST_MEASURED_MS = 3_000;

/** Takes rumble away and brings near and far voices together. */
export const COMPRESS = "highpass=f=150,acompressor=threshold=-20dB:ratio=4:attack=5:release=80";

/** Holds samples below the limit, 5 ms ahead of them; the filter's own make-up gain is off. */
export function limiter(limitDb: number): string {
  return `alimiter=limit=${(10 ** (limitDb / 20)).toFixed(5)}:level=disabled:latency=1`;
}

/** A measuring point inside a filter graph; its result is read with `readLoudness` under the same name. */
export function meter(name: string): string {
  return `ebur128@${name}=peak=true:framelog=verbose`;
}

/** Reads the summary that the meter of this name printed at the end. */
export function readLoudness(stderr: string, name: string): Loudness {
  const from = stderr.lastIndexOf(`[ebur128@${name} @ `);
  const summary = from < 0 ? "" : stderr.slice(from);
  const integrated = /I:\s+(-?[\d.]+|-inf|nan) LUFS/.exec(summary)?.[1];
  const peak = /Peak:\s+(-?[\d.]+|-inf|nan) dBFS/.exec(summary)?.[1];
  if (integrated === undefined || peak === undefined) {
    throw new Fault("corrupt", `ffmpeg printed no loudness summary for ${name}`);
  }
  const lufs = Number(integrated);
  const dbtp = Number(peak);
  return {
    // −70 is the absolute gate of BS.1770: nothing passed it.
    integratedLufs: Number.isFinite(lufs) && lufs > -70 ? lufs : null,
    peakDbtp: Number.isFinite(dbtp) ? dbtp : null,
  };
}

/** The limiter's setting below the ceiling: peaks between samples and the encoder come on top. */
const HEADROOM_DB = 1.3;
const TOLERANCE_LU = 0.5;
/** Nothing sensible needs more; what does is hiss. */
const MOST_GAIN_DB = 40;

export interface Gain {
  readonly gainDb: number;
  readonly limitDb: number;
}

/** First guess from what the compressed sound measures. A limiter that works eats part of the gain it is given. */
export function firstGain(compressed: Loudness, durationMs: number): Gain {
  const limitDb = CEILING_DBTP - HEADROOM_DB;
  const peakDb = compressed.peakDbtp ?? 0;
  if (durationMs < SHORTEST_MEASURED_MS || compressed.integratedLufs === null) {
    return { gainDb: clamp(limitDb - peakDb), limitDb };
  }
  const wantedDb = TARGET_LUFS - compressed.integratedLufs;
  const overDb = Math.max(0, peakDb + wantedDb - limitDb);
  return { gainDb: clamp(wantedDb + Math.min(0.4 * overDb, 3)), limitDb };
}

/** The level at which the compressor was tuned, and what then brings speech to the target. */
const TUNED_RMS_DBFS = -14;
const TUNED_GAIN_DB = 10.7;

/** A gain without measuring: the samples are first brought to the level for which the rest is known. */
export function quickGain(rmsDbfs: number): { readonly levelDb: number; readonly gain: Gain } {
  return {
    levelDb: clamp(TUNED_RMS_DBFS - rmsDbfs),
    gain: { gainDb: TUNED_GAIN_DB, limitDb: CEILING_DBTP - HEADROOM_DB },
  };
}

/** The next try after one that measured `result`; undefined when that is good enough. */
export function nextGain(used: Gain, result: Loudness, durationMs: number): Gain | undefined {
  const overDb = (result.peakDbtp ?? CEILING_DBTP) - CEILING_DBTP;
  const shortDb =
    durationMs < SHORTEST_MEASURED_MS || result.integratedLufs === null
      ? 0
      : TARGET_LUFS - result.integratedLufs;
  if (overDb <= 0 && Math.abs(shortDb) <= TOLERANCE_LU) return undefined;
  return {
    gainDb: clamp(used.gainDb + shortDb * 1.2),
    limitDb: used.limitDb - (overDb > 0 ? overDb + 0.2 : 0),
  };
}

function clamp(gainDb: number): number {
  return Math.max(-MOST_GAIN_DB, Math.min(MOST_GAIN_DB, gainDb));
}
