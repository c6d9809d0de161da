import { DAY_MS, epochMs, type EpochMs } from "../kernel/time.ts";
import type { AiringId, AudioSource, SpeakerId } from "../speakers/protocol.ts";
import type { Airing, AiringStore, Share as StoredShare } from "./airings-store.ts";
import { mutesOf, sharesOf, type Mute, type Share } from "./rules/due.ts";
import type { Candidate, Hold, Stop, Targets, Timeline, TimeWindow, Zone } from "./rules/model.ts";
import { calendarTimelines } from "./rules/timelines.ts";

/** What the calendar knows; playout reads it anew at every decision. */
export interface PlayoutCalendar {
  /** Occurrences that meet the window, each barred by what holds at its own start. */
  candidates(window: TimeWindow): readonly Candidate[];
  zones(): readonly Zone[];
}

/** Something that is not on the calendar: a live session or an alert. Approval is its caller's affair. */
export interface Unscheduled {
  readonly id: AiringId;
  readonly kind: "live" | "emergency";
  readonly title: string;
  readonly level: number;
  readonly targets: Targets;
  readonly source: AudioSource;
  readonly at: EpochMs;
  readonly until: EpochMs;
  readonly repeatEveryMs?: number;
  readonly volumePercent?: number;
}

interface ViewParts {
  readonly airings: AiringStore;
  readonly calendar: PlayoutCalendar;
  readonly timeZone: string;
}

/** What sounds, what does not, and all that was weighed, around one moment. */
export interface PlayoutView {
  readonly timelines: ReadonlyMap<string, Timeline>;
  readonly shares: Map<string, Share[]>;
  readonly mutes: Mute[];
  readonly candidates: ReadonlyMap<string, Candidate>;
}

const PLAN_DAYS = 8;
/** What began within this long before now can still be interrupting or be interrupted. */
export const LOOK_BACK_MS = DAY_MS;

/** What bears on the calendar without standing on it: live sessions, alerts, stops and holds around a window. */
export function offCalendar(
  airings: AiringStore,
  { from, to }: TimeWindow,
): { unscheduled: Candidate[]; stops: Stop[]; holds: Hold[] } {
  const past = airings.between(epochMs(from - LOOK_BACK_MS), to);
  const stopped = past.filter(({ endedBy }) => endedBy === "stopped");
  return {
    unscheduled: past.filter(({ kind }) => kind !== "slot").map(candidateOf),
    stops: stopped.map(({ id, endedAt, until }) => ({ airing: id, at: endedAt ?? until })),
    holds: airings
      .stopsSince(from)
      .flatMap(({ at, holdUntil }) => (holdUntil === undefined ? [] : [{ from: at, until: holdUntil }])),
  };
}

/** Asks the resolver, with what has really happened. */
export function viewAt(
  { airings, calendar, timeZone }: ViewParts,
  now: EpochMs,
  lastAt: EpochMs,
): PlayoutView {
  const from = epochMs(Math.min(now, lastAt) - LOOK_BACK_MS);
  const window = { from, to: epochMs((Math.floor(now / DAY_MS) + PLAN_DAYS) * DAY_MS) };
  const { unscheduled, stops, holds } = offCalendar(airings, { from, to: epochMs(now + DAY_MS) });
  const around = { from: epochMs(from - LOOK_BACK_MS), to: epochMs(window.to + DAY_MS) };
  const { timelines, candidates } = calendarTimelines(
    {
      slots: [],
      holidays: [],
      timeZone,
      unscheduled: [...calendar.candidates(around), ...unscheduled],
      stops,
      holds,
    },
    calendar.zones(),
    window,
  );
  const shares = sharesOf(timelines);
  return {
    timelines,
    shares,
    mutes: mutesOf(timelines, shares),
    candidates: new Map(candidates.map((candidate) => [candidate.airing, candidate])),
  };
}

function candidateOf(airing: Airing): Candidate {
  return {
    airing: airing.id,
    title: airing.title,
    level: airing.level,
    startAt: airing.plannedAt,
    durationMs: (airing.endedAt ?? airing.until) - airing.plannedAt,
    targets: airing.targets,
    afterPreempt: airing.afterPreempt,
    byClock: true,
    rank: 0,
  };
}

export function scheduledAiring(candidate: Candidate, at: EpochMs, until: EpochMs): Airing {
  return {
    id: candidate.airing as AiringId,
    kind: "slot",
    title: candidate.title,
    level: candidate.level,
    slot: candidate.slot,
    targets: candidate.targets,
    source: undefined,
    afterPreempt: candidate.afterPreempt,
    repeatEveryMs: undefined,
    volumePercent: undefined,
    plannedAt: at,
    until,
    state: "airing",
    endedAt: undefined,
    endedBy: undefined,
    cause: undefined,
  };
}

export function unscheduledAiring(thing: Unscheduled): Airing {
  return {
    id: thing.id,
    kind: thing.kind,
    title: thing.title,
    level: thing.level,
    slot: undefined,
    targets: thing.targets,
    source: thing.source,
    afterPreempt: "resume",
    repeatEveryMs: thing.repeatEveryMs,
    volumePercent: thing.volumePercent,
    plannedAt: thing.at,
    until: thing.until,
    state: "airing",
    endedAt: undefined,
    endedBy: undefined,
    cause: undefined,
  };
}

export function asStored(list: readonly Share[]): StoredShare[] {
  return list.map(({ speaker, at, expectedMs }) => ({ speaker: speaker as SpeakerId, at, expectedMs }));
}
