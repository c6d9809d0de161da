import { epochMs } from "../../kernel/time.ts";
import { hasLimits, SessionLedger } from "./caps.ts";
import { clustersOf, type Cluster } from "./clusters.ts";
import { Gates } from "./gates.ts";
import { compareOnLadder, compareText, LATENESS_LIMIT_MS } from "./ladder.ts";
import { localZone, type LocalZone } from "./local-time.ts";
import { joined, quietWindows } from "./quiet.ts";
import type {
  Candidate,
  Hold,
  Interval,
  Silence,
  Stop,
  Targets,
  Timeline,
  TimeWindow,
  Zone,
} from "./model.ts";
import { newContender, runZone, type Contender } from "./zone-run.ts";

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
  const field = prepare(candidates, rules);
  const timelines = new Map<string, Timeline>();
  const alike = new Map<string, Timeline>();
  for (const zone of zones) {
    const reached = field.targets.reachedBy(zone);
    const key = JSON.stringify([zone.quietHours, zone.caps, reached]);
    let timeline = alike.get(key);
    if (timeline === undefined) {
      timeline = resolveZone(field, zone, { reached, window });
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
  /** From the first candidate to where the last can still have an effect. */
  readonly span: TimeWindow;
  readonly zone: LocalZone;
  /** In order of start; `targetsOf` has the index of each one's targets. */
  readonly contenders: readonly Contender[];
  readonly targetsOf: readonly number[];
  readonly targets: TargetIndex;
  readonly stops: readonly Stop[];
  readonly holds: readonly Hold[];
  /** By what a zone is reached by: the same for all zones that are meant alike. */
  readonly agendas: Map<string, Agenda>;
}

interface Agenda {
  readonly contenders: readonly Contender[];
  readonly clusters: readonly Cluster[];
}

function prepare(candidates: readonly Candidate[], rules: ResolveRules): Field {
  const contenders = [...candidates]
    .sort(compareOnLadder)
    .map(newContender)
    .sort((a, b) => a.candidate.startAt - b.candidate.startAt || a.place - b.place);
  const holds = (rules.holds ?? []).filter(({ from, until }) => from < until);
  const stops = [...(rules.stops ?? []), ...holds.map(stopOf)].sort(
    (a, b) => a.at - b.at || compareText(a.airing ?? "", b.airing ?? ""),
  );
  const targets = new TargetIndex();
  const targetsOf = contenders.map(({ candidate }) => targets.indexOf(candidate.targets));
  for (const { targets: some } of [...stops, ...holds]) if (some !== undefined) targets.indexOf(some);
  const zone = localZone(rules.timeZone);
  return { span: spanOf(contenders), zone, contenders, targetsOf, targets, stops, holds, agendas: new Map() };
}

/** Each hold begins with a stop. Holds that overlap are joined into one later, their stops stay. */
function stopOf({ from, until: _until, ...where }: Hold): Stop {
  return { at: from, ...where };
}

function spanOf(contenders: readonly Contender[]): TimeWindow {
  const from = contenders[0]?.candidate.startAt ?? epochMs(0);
  const lastEnd = contenders.reduce<number>((latest, { whole }) => Math.max(latest, whole.endAt), from);
  return { from, to: epochMs(lastEnd + LATENESS_LIMIT_MS) };
}

function resolveZone(
  field: Field,
  zone: Zone,
  { reached, window }: { readonly reached: string; readonly window: TimeWindow },
): Timeline {
  const gates = new Gates({
    quiet: quietWindows(zone.quietHours, field.span, field.zone),
    stops: field.stops.filter(({ targets }) => reaches(targets, zone)),
    holds: joined(
      field.holds
        .filter(({ targets }) => reaches(targets, zone))
        .map(({ from, until }) => ({ from, to: until })),
    ),
  });
  const { contenders, clusters } = agendaOf(field, reached);
  if (hasLimits(zone.caps)) {
    return meeting(runZone(contenders, gates, new SessionLedger(zone.caps, field.zone)), window);
  }
  const intervals: Interval[] = [];
  const silences: Silence[] = [];
  for (const cluster of clusters) {
    if (cluster.startAt >= window.to || cluster.endAt <= window.from) continue;
    gates.moveTo(epochMs(cluster.startAt));
    const timeline = cluster.playThrough(gates);
    const inside = cluster.startAt >= window.from && cluster.endAt <= window.to;
    const part = inside ? timeline : meeting(timeline, window);
    intervals.push(...part.intervals);
    silences.push(...part.silences);
  }
  return { intervals, silences };
}

function agendaOf(field: Field, reached: string): Agenda {
  let agenda = field.agendas.get(reached);
  if (agenda === undefined) {
    const contenders = field.contenders.filter((_, index) => reached[field.targetsOf[index] ?? 0] === "1");
    agenda = { contenders, clusters: clustersOf(contenders) };
    field.agendas.set(reached, agenda);
  }
  return agenda;
}

function meeting({ intervals, silences }: Timeline, { from, to }: TimeWindow): Timeline {
  const meets = ({ startAt, endAt }: Interval | Silence): boolean => startAt < to && endAt > from;
  return { intervals: intervals.filter(meets), silences: silences.filter(meets) };
}

/** Gives each different `Targets` a number; slots share theirs by reference, so most are found without reading them. */
class TargetIndex {
  private readonly all: Targets[] = [];
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

  /** A digit for each, in order: whether it means this zone. */
  reachedBy(zone: Zone): string {
    return this.all.map((targets) => (reaches(targets, zone) ? "1" : "0")).join("");
  }
}
