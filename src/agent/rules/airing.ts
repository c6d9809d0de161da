/** What the ladder must know of one airing; play orders and plan items are such. */
export interface AiringSpec {
  readonly airing: string;
  readonly level: number;
  /** First sample, UTC milliseconds. */
  readonly at: number;
  /** Nothing sounds from here on. */
  readonly until: number;
  readonly source:
    | {
        readonly type: "files";
        readonly parts: readonly { readonly durationMs: number }[];
        readonly offsetMs: number;
      }
    | { readonly type: "stream" };
  readonly afterPreempt: "resume" | "restart" | "drop";
  readonly repeatEveryMs?: number | undefined;
}

/** Where an airing stands on this speaker. */
export interface Standing {
  readonly spec: AiringSpec;
  readonly begun: boolean;
  /** Its files are on the device; a stream always is. */
  readonly playable: boolean;
  /** How far its sound runs behind the plan, after an interruption that resumes or restarts. */
  readonly lagMs: number;
  /** How far the clock was stepped since it began: what sounds goes on as if nothing had happened. */
  readonly stepMs: number;
  /** Where in its sound it goes on, when something higher has cut it off; undefined when it runs by the clock. */
  readonly resumesAtMs: number | undefined;
}

/** Length of the joined parts, from their start. */
function joinedMs(spec: AiringSpec): number | undefined {
  if (spec.source.type === "stream") return undefined;
  return spec.source.parts.reduce((sum, part) => sum + part.durationMs, 0);
}

interface Cycle {
  /** Time between two beginnings; never shorter than the sound itself. */
  readonly cycleMs: number;
  /** Where in the joined parts each repetition begins. */
  readonly offsetMs: number;
}

export function cycleOf(spec: AiringSpec): Cycle | undefined {
  if (spec.source.type === "stream" || spec.repeatEveryMs === undefined) return undefined;
  const { offsetMs } = spec.source;
  return { cycleMs: Math.max(1, spec.repeatEveryMs, (joinedMs(spec) ?? 0) - offsetMs), offsetMs };
}

export function startAt({ spec, stepMs }: Standing): number {
  return spec.at + stepMs;
}

/** From here on nothing of it sounds, whether because its sound is over or because its time is. */
export function endAt(standing: Standing): number {
  const { spec, stepMs, lagMs } = standing;
  const limit = spec.until + stepMs;
  const lengthMs = joinedMs(spec);
  if (lengthMs === undefined || spec.source.type === "stream" || spec.repeatEveryMs !== undefined)
    return limit;
  // While it waits for its turn its sound does not run out.
  if (standing.resumesAtMs !== undefined) return limit;
  return Math.min(limit, startAt(standing) + lagMs + lengthMs - spec.source.offsetMs);
}

/** Where in its joined parts an airing is at an instant; for repetitions within the present one; 0 for streams. */
export function positionMs(standing: Standing, now: number): number {
  const { spec, lagMs } = standing;
  if (spec.source.type === "stream") return 0;
  if (standing.resumesAtMs !== undefined) return standing.resumesAtMs;
  const sinceMs = Math.max(0, now - startAt(standing) - lagMs);
  const offsetMs = spec.source.offsetMs;
  const cycle = cycleOf(spec);
  return offsetMs + (cycle === undefined ? sinceMs : sinceMs % cycle.cycleMs);
}

/** Puts an airing back to where it goes on after an interruption. */
export function resumed(standing: Standing, now: number): Standing {
  const { spec, resumesAtMs } = standing;
  if (resumesAtMs === undefined || spec.source.type === "stream")
    return { ...standing, resumesAtMs: undefined };
  const lagMs = now - startAt(standing) + spec.source.offsetMs - resumesAtMs;
  return { ...standing, lagMs, resumesAtMs: undefined };
}

/** How a cut-off airing will go on, or that it won't. Repetitions and streams follow the clock. */
export function cutOff(standing: Standing, now: number): Standing | "dropped" {
  const { spec } = standing;
  if (spec.afterPreempt === "drop") return "dropped";
  if (spec.source.type === "stream" || spec.repeatEveryMs !== undefined) return standing;
  const resumesAtMs = spec.afterPreempt === "restart" ? spec.source.offsetMs : positionMs(standing, now);
  return { ...standing, resumesAtMs };
}

/**
 * How long should have sounded of it until `endedAt`, had nothing come in between; undefined for streams. The whole
 * length for what plays once; for repetitions only those that fell before the end.
 */
export function expectedMs(spec: AiringSpec, endedAt: number): number | undefined {
  const lengthMs = joinedMs(spec);
  if (lengthMs === undefined || spec.source.type === "stream") return undefined;
  const soundMs = Math.max(0, lengthMs - spec.source.offsetMs);
  const cycle = cycleOf(spec);
  if (cycle === undefined) return Math.min(soundMs, Math.max(0, spec.until - spec.at));
  const ranMs = Math.max(0, Math.min(endedAt, spec.until) - spec.at);
  return Math.floor(ranMs / cycle.cycleMs) * soundMs + Math.min(ranMs % cycle.cycleMs, soundMs);
}
