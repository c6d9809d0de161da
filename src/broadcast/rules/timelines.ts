import { epochMs, type EpochMs } from "../../kernel/time.ts";
import { SESSION_GAP_MS } from "./caps.ts";
import { expand, type CalendarRules } from "./expand.ts";
import { LATENESS_LIMIT_MS } from "./ladder.ts";
import { localZone } from "./local-time.ts";
import type { Candidate, Hold, Slot, Stop, Timeline, TimeWindow, Zone } from "./model.ts";
import { resolve } from "./resolve.ts";

/** Everything that bears on what sounds. */
export interface Calendar extends CalendarRules {
  readonly slots: readonly Slot[];
  /** What is not on the calendar: live sessions, alerts, relays by hand. Past ones too, as far as they are known. */
  readonly unscheduled?: readonly Candidate[];
  readonly stops?: readonly Stop[];
  readonly holds?: readonly Hold[];
}

export interface CalendarView {
  readonly timelines: Map<string, Timeline>;
  /** All that was weighed: of the window, and what lies around it and bears on it. */
  readonly candidates: readonly Candidate[];
}

/** Where sound never pauses for so long, whatever was before is taken to have no bearing. */
const LONGEST_LEAD_DAYS = 32;

/**
 * Expands and resolves, with as much of the time around the window as bears on it: an instant's answer is the same
 * whatever window it is asked in.
 */
export function calendarTimelines(
  calendar: Calendar,
  zones: readonly Zone[],
  window: TimeWindow,
): CalendarView {
  const { slots, unscheduled = [], stops = [], holds = [], timeZone } = calendar;
  const longestMs = [...slots, ...unscheduled].reduce(
    (most, { durationMs }) => Math.max(most, durationMs),
    0,
  );
  // What meets the window can be interrupted by whatever comes before it is over.
  const to = epochMs(window.to + longestMs + LATENESS_LIMIT_MS);
  const from = leadStart(calendar, window);
  const candidates = [...expand(slots, { from, to }, calendar), ...unscheduled];
  return { timelines: resolve(candidates, zones, window, { timeZone, stops, holds }), candidates };
}

/**
 * Goes back to a day before which there surely was a silence long enough to end every item and every session. What
 * lies before that silence bears only on what lies before it, and sessions are counted anew each local day, so the
 * silence must lie before the window's first midnight.
 */
function leadStart(calendar: Calendar, window: TimeWindow): EpochMs {
  const zone = localZone(calendar.timeZone);
  const firstDay = zone.dayOf(window.from);
  const midnight = zone.instantOf(firstDay, 0);
  for (let days = 1; ; days *= 2) {
    const start = zone.instantOf(firstDay - days, 0);
    const lead = { from: epochMs(start - LATENESS_LIMIT_MS), to: midnight };
    const candidates = [...expand(calendar.slots, lead, calendar), ...(calendar.unscheduled ?? [])];
    if (days >= LONGEST_LEAD_DAYS || hasPause(candidates, start, midnight)) return lead.from;
  }
}

function hasPause(candidates: readonly Candidate[], from: EpochMs, to: EpochMs): boolean {
  const spans = candidates
    .map(({ startAt, durationMs }) => ({ startAt, endAt: startAt + durationMs + LATENESS_LIMIT_MS }))
    .sort((a, b) => a.startAt - b.startAt);
  let busyUntil: number = from;
  for (const { startAt, endAt } of spans) {
    if (Math.min(startAt, to) - busyUntil >= SESSION_GAP_MS) return true;
    busyUntil = Math.max(busyUntil, endAt);
  }
  return to - busyUntil >= SESSION_GAP_MS;
}
