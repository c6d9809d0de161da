import { isStopped, type Clock } from "../kernel/clock.ts";
import { Fault } from "../kernel/faults.ts";
import type { Log } from "../kernel/log.ts";
import { backoffMs, DEFAULT_BACKOFF } from "../kernel/supervise.ts";
import { MINUTE_MS } from "../kernel/time.ts";
import type { AudioFile, AudioPart, Sha256 } from "../speakers/protocol.ts";
import type { AudioFiles } from "./audio-files.ts";
import { newBell } from "./bell.ts";
import type { HallHttp } from "./hall-http.ts";
import { chooseEncoding, evictionFor, playableEncoding, type Preference } from "./rules/files.ts";

/** Brings what plans and orders need onto the device, ahead of time. */
export interface Fetcher {
  /** What is wanted changed, or a file was lost. */
  refresh(): void;
  /** The wanted encodings that are not here. */
  missing(): Sha256[];
  /** The last fetch of one of its encodings brought wrong bytes. */
  isCorrupt(part: AudioPart): boolean;
  run(signal: AbortSignal): Promise<void>;
}

interface FetcherParts {
  readonly clock: Clock;
  readonly log: Log;
  /** 0 ≤ x < 1. */
  readonly random: () => number;
  readonly files: AudioFiles;
  readonly http: HallHttp;
  /** Most urgent first. */
  readonly wanted: () => readonly AudioPart[];
  readonly prefer: Preference;
  readonly budgetBytes: number;
  readonly freeBytes: () => number;
  /** A file has come. */
  readonly onFetched: () => void;
}

/** Left free for the database and the rest of the system. */
const RESERVE_BYTES = 32_000_000;

interface Attempts {
  readonly failures: number;
  readonly retryAt: number;
  readonly wasCorrupt: boolean;
}

export function newFetcher(parts: FetcherParts): Fetcher {
  const { clock, log, random, files, http, wanted, prefer, budgetBytes, freeBytes, onFetched } = parts;
  const bell = newBell();
  const attempts = new Map<Sha256, Attempts>();
  const isHere = (sha256: string): boolean => files.has(sha256 as Sha256);

  const missingFiles = (): AudioFile[] =>
    wanted()
      .filter((part) => playableEncoding(part.files, prefer, isHere) === undefined)
      .flatMap((part) => chooseEncoding(part.files, prefer) ?? []);
  const neededNow = (): Set<string> =>
    new Set(wanted().flatMap((part) => part.files.map(({ sha256 }) => sha256)));

  const makeRoom = (file: AudioFile): void => {
    const needed = neededNow();
    const isNeeded = (sha256: string): boolean => needed.has(sha256);
    const newBytes = file.bytes - files.partialBytes(file.sha256);
    const kept = files.list();
    const usedBytes = kept.reduce((sum, { bytes }) => sum + bytes, 0);
    const diskBytes = usedBytes + freeBytes() - RESERVE_BYTES;
    const evicted = evictionFor(kept, isNeeded, newBytes, Math.min(budgetBytes, diskBytes));
    if (evicted === undefined) throw new Fault("unavailable", "no room for another audio file");
    for (const sha256 of evicted) files.remove(sha256 as Sha256);
  };
  const fetchFile = async (file: AudioFile, signal: AbortSignal): Promise<void> => {
    makeRoom(file);
    const have = files.partialBytes(file.sha256);
    if (have > file.bytes) files.discardPartial(file.sha256);
    if (have !== file.bytes) await download(file, have > file.bytes ? 0 : have, signal);
    if (await files.accept(file.sha256)) return;
    throw new Fault("corrupt", `audio file ${file.sha256} came with other bytes`);
  };
  const download = async (file: AudioFile, fromByte: number, signal: AbortSignal): Promise<void> => {
    const { status, fromByte: sentFrom, body } = await http.get(`/audio/${file.sha256}`, fromByte, signal);
    if (status === 200) await files.appendPartial(file.sha256, 0, atMost(body, file.bytes));
    else if (status === 206 && sentFrom === fromByte)
      await files.appendPartial(file.sha256, fromByte, atMost(body, file.bytes - fromByte));
    else {
      files.discardPartial(file.sha256);
      throw new Fault("unavailable", `the hall answers ${status} for audio file ${file.sha256}`);
    }
    if (files.partialBytes(file.sha256) < file.bytes)
      throw new Fault("unavailable", `audio file ${file.sha256} broke off`);
  };
  const attempt = async (file: AudioFile, signal: AbortSignal): Promise<void> => {
    const failures = attempts.get(file.sha256)?.failures ?? 0;
    try {
      await fetchFile(file, signal);
      if (failures > 0) log.info({ sha256: file.sha256 }, "audio file fetched at last");
      attempts.delete(file.sha256);
      onFetched();
    } catch (error) {
      if (isStopped(signal)) return;
      if (!(error instanceof Fault)) throw error;
      if (failures === 0) log.warn({ err: error }, "audio file can't be fetched; will keep retrying");
      attempts.set(file.sha256, {
        failures: failures + 1,
        retryAt: clock.uptime() + backoffMs(failures, DEFAULT_BACKOFF, random()),
        wasCorrupt: error.kind === "corrupt",
      });
    }
  };
  return {
    refresh: () => bell.ring(),
    missing: () => missingFiles().map(({ sha256 }) => sha256),
    isCorrupt: (part) => part.files.some(({ sha256 }) => attempts.get(sha256)?.wasCorrupt ?? false),
    run: async (signal) => {
      while (!isStopped(signal)) {
        const now = clock.uptime();
        const missing = missingFiles();
        const next = missing.find(({ sha256 }) => (attempts.get(sha256)?.retryAt ?? now) <= now);
        if (next !== undefined) {
          await attempt(next, signal);
          continue;
        }
        const retryAt = missing.map(({ sha256 }) => attempts.get(sha256)?.retryAt ?? Infinity);
        await bell.wait(Math.min(MINUTE_MS, ...retryAt.map((at) => at - now)), clock, signal);
      }
    },
  };
}

/** More than announced is not the file that was announced. */
async function* atMost(
  body: AsyncIterable<Uint8Array>,
  limitBytes: number,
): AsyncGenerator<Uint8Array, void, void> {
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > limitBytes) throw new Fault("corrupt", "the hall sends more than it announced");
    yield chunk;
  }
}
