import { randomUUID } from "node:crypto";
import { open } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../kernel/clock.ts";
import { Fault } from "../kernel/faults.ts";
import type { Log } from "../kernel/log.ts";
import { text } from "../kernel/text.ts";
import { HOUR_MS, type EpochMs } from "../kernel/time.ts";
import { asDiskFault } from "../media/disk-fault.ts";
import { cutOff } from "../media/ingest-faults.ts";
import { ingestAudio, ingestQuickly, type Ingested, type IngestProgress } from "../media/ingest.ts";
import type { Voice, SpeechEngine } from "../media/speech.ts";
import type { MediaTools } from "../media/tools.ts";
import { Sha256, type AudioFile, type AudioPart } from "../speakers/protocol.ts";
import type { Database } from "../store/database.ts";
import { missingFiles, openAudioFiles, type AudioFiles } from "./audio-files.ts";
import { audioOf } from "./audio-record.ts";
import { ensureChimes, type Chimes } from "./chimes.ts";
import { openLibraryStore, type Audio, type Glossary, type LibraryStore } from "./library-store.ts";
import { readAloud, type Reading } from "./rules/reading/read-text.ts";

interface LibraryLimits {
  readonly maxUploadBytes: number;
  readonly maxDurationMs: number;
  readonly maxTextChars: number;
}

const DEFAULT_LIBRARY_LIMITS: LibraryLimits = {
  maxUploadBytes: 60 * 1_024 * 1_024,
  maxDurationMs: HOUR_MS,
  maxTextChars: 20_000,
};

interface LibraryParts {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly tools: MediaTools;
  readonly engine: SpeechEngine;
  /** The folder of the audio files. */
  readonly dir: string;
  readonly limits?: Partial<LibraryLimits>;
}

/** What must be stored in the same transaction as the new audio, such as an audit row. */
type Alongside = (audio: Audio) => void;

interface SpeechRequest {
  readonly text: string;
  /** What the officer calls it; without it the beginning of the text. */
  readonly name?: string;
  readonly by: string;
  readonly voice?: string;
  /** For emergencies: in the air within half a second, loudness a little less exact. */
  readonly quick?: boolean;
  readonly alongside?: Alongside;
}

export interface Library {
  readonly limits: LibraryLimits;
  readonly voices: readonly Voice[];
  readonly chimes: Chimes;
  /** Takes a file as it arrives. Throws a Fault that says what is wrong with it; nothing is left of a refused one. */
  addUpload(
    stream: AsyncIterable<Uint8Array>,
    meta: { readonly name: string; readonly by: string; readonly alongside?: Alongside },
    how: { readonly onProgress?: (progress: IngestProgress) => void; readonly signal: AbortSignal },
  ): Promise<Audio>;
  addSpeech(request: SpeechRequest, signal: AbortSignal): Promise<Audio & Pick<Reading, "readText">>;
  /** What `addSpeech` would say, for showing it beforehand. */
  readAloud(written: string): Reading;
  get(id: string): Audio | undefined;
  /** Newest first, without chimes. */
  list(page: { readonly limit: number; readonly before?: EpochMs }): Audio[];
  /** For play and prefetch orders. Throws a Fault when there is no such audio. */
  part(id: string): AudioPart;
  /** Where a file of the library lies; undefined for hashes it does not have. */
  pathOf(sha256: string): string | undefined;
  glossary(): Glossary;
  setGlossary(glossary: Glossary, alongside?: () => void): void;
}

/** Opens the store, clears what an interrupted run left, and makes our chimes if they are not there yet. */
export async function openLibrary(parts: LibraryParts, signal: AbortSignal): Promise<Library> {
  const store = openLibraryStore(parts.database);
  const files = await openAudioFiles(parts.dir, store.files());
  const missing = await missingFiles(files, store.files());
  if (missing.length > 0) parts.log.error({ sha256: missing }, "audio files are missing; restore a backup");
  const chimes = await ensureChimes(
    { tools: parts.tools, clock: parts.clock, store, files, missing },
    signal,
  );
  const limits = { ...DEFAULT_LIBRARY_LIMITS, ...parts.limits };
  const work: LibraryWork = { ...parts, limits, store, files };
  return {
    limits,
    chimes,
    voices: parts.engine.voices,
    addUpload: (stream, meta, how) => addUpload(work, stream, meta, how),
    addSpeech: (request, stop) => addSpeech(work, request, stop),
    readAloud: (written) => readAloud(checkText(written, limits), store.glossary()),
    get: (id) => store.get(id),
    list: (page) => store.list(page),
    part: (id) => partOf(store.get(id) ?? notFound(id)),
    pathOf: (sha256) => {
      const parsed = Sha256.safeParse(sha256);
      return parsed.success && store.hasFile(parsed.data) ? files.pathOf(parsed.data) : undefined;
    },
    glossary: () => store.glossary(),
    setGlossary: (glossary, alongside) =>
      parts.database.transact(() => {
        store.setGlossary(glossary);
        alongside?.();
      }),
  };
}

function partOf({ durationMs, files }: Audio): AudioPart {
  return { durationMs, files: [...files] };
}

interface LibraryWork extends LibraryParts {
  readonly limits: LibraryLimits;
  readonly store: LibraryStore;
  readonly files: AudioFiles;
}

async function addUpload(
  work: LibraryWork,
  ...[stream, meta, { onProgress, signal }]: Parameters<Library["addUpload"]>
): Promise<Audio> {
  await using workDir = await work.files.openWorkDir(randomUUID());
  const path = join(workDir.path, "upload");
  try {
    await receive(work, { stream, path, name: meta.name, onProgress }, signal);
  } catch (error) {
    throw asDiskFault(error, work.dir);
  }
  const ingested = await ingestAudio(
    work.tools,
    {
      input: { type: "file", path, name: meta.name },
      workDir: workDir.path,
      maxDurationMs: work.limits.maxDurationMs,
      ...(onProgress === undefined ? {} : { onProgress }),
    },
    signal,
  );
  return await keep(work, ingested, { name: meta.name, origin: "upload", by: meta.by }, meta.alongside);
}

interface Receiving {
  readonly stream: AsyncIterable<Uint8Array>;
  readonly path: string;
  readonly name: string;
  readonly onProgress: ((progress: IngestProgress) => void) | undefined;
}

async function receive(
  { limits }: LibraryWork,
  { stream, path, name, onProgress }: Receiving,
  signal: AbortSignal,
): Promise<void> {
  await using file = await open(path, "wx", 0o640);
  let receivedBytes = 0;
  for await (const chunk of whole(stream, name)) {
    signal.throwIfAborted();
    receivedBytes += chunk.byteLength;
    if (receivedBytes > limits.maxUploadBytes) throw tooLarge(name, limits.maxUploadBytes);
    await file.write(chunk);
    onProgress?.({ step: "receiving", receivedBytes });
  }
  if (receivedBytes === 0) {
    throw new Fault("invalid", text(`“${name}” is empty.`, `Tệp “${name}” rỗng.`), { field: "file" });
  }
}

/** A sender that goes away in the middle fails the stream; the officer needs to know what that means. */
async function* whole(stream: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<Uint8Array> {
  try {
    yield* stream;
  } catch (error) {
    throw error instanceof Fault ? error : cutOff(name, error);
  }
}

async function addSpeech(
  work: LibraryWork,
  request: SpeechRequest,
  signal: AbortSignal,
): Promise<Audio & Pick<Reading, "readText">> {
  const written = checkText(request.text, work.limits);
  const { readText } = readAloud(written, work.store.glossary());
  if (!/\p{L}/u.test(readText)) throw nothingToRead();
  const voice = request.voice ?? work.engine.voices[0].id;
  const pcm = await work.engine.speak(readText, voice, signal);
  await using workDir = await work.files.openWorkDir(randomUUID());
  const input = { type: "pcm", pcm } as const;
  const ingested =
    request.quick === true
      ? await ingestQuickly(work.tools, { pcm, workDir: workDir.path }, signal)
      : await ingestAudio(
          work.tools,
          { input, workDir: workDir.path, maxDurationMs: work.limits.maxDurationMs },
          signal,
        );
  const origin = { name: request.name ?? titleOf(written), origin: "speech", by: request.by } as const;
  const speech = { text: written, readText, voice };
  const audio = await keep(work, ingested, { ...origin, speech }, request.alongside);
  return { ...audio, readText };
}

type Described = Pick<Audio, "name" | "origin" | "by" | "speech">;

/** Files first, then the row that names them: a row never points at nothing. */
async function keep(
  { files, store, database, clock }: LibraryWork,
  ingested: Ingested,
  described: Described,
  alongside: Alongside | undefined,
): Promise<Audio> {
  const kept: AudioFile[] = [];
  for (const file of ingested.files) kept.push(await files.keep(file));
  const audio = audioOf({ id: randomUUID(), createdAt: clock.now(), described, ingested, files: kept });
  database.transact(() => {
    store.add(audio);
    alongside?.(audio);
  });
  return audio;
}

const TITLE_CHARS = 60;

function titleOf(written: string): string {
  const line = written.trim().replace(/\s+/g, " ");
  if (line.length <= TITLE_CHARS) return line;
  const cutAt = line.lastIndexOf(" ", TITLE_CHARS);
  return `${line.slice(0, cutAt > 0 ? cutAt : TITLE_CHARS)}…`;
}

function checkText(written: string, { maxTextChars }: LibraryLimits): string {
  if (written.length > maxTextChars) {
    throw new Fault(
      "invalid",
      text(
        `The text has ${written.length} characters; at most ${maxTextChars} are read.`,
        `Văn bản dài ${written.length.toLocaleString("vi")} ký tự; tối đa là ${maxTextChars.toLocaleString("vi")} ký tự.`,
      ),
      { field: "text", hint: text("Split it into several bulletins.", "Hãy chia thành nhiều bản tin.") },
    );
  }
  if (written.trim() === "") throw nothingToRead();
  return written.normalize("NFC");
}

function nothingToRead(): Fault {
  return new Fault("invalid", text("The text holds no words to read.", "Văn bản không có chữ nào để đọc."), {
    field: "text",
  });
}

function tooLarge(name: string, maxBytes: number): Fault {
  const megabytes = Math.round(maxBytes / 1_048_576);
  return new Fault(
    "invalid",
    text(
      `“${name}” is larger than the ${megabytes} MB allowed.`,
      `Tệp “${name}” lớn hơn mức cho phép là ${megabytes} MB.`,
    ),
    {
      field: "file",
      hint: text("Save it as MP3, or cut it into parts.", "Hãy lưu dạng MP3 hoặc cắt thành nhiều phần."),
    },
  );
}

function notFound(id: string): never {
  throw new Fault(
    "not-found",
    text(`There is no audio ${id} in the library.`, `Thư viện không có bản âm thanh ${id}.`),
    { field: "audio" },
  );
}
