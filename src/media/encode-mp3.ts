import { stat } from "node:fs/promises";
import { join } from "node:path";
import { newDiskListener } from "./disk-fault.ts";
import { meter, readLoudness, type Loudness } from "./loudness.ts";
import { runProcess } from "./process.ts";
import type { MediaTools } from "./tools.ts";

/** MP3, one channel, constant bit rate. */
interface Format {
  readonly kbps: number;
  readonly sampleRateHz: number;
}

/** The canonical format of the LAN, then the one for speakers behind a SIM card. */
export const FORMATS: readonly [Format, Format] = [
  { kbps: 64, sampleRateHz: 44_100 },
  { kbps: 32, sampleRateHz: 24_000 },
];

export interface EncodedFile extends Format {
  readonly path: string;
  readonly bytes: number;
}

/** In the order of FORMATS. */
export type EncodedFiles = readonly [EncodedFile, EncodedFile];

export const QUIET: readonly string[] = ["-hide_banner", "-nostats", "-nostdin", "-y"];

/**
 * Without bit reservoir any frame boundary is a clean cut and a lost packet costs 26 ms; without tags and version
 * strings the same sound always gives the same bytes, so its hash names it.
 */
export function mp3Args({ kbps, sampleRateHz }: Format): string[] {
  return [
    ...["-c:a", "libmp3lame", "-b:a", `${kbps}k`, "-ar", String(sampleRateHz), "-ac", "1"],
    ...["-reservoir", "0", "-write_xing", "0", "-id3v2_version", "0", "-map_metadata", "-1"],
    ...["-flags", "+bitexact", "-fflags", "+bitexact", "-f", "mp3"],
  ];
}

interface EncodeJob {
  /** ffmpeg's arguments up to and with `-i …`. */
  readonly source: readonly string[];
  /** What is read from stdin, when the source is `pipe:0`. */
  readonly input?: AsyncIterable<Uint8Array>;
  /** A filter chain that ends in the sound to encode, at the rate of FORMATS[0]. */
  readonly filters: string;
  readonly workDir: string;
}

/** One run of ffmpeg for all formats. Returns its stderr too, for meters inside `filters`. */
export async function encodeMp3(
  tools: MediaTools,
  { source, input, filters, workDir }: EncodeJob,
  signal: AbortSignal,
): Promise<{ readonly files: EncodedFiles; readonly stderr: string }> {
  const [wide, narrow] = FORMATS;
  const pathOf = (format: Format): string => join(workDir, `${format.kbps}k.mp3`);
  const disk = newDiskListener();
  const { stderr } = await runProcess(
    {
      command: tools.ffmpeg,
      args: [
        ...QUIET,
        ...source,
        "-filter_complex",
        `[0:a:0]${filters},asplit=2[wide][narrow]`,
        ...["-map", "[wide]", ...mp3Args(wide), `file:${pathOf(wide)}`],
        ...["-map", "[narrow]", ...mp3Args(narrow), `file:${pathOf(narrow)}`],
      ],
      onStderr: disk.hear,
      ...(input === undefined ? {} : { input }),
    },
    signal,
  ).finally(() => disk.throwIfFull(workDir));
  const encoded = async (format: Format): Promise<EncodedFile> => {
    const path = pathOf(format);
    return { ...format, path, bytes: (await stat(path)).size };
  };
  return { files: [await encoded(wide), await encoded(narrow)], stderr };
}

/** What an encoded file measures when it is decoded again. */
export async function measureFile(tools: MediaTools, path: string, signal: AbortSignal): Promise<Loudness> {
  const { stderr } = await runProcess(
    {
      command: tools.ffmpeg,
      args: [...QUIET, "-i", `file:${path}`, "-af", meter("file"), "-f", "null", "-"],
    },
    signal,
  );
  return readLoudness(stderr, "file");
}
