import { epochMs, MINUTE_MS, type EpochMs } from "../../kernel/time.ts";
import type { SilenceReason, Timeline } from "./model.ts";

/** One speaker's part of one airing, as the resolver has it. */
export interface Share {
  readonly speaker: string;
  readonly at: EpochMs;
  readonly until: EpochMs;
  readonly offsetMs: number;
  /** Time it is to sound, without the interruptions by what outranks it. */
  readonly expectedMs: number;
}

/** An airing the hall has already dealt with. */
export interface KnownAiring {
  readonly airing: string;
  /** From the calendar; what is not is begun and ended by its maker. */
  readonly scheduled: boolean;
  readonly state: "airing" | "ended";
}

/** An airing that sounds nowhere, and the first reason for it. */
export interface Mute {
  readonly airing: string;
  readonly at: EpochMs;
  readonly until: EpochMs;
  readonly reason: SilenceReason;
}

interface Situation {
  readonly shares: ReadonlyMap<string, readonly Share[]>;
  readonly mutes: readonly Mute[];
  readonly known: ReadonlyMap<string, KnownAiring>;
  readonly now: EpochMs;
  /** When this was last decided, before a restart too: what began earlier and is unknown was not allowed then. */
  readonly lastAt: EpochMs;
  /** Orders go out this long before their instant. */
  readonly leadMs: number;
}

interface Decision {
  readonly begin: readonly string[];
  /** Over before anyone looked (power cut, clock step): recorded, so that late receipts and silences have a place. */
  readonly missed: readonly string[];
  /** Their minute came and they were not allowed to sound. */
  readonly barred: readonly Mute[];
  /** On air, and no longer allowed anywhere. */
  readonly withdraw: readonly string[];
}

/** Turns per-speaker timelines round: per airing, who sounds it when. */
export function sharesOf(timelines: ReadonlyMap<string, Timeline>): Map<string, Share[]> {
  const shares = new Map<string, Share[]>();
  for (const [speaker, { intervals }] of timelines) {
    const mine = new Map<string, Share>();
    for (const { airing, startAt, endAt, offsetMs } of intervals) {
      const before = mine.get(airing);
      mine.set(
        airing,
        before === undefined
          ? { speaker, at: startAt, until: endAt, offsetMs, expectedMs: endAt - startAt }
          : { ...before, until: endAt, expectedMs: before.expectedMs + (endAt - startAt) },
      );
    }
    for (const [airing, share] of mine) {
      const all = shares.get(airing);
      if (all === undefined) shares.set(airing, [share]);
      else all.push(share);
    }
  }
  return shares;
}

export function mutesOf(
  timelines: ReadonlyMap<string, Timeline>,
  shares: ReadonlyMap<string, unknown>,
): Mute[] {
  const mutes = new Map<string, Mute>();
  for (const { silences } of timelines.values()) {
    for (const { airing, startAt, endAt, reason } of silences) {
      if (shares.has(airing)) continue;
      const before = mutes.get(airing);
      if (before === undefined) mutes.set(airing, { airing, at: startAt, until: endAt, reason });
      else if (endAt > before.until) mutes.set(airing, { ...before, until: endAt });
    }
  }
  return [...mutes.values()];
}

/** First start and last end over all speakers. */
export function spanOf(shares: readonly Share[]): { readonly at: EpochMs; readonly until: EpochMs } {
  let at = Number.MAX_SAFE_INTEGER;
  let until = 0;
  for (const share of shares) {
    at = Math.min(at, share.at);
    until = Math.max(until, share.until);
  }
  return { at: epochMs(shares.length === 0 ? 0 : at), until: epochMs(until) };
}

/** What to do now. Called at any moment, any number of times: a late, early or doubled wake changes nothing. */
export function decide({ shares, mutes, known, now, lastAt, leadMs }: Situation): Decision {
  const begin: string[] = [];
  const missed: string[] = [];
  for (const [airing, list] of shares) {
    const { at, until } = spanOf(list);
    if (known.has(airing) || at <= lastAt || at > now + leadMs) continue;
    (until > now ? begin : missed).push(airing);
  }
  const withdraw = [...known.values()]
    .filter(({ airing, state, scheduled }) => scheduled && state === "airing" && !shares.has(airing))
    .map(({ airing }) => airing);
  const barred = mutes.filter(({ airing, at }) => !known.has(airing) && at > lastAt && at <= now + leadMs);
  return { begin, missed, barred, withdraw };
}

/** The furthest ahead that playout sleeps: an edited calendar or a stepped clock is noticed by then. */
const LONGEST_NAP_MS = MINUTE_MS;

/**
 * The next instant at which `decide` or a check may answer differently: so long before each start, or, where negative,
 * after each end.
 */
export function nextWake(
  shares: ReadonlyMap<string, readonly Share[]>,
  now: EpochMs,
  leadsMs: readonly number[],
): EpochMs {
  let wakeAt = now + LONGEST_NAP_MS;
  for (const list of shares.values()) {
    const { at, until } = spanOf(list);
    for (const instant of [...leadsMs.map((leadMs) => (leadMs < 0 ? until : at) - leadMs), until]) {
      if (instant > now && instant < wakeAt) wakeAt = instant;
    }
  }
  return epochMs(wakeAt);
}
