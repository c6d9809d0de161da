import { limiter, CEILING_DBTP, COMPRESS } from "./loudness.ts";
import { mp3Args } from "./encode-mp3.ts";
import { streamProcess } from "./process.ts";
import type { MediaTools } from "./tools.ts";

interface LiveOrder {
  /** Of the input: signed 16-bit little-endian samples of one channel. */
  readonly sampleRateHz: number;
  readonly channels: 1;
  /** Of the output: 44.1 kHz from 64 kbit/s up, else 24 kHz. */
  readonly kbps: number;
  readonly input: AsyncIterable<Uint8Array>;
  /** Raises the voice after compression; 8 dB suits a browser's microphone with its automatic gain on. */
  readonly gainDb?: number;
}

const MICROPHONE_GAIN_DB = 8;

/**
 * Encodes live sound to MP3 with the least delay: what goes in comes out within about 130 ms. Ends with the input, and
 * throws an AbortError after `signal`.
 */
export function encodeLive(
  tools: MediaTools,
  { sampleRateHz, channels, kbps, input, gainDb = MICROPHONE_GAIN_DB }: LiveOrder,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, void> {
  const leveling = `${COMPRESS},volume=${gainDb}dB:precision=float,${limiter(CEILING_DBTP - 1)}`;
  const args = [
    ...["-hide_banner", "-nostats", "-loglevel", "error", "-nostdin"],
    // Without these ffmpeg listens for two seconds before the first sound leaves it.
    ...["-probesize", "32", "-analyzeduration", "0", "-fflags", "+nobuffer"],
    ...["-f", "s16le", "-ar", String(sampleRateHz), "-ac", String(channels), "-i", "pipe:0"],
    ...["-af", leveling],
    ...mp3Args({ kbps, sampleRateHz: kbps >= 64 ? 44_100 : 24_000 }),
    ...["-flush_packets", "1", "pipe:1"],
  ];
  return streamProcess({ command: tools.ffmpeg, args, input }, signal);
}
