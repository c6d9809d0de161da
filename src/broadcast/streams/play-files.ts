import { createReadStream } from "node:fs";
import { isStopped, type Clock } from "../../kernel/clock.ts";
import { asError, Fault } from "../../kernel/faults.ts";
import { text } from "../../kernel/text.ts";
import type { EpochMs } from "../../kernel/time.ts";
import type { AudioFile, AudioPart } from "../../speakers/protocol.ts";
import type { RadioBox } from "./box-feeds.ts";
import { FrameSplitter, silentFrames, type FrameRun, type Mp3Format } from "./mp3-frames.ts";
import type { Programme } from "./programme.ts";
import type { Streams } from "./streams.ts";

/** A `play` order for boxes that can't carry out one. */
export interface FilesOrder {
  readonly airing: string;
  readonly title: string;
  readonly parts: readonly AudioPart[];
  /** The sound at `offsetMs` of the joined parts is sent at this instant; later calls join where it should be. */
  readonly at: EpochMs;
  readonly offsetMs: number;
  readonly until: EpochMs;
  readonly repeatEveryMs?: number;
}

interface PlayFilesParts {
  readonly clock: Clock;
  readonly streams: Streams;
  readonly pathOf: (sha256: string) => string | undefined;
}

/**
 * Plays files to radio boxes in real time; those that take the same encoding share one reader. Ends with the sound, at
 * `until`, or when stopped, and leaves alone a box that was put on something else meanwhile.
 */
export async function playFiles(
  order: FilesOrder,
  boxes: readonly RadioBox[],
  parts: PlayFilesParts,
  signal: AbortSignal,
): Promise<void> {
  if (Math.min(order.until, soundEndsAt(order)) <= parts.clock.now() || boxes.length === 0) return;
  if (!(await parts.clock.sleep(order.at - parts.clock.now(), signal))) return;
  const variants = Map.groupBy(boxes, ({ format }) => variantFor(order.parts, format));
  await Promise.all(
    [...variants].map(([variant, members]) => playVariant({ order, variant }, members, parts, signal)),
  );
}

/** Less than a player's own buffer varies by: the first word is worth more than the instant. */
const TOLERATED_LATE_MS = 250;

interface VariantOrder {
  readonly order: FilesOrder;
  /** Index into the files of each part. */
  readonly variant: number;
}

async function playVariant(
  { order, variant }: VariantOrder,
  boxes: readonly RadioBox[],
  { clock, streams, pathOf }: PlayFilesParts,
  signal: AbortSignal,
): Promise<void> {
  const files = order.parts.map((part) => placed(part, variant, pathOf));
  const kbps = files[0]?.kbps ?? 0;
  const programme = streams.openForBoxes({ airing: order.airing, title: order.title, kbps, live: false });
  try {
    for (const { speaker } of boxes) streams.assignBox(speaker, programme);
    const lateMs = clock.now() - order.at;
    const positionMs = order.offsetMs + (lateMs < TOLERATED_LATE_MS ? 0 : lateMs);
    const runs = soundFrom(files, { ...order, positionMs });
    await pace(runs, { programme, clock, forMs: order.until - clock.now() }, signal);
  } finally {
    programme.end();
  }
}

/** By uptime: once begun, sound takes as long as it takes, whatever the wall clock does. */
async function pace(
  runs: AsyncIterable<FrameRun>,
  { programme, clock, forMs }: { programme: Programme; clock: Clock; forMs: number },
  signal: AbortSignal,
): Promise<void> {
  const startedAt = clock.uptime();
  let sentMs = 0;
  for await (const run of runs) {
    if (isStopped(signal) || programme.ended) return;
    programme.push(cutTo(run, forMs - sentMs).bytes);
    sentMs += run.durationMs;
    const aheadMs = Math.min(sentMs, forMs) - (clock.uptime() - startedAt);
    if (aheadMs > 0 && !(await clock.sleep(aheadMs, signal))) return;
    if (sentMs >= forMs) return;
  }
}

/** At a constant bitrate a share of the bytes is that share of the sound; the splitter drops the torn frame. */
function cutTo(run: FrameRun, longestMs: number): FrameRun {
  if (run.durationMs <= longestMs) return run;
  const bytes = run.bytes.subarray(0, Math.floor((run.bytes.length * longestMs) / run.durationMs));
  return new FrameSplitter().push(bytes) ?? { bytes: Buffer.alloc(0), durationMs: 0 };
}

interface PlacedFile extends AudioFile {
  readonly path: string;
  readonly durationMs: number;
}

function placed(
  part: AudioPart,
  variant: number,
  pathOf: (sha256: string) => string | undefined,
): PlacedFile {
  const file = part.files[variant] ?? part.files[0];
  const path = file === undefined ? undefined : pathOf(file.sha256);
  if (file === undefined || path === undefined) throw lost(file?.sha256);
  return { ...file, path, durationMs: part.durationMs };
}

function lost(sha256 = "", cause?: Error): Fault {
  return new Fault(
    "not-found",
    text(`Audio file ${sha256} is not in the library.`, `Tệp âm thanh ${sha256} không có trong thư viện.`),
    {
      cause,
      hint: text(
        "Restore it from a backup, or upload the recording again and have it approved.",
        "Hãy khôi phục từ bản sao lưu, hoặc tải bản ghi lên lại rồi trình duyệt.",
      ),
    },
  );
}

/** The encoding nearest to what the box is promised. */
function variantFor(parts: readonly AudioPart[], { kbps }: Mp3Format): number {
  const files = parts[0]?.files ?? [];
  const distances = files.map((file) => Math.abs(file.kbps - kbps));
  return Math.max(0, distances.indexOf(Math.min(...distances)));
}

function soundEndsAt({ at, parts, offsetMs, repeatEveryMs }: FilesOrder): number {
  return repeatEveryMs === undefined ? at + lengthMs(parts) - offsetMs : Infinity;
}

function lengthMs(parts: readonly { durationMs: number }[]): number {
  return parts.reduce((sum, { durationMs }) => sum + durationMs, 0);
}

/** The joined files from a position on; with repetition, silence up to each next beginning, without end. */
async function* soundFrom(
  files: readonly PlacedFile[],
  { positionMs, repeatEveryMs }: { positionMs: number; repeatEveryMs?: number },
): AsyncGenerator<FrameRun, void, void> {
  const [first] = files;
  if (first === undefined) return;
  const everyMs = repeatEveryMs === undefined ? undefined : Math.max(repeatEveryMs, lengthMs(files));
  let fromMs = everyMs === undefined ? positionMs : positionMs % everyMs;
  for (;;) {
    let sentMs = fromMs;
    for await (const run of joinedFrom(files, fromMs)) {
      sentMs += run.durationMs;
      yield run;
    }
    if (everyMs === undefined) return;
    while (sentMs < everyMs) {
      const run = silentFrames(first, Math.min(SILENCE_PIECE_MS, everyMs - sentMs));
      sentMs += run.durationMs;
      yield run;
    }
    // Whole frames overshoot; the next round begins by as much later in the sound.
    fromMs = sentMs - everyMs;
  }
}

const SILENCE_PIECE_MS = 1_000;

/** A little more than a programme sends at once, so that each piece read leaves at its own instant. */
const READ_AHEAD_MS = 1_100;

async function* joinedFrom(
  files: readonly PlacedFile[],
  positionMs: number,
): AsyncGenerator<FrameRun, void, void> {
  let skipMs = positionMs;
  for (const file of files) {
    if (skipMs < file.durationMs) yield* framesOf(file, skipMs);
    skipMs = Math.max(0, skipMs - file.durationMs);
  }
}

/** At a constant bitrate a position is a byte offset; what is left of a cut frame the splitter drops. */
async function* framesOf(
  { path, sha256, kbps }: PlacedFile,
  fromMs: number,
): AsyncGenerator<FrameRun, void, void> {
  const bytesPerMs = kbps / 8;
  const splitter = new FrameSplitter();
  const pieces = createReadStream(path, {
    start: Math.floor(fromMs * bytesPerMs),
    highWaterMark: Math.ceil(bytesPerMs * READ_AHEAD_MS),
  });
  try {
    for await (const piece of pieces) {
      const run = splitter.push(piece as Buffer);
      if (run !== undefined) yield run;
    }
  } catch (error) {
    throw lost(sha256, asError(error));
  }
}
