/** One exchange of four timestamps (RFC 5905 §8): asked t1, received t2, answered t3, heard t4; t1 and t4 are ours. */
export interface TimeSample {
  readonly t1: number;
  readonly t2: number;
  readonly t3: number;
  readonly t4: number;
}

interface ClockEstimate {
  /** Hall's clock minus ours. */
  readonly offsetMs: number;
  /** The offset is wrong by half of this at most. */
  readonly roundTripMs: number;
}

/** The sample with the shortest way is the least disturbed; undefined when there is none that makes sense. */
export function bestEstimate(samples: readonly TimeSample[]): ClockEstimate | undefined {
  return samples
    .map(({ t1, t2, t3, t4 }) => ({ offsetMs: (t2 - t1 + (t3 - t4)) / 2, roundTripMs: t4 - t1 - (t3 - t2) }))
    .filter(({ roundTripMs, offsetMs }) => roundTripMs >= -1 && Number.isFinite(offsetMs))
    .reduce<ClockEstimate | undefined>(
      (best, sample) => (best === undefined || sample.roundTripMs < best.roundTripMs ? sample : best),
      undefined,
    );
}
