import { epochMs, type EpochMs } from "../../kernel/time.ts";
import type { Span } from "./model.ts";

/** One file of the ring and what lies in it, as a cut sees it. */
export interface CutSource {
  /** Files with the same number play on behind one init segment. */
  readonly group: number;
  readonly startAt: EpochMs;
  /** Whole fragments in order, in milliseconds after the file's start. */
  readonly fragments: readonly CutFragment[];
}

export interface CutFragment {
  readonly fromMs: number;
  readonly toMs: number;
  /** Begins with a picture that needs none before it. */
  readonly key: boolean;
}

/** Fragments `first` to `last` (not included) of a source, and where they play in the clip. */
export interface CutPart {
  readonly source: number;
  readonly first: number;
  readonly last: number;
  /** In the clip's own time, from 0. */
  readonly mediaMs: number;
  readonly wall: Span;
}

export interface Cut {
  readonly parts: readonly CutPart[];
  /** From the first picture's wall time to the end of the last. */
  readonly delivered: Span;
  /** What was asked for and is not in the clip; `changed`: recorded, but with other codec parameters. */
  readonly holes: readonly (Span & { readonly changed: boolean })[];
}

/** What a fragment that is still being written, or the seam between two files, may lack. */
const HOLE_LIMIT_MS = 1_500;

/**
 * What to put into a clip: grown back to a key frame, on to the end of the last fragment, without anything that can't be
 * played behind the same parameters (the longest stretch of equal ones is taken, the first of equals). Undefined:
 * nothing of that time is there. Sources in order of their start.
 */
export function cutOf(sources: readonly CutSource[], asked: Span): Cut | undefined {
  const runs = runsOf(sources, asked);
  const parts = runs.reduce<readonly Piece[]>(
    (best, run) => (lengthOf(run) > lengthOf(best) ? run : best),
    [],
  );
  const [first] = parts;
  const last = parts.at(-1);
  if (first === undefined || last === undefined) return undefined;
  let mediaMs = 0;
  const placed = parts.map((part) => {
    const at = mediaMs;
    mediaMs += part.lengthMs;
    return { source: part.source, first: part.first, last: part.last, mediaMs: at, wall: part.wall };
  });
  const others = runs.filter((run) => run !== parts).flatMap((run) => run.map(({ wall }) => wall));
  return {
    parts: placed,
    delivered: { from: first.wall.from, to: last.wall.to },
    holes: holesIn(
      asked,
      parts.map(({ wall }) => wall),
    ).map((hole) => ({
      ...hole,
      changed: others.some(({ from, to }) => from < hole.to && to > hole.from),
    })),
  };
}

/** What lies in `span` outside all of `covered`, without what is shorter than `HOLE_LIMIT_MS`. */
export function holesIn(span: Span, covered: readonly Span[]): Span[] {
  const holes: Span[] = [];
  let from = span.from;
  for (const part of [...covered].sort((a, b) => a.from - b.from)) {
    if (part.from - from > HOLE_LIMIT_MS) holes.push({ from, to: epochMs(Math.min(part.from, span.to)) });
    from = epochMs(Math.max(from, part.to));
  }
  if (span.to - from > HOLE_LIMIT_MS) holes.push({ from, to: span.to });
  return holes;
}

interface Piece {
  readonly source: number;
  readonly group: number;
  readonly first: number;
  readonly last: number;
  readonly lengthMs: number;
  readonly wall: Span;
}

function lengthOf(run: readonly Piece[]): number {
  return run.reduce((sum, { lengthMs }) => sum + lengthMs, 0);
}

/** Pieces that can be played one after the other. */
function runsOf(sources: readonly CutSource[], asked: Span): readonly (readonly Piece[])[] {
  const runs: Piece[][] = [];
  sources.forEach((source, index) => {
    const piece = pieceOf(source, index, asked);
    if (piece === undefined) return;
    const current = runs.at(-1);
    if (current?.[0]?.group === piece.group) current.push(piece);
    else runs.push([piece]);
  });
  return runs;
}

function pieceOf(source: CutSource, index: number, asked: Span): Piece | undefined {
  const { startAt, fragments } = source;
  const touching = fragments.findIndex(({ toMs }) => startAt + toMs > asked.from);
  if (touching < 0 || startAt + (fragments[touching]?.fromMs ?? 0) >= asked.to) return undefined;
  const first = keyAround(fragments, touching);
  let last = touching;
  while (last < fragments.length && startAt + (fragments[last]?.fromMs ?? 0) < asked.to) last += 1;
  const [from, to] = [fragments[first], fragments[last - 1]];
  if (first >= last || from === undefined || to === undefined) return undefined;
  return {
    source: index,
    group: source.group,
    first,
    last,
    lengthMs: to.toMs - from.fromMs,
    // Instants are whole milliseconds; the pictures of a file are not.
    wall: {
      from: epochMs(Math.round(startAt + from.fromMs)),
      to: epochMs(Math.round(startAt + to.toMs)),
    },
  };
}

/** Back to a key frame; a torn file may have lost it, then on to the next. */
function keyAround(fragments: readonly CutFragment[], at: number): number {
  for (let back = at; back >= 0; back -= 1) if (fragments[back]?.key === true) return back;
  const next = fragments.findIndex(({ key }, index) => index > at && key);
  return next < 0 ? fragments.length : next;
}
