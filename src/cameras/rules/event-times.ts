import { epochMs, MINUTE_MS, SECOND_MS, type EpochMs } from "../../kernel/time.ts";

/** A message may have waited in the camera while the line was down. */
const OLDEST_MS = 15 * MINUTE_MS;
/** Cameras tell whole seconds. */
const AHEAD_MS = 2 * SECOND_MS;

/** An instant as cameras write it: with `Z`, with an offset, or with nothing, which ONVIF means as UTC. */
export function instantOf(written: string): EpochMs | undefined {
  const said = written.trim();
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(said)) return undefined;
  const ms = Date.parse(/(?:Z|[+-]\d\d:?\d\d)$/i.test(said) ? said : `${said}Z`);
  return Number.isNaN(ms) ? undefined : epochMs(ms);
}

export interface EventTime {
  /** When the camera says that it was, by its own clock. */
  readonly said: EpochMs | undefined;
  readonly arrivedAt: EpochMs;
  /** How far the camera's clock may be ahead of ours, best known first. */
  readonly offsetsMs: readonly number[];
}

/** The camera's word for when, moved to our clock; the arrival, where no offset makes sense of that word. */
export function atByOurClock({ said, arrivedAt, offsetsMs }: EventTime): EpochMs {
  if (said === undefined) return arrivedAt;
  for (const offsetMs of [...offsetsMs, 0]) {
    const at = said - offsetMs;
    if (at <= arrivedAt + AHEAD_MS && at >= arrivedAt - OLDEST_MS)
      return epochMs(Math.min(Math.round(at), arrivedAt));
  }
  return arrivedAt;
}
