interface Range {
  readonly fromSec: number;
  readonly toSec: number;
}

interface Watching {
  readonly atSec: number;
  /** Stretches that can be shown, in order. */
  readonly buffered: readonly Range[];
  /** The stream has just begun: jumping is not noticed. */
  readonly joining: boolean;
}

interface Correction {
  /** Jump there; undefined: stay. */
  readonly seekToSec: number | undefined;
  readonly rate: number;
}

/** A little is kept in hand, or every late fragment would stop the picture. */
const IN_HAND_SEC = 0.25;
const JUMP_BEHIND_SEC = 3;
const JUMP_BEHIND_WHILE_JOINING_SEC = 0.8;
/** From which delay on the picture runs faster, and how much; nobody notices 10 % on a counter. */
const FASTER = [
  { behindSec: 1.5, rate: 1.5 },
  { behindSec: 0.5, rate: 1.1 },
];

/** How to get back to the live edge. */
export function correctionFor({ atSec, buffered, joining }: Watching): Correction {
  const last = buffered.at(-1);
  if (last === undefined) return { seekToSec: undefined, rate: 1 };
  const edgeSec = Math.max(last.fromSec, last.toSec - IN_HAND_SEC);
  const behindSec = last.toSec - atSec;
  const limitSec = joining ? JUMP_BEHIND_WHILE_JOINING_SEC : JUMP_BEHIND_SEC;
  if (atSec < last.fromSec || behindSec > limitSec || behindSec < -1) return { seekToSec: edgeSec, rate: 1 };
  const step = FASTER.find((each) => behindSec > each.behindSec);
  return { seekToSec: undefined, rate: step?.rate ?? 1 };
}

const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 15_000;

/** How long to wait before asking again; `random` in [0, 1) spreads the viewers of a hall that comes back. */
export function retryInMs(failures: number, random: number): number {
  const straightMs = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.max(0, failures - 1));
  return straightMs * (0.8 + 0.4 * random);
}
