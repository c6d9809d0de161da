import { epochMs, type EpochMs } from "../../kernel/time.ts";
import { compareOnLadder, compareText, LATENESS_LIMIT_MS } from "./ladder.ts";
import { localZone, type LocalZone } from "./local-time.ts";
import { joined, quietWindows } from "./quiet.ts";
import type { Candidate, Hold, Stop, Targets, Timeline, TimeWindow, Zone } from "./model.ts";
import { newContender, runZone, type Contender, type ZoneRules } from "./zone-run.ts";

export interface ResolveRules {
  /** IANA name. */
  readonly timeZone: string;
  readonly stops?: readonly Stop[];
  readonly holds?: readonly Hold[];
}

/**
 * What each speaker sounds, interval by interval, and why the rest is silent. The one place that decides; the order of
 * candidates and zones does not matter. Returns, whole, the intervals and silences that meet the window.
 *
 * Candidates that begin before the window bear on it, as do those that begin soon after: `calendarTimelines` in
 * `timelines.ts` gathers them so that an instant's answer does not hang on where the window lies.
 */
export function resolve(
  candidates: readonly Candidate[],
  zones: readonly Zone[],
  window: TimeWindow,
  rules: ResolveRules,
): Map<string, Timeline> {
  const field = prepare(candidates, window, rules);
  const timelines = new Map<string, Timeline>();
  const alike = new Map<string, Timeline>();
  for (const zone of zones) {
    const rulesKey = JSON.stringify([zone.quietHours, zone.caps]);
    const key = [rulesKey, ...field.reach.map((targets) => (reaches(targets, zone) ? "1" : "0"))].join("");
    let timeline = alike.get(key);
    if (timeline === undefined) {
      timeline = resolveZone(field, zone, rulesKey);
      alike.set(key, timeline);
    }
    timelines.set(zone.speaker, timeline);
  }
  return timelines;
}

/** Whether something with these targets is meant for this speaker. Left out: everywhere. */
export function reaches(targets: Targets | undefined, { speaker, hamlet }: Zone): boolean {
  if (targets === undefined || targets.type === "everywhere") return true;
  return targets.hamlets.includes(hamlet) || targets.speakers.includes(speaker);
}

/** What all zones share. */
interface Field {
  readonly window: TimeWindow;
  /** From the first candidate to where the last can still have an effect. */
  readonly span: TimeWindow;
  readonly zone: LocalZone;
  /** In order of start. */
  readonly contenders: readonly Contender[];
  /** The different targets; `reachOf` says which of them a contender has. */
  readonly reach: readonly Targets[];
  readonly reachOf: readonly number[];
  readonly stops: readonly Stop[];
  readonly holds: readonly Hold[];
  readonly quiet: Map<string, TimeWindow[]>;
}

function prepare(candidates: readonly Candidate[], window: TimeWindow, rules: ResolveRules): Field {
  const contenders = [...candidates]
    .sort(compareOnLadder)
    .map(newContender)
    .sort((a, b) => a.candidate.startAt - b.candidate.startAt || a.place - b.place);
  const stops = [...(rules.stops ?? [])].sort(
    (a, b) => a.at - b.at || compareText(a.airing ?? "", b.airing ?? ""),
  );
  const holds = rules.holds ?? [];
  const targets = new TargetIndex();
  const reachOf = contenders.map(({ candidate }) => targets.indexOf(candidate.targets));
  for (const { targets: some } of [...stops, ...holds]) if (some !== undefined) targets.indexOf(some);
  return {
    window,
    span: spanOf(contenders),
    zone: localZone(rules.timeZone),
    contenders,
    reach: targets.all,
    reachOf,
    stops,
    holds,
    quiet: new Map(),
  };
}

function spanOf(contenders: readonly Contender[]): TimeWindow {
  const from = contenders[0]?.candidate.startAt ?? epochMs(0);
  const lastEnd = contenders.reduce<number>((latest, { whole }) => Math.max(latest, whole.endAt), from);
  return { from, to: epochMs(lastEnd + LATENESS_LIMIT_MS) };
}

function resolveZone(field: Field, zone: Zone, rulesKey: string): Timeline {
  const isReached = field.reach.map((targets) => reaches(targets, zone));
  const contenders = field.contenders.filter((_, index) => isReached[field.reachOf[index] ?? 0]);
  let quiet = field.quiet.get(rulesKey);
  if (quiet === undefined) {
    quiet = quietWindows(zone.quietHours, field.span, field.zone);
    field.quiet.set(rulesKey, quiet);
  }
  const rules: ZoneRules = {
    quiet,
    caps: zone.caps,
    zone: field.zone,
    stops: stopsFor(zone, field),
    holds: joined(
      field.holds
        .filter(({ targets, from, until }) => reaches(targets, zone) && from < until)
        .map(({ from, until }) => ({ from, to: until })),
    ),
  };
  const { intervals, silences } = runZone(contenders, rules);
  return { intervals: meeting(intervals, field.window), silences: meeting(silences, field.window) };
}

function meeting<T extends { startAt: EpochMs; endAt: EpochMs }>(
  stretches: readonly T[],
  { from, to }: TimeWindow,
): readonly T[] {
  return stretches.filter(({ startAt, endAt }) => startAt < to && endAt > from);
}

/** Each hold begins with a stop. Holds that overlap are joined into one, so the stops are made before. */
function stopsFor(zone: Zone, { stops, holds }: Field): Stop[] {
  const beginnings = holds
    .filter(({ from, until }) => from < until)
    .map(({ from, until: _until, ...where }): Stop => ({ at: from, ...where }));
  return [...stops, ...beginnings]
    .filter(({ targets }) => reaches(targets, zone))
    .sort((a, b) => a.at - b.at);
}

/** Gives each different `Targets` a number; slots share theirs by reference, so most are found without reading them. */
class TargetIndex {
  readonly all: Targets[] = [];
  private readonly byReference = new Map<Targets, number>();
  private readonly byContent = new Map<string, number>();

  indexOf(targets: Targets): number {
    let index = this.byReference.get(targets);
    if (index !== undefined) return index;
    const content = targets.type === "everywhere" ? "" : JSON.stringify([targets.hamlets, targets.speakers]);
    index = this.byContent.get(content);
    if (index === undefined) {
      index = this.all.push(targets) - 1;
      this.byContent.set(content, index);
    }
    this.byReference.set(targets, index);
    return index;
  }
}
