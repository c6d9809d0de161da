interface Span {
  readonly from: number;
  readonly to: number;
}

/** The run that holds an instant. */
export function runAt<Run extends Span>(runs: readonly Run[], at: number): Run | undefined {
  return runs.find(({ from, to }) => at >= from && at < to);
}

/** Where the next recording of any camera begins; undefined: nothing comes any more. */
export function nextRunFrom(cameras: readonly (readonly Span[])[], at: number): number | undefined {
  const starts = cameras.flatMap((runs) => runs.map(({ from }) => from)).filter((from) => from > at);
  return starts.length === 0 ? undefined : Math.min(...starts);
}

interface Loading {
  readonly runs: readonly Span[];
  /** What the browser holds already, in wall time. */
  readonly loaded: readonly Span[];
  readonly at: number;
  readonly speed: number;
}

/** After a jump little is asked for, so that the picture comes at once. */
const FIRST_ASK_MS = 6_000;
const ASK_MS = 30_000;
/** Kept in hand at normal speed. */
const AHEAD_MS = 25_000;
const LONGEST_AHEAD_MS = 120_000;
/** A fragment's end and a run's end differ by rounding and by half a frame. */
export const SEAM_MS = 400;

/** What to ask the hall for next; undefined: enough is there. */
export function nextAsk({ runs, loaded, at, speed }: Loading): Span | undefined {
  const aheadMs = Math.min(LONGEST_AHEAD_MS, AHEAD_MS * Math.max(1, speed));
  let from = at;
  for (const run of runs) {
    if (run.to - SEAM_MS <= from) continue;
    from = Math.max(from, run.from);
    if (from - at >= aheadMs) return undefined;
    const held = loaded.find((span) => span.from <= from + SEAM_MS && span.to > from);
    if (held === undefined) return { from, to: Math.min(run.to, from + FIRST_ASK_MS) };
    from = held.to;
    if (from - at >= aheadMs) return undefined;
    if (from < run.to - SEAM_MS) return { from, to: Math.min(run.to, from + ASK_MS) };
  }
  return undefined;
}

interface Following {
  readonly videoAt: number;
  readonly playheadAt: number;
  readonly playing: boolean;
  readonly speed: number;
}

interface Follow {
  readonly seek: boolean;
  readonly rate: number;
}

/** Less is not seen, and correcting it would stutter. */
const TOLERATED_MS = 120;
const SEEK_BEYOND_MS = 1_000;
/** While paused the shown frame must be the playhead's own. */
const EXACT_MS = 2;

/** How a video keeps up with the playhead that all cameras share. `rate` has the speed in it. */
export function followFor({ videoAt, playheadAt, playing, speed }: Following): Follow {
  const driftMs = playheadAt - videoAt;
  if (!playing) return { seek: Math.abs(driftMs) > EXACT_MS, rate: speed };
  const scale = Math.max(1, speed);
  if (Math.abs(driftMs) > SEEK_BEYOND_MS * scale) return { seek: true, rate: speed };
  if (Math.abs(driftMs) <= TOLERATED_MS * scale) return { seek: false, rate: speed };
  return { seek: false, rate: Math.min(16, speed * (driftMs > 0 ? 1.1 : 0.9)) };
}

/** What may leave the browser's memory: all but this much around the playhead. */
export const KEPT_BEHIND_MS = 60_000;
export const KEPT_AHEAD_MS = 240_000;

/**
 * How long a frame is, from the steps between those that were shown. A busy machine leaves frames out, which makes steps
 * longer, and cameras are uneven: of the steps in order of size, the one after a quarter.
 */
export function usualStep(stepsMs: readonly number[]): number {
  const sorted = [...stepsMs].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 4)] ?? NaN;
}
