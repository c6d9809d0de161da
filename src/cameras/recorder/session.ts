import { mkdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { isStopped, type Clock } from "../../kernel/clock.ts";
import { asError } from "../../kernel/faults.ts";
import type { Log } from "../../kernel/log.ts";
import { epochMs, SECOND_MS, type EpochMs } from "../../kernel/time.ts";
import { capture, type CaptureEnd } from "../../media/capture.ts";
import type { LiveSink } from "../recordings.ts";
import { endReasonOf, type EndReason } from "../rules/ffmpeg-words.ts";
import type { Camera, OpenSegment, Segment } from "../rules/model.ts";
import { troubleOf } from "../rules/recording-watch.ts";
import { syncFile, type KeepOrder } from "./keep-file.ts";
import { measureFile } from "./measure.ts";
import { newSignsBook, type SignsBook } from "./run-signs.ts";

export interface SessionOrder {
  readonly camera: Camera;
  /** With user and password. */
  readonly url: string;
  readonly session: string;
  /** Below the ring's folder. */
  readonly folder: string;
  readonly segmentSec: number;
  readonly codec: "h264" | "h265" | "other";
}

export interface SessionParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly ffmpeg: string;
  /** Folder of the ring. */
  readonly dir: string;
  readonly live: LiveSink;
  /** Throws when the row can't be written; the file is then left for later. */
  readonly keep: (order: KeepOrder) => Promise<Segment | undefined>;
  readonly onPid: (pid: number) => void;
  /** The first pictures are on disk. */
  readonly onFirst: (startAt: EpochMs) => void;
  readonly onOpen: (open: OpenSegment | undefined) => void;
  readonly onRates: (rates: ReturnType<SignsBook["rates"]>) => void;
}

export interface SessionEnd {
  /** `told`: the signal ended it. */
  readonly reason: EndReason | "told";
  readonly ranMs: number;
  /** End of the last picture that is kept; undefined: none is. */
  readonly recordedUntil: EpochMs | undefined;
  readonly detail: string | null;
  /** Files whose rows could not be written. */
  readonly unkept: readonly KeepOrder[];
}

const LOOK_EVERY_MS = SECOND_MS / 2;
/** After a power cut no more than this and a fragment is lost. */
const SYNC_EVERY_MS = 5 * SECOND_MS;
const LIVE_FRAGMENT_MS = 250;

/** One run of ffmpeg, watched: from the camera's first answer to whatever ends it. Its files are kept when it returns. */
export async function runSession(
  order: SessionOrder,
  parts: SessionParts,
  signal: AbortSignal,
): Promise<SessionEnd> {
  const { clock } = parts;
  const folder = join(parts.dir, order.folder);
  await mkdir(folder, { recursive: true, mode: 0o750 });
  const startedAt = clock.uptime();
  const book = newSignsBook(clock);
  const ending = new AbortController();
  const ended = new AbortController();
  const files = newFiles(order, parts, book);
  parts.live.begin();
  const running = capture(
    {
      ...{ ffmpeg: parts.ffmpeg, url: order.url, codec: order.codec },
      transport: order.camera.streams.main.transport,
      audio: order.camera.audio,
      record: { dir: folder, session: order.session, segmentSec: order.segmentSec },
      live: { fragmentMs: LIVE_FRAGMENT_MS },
    },
    {
      onStart: parts.onPid,
      onLive: (bytes) => {
        parts.live.push(bytes);
        book.live(bytes);
      },
      onLine: (line) => book.line(line),
      onProgress: (progress) => {
        book.progress(progress);
        files.written(progress.outTimeMs);
        parts.onRates(book.rates());
      },
      onSegment: (closed) => files.closed(closed),
    },
    AbortSignal.any([signal, ending.signal]),
  ).finally(() => {
    parts.live.end();
    ended.abort();
  });
  let trouble: EndReason | undefined;
  let end: CaptureEnd;
  try {
    trouble = await watch({ order, clock, book, files }, ended.signal);
  } finally {
    ending.abort();
    end = await running;
  }
  const unkept = await files.finish();
  return {
    reason: trouble ?? (isStopped(signal) ? "told" : reasonOf(end)),
    ranMs: clock.uptime() - startedAt,
    recordedUntil: files.recordedUntil(),
    detail: end.notStarted?.said.en ?? end.lastLines.findLast((line) => ERROR_LINE.test(line)) ?? null,
    unkept,
  };
}

const ERROR_LINE = /\[(?:error|fatal)\]/;

function reasonOf({ lastLines }: CaptureEnd): EndReason {
  return endReasonOf(lastLines.slice(-20));
}

interface Watching {
  readonly order: SessionOrder;
  readonly clock: Clock;
  readonly book: SignsBook;
  readonly files: Files;
}

/** Looks after the run until it has ended; what is wrong with it, when something is. */
async function watch(
  { order, clock, book, files }: Watching,
  ended: AbortSignal,
): Promise<EndReason | undefined> {
  let syncedAt = clock.uptime();
  while (await clock.sleep(LOOK_EVERY_MS, ended)) {
    const now = clock.uptime();
    await files.look(book.signs().frames);
    const trouble = troubleOf(book.signs(), order.segmentSec * SECOND_MS, now);
    if (trouble !== undefined) return trouble;
    if (now - syncedAt < SYNC_EVERY_MS) continue;
    syncedAt = now;
    await files.sync();
  }
  return undefined;
}

interface Files {
  /** ffmpeg has closed the file it was writing and begun the next. Its times are the run's own. */
  closed(file: { readonly startSec: number }): void;
  /** How far ffmpeg has come, in the run's own time. */
  written(runMs: number): void;
  /** Has the first fragment reached the disk? */
  look(frames: number): Promise<void>;
  sync(): Promise<void>;
  /** Keeps the last file too, whether it was closed or torn. */
  finish(): Promise<readonly KeepOrder[]>;
  recordedUntil(): EpochMs | undefined;
}

function newFiles(order: SessionOrder, parts: SessionParts, book: SignsBook): Files {
  const { clock, dir, log } = parts;
  const { camera, session } = order;
  // Through a step of the wall clock this run goes on in the time it began in; its files are dated by it.
  const wallMs = clock.now() - clock.uptime();
  const now = (): EpochMs => epochMs(Math.round(wallMs + clock.uptime()));
  let writing = 0;
  let until: EpochMs | undefined;
  let begun = false;
  // When the run's own time began. Its packets carry the time they came, so one instant dates all its files. ffmpeg
  // tells of a packet after it came, never before: the earliest of many readings is the nearest to the truth. (What
  // ffmpeg writes into `prft` is the camera's time where the camera tells one, and that may be years off.)
  let zeroAt: EpochMs | undefined;
  let writtenMs = 0;
  const hasBegun = (): boolean => begun;
  const unkept: KeepOrder[] = [];
  let chain: Promise<void> = Promise.resolve();
  const pathOf = (n: number): string => `${order.folder}/${session}-${String(n).padStart(6, "0")}.mp4`;
  const open = (n: number, startAt: EpochMs): void =>
    parts.onOpen({ camera: camera.id, session, n, path: pathOf(n), startAt });
  const keep = async (n: number, closedAt: EpochMs, startSec?: number): Promise<void> => {
    const startAt =
      zeroAt === undefined || startSec === undefined
        ? undefined
        : epochMs(Math.round(zeroAt + startSec * SECOND_MS));
    const wanted = {
      ...{ camera: camera.id, session, n, path: pathOf(n), closedAt, follows: until, found: false },
      ...(startAt !== undefined && { startAt }),
    };
    try {
      const segment = await parts.keep(wanted);
      if (segment === undefined) return;
      until = segment.endAt;
      if (!begun) parts.onFirst(segment.startAt);
      begun = true;
    } catch (error) {
      unkept.push(wanted);
      log.error(
        { err: asError(error), path: wanted.path },
        "a recorded file can't be entered; kept for later",
      );
    }
  };
  return {
    closed: ({ startSec }) => {
      const n = writing;
      const closedAt = now();
      writing += 1;
      book.fileBegun();
      chain = chain.then(async () => {
        await keep(n, closedAt, startSec);
        if (begun) open(n + 1, until ?? closedAt);
      });
    },
    written: (runMs) => {
      if (!(runMs > 0)) return;
      writtenMs = runMs;
      // Once a file is dated the others follow it.
      if (until === undefined) zeroAt = epochMs(Math.min(zeroAt ?? Infinity, now() - runMs));
    },
    look: async (frames) => {
      if (begun || writing > 0 || frames === 0) return;
      const first = await measureFile(join(dir, pathOf(0))).catch(() => undefined);
      // Meanwhile the file may have been closed and entered.
      if (zeroAt === undefined || first === undefined || first.durationMs <= 0 || hasBegun()) return;
      begun = true;
      open(0, zeroAt);
      parts.onFirst(zeroAt);
    },
    // A disk that fails says so again when the file is closed, and the file is marked then.
    sync: () => syncFile(join(dir, pathOf(writing))).catch(() => undefined),
    finish: async () => {
      await chain;
      // On a kill the last file was never told of; on an orderly end there is none by this name.
      const lastAt = zeroAt === undefined ? now() : epochMs(Math.round(zeroAt + writtenMs));
      if (await isThere(join(dir, pathOf(writing)))) await keep(writing, lastAt);
      parts.onOpen(undefined);
      return unkept;
    },
    recordedUntil: () => until,
  };
}

async function isThere(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}
