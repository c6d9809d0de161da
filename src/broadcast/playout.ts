import type { Clock } from "../kernel/clock.ts";
import { isStopped } from "../kernel/clock.ts";
import { Fault } from "../kernel/faults.ts";
import type { Log } from "../kernel/log.ts";
import { text } from "../kernel/text.ts";
import { DAY_MS, epochMs, MINUTE_MS, SECOND_MS, type EpochMs } from "../kernel/time.ts";
import type { AiringId, AudioSource, SpeakerId } from "../speakers/protocol.ts";
import type { Database } from "../store/database.ts";
import type { Airing, AiringStore, EndedBy } from "./airings-store.ts";
import { decide, mutesOf, nextWake, sharesOf, spanOf, type Mute, type Share } from "./rules/due.ts";
import { silenceCause } from "./rules/explain.ts";
import type { Candidate, Holiday, Slot, Targets, Zone } from "./rules/model.ts";
import { expand } from "./rules/expand.ts";
import { resolve } from "./rules/resolve.ts";
import type { Orders } from "./playout-orders.ts";

/** What the calendar knows; playout reads it anew at every decision. */
export interface PlayoutCalendar {
  slots(): readonly Slot[];
  holidays(): readonly Holiday[];
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

export interface Playout {
  begin(thing: Unscheduled): Airing;
  /** Ends one airing everywhere. Throws not-found when it is not on air. */
  end(id: AiringId, by: EndedBy): void;
  /** Silence at once, on everything; nothing sounds before `holdMs` has passed. Returns what was cut off. */
  stopAll(holdMs: number): Airing[];
  resume(): void;
  /** The calendar, the speakers or the approvals are not what they were. */
  changed(): void;
  /** What will sound, by airing, as last decided. */
  upcoming(): ReadonlyMap<string, readonly Share[]>;
  run(signal: AbortSignal): Promise<void>;
}

interface PlayoutParts {
  readonly database: Database;
  readonly airings: AiringStore;
  readonly calendar: PlayoutCalendar;
  readonly orders: Orders;
  readonly clock: Clock;
  readonly log: Log;
  readonly timeZone: string;
  /** Sleeps until the wall clock shows `at`, or shorter. */
  readonly nap: (at: EpochMs, signal: AbortSignal) => Promise<void>;
  /** After each decision: checks before air, closing of what has ended. */
  readonly onDecided: (shares: ReadonlyMap<string, readonly Share[]>, now: EpochMs) => void;
}

/** Orders go out this long before their instant: enough for several repeats over a bad line. */
const LEAD_MS = 10 * SECOND_MS;
/** A relay is pulled this long before it sounds, to hear whether it is alive. */
const RELAY_LEAD_MS = MINUTE_MS;
/** Pre-flight moments before air; design §6. */
export const PREFLIGHT_MS = [30 * MINUTE_MS, 10 * MINUTE_MS, 2 * MINUTE_MS];
const PLAN_DAYS = 8;
/** What began within this long before now can still be interrupting or be interrupted. */
const LOOK_BACK_MS = DAY_MS;

/**
 * Carries the calendar out. Every wake recomputes what is due from the calendar, what has been done and the present
 * time; it remembers only how far it got, in SQLite, so that a kill at any point repeats nothing and skips nothing.
 */
export function openPlayout(parts: PlayoutParts): Playout {
  const { airings, calendar, orders, clock, log } = parts;
  let current: ReadonlyMap<string, readonly Share[]> = new Map();
  let waking = new AbortController();

  const decideNow = (): void => {
    const now = clock.now();
    const lastAt = lastDecision(airings.decidedAt(), now);
    const { shares, mutes, candidates } = look(parts, now, lastAt);
    current = shares;
    const known = new Map(
      [...airings.between(epochMs(lastAt - LOOK_BACK_MS), epochMs(now + DAY_MS)), ...airings.onAir()].map(
        (airing) => [String(airing.id), { airing: String(airing.id), state: airing.state }],
      ),
    );
    const { begin, missed, barred, withdraw } = decide({
      shares,
      mutes,
      known,
      now,
      lastAt,
      leadMs: LEAD_MS,
    });
    const byId = new Map(candidates.map((candidate) => [candidate.airing, candidate]));
    for (const id of [...begin, ...missed]) {
      const candidate = byId.get(id);
      const list = shares.get(id);
      if (candidate === undefined || list === undefined) continue;
      const { at, until } = spanOf(list);
      const airing = scheduledAiring(candidate, at, until);
      parts.database.transact(() => {
        airings.add(
          missed.includes(id)
            ? { ...airing, state: "ended", endedAt: airing.until, endedBy: "missed" }
            : airing,
          asStored(list),
        );
        if (begin.includes(id)) orders.play(airing, list);
      });
      log.info(
        { airing: id, speakers: list.length },
        begin.includes(id) ? "airing begins" : "airing was missed by the hall",
      );
    }
    for (const { airing, at, until, reason } of barred) {
      const candidate = byId.get(airing);
      if (candidate === undefined) continue;
      const cause = silenceCause(reason, (id) => byId.get(id)?.title ?? id);
      airings.add(
        { ...scheduledAiring(candidate, at, until), state: "ended", endedAt: at, endedBy: "barred", cause },
        [],
      );
      log.warn({ airing, reason: reason.type }, "airing does not sound");
    }
    for (const id of withdraw) finish(id as AiringId, "withdrawn");
    keepShares(shares);
    orders.setPlans(calendar.zones(), planned(shares, byId, now));
    airings.setDecidedAt(epochMs(Math.max(now + LEAD_MS, lastAt)));
    parts.onDecided(shares, now);
  };

  const planned = (
    shares: ReadonlyMap<string, readonly Share[]>,
    candidates: ReadonlyMap<string, Candidate>,
    now: EpochMs,
  ): { candidate: Candidate; share: Share }[] =>
    [...shares].flatMap(([id, list]) => {
      const candidate = candidates.get(id);
      if (candidate?.slot === undefined) return [];
      // What was allowed only after its minute must not be joined half-way by a speaker's plan.
      const allowed = spanOf(list).at > now || airings.get(id as AiringId)?.state === "airing";
      return allowed ? list.map((share) => ({ candidate, share })) : [];
    });

  const keepShares = (shares: ReadonlyMap<string, readonly Share[]>): void => {
    for (const airing of airings.onAir()) {
      const list = shares.get(airing.id);
      if (list === undefined || airing.repeatEveryMs !== undefined) continue;
      airings.setShares(airing.id, spanOf(list).until, asStored(list));
    }
  };

  const finish = (id: AiringId, by: EndedBy): void => {
    parts.database.transact(() => {
      airings.end(id, clock.now(), by);
      orders.stop(id);
    });
    log.info({ airing: id, by }, "airing was ended");
  };

  const changed = (): void => waking.abort();

  return {
    begin: (thing) => {
      const zones = calendar.zones().filter((zone) => isTarget(thing.targets, zone));
      if (zones.length === 0) {
        throw new Fault(
          "not-found",
          text("No loudspeaker is meant by these targets.", "Không có cụm loa nào thuộc phạm vi đã chọn."),
          {
            field: "targets",
            hint: text(
              "Choose at least one hamlet with a loudspeaker.",
              "Hãy chọn ít nhất một thôn có cụm loa.",
            ),
          },
        );
      }
      const airing = unscheduledAiring(thing);
      const list = zones.map((zone) => ({
        speaker: zone.speaker,
        at: thing.at,
        until: thing.until,
        offsetMs: 0,
        expectedMs: thing.until - thing.at,
      }));
      parts.database.transact(() => {
        airings.add(airing, asStored(list));
        orders.play(airing, list);
      });
      log.info({ airing: airing.id, speakers: list.length, level: airing.level }, "airing begins");
      changed();
      return airing;
    },
    end: (id, by) => {
      if (airings.get(id)?.state !== "airing") {
        throw new Fault("not-found", text(`${id} is not on air.`, `${id} hiện không phát.`), {
          field: "airing",
        });
      }
      finish(id, by);
      changed();
    },
    stopAll: (holdMs) => {
      const at = clock.now();
      const cut = airings.onAir();
      parts.database.transact(() => {
        airings.addStop({ at, holdUntil: holdMs > 0 ? epochMs(at + holdMs) : undefined });
        for (const { id } of cut) airings.end(id, at, "stopped");
        orders.stopAll(epochMs(at + holdMs));
      });
      log.warn({ airings: cut.length, holdMs }, "everything was stopped");
      changed();
      return cut;
    },
    resume: () => {
      const at = clock.now();
      parts.database.transact(() => {
        airings.releaseHolds(at);
        orders.stopAll(at);
      });
      log.info({}, "the hold was lifted");
      changed();
    },
    changed,
    upcoming: () => current,
    run: async (signal) => {
      while (!isStopped(signal)) {
        waking = new AbortController();
        decideNow();
        const wakeAt = nextWake(current, clock.now(), [LEAD_MS, RELAY_LEAD_MS, ...PREFLIGHT_MS]);
        await parts.nap(wakeAt, AbortSignal.any([signal, waking.signal]));
      }
    },
  };
}

/** How far the calendar has been carried out. A mark in the future is a clock that was set back since. */
function lastDecision(mark: EpochMs | undefined, now: EpochMs): EpochMs {
  if (mark === undefined) return now;
  return epochMs(Math.max(Math.min(mark, now + LEAD_MS), now - 7 * DAY_MS));
}

function look(
  { airings, calendar, timeZone }: PlayoutParts,
  now: EpochMs,
  lastAt: EpochMs,
): { shares: Map<string, Share[]>; mutes: Mute[]; candidates: Candidate[] } {
  const from = epochMs(Math.min(now, lastAt) - LOOK_BACK_MS);
  const window = { from, to: epochMs((Math.floor(now / DAY_MS) + PLAN_DAYS) * DAY_MS) };
  const past = airings.between(from, epochMs(now + DAY_MS));
  const unscheduled = past.filter(({ kind }) => kind !== "slot").map(candidateOf);
  const candidates = [
    ...expand(calendar.slots(), window, { timeZone, holidays: calendar.holidays() }),
    ...unscheduled,
  ];
  const stopped = past.filter(({ endedBy }) => endedBy === "stopped");
  const timelines = resolve(candidates, calendar.zones(), window, {
    timeZone,
    stops: stopped.map(({ id, endedAt, until }) => ({ airing: id, at: endedAt ?? until })),
    holds: airings
      .stopsSince(from)
      .flatMap(({ at, holdUntil }) => (holdUntil === undefined ? [] : [{ from: at, until: holdUntil }])),
  });
  const shares = sharesOf(timelines);
  return { shares, mutes: mutesOf(timelines, shares), candidates };
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
    rank: 0,
  };
}

function scheduledAiring(candidate: Candidate, at: EpochMs, until: EpochMs): Airing {
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

function unscheduledAiring(thing: Unscheduled): Airing {
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

function isTarget(targets: Targets, zone: Zone): boolean {
  return (
    targets.type === "everywhere" ||
    targets.hamlets.includes(zone.hamlet) ||
    targets.speakers.includes(zone.speaker)
  );
}

function asStored(list: readonly Share[]): { speaker: SpeakerId; at: EpochMs; expectedMs: number }[] {
  return list.map(({ speaker, at, expectedMs }) => ({ speaker: speaker as SpeakerId, at, expectedMs }));
}
