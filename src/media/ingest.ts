import { stat } from "node:fs/promises";
import { join } from "node:path";
import { isStopped } from "../kernel/clock.ts";
import { asError, Fault } from "../kernel/faults.ts";
import { MINUTE_MS, SECOND_MS } from "../kernel/time.ts";
import { asDiskFault, newDiskListener } from "./disk-fault.ts";
import { encodeMp3, FORMATS, measureFile, QUIET, type EncodedFile, type EncodedFiles } from "./encode-mp3.ts";
import {
  COMPRESS,
  firstGain,
  limiter,
  meter,
  nextGain,
  quickGain,
  readLoudness,
  type Gain,
  type Loudness,
} from "./loudness.ts";
import {
  checkSpan,
  cutOff,
  nameOf,
  tooLong,
  tooSlow,
  undecodable,
  type IngestInput,
} from "./ingest-faults.ts";
import { GUARDED_INPUT, probeAudio } from "./probe.ts";
import { runProcess } from "./process.ts";
import { pcmBytes, pcmDurationMs, rmsDbfs, type Pcm } from "./speech-pcm.ts";
import type { MediaTools } from "./tools.ts";
import { soundingSpan, soundingSpanOfFile, withMargins, type Span } from "./trim.ts";

export type IngestProgress =
  | { readonly step: "receiving"; readonly receivedBytes: number }
  | { readonly step: "measuring"; readonly doneMs: number; readonly totalMs: number | undefined }
  | { readonly step: "encoding" };

interface IngestOrder {
  readonly input: IngestInput;
  /** An empty folder for temporary files and the results; the caller removes it. */
  readonly workDir: string;
  readonly maxDurationMs: number;
  readonly onProgress?: (progress: IngestProgress) => void;
}

export interface Ingested {
  readonly durationMs: number;
  readonly files: EncodedFiles;
  readonly before: Loudness;
  readonly after: Loudness;
  readonly trimmedHeadMs: number;
  readonly trimmedTailMs: number;
}

const RATE_HZ = FORMATS[0].sampleRateHz;
/** A decoder slower than this is being fooled: an hour of sound takes about a minute. */
const DECODE_DEADLINE_MS = 10 * MINUTE_MS;
const MOST_ENCODES = 4;

/**
 * Any sound in, the MP3 files out: silent ends cut, voices brought together, −16 LUFS measured on the encoded result.
 * Throws a Fault that says what is wrong with the input; what it wrote lies in `workDir` in any case.
 */
export async function ingestAudio(
  tools: MediaTools,
  order: IngestOrder,
  signal: AbortSignal,
): Promise<Ingested> {
  return guarded(order.workDir, signal, async () => {
    const decoded = await decode(tools, order, signal);
    const sounding = checkSpan(await soundingSpanOfFile(decoded.path), RATE_HZ, order.input);
    const kept = withMargins(sounding, { total: decoded.samples, sampleRateHz: RATE_HZ });
    const keptMs = msOf(kept.to - kept.from);
    order.onProgress?.({ step: "encoding" });
    let gain: Gain = firstGain(decoded.compressed, keptMs);
    for (let attempt = 1; ; attempt += 1) {
      const source = ["-f", "s16le", "-ar", String(RATE_HZ), "-ac", "1", "-i", `file:${decoded.path}`];
      const filters = `${cut(kept)},${raise(gain)},${fades(keptMs)}`;
      const { files } = await encodeMp3(tools, { source, filters, workDir: order.workDir }, signal);
      const after = await measureFile(tools, files[0].path, signal);
      const better: Gain | undefined = attempt < MOST_ENCODES ? nextGain(gain, after, keptMs) : undefined;
      if (better !== undefined) {
        gain = better;
        continue;
      }
      return {
        durationMs: durationOf(files[0]),
        files,
        before: decoded.before,
        after,
        trimmedHeadMs: Math.round(msOf(kept.from)),
        trimmedTailMs: Math.round(msOf(decoded.samples - kept.to)),
      };
    }
  });
}

/**
 * The same sound in a single run of ffmpeg, for emergencies: the gain follows from the level of the samples, and the
 * loudness afterwards is measured before the encoder instead of after it.
 */
export async function ingestQuickly(
  tools: MediaTools,
  { pcm, workDir }: { readonly pcm: Pcm; readonly workDir: string },
  signal: AbortSignal,
): Promise<Ingested> {
  const { samples, sampleRateHz } = pcm;
  const sounding = checkSpan(soundingSpan(samples), sampleRateHz, { type: "pcm", pcm });
  const kept = withMargins(sounding, { total: samples.length, sampleRateHz });
  const voice: Pcm = { ...pcm, samples: samples.subarray(kept.from, kept.to) };
  const { levelDb, gain } = quickGain(rmsDbfs(voice));
  const filters = [
    meter("before"),
    `volume=${levelDb.toFixed(2)}dB:precision=float`,
    COMPRESS,
    raise(gain),
    fades(pcmDurationMs(voice)),
    meter("after"),
  ].join(",");
  const encoded = await encodePcm(tools, { pcm: voice, filters, workDir }, signal);
  const msOfPcm = (count: number): number => Math.round((count * SECOND_MS) / sampleRateHz);
  return {
    ...encoded,
    trimmedHeadMs: msOfPcm(kept.from),
    trimmedTailMs: msOfPcm(samples.length - kept.to),
  };
}

/** Encodes a sound that is made as it should be, and measures it. */
export async function ingestAsIs(
  tools: MediaTools,
  { pcm, workDir }: { readonly pcm: Pcm; readonly workDir: string },
  signal: AbortSignal,
): Promise<Ingested> {
  const filters = `${meter("before")},${meter("after")}`;
  return {
    ...(await encodePcm(tools, { pcm, filters, workDir }, signal)),
    trimmedHeadMs: 0,
    trimmedTailMs: 0,
  };
}

async function encodePcm(
  tools: MediaTools,
  { pcm, filters, workDir }: { readonly pcm: Pcm; readonly filters: string; readonly workDir: string },
  signal: AbortSignal,
): Promise<Pick<Ingested, "durationMs" | "files" | "before" | "after">> {
  return guarded(workDir, signal, async () => {
    const { files, stderr } = await encodeMp3(
      tools,
      {
        source: pcmSource(pcm),
        input: piecesOf(pcm),
        filters: `aresample=${RATE_HZ},aformat=sample_fmts=flt,${filters}`,
        workDir,
      },
      signal,
    );
    return {
      durationMs: durationOf(files[0]),
      files,
      before: readLoudness(stderr, "before"),
      after: readLoudness(stderr, "after"),
    };
  });
}

async function guarded<T>(workDir: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isStopped(signal)) throw asError(signal.reason);
    throw asDiskFault(error, workDir);
  }
}

/** At a constant bit rate a file is as long as its bytes say. */
function durationOf({ bytes, kbps }: EncodedFile): number {
  return Math.round((bytes * 8) / kbps);
}

function msOf(samples: number): number {
  return (samples * SECOND_MS) / RATE_HZ;
}

interface Decoded {
  /** s16le of one channel at RATE_HZ, compressed but not yet raised. */
  readonly path: string;
  readonly samples: number;
  readonly before: Loudness;
  readonly compressed: Loudness;
}

async function decode(tools: MediaTools, order: IngestOrder, signal: AbortSignal): Promise<Decoded> {
  const { input, maxDurationMs } = order;
  const declaredMs = await declaredDuration(tools, input, signal);
  if (declaredMs !== undefined && declaredMs > maxDurationMs) throw tooLong(input, maxDurationMs);
  const path = join(order.workDir, "decoded.raw");
  const stderr = await runDecoder(tools, { order, path, declaredMs }, signal);
  const samples = Math.floor((await stat(path)).size / 2);
  if (msOf(samples) > maxDurationMs) throw tooLong(input, maxDurationMs);
  if (declaredMs !== undefined && isMuchShorter(msOf(samples), declaredMs)) throw cutOff(nameOf(input));
  return {
    path,
    samples,
    before: readLoudness(stderr, "before"),
    compressed: readLoudness(stderr, "compressed"),
  };
}

async function runDecoder(
  tools: MediaTools,
  job: { readonly order: IngestOrder; readonly path: string; readonly declaredMs: number | undefined },
  signal: AbortSignal,
): Promise<string> {
  const { input, maxDurationMs, workDir, onProgress } = job.order;
  const deadline = AbortSignal.timeout(DECODE_DEADLINE_MS);
  const disk = newDiskListener();
  const args = [
    ...QUIET,
    ...["-progress", "pipe:2"],
    ...(input.type === "file" ? [...GUARDED_INPUT, "-i", `file:${input.path}`] : pcmSource(input.pcm)),
    ...["-map", "0:a:0", "-vn", "-sn", "-dn"],
    // A file may lie about its length: one second more than allowed proves it.
    ...["-t", String(maxDurationMs / SECOND_MS + 1)],
    "-af",
    `aresample=${RATE_HZ},aformat=sample_fmts=flt:channel_layouts=mono,${meter("before")},${COMPRESS},${meter("compressed")}`,
    ...["-f", "s16le", `file:${job.path}`],
  ];
  try {
    const { stderr } = await runProcess(
      {
        command: tools.ffmpeg,
        args,
        ...(input.type === "pcm" ? { input: piecesOf(input.pcm) } : {}),
        onStderr: (line) => {
          disk.hear(line);
          const doneUs = /^out_time_us=(\d+)/.exec(line)?.[1];
          if (doneUs === undefined) return;
          onProgress?.({
            step: "measuring",
            doneMs: Math.round(Number(doneUs) / 1_000),
            totalMs: job.declaredMs,
          });
        },
      },
      AbortSignal.any([signal, deadline]),
    );
    disk.throwIfFull(workDir);
    return stderr;
  } catch (error) {
    if (isStopped(signal)) throw asError(signal.reason);
    disk.throwIfFull(workDir);
    if (isStopped(deadline)) throw tooSlow(nameOf(input), DECODE_DEADLINE_MS, error);
    if (error instanceof Fault && error.kind === "corrupt" && input.type === "file") {
      throw undecodable(input.name, error);
    }
    throw error;
  }
}

async function declaredDuration(
  tools: MediaTools,
  input: IngestInput,
  signal: AbortSignal,
): Promise<number | undefined> {
  if (input.type === "pcm") return pcmDurationMs(input.pcm);
  return (await probeAudio(tools, input.path, input.name, signal)).declaredMs;
}

/** More than rounding and encoder padding explain: part of the file is missing. */
function isMuchShorter(decodedMs: number, declaredMs: number): boolean {
  return declaredMs - decodedMs > Math.max(SECOND_MS, declaredMs * 0.02);
}

function pcmSource({ sampleRateHz }: Pcm): string[] {
  return ["-f", "s16le", "-ar", String(sampleRateHz), "-ac", "1", "-i", "pipe:0"];
}

const PIECE_BYTES = 262_144;

// eslint-disable-next-line @typescript-eslint/require-await -- an async iterable is what a process is fed with
async function* piecesOf(pcm: Pcm): AsyncGenerator<Uint8Array> {
  const bytes = pcmBytes(pcm);
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) yield bytes.subarray(at, at + PIECE_BYTES);
}

function cut({ from, to }: Span): string {
  return `atrim=start_sample=${from}:end_sample=${to},asetpts=PTS-STARTPTS`;
}

function raise({ gainDb, limitDb }: Gain): string {
  return `volume=${gainDb.toFixed(2)}dB:precision=float,${limiter(limitDb)}`;
}

/** A hard edge clicks from a horn. Both lie within the margin that is kept around the sound. */
function fades(lengthMs: number): string {
  const outMs = Math.min(150, lengthMs / 4);
  return `afade=t=in:d=0.010,afade=t=out:st=${((lengthMs - outMs) / SECOND_MS).toFixed(4)}:d=${(outMs / SECOND_MS).toFixed(4)}`;
}
