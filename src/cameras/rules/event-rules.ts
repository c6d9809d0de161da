import type { LocalZone } from "../../broadcast/rules/local-time.ts";
import { epochMs, MINUTE_MS, SECOND_MS, type EpochMs } from "../../kernel/time.ts";
import type { CameraEvent, EventRule, Span } from "./model.ts";
import { stretchAt } from "./weekly-hours.ts";

/** A state that never ends must not make a clip that never ends. */
const LONGEST_EVENT_CLIP_MS = 10 * MINUTE_MS;
/** Of a clip whose event goes on: until its end is moved for the first time. */
const SHORTEST_WAIT_SEC = 5;
/** News of something older (the line was down) is kept, and no longer acted upon. */
const TOO_LATE_MS = 5 * MINUTE_MS;

/** When a rule last acted; undefined: not since the start. */
export type LastActed = (rule: number) => EpochMs | undefined;

/** Numbers of the rules that act on an event that has begun. */
export function actingRules(
  rules: readonly EventRule[],
  event: Pick<CameraEvent, "kind" | "at" | "arrivedAt">,
  { zone, lastActed }: { readonly zone: LocalZone; readonly lastActed: LastActed },
): number[] {
  if (event.arrivedAt - event.at > TOO_LATE_MS) return [];
  return rules.flatMap((rule, number) => {
    if (rule.on !== event.kind) return [];
    if (rule.hours.length > 0 && stretchAt(rule.hours, event.at, zone) === undefined) return [];
    const last = lastActed(number);
    const rests = last !== undefined && event.at < last + rule.quietForSec * SECOND_MS && event.at >= last;
    return rests ? [] : [number];
  });
}

/** The stretch that a rule's clip shows of an event that has just begun, as far as we know at `now`. */
export function clipSpan(
  { preRollSec, postRollSec }: EventRule,
  { at, on }: Pick<CameraEvent, "at" | "on">,
  now: EpochMs,
): Span {
  const to =
    on === true
      ? Math.max(at, now) + Math.max(postRollSec, SHORTEST_WAIT_SEC) * SECOND_MS
      : at + Math.max(postRollSec, 1) * SECOND_MS;
  return { from: epochMs(at - preRollSec * SECOND_MS), to: epochMs(to) };
}

/** Where that clip is to end now that its event was on at `at`; undefined: where it does, it is long enough. */
export function extendedTo({ postRollSec }: EventRule, { from, to }: Span, at: EpochMs): EpochMs | undefined {
  const wanted = Math.min(at + postRollSec * SECOND_MS, from + LONGEST_EVENT_CLIP_MS);
  return wanted > to ? epochMs(wanted) : undefined;
}
