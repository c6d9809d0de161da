import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { rm, stat } from "node:fs/promises";
import type { Clock } from "../../kernel/clock.ts";
import { asError, Fault } from "../../kernel/faults.ts";
import { text } from "../../kernel/text.ts";
import { muxClip } from "../../media/cut.ts";
import type { Recordings } from "../recordings.ts";
import { cutOf, holesIn, type Cut } from "../rules/cut.ts";
import type { CameraId, Clip, Gap, Span } from "../rules/model.ts";
import { sameDescription, type Mp4Init } from "../rules/mp4-init.ts";
import { nameDurably } from "./durable-file.ts";
import { fragmentsOf, readSegmentSource, type SegmentSource } from "./segment-source.ts";

export interface ClipOrder {
  readonly camera: CameraId;
  readonly span: Span;
  /** Absolute path of the file to be. */
  readonly file: string;
}

/** A finished clip on the disk. */
export interface MadeClip {
  readonly delivered: Span;
  readonly gaps: Clip["gaps"];
  readonly bytes: number;
  readonly sha256: string;
  /** Which wall time plays where: a gap is not in the clip, so its playing time runs past it. */
  readonly stretches: readonly { readonly mediaMs: number; readonly from: number; readonly to: number }[];
  readonly widthPx: number;
  readonly heightPx: number;
  readonly codec: string;
  /** The program's command, without paths. */
  readonly command: string;
}

interface ClipMakerParts {
  readonly recordings: Pick<Recordings, "segments" | "openSegment" | "pathOf" | "gaps">;
  readonly clock: Pick<Clock, "sleep">;
  readonly ffmpeg: string;
}

/** Between the recorder's next file and the row of the one before lie a hash and two syncs. */
const CLOSING_LOOKS = 15;
const CLOSING_LOOK_EVERY_MS = 200;

/**
 * Cuts a stretch out of the ring without touching a packet. The file appears under its name only when it is whole and
 * on the disk. Throws Fault("not-found") when nothing of that time was recorded.
 */
export async function makeClip(
  { camera, span, file }: ClipOrder,
  { recordings, clock, ffmpeg }: ClipMakerParts,
  signal: AbortSignal,
): Promise<MadeClip> {
  for (let look = 0; look < CLOSING_LOOKS && isBeingClosed(camera, span, recordings); look += 1) {
    await clock.sleep(CLOSING_LOOK_EVERY_MS, signal);
  }
  const sources = await sourcesOf(camera, span, recordings);
  const cut = cutOf(grouped(sources), span);
  const first = sources[cut?.parts[0]?.source ?? -1];
  if (cut === undefined || first === undefined) throw nothingRecorded();
  const part = `${file}.part`;
  await rm(part, { force: true });
  try {
    const command = await muxClip(
      { ffmpeg, fragments: streamOf(cut, sources), file: part, madeAt: new Date(cut.delivered.from) },
      signal,
    );
    const [{ size }, sha256] = await Promise.all([stat(part), sha256Of(part)]);
    await nameDurably(part, file);
    const { widthPx, heightPx, codec } = first.init.video;
    return {
      delivered: cut.delivered,
      gaps: gapsIn(cut, recordings.gaps(camera, span)),
      bytes: size,
      sha256,
      stretches: stretchesOf(cut),
      widthPx,
      heightPx,
      codec,
      command,
    };
  } catch (error) {
    await rm(part, { force: true });
    throw vanished(asError(error)) ?? error;
  }
}

/** Hex. */
export async function sha256Of(file: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest("hex");
}

/** Whether a file of that time is finished but not yet among the segments. */
function isBeingClosed(camera: CameraId, span: Span, recordings: ClipMakerParts["recordings"]): boolean {
  const open = recordings.openSegment(camera);
  if (open === undefined || open.n === 0 || open.startAt <= span.from) return false;
  const before = recordings.segments(camera, { from: span.from, to: open.startAt }).at(-1);
  return before?.session !== open.session || before.n !== open.n - 1;
}

async function sourcesOf(
  camera: CameraId,
  span: Span,
  recordings: ClipMakerParts["recordings"],
): Promise<readonly SegmentSource[]> {
  const sources: SegmentSource[] = [];
  const files = recordings.segments(camera, span).map(({ path, startAt }) => ({ path, startAt }));
  const open = recordings.openSegment(camera);
  if (open !== undefined && open.startAt < span.to && !files.some(({ path }) => path === open.path)) {
    files.push(open);
  }
  for (const { path, startAt } of files) {
    const source = await readSegmentSource(recordings.pathOf({ path }), startAt).catch(unlessGone);
    if (source !== undefined) sources.push(source);
  }
  return sources;
}

/** Numbers the files by what can be played behind the same parameters. */
function grouped(sources: readonly SegmentSource[]): Parameters<typeof cutOf>[0] {
  const seen: Mp4Init[] = [];
  return sources.map(({ startAt, fragments, init }) => {
    const known = seen.findIndex((other) => sameDescription(other, init));
    const group = known < 0 ? seen.push(init) - 1 : known;
    return { startAt, fragments, group };
  });
}

async function* streamOf(cut: Cut, sources: readonly SegmentSource[]): AsyncGenerator<Uint8Array> {
  let begun = false;
  for (const part of cut.parts) {
    const source = sources[part.source];
    if (source === undefined) continue;
    if (!begun) yield source.initBytes;
    begun = true;
    yield* fragmentsOf(source, part);
  }
}

/** One line for each stretch that plays without a hole. */
function stretchesOf({ parts, holes }: Cut): MadeClip["stretches"] {
  const stretches: { mediaMs: number; from: number; to: number }[] = [];
  for (const { mediaMs, wall } of parts) {
    const last = stretches.at(-1);
    const broken = holes.some(({ from, to }) => from < wall.from && to > (last?.from ?? 0));
    if (last === undefined || broken) stretches.push({ mediaMs, ...wall });
    else last.to = wall.to;
  }
  return stretches;
}

/** Holes with the causes that the recorder knows; what no gap of its explains is told as such. */
function gapsIn({ holes }: Cut, known: readonly Gap[]): Clip["gaps"] {
  return holes.flatMap((hole) => {
    const told = known.flatMap(({ from, to, cause }) => {
      const end = to === null || to > hole.to ? hole.to : to;
      const start = from > hole.from ? from : hole.from;
      return start < end ? [{ from: start, to: end, cause }] : [];
    });
    const cause = hole.changed ? ("stream-changed" as const) : ("unknown" as const);
    return [...told, ...holesIn(hole, told).map((rest) => ({ ...rest, cause }))].sort(
      (a, b) => a.from - b.from,
    );
  });
}

function unlessGone(error: unknown): undefined {
  if (isGone(asError(error))) return undefined;
  throw error;
}

function isGone(error: Error): boolean {
  return "code" in error && error.code === "ENOENT";
}

/** The cleaner was there between looking and reading. */
function vanished(cause: Error): Fault | undefined {
  return isGone(cause) ? nothingRecorded(cause) : undefined;
}

export function nothingRecorded(cause?: Error): Fault {
  return new Fault(
    "not-found",
    text("Nothing of that time is recorded.", "Không có bản ghi nào trong khoảng thời gian này."),
    {
      field: "from",
      cause,
      hint: text(
        "Choose a time that the timeline shows as recorded.",
        "Hãy chọn khoảng thời gian mà dòng thời gian cho thấy có ghi hình.",
      ),
    },
  );
}
