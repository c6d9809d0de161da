interface Range {
  readonly fromSec: number;
  readonly toSec: number;
}

/** When a fragment could be shown, by the page's monotonic clock, and the unbroken stretch that it ends. */
interface Arrival extends Range {
  readonly nowSec: number;
}

/**
 * How late the fragments come, which says how far behind the present the picture must run so that it never has to wait
 * for the next one: no further on a good line, as far as needed on one that stalls.
 */
export interface Lateness {
  note(arrival: Arrival): void;
  /** Page time less stream time of a picture that is shown in time; undefined: not known yet. */
  lagSec(): number | undefined;
}

/** So long a stall is remembered: better a little later than a picture that stands still every few seconds. */
const REMEMBERED_SEC = 20;
/** The page's own: to decode a picture, and a late turn of its loop. */
const MARGIN_SEC = 0.08;
/** A worse line than this is not waited for; the picture stands still instead. */
const MOST_IN_HAND_SEC = 1.5;
/** More than chance: the line is catching up with what was held for a joiner, and what came so far tells nothing of it. */
const CAUGHT_UP_SEC = 0.05;

interface Seen {
  readonly nowSec: number;
  /** Page time less stream time of the fragment's end. */
  readonly offsetSec: number;
  /** The same of the end of the fragment before, which had to last until this one came. */
  readonly neededSec: number;
}

export function newLateness(): Lateness {
  let seen: readonly Seen[] = [];
  let lastSec: number | undefined;
  return {
    note: ({ nowSec, fromSec, toSec }) => {
      const offsetSec = nowSec - toSec;
      // Over a hole the picture jumps; nothing had to last.
      const neededSec = lastSec === undefined || lastSec < fromSec ? offsetSec : nowSec - lastSec;
      const isBacklog = seen.every((each) => offsetSec < each.offsetSec - CAUGHT_UP_SEC);
      const known = isBacklog ? [] : seen.filter((each) => each.nowSec > nowSec - REMEMBERED_SEC);
      seen = [...known, { nowSec, offsetSec, neededSec: isBacklog ? offsetSec : neededSec }];
      lastSec = toSec;
    },
    lagSec: () => {
      if (seen.length < 2) return undefined;
      const needed = Math.max(...seen.map(({ neededSec }) => neededSec)) + MARGIN_SEC;
      const least = Math.min(...seen.map(({ offsetSec }) => offsetSec));
      return Math.min(needed, least + MOST_IN_HAND_SEC);
    },
  };
}

interface Watching {
  readonly atSec: number;
  /** Stretches that can be shown, in order. */
  readonly buffered: readonly Range[];
  /** The stream has just begun: jumping is not noticed. */
  readonly joining: boolean;
  /** Where the picture should be, in the stream's time, by `Lateness`; undefined: not known yet. */
  readonly wantedSec: number | undefined;
}

interface Correction {
  /** Jump there; undefined: stay. */
  readonly seekToSec: number | undefined;
  readonly rate: number;
}

/** Kept in hand before the line is known: a fragment, and a little. */
const IN_HAND_SEC = 0.35;
const JUMP_BEHIND_SEC = 3;
const JUMP_BEHIND_WHILE_JOINING_SEC = 0.8;
/** How far from where it should be the picture runs at another speed; nobody notices 10 % on a counter. */
const FASTER = [
  { lateSec: 1, rate: 1.5 },
  { lateSec: 0.06, rate: 1.1 },
];
const EARLY_SEC = 0.04;
const SLOWER = 0.95;

/** How to get to where the live picture should be: as near to the edge as the line allows. */
export function correctionFor({ atSec, buffered, joining, wantedSec }: Watching): Correction {
  const last = buffered.at(-1);
  if (last === undefined) return { seekToSec: undefined, rate: 1 };
  const targetSec = Math.max(last.fromSec, Math.min(wantedSec ?? Infinity, last.toSec - IN_HAND_SEC));
  const behindSec = last.toSec - atSec;
  const limitSec = joining ? JUMP_BEHIND_WHILE_JOINING_SEC : JUMP_BEHIND_SEC;
  if (atSec < last.fromSec || behindSec > limitSec || behindSec < -1)
    return { seekToSec: targetSec, rate: 1 };
  if (wantedSec === undefined) return { seekToSec: undefined, rate: 1 };
  // What has not come yet can't be hurried to.
  const lateSec = Math.min(wantedSec, last.toSec - MARGIN_SEC) - atSec;
  if (lateSec < -EARLY_SEC) return { seekToSec: undefined, rate: SLOWER };
  return { seekToSec: undefined, rate: FASTER.find((each) => lateSec > each.lateSec)?.rate ?? 1 };
}

const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 15_000;

/** How long to wait before asking again; `random` in [0, 1) spreads the viewers of a hall that comes back. */
export function retryInMs(failures: number, random: number): number {
  const straightMs = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.max(0, failures - 1));
  return straightMs * (0.8 + 0.4 * random);
}
