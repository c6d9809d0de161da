import { Gates } from "./gates.ts";
import { LATENESS_LIMIT_MS } from "./ladder.ts";
import type { Timeline } from "./model.ts";
import { runZone, type Contender } from "./zone-run.ts";

/**
 * Contenders that may meet, and no others: whatever happens, all of them are over before the next cluster begins. So
 * without session limits, clusters have no bearing on each other.
 */
export class Cluster {
  readonly contenders: readonly Contender[];
  readonly startAt: number;
  readonly endAt: number;
  private alone: Timeline | undefined;

  constructor(contenders: readonly Contender[], startAt: number, endAt: number) {
    this.contenders = contenders;
    this.startAt = startAt;
    this.endAt = endAt;
  }

  /** Where no gate is shut meanwhile it goes the same way on every speaker: it is played through once for all. */
  playThrough(gates: Gates): Timeline {
    if (!gates.isOpenUntil(this.endAt, this.contenders)) return runZone(this.contenders, gates);
    this.alone ??= runZone(this.contenders, new Gates());
    return this.alone;
  }
}

/** `contenders` in order of start; so are the clusters. */
export function clustersOf(contenders: readonly Contender[]): Cluster[] {
  const clusters: Cluster[] = [];
  let first = 0;
  let endAt = -Infinity;
  for (const [index, { candidate, whole }] of contenders.entries()) {
    if (candidate.startAt >= endAt && index > first) {
      clusters.push(clusterOf(contenders.slice(first, index), endAt));
      first = index;
    }
    const latest = candidate.byClock === true ? whole.endAt : whole.endAt + LATENESS_LIMIT_MS;
    endAt = Math.max(endAt, latest);
  }
  if (first < contenders.length) clusters.push(clusterOf(contenders.slice(first), endAt));
  return clusters;
}

function clusterOf(contenders: readonly Contender[], endAt: number): Cluster {
  return new Cluster(contenders, contenders[0]?.candidate.startAt ?? endAt, endAt);
}
