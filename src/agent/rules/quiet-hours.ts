import { DAY_MS, MINUTE_MS } from "../../kernel/time.ts";

/** Minutes after local midnight, half-open; `fromMinute` > `toMinute` crosses midnight; equal means none. */
export interface QuietWindow {
  readonly fromMinute: number;
  readonly toMinute: number;
}

export interface QuietRule {
  /** IANA name. */
  readonly timeZone: string;
  readonly windows: readonly QuietWindow[];
}

/** What holds for a speaker that never received a plan: the usual night of a Vietnamese commune. */
export const DEFAULT_QUIET_RULE: QuietRule = {
  timeZone: "Asia/Ho_Chi_Minh",
  windows: [{ fromMinute: 21 * 60 + 30, toMinute: 5 * 60 }],
};

/** Quiet stretches of an instant's surroundings: until when it is quiet, or when it will be. */
export interface Quiet {
  /** End of the quiet stretch that holds now; undefined when sound is allowed. */
  readonly until: number | undefined;
  /** Start of the next quiet stretch within a day; undefined when there is none. */
  readonly nextAt: number | undefined;
}

const DAY_MINUTES = 24 * 60;

export function quietAt(rule: QuietRule, now: number): Quiet {
  if (rule.windows.every(isEmpty)) return { until: undefined, nextAt: undefined };
  const quietNow = isQuietMinute(rule, localMinute(rule.timeZone, now));
  const change = nextChange(rule, now, quietNow);
  return quietNow
    ? { until: change ?? now + DAY_MS, nextAt: undefined }
    : { until: undefined, nextAt: change };
}

function isEmpty({ fromMinute, toMinute }: QuietWindow): boolean {
  return fromMinute === toMinute;
}

function isQuietMinute(rule: QuietRule, minute: number): boolean {
  return rule.windows.some(({ fromMinute, toMinute }) =>
    fromMinute <= toMinute
      ? minute >= fromMinute && minute < toMinute
      : minute >= fromMinute || minute < toMinute,
  );
}

/**
 * Hops from window edge to window edge, but never across a quarter of an hour: zones shift at quarters only, so that
 * between two of them local minutes run evenly and no edge is jumped over.
 */
function nextChange(rule: QuietRule, now: number, quietNow: boolean): number | undefined {
  const edges = rule.windows.flatMap(({ fromMinute, toMinute }) => [fromMinute, toMinute]);
  let at = now - (now % MINUTE_MS);
  while (at <= now + DAY_MS) {
    const minute = localMinute(rule.timeZone, at);
    const toEdges = edges.map((edge) => ((edge - minute + DAY_MINUTES - 1) % DAY_MINUTES) + 1);
    const toQuarter = 15 - ((at / MINUTE_MS) % 15);
    at += Math.min(toQuarter, ...toEdges) * MINUTE_MS;
    if (isQuietMinute(rule, localMinute(rule.timeZone, at)) !== quietNow) return at;
  }
  return undefined;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function localMinute(timeZone: string, at: number): number {
  let format = formats.get(timeZone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat("en-GB", {
      timeZone,
      hour: "2-digit",
      minute: "2-digit",
      hourCycle: "h23",
    });
    formats.set(timeZone, format);
  }
  const [hour, minute] = format.format(at).split(":");
  return Number(hour) * 60 + Number(minute);
}
