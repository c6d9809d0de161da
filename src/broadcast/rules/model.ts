import type { EpochMs } from "../../kernel/time.ts";
import type { Text } from "../../kernel/text.ts";

/** The three classes of Circular 39/2020/TT-BTTTT, low to high. */
export type BulletinClass = "ordinary" | "priority" | "emergency";

/** Local calendar date, `2026-11-24`. */
export type LocalDate = string;
/** Local time of day, `17:00:00`; seconds count. */
export type LocalTime = string;

/** Minutes after local midnight, half-open; `fromMinute` > `toMinute` crosses midnight; equal means none. */
export interface DayWindow {
  readonly fromMinute: number;
  readonly toMinute: number;
}

/** Half-open stretch of wall time. */
export interface TimeWindow {
  readonly from: EpochMs;
  readonly to: EpochMs;
}

/** On which local dates a slot falls. */
export type Recurrence =
  | { readonly type: "once"; readonly date: LocalDate }
  | { readonly type: "daily" }
  /** 1 = Monday … 7 = Sunday (ISO 8601). Weeks are counted from the week of the slot's `from`. */
  | { readonly type: "weekly"; readonly everyWeeks: number; readonly weekdays: readonly number[] }
  /** `last` is the month's last day. A month without that day is passed over. */
  | { readonly type: "monthly"; readonly days: readonly (number | "last")[] }
  /** Vietnamese lunar days (UTC+7). `month` left out: every month. */
  | {
      readonly type: "lunar";
      readonly days: readonly number[];
      readonly month?: number;
      /** A leap month repeats its number: skip it, or sound in both. */
      readonly leapMonth: "skip" | "both";
      /** Day 30 asked of a month of 29 days: pass over, or take day 29. */
      readonly shortMonth: "skip" | "last-day";
    };

/** A bulletin on the calendar: when, where, how loud, how urgent. */
export interface Slot {
  readonly id: string;
  readonly title: string;
  readonly level: number;
  readonly durationMs: number;
  readonly startTime: LocalTime;
  readonly recurrence: Recurrence;
  /** First and last date it may fall on, both included. */
  readonly from: LocalDate;
  readonly to?: LocalDate;
  /** Months and days within each year, `MM-DD` both included; `from` > `to` crosses the new year. None: all year. */
  readonly seasons: readonly { readonly from: string; readonly to: string }[];
  /** `skip`: not on holidays; `only`: on holidays only. */
  readonly holidays: "ignore" | "skip" | "only";
  /** Changes of single occurrences, by the date the rule gave. */
  readonly exceptions: readonly SlotException[];
  readonly targets: Targets;
  readonly afterPreempt: AfterPreempt;
  readonly byClock?: boolean;
  /** Higher first among equals on the ladder: the officer's choice when two priority bulletins collide. */
  readonly rank: number;
  /** Why it must not sound although it is on the calendar (not approved, approval lost); undefined when it may. */
  readonly barred?: Text;
}

export type SlotException =
  | { readonly date: LocalDate; readonly type: "cancelled" }
  | {
      readonly date: LocalDate;
      readonly type: "moved";
      readonly toDate: LocalDate;
      readonly toTime: LocalTime;
    };

/**
 * What becomes of an item that something higher interrupts, or that comes while something higher sounds. `resume` and
 * `restart` wait for it to end (see `LATENESS_LIMIT_MS`) and go on from where they were, or from the beginning.
 */
export type AfterPreempt = "resume" | "restart" | "drop";

/** Where it sounds. `everywhere` includes hamlets that come later. */
export type Targets =
  | { readonly type: "everywhere" }
  | { readonly type: "some"; readonly hamlets: readonly string[]; readonly speakers: readonly string[] };

/** A holiday as the commune's editable list has it. */
export type Holiday =
  | { readonly type: "solar"; readonly monthDay: string; readonly name: string }
  | { readonly type: "lunar"; readonly month: number; readonly day: number | "last"; readonly name: string }
  | { readonly type: "date"; readonly date: LocalDate; readonly name: string };

/**
 * One thing that would sound once: an occurrence of a slot, a live session, a relay, an alert. No two of one
 * resolution have the same `airing`.
 */
export interface Candidate {
  /** For slots `<slot>.<date the rule gave>`: the same at every resolution, restart and clock step. */
  readonly airing: string;
  readonly title: string;
  readonly slot?: string;
  readonly level: number;
  readonly startAt: EpochMs;
  readonly durationMs: number;
  readonly targets: Targets;
  readonly afterPreempt: AfterPreempt;
  /**
   * Its sound runs by the clock whether it is heard or not (relay, microphone, an alert repeated until it expires):
   * what is missed is not caught up, and it ends at `startAt + durationMs` in any case. Its `restart` is a `resume`.
   */
  readonly byClock?: boolean;
  readonly rank: number;
  readonly barred?: Text;
}

/** Ends one airing at an instant (also one still to come), or with no `airing` everything that has started by then. */
export interface Stop {
  readonly at: EpochMs;
  readonly airing?: string;
  /** Left out: everywhere. */
  readonly targets?: Targets;
}

/**
 * A stop of everything at `from`, after which nothing sounds before `until`. What was to start meanwhile is lost, save
 * for emergencies: they sound after it.
 */
export interface Hold {
  readonly from: EpochMs;
  readonly until: EpochMs;
  /** Left out: everywhere. */
  readonly targets?: Targets;
}

/** A speaker's place in the rules: its hamlet's quiet hours and session limits. */
export interface Zone {
  readonly speaker: string;
  readonly hamlet: string;
  readonly quietHours: readonly DayWindow[];
  readonly caps: SessionCaps;
}

/**
 * A commune's own limits. A session is a run of sound below emergency; silences under a minute and emergencies do not
 * break it, and do not count in its minutes. It belongs to the local day on which it begins.
 */
export interface SessionCaps {
  readonly sessionsPerDay?: number;
  readonly minutesPerSession?: number;
}

/** Something sounds on a speaker during [startAt, endAt). */
export interface Interval {
  readonly airing: string;
  readonly level: number;
  readonly startAt: EpochMs;
  readonly endAt: EpochMs;
  /** How far into the airing's sound this interval begins. */
  readonly offsetMs: number;
  readonly why: Why;
}

/** `over`: what it kept silent meanwhile. `after`: what kept it silent before (empty: a hold). */
export type Why =
  | { readonly type: "alone" }
  | { readonly type: "outranks"; readonly over: readonly string[] }
  /** It begins later than planned. */
  | { readonly type: "waited"; readonly after: readonly string[]; readonly over: readonly string[] }
  | { readonly type: "resumes"; readonly after: readonly string[]; readonly over: readonly string[] }
  | { readonly type: "restarts"; readonly after: readonly string[]; readonly over: readonly string[] };

/** A stretch of an airing that does not sound on a speaker, and why. */
export interface Silence {
  readonly airing: string;
  readonly startAt: EpochMs;
  readonly endAt: EpochMs;
  readonly reason: SilenceReason;
  /** Nothing of the airing sounds any more; the stretch is as long as the sound that is lost. Otherwise it waits. */
  readonly final: boolean;
}

export type SilenceReason =
  | { readonly type: "barred"; readonly text: Text }
  | { readonly type: "quiet-hours" }
  | { readonly type: "outranked"; readonly by: string }
  /** Held up by `by` for longer than `LATENESS_LIMIT_MS`. */
  | { readonly type: "too-late"; readonly by: string }
  | { readonly type: "session-cap"; readonly limit: "sessions" | "minutes" }
  | { readonly type: "stopped" };

/** Both in order of time. The intervals never overlap; the silences of different airings may. */
export interface Timeline {
  readonly intervals: readonly Interval[];
  readonly silences: readonly Silence[];
}
