import { cutOff, endAt, resumed, startAt, type Standing } from "./airing.ts";
import { quietAt, type QuietRule } from "./quiet-hours.ts";

/** From this level up quiet hours do not hold (protocol: commune emergency). */
const EMERGENCY_LEVEL = 850;

/** What keeps airings silent whatever their place on the ladder. */
export interface Bars {
  /** Nothing at all sounds before this instant. */
  readonly holdUntil: number;
  readonly quiet: QuietRule;
}

type Barrier = "held" | "quiet-hours" | "file-missing";

export interface Decision {
  /** The one airing that sounds now. */
  readonly sounding: Standing | undefined;
  /** Airings whose time is over, or that can't sound any more; each is final. */
  readonly ended: readonly { readonly airing: string; readonly why: "over" | "preempted" | Barrier }[];
  /** Due, and cut off or kept off by something higher: how they wait. */
  readonly waiting: readonly Standing[];
  /** Due and barred. */
  readonly barred: readonly { readonly airing: string; readonly by: Barrier }[];
  /** The next instant at which the decision may change by itself. */
  readonly nextAt: number | undefined;
}

/**
 * What a speaker sounds at an instant: the highest due airing that nothing bars. Among equals the one that began
 * earlier stays. Pure, so it is also asked about instants to come.
 */
export function decide(standings: readonly Standing[], bars: Bars, now: number): Decision {
  const quiet = quietAt(bars.quiet, now);
  const isOver = (standing: Standing): boolean => endAt(standing) <= now;
  const over = standings.filter(isOver);
  const due = standings.filter((standing) => !isOver(standing) && startAt(standing) <= now);
  const barrierOf = (standing: Standing): { by: Barrier; until: number } | undefined => {
    if (bars.holdUntil > now) return { by: "held", until: bars.holdUntil };
    if (quiet.until !== undefined && standing.spec.level < EMERGENCY_LEVEL)
      return { by: "quiet-hours", until: quiet.until };
    // Its place is not kept: what can sound must not wait for what can't.
    return standing.playable ? undefined : { by: "file-missing", until: now };
  };
  const barred = due.flatMap((standing) => {
    const barrier = barrierOf(standing);
    return barrier === undefined ? [] : [{ standing, ...barrier }];
  });
  // A hold may be lifted any moment; the night can't.
  const hopeless = barred.filter(
    ({ standing, by, until }) => by === "quiet-hours" && until >= endAt(standing),
  );
  const [sounding, ...outranked] = due.filter((standing) => barrierOf(standing) === undefined).sort(byRank);
  const cut = outranked.map((standing) => ({ standing, as: cutOff(standing, now) }));
  return {
    sounding,
    ended: [
      ...over.map(({ spec }) => ({ airing: spec.airing, why: "over" as const })),
      ...hopeless.map(({ standing, by }) => ({ airing: standing.spec.airing, why: by })),
      ...cut
        .filter(({ as }) => as === "dropped")
        .map(({ standing }) => ({ airing: standing.spec.airing, why: "preempted" as const })),
    ],
    waiting: cut.flatMap(({ as }) => (as === "dropped" ? [] : [as])),
    barred: barred
      .filter((entry) => !hopeless.includes(entry))
      .map(({ standing, by }) => ({ airing: standing.spec.airing, by })),
    nextAt: earliest(now, [
      ...standings.flatMap((standing) => [startAt(standing), endAt(standing)]),
      bars.holdUntil,
      quiet.until,
      quiet.nextAt,
    ]),
  };
}

function byRank(a: Standing, b: Standing): number {
  return (
    b.spec.level - a.spec.level ||
    Number(b.begun) - Number(a.begun) ||
    a.spec.at - b.spec.at ||
    (a.spec.airing < b.spec.airing ? -1 : 1)
  );
}

function earliest(after: number, instants: readonly (number | undefined)[]): number | undefined {
  const later = instants.filter((instant): instant is number => instant !== undefined && instant > after);
  return later.length === 0 ? undefined : later.reduce((a, b) => Math.min(a, b));
}

interface Forecast {
  /** When what sounds now stops sounding; undefined when not within the horizon. */
  readonly changesAt: number | undefined;
  /** What will sound within the horizon and does not sound now, with the instant it begins or goes on. */
  readonly coming: readonly { readonly standing: Standing; readonly at: number }[];
}

/** How many changes ahead are looked at. */
const CHANGES_AHEAD = 8;

/** What `decide` will say until `horizonAt`, if nothing new comes in. */
export function forecast(
  standings: readonly Standing[],
  bars: Bars,
  span: { readonly from: Decision; readonly horizonAt: number },
): Forecast {
  const current = span.from.sounding?.spec.airing;
  const seen = new Set([current]);
  const coming: { standing: Standing; at: number }[] = [];
  let changesAt: number | undefined;
  let remaining = after(standings, span.from, undefined);
  let at = span.from.nextAt;
  for (let change = 0; change < CHANGES_AHEAD && at !== undefined && at <= span.horizonAt; change += 1) {
    const next = decide(remaining, bars, at);
    const airing = next.sounding?.spec.airing;
    if (airing !== current) changesAt ??= at;
    if (next.sounding !== undefined && !seen.has(airing)) coming.push({ standing: next.sounding, at });
    seen.add(airing);
    remaining = after(remaining, next, at);
    at = next.nextAt;
  }
  return { changesAt, coming };
}

/** How airings stand once a decision has been carried out. */
function after(standings: readonly Standing[], decision: Decision, at: number | undefined): Standing[] {
  const ended = new Set(decision.ended.map(({ airing }) => airing));
  const waiting = new Map(decision.waiting.map((standing) => [standing.spec.airing, standing]));
  return standings
    .filter(({ spec }) => !ended.has(spec.airing))
    .map((standing) => {
      const { airing } = standing.spec;
      if (airing === decision.sounding?.spec.airing && at !== undefined) return resumed(standing, at);
      return waiting.get(airing) ?? standing;
    });
}
