import type { Clock } from "../kernel/clock.ts";
import { isStopped } from "../kernel/clock.ts";
import { Fault } from "../kernel/faults.ts";
import type { Log } from "../kernel/log.ts";
import { text } from "../kernel/text.ts";
import { DAY_MS, epochMs, MINUTE_MS, SECOND_MS, type EpochMs } from "../kernel/time.ts";
import type { AiringId } from "../speakers/protocol.ts";
import type { Database } from "../store/database.ts";
import { RECEIPTS_WITHIN_MS } from "./airing-log.ts";
import type { Airing, AiringStore, EndedBy } from "./airings-store.ts";
import type { Orders } from "./playout-orders.ts";
import {
  asStored,
  LOOK_BACK_MS,
  scheduledAiring,
  unscheduledAiring,
  viewAt,
  type PlayoutCalendar,
  type PlayoutView,
  type Unscheduled,
} from "./playout-view.ts";
import { mustReach } from "./reach.ts";
import { decide, nextWake, spanOf, type Share } from "./rules/due.ts";
import { silenceCause } from "./rules/explain.ts";
import type { Candidate } from "./rules/model.ts";

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
  /** In the transaction that begins an airing of a slot. */
  readonly onBegin: (slot: string, airing: AiringId, at: EpochMs) => void;
  /** Sleeps until the wall clock shows `at`, or shorter. */
  readonly nap: (at: EpochMs, signal: AbortSignal) => Promise<void>;
  /** After each decision: checks before air, radio boxes, closing of what has ended. */
  readonly onDecided: (view: PlayoutView, now: EpochMs) => void;
}

/** Orders go out this long before their instant: enough for several repeats over a bad line. */
const LEAD_MS = 10 * SECOND_MS;
/** A relay is pulled this long before it sounds, to hear whether it is alive. */
const RELAY_LEAD_MS = MINUTE_MS;
/** Pre-flight moments before air; design §6. */
const PREFLIGHT_MS = [30 * MINUTE_MS, 10 * MINUTE_MS, 2 * MINUTE_MS];
const SETTLE_MS = 50;

/**
 * Carries the calendar out. Every wake recomputes what is due from the calendar, what has been done and the present
 * time; it remembers only how far it got, in SQLite, so that a kill at any point repeats nothing and skips nothing.
 */
export function openPlayout(parts: PlayoutParts): Playout {
  const { airings, calendar, orders, clock, log } = parts;
  let current: ReadonlyMap<string, readonly Share[]> = new Map();
  let waking = new AbortController();
  /** What was last written of each airing on air, so that an unchanged one costs no write. */
  const keptShares = new Map<AiringId, string>();
  /** Relays that are listened to ahead of their minute. */
  const prepared = new Set<string>();

  const decideNow = (): void => {
    const now = clock.now();
    const lastAt = lastDecision(airings.decidedAt(), now);
    const view = viewAt(parts, now, lastAt);
    const { shares, mutes, candidates: byId } = view;
    current = shares;
    const known = new Map(
      [...airings.between(epochMs(lastAt - LOOK_BACK_MS), epochMs(now + DAY_MS)), ...airings.onAir()].map(
        (airing) => [
          String(airing.id),
          { airing: String(airing.id), state: airing.state, scheduled: airing.kind === "slot" },
        ],
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
        if (!begin.includes(id)) return;
        orders.play(airing, list);
        if (airing.slot !== undefined) parts.onBegin(airing.slot, airing.id, at);
      });
      log.info(
        { airing: id, speakers: list.length },
        begin.includes(id) ? "airing begins" : "airing was missed by the hall",
      );
    }
    prepareRelays(view, now);
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
    // One write to the disk for the plans of all.
    parts.database.transact(() => orders.setPlans(calendar.zones(), planned(shares, byId, now)));
    airings.setDecidedAt(now);
    parts.onDecided(view, now);
  };

  const prepareRelays = ({ shares, candidates }: PlayoutView, now: EpochMs): void => {
    for (const [id, list] of shares) {
      const { at, until } = spanOf(list);
      const candidate = candidates.get(id);
      if (candidate === undefined || at <= now || at - RELAY_LEAD_MS > now) continue;
      orders.prepare(candidate, at, until);
      prepared.add(id);
    }
    for (const id of prepared) {
      const list = shares.get(id);
      if (list === undefined) orders.release(id);
      if (list === undefined || spanOf(list).at <= now) prepared.delete(id);
    }
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
    const onAir = airings.onAir();
    for (const id of keptShares.keys()) if (!onAir.some((airing) => airing.id === id)) keptShares.delete(id);
    for (const airing of onAir) {
      const list = shares.get(airing.id);
      if (list === undefined || airing.repeatEveryMs !== undefined) continue;
      const summary = JSON.stringify(
        list.map(({ speaker, at, until, expectedMs }) => [speaker, at, until, expectedMs]),
      );
      if (keptShares.get(airing.id) === summary) continue;
      keptShares.set(airing.id, summary);
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

  /** After a restart: the microphone is gone, files and relays go on where they should be. */
  const carryOn = (): void => {
    const now = clock.now();
    for (const airing of airings.onAir()) {
      if (airing.kind === "live") airings.end(airing.id, now, "itself");
      else if (airing.until > now) orders.carryOn(airing);
    }
  };

  return {
    begin: (thing) => {
      const zones = mustReach(thing.targets, calendar.zones());
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
        orders.stopAll(
          epochMs(at + holdMs),
          cut.map(({ id }) => id),
        );
      });
      log.warn({ airings: cut.length, holdMs }, "everything was stopped");
      changed();
      return cut;
    },
    resume: () => {
      const at = clock.now();
      parts.database.transact(() => {
        airings.releaseHolds(at);
        orders.stopAll(at, []);
      });
      log.info({}, "the hold was lifted");
      changed();
    },
    changed,
    upcoming: () => current,
    run: async (signal) => {
      carryOn();
      while (!isStopped(signal)) {
        waking = new AbortController();
        decideNow();
        const wakeAt = nextWake(current, clock.now(), [
          LEAD_MS,
          RELAY_LEAD_MS,
          ...PREFLIGHT_MS,
          -RECEIPTS_WITHIN_MS,
        ]);
        await parts.nap(wakeAt, AbortSignal.any([signal, waking.signal]));
        // Changes come in bursts (receipts of a whole commune, a saved series): one decision answers them all.
        if (waking.signal.aborted) await clock.sleep(SETTLE_MS, signal);
      }
    },
  };
}

/** How far the calendar has been carried out. A mark in the future is a clock that was set back since. */
function lastDecision(mark: EpochMs | undefined, now: EpochMs): EpochMs {
  if (mark === undefined) return now;
  return epochMs(Math.max(Math.min(mark, now), now - 7 * DAY_MS));
}
