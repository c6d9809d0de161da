import { epochMs, type EpochMs } from "../../kernel/time.ts";
import type { CutFragment } from "./cut.ts";
import type { Segment, Span } from "./model.ts";

/** One file of the ring, as playback sees it. */
export interface PlayableFile {
  /** Files with the same number play on behind one init segment. */
  readonly group: number;
  readonly startAt: EpochMs;
  readonly fragments: readonly CutFragment[];
}

/** Fragments `first` to `last` (not included) of a file, and where they play. */
export interface PlayingPart {
  readonly file: number;
  readonly first: number;
  readonly last: number;
  /** Of its first picture, on the wall; may differ from the file's own time by a seam's rounding. */
  readonly atMs: number;
}

export interface Playing {
  readonly parts: readonly PlayingPart[];
  /** What they show. */
  readonly from: EpochMs;
  readonly to: EpochMs;
  /** Where these files go on after them; undefined: nowhere. */
  readonly next: EpochMs | undefined;
}

/** Files whose ends are nearer than this play on without a break. */
const SEAM_LIMIT_MS = 1_000;
/** A time was rounded to milliseconds on its way: what ends so near after `from` is not asked for. */
const ROUNDING_MS = 20;

/**
 * Which whole fragments show `span`: from the key frame at or before its beginning (never before `notBefore`, which the
 * player's time can't show) up to the first key frame at or after its end, or to where the stream breaks off. Undefined:
 * these files, which come in order, have nothing of it.
 */
export function playingOf(
  files: readonly PlayableFile[],
  span: Span,
  notBefore: EpochMs = epochMs(0),
): Playing | undefined {
  const places = files.flatMap((file, index) => placesOf(file, index));
  const start = startOf(places, span, notBefore);
  const opening = places[start];
  if (opening === undefined || opening.from >= span.to) return undefined;
  let end = start + 1;
  while (end < places.length && goesOn(places[end - 1], places[end], span)) end += 1;
  const taken = places.slice(start, end);
  const closing = taken.at(-1) ?? opening;
  return {
    parts: partsOf(taken),
    from: epochMs(Math.round(opening.from)),
    to: epochMs(Math.round(closing.to)),
    next: goOnAt(places, end, closing.to),
  };
}

interface Place {
  readonly file: number;
  readonly index: number;
  readonly group: number;
  readonly key: boolean;
  readonly from: number;
  readonly to: number;
}

function placesOf({ group, startAt, fragments }: PlayableFile, file: number): Place[] {
  return fragments.map(({ fromMs, toMs, key }, index) => ({
    file,
    index,
    group,
    key,
    from: startAt + fromMs,
    to: startAt + toMs,
  }));
}

/** Number of the place to begin with, -1 for none. */
function startOf(places: readonly Place[], span: Span, notBefore: EpochMs): number {
  const touching = places.findIndex(({ to }) => to > span.from + ROUNDING_MS);
  if (touching < 0) return -1;
  const { file } = places[touching] ?? { file: -1 };
  for (let back = touching; places[back]?.file === file; back -= 1) {
    const place = places[back];
    if (place?.key === true && place.from >= notBefore) return back;
  }
  return places.findIndex(({ key, from }, index) => index > touching && key && from >= notBefore);
}

function goesOn(before: Place | undefined, after: Place | undefined, span: Span): boolean {
  if (before === undefined || after?.group !== before.group) return false;
  if (after.key && after.from >= span.to) return false;
  return after.file === before.file || Math.abs(after.from - before.to) <= SEAM_LIMIT_MS;
}

function goOnAt(places: readonly Place[], from: number, notBefore: number): EpochMs | undefined {
  const next = places.slice(from).find(({ to }) => to > notBefore + ROUNDING_MS);
  return next === undefined ? undefined : epochMs(Math.round(Math.max(next.from, notBefore)));
}

/** Each file's part begins where the one before ended, so that no seam shows. */
function partsOf(places: readonly Place[]): PlayingPart[] {
  const parts: (PlayingPart & { last: number; readonly from: number; endMs: number })[] = [];
  for (const { file, index, from, to } of places) {
    let current = parts.at(-1);
    if (current?.file !== file) {
      const endMs = current?.endMs ?? Number.NEGATIVE_INFINITY;
      const atMs = Math.abs(from - endMs) < SEAM_ROUNDING_MS ? endMs : from;
      current = { file, first: index, last: index, atMs, from, endMs: atMs };
      parts.push(current);
    }
    current.last = index + 1;
    current.endMs = current.atMs + to - current.from;
  }
  return parts.map(({ file, first, last, atMs }) => ({ file, first, last, atMs }));
}

/** Less than a picture's length. */
const SEAM_ROUNDING_MS = 40;

/** A stretch that plays without a break. */
export interface Run extends Span {
  readonly codec: string;
}

/** The same recordings as as few stretches as there are, in order. */
export function runsOf(
  segments: readonly (Pick<Segment, "codec"> & { readonly startAt: EpochMs; readonly endAt: EpochMs })[],
): Run[] {
  const runs: { from: EpochMs; to: EpochMs; codec: string }[] = [];
  for (const { startAt, endAt, codec } of segments) {
    const last = runs.at(-1);
    if (last?.codec === codec && startAt - last.to <= SEAM_LIMIT_MS) {
      if (endAt > last.to) last.to = endAt;
    } else runs.push({ from: startAt, to: endAt, codec });
  }
  return runs;
}
