import type { Clock } from "../kernel/clock.ts";
import { synthesizeChime, type ChimeName } from "../media/chime.ts";
import { ingestAsIs } from "../media/ingest.ts";
import type { MediaTools } from "../media/tools.ts";
import type { AudioFile, Sha256 } from "../speakers/protocol.ts";
import type { AudioFiles } from "./audio-files.ts";
import { audioOf } from "./audio-record.ts";
import type { Audio, LibraryStore } from "./library-store.ts";

/** Four notes up before a bulletin, four down after it, and the tone that says: listen, this is urgent. */
export type Chimes = Readonly<Record<ChimeName, Audio>>;

interface ChimeParts {
  readonly tools: MediaTools;
  readonly clock: Clock;
  readonly store: LibraryStore;
  readonly files: AudioFiles;
  /** Hashes of rows whose file is gone: a chime among them is made again. */
  readonly missing: readonly Sha256[];
}

/** A changed score gets a new number, because what was aired keeps its sound. */
const CHIMES = {
  opening: { id: "chime-opening-1", name: "Nhạc hiệu mở đầu" },
  closing: { id: "chime-closing-1", name: "Nhạc hiệu kết thúc" },
  emergency: { id: "chime-emergency-1", name: "Tín hiệu khẩn cấp" },
} satisfies Record<ChimeName, { id: string; name: string }>;

/** Reads the chimes from the library, and makes those that are missing there. */
export async function ensureChimes(parts: ChimeParts, signal: AbortSignal): Promise<Chimes> {
  return {
    opening: await ensureChime("opening", parts, signal),
    closing: await ensureChime("closing", parts, signal),
    emergency: await ensureChime("emergency", parts, signal),
  };
}

async function ensureChime(
  name: ChimeName,
  { tools, clock, store, files, missing }: ChimeParts,
  signal: AbortSignal,
): Promise<Audio> {
  const { id, name: title } = CHIMES[name];
  const known = store.get(id);
  if (known?.files.every(({ sha256 }) => !missing.includes(sha256)) === true) return known;
  await using workDir = await files.openWorkDir(id);
  const ingested = await ingestAsIs(tools, { pcm: synthesizeChime(name), workDir: workDir.path }, signal);
  const kept: AudioFile[] = [];
  for (const file of ingested.files) kept.push(await files.keep(file));
  // Another ffmpeg may encode other bytes; then the row's hash stays lost, and only a backup brings it back.
  if (known !== undefined) return known;
  const described = { name: title, origin: "chime", by: "system" } as const;
  const audio = audioOf({ id, createdAt: clock.now(), described, ingested, files: kept });
  store.add(audio);
  return audio;
}
