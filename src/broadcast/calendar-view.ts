import { Fault } from "../kernel/faults.ts";
import { text, type Text } from "../kernel/text.ts";
import { DAY_MS, epochMs, type EpochMs } from "../kernel/time.ts";
import { silenceCause } from "./rules/explain.ts";
import type { Candidate, Hold, Interval, Stop, Timeline, TimeWindow, Why, Zone } from "./rules/model.ts";
import { reaches } from "./rules/resolve.ts";
import { calendarTimelines } from "./rules/timelines.ts";

/** What bears on the calendar without standing on it. */
export interface OffCalendar {
  /** Live sessions and alerts. */
  readonly unscheduled: readonly Candidate[];
  readonly stops: readonly Stop[];
  readonly holds: readonly Hold[];
}

export interface CalendarViewParts {
  readonly calendar: {
    candidates(window: TimeWindow): readonly Candidate[];
    zones(): readonly Zone[];
  };
  readonly timeZone: string;
  readonly offCalendar: (window: TimeWindow) => OffCalendar;
}

/** One stretch of sound or of silence, with its sentence. */
export interface Stretch {
  readonly airing: string;
  readonly title: string;
  readonly startAt: EpochMs;
  readonly endAt: EpochMs;
  readonly sounds: boolean;
  /** Why it sounds, where that is worth a word; or why it does not. */
  readonly said: Text | undefined;
}

/** Loudspeakers that hear the same. */
export interface Lane {
  readonly hamlets: readonly string[];
  readonly speakers: readonly string[];
  readonly stretches: readonly Stretch[];
}

export interface CalendarPage {
  /** What is planned within the window, in order of start. */
  readonly occurrences: readonly Candidate[];
  /** What comes of it, on whom. */
  readonly lanes: readonly Lane[];
}

const LONGEST_DAYS = 62;
/** The resolver never looks further back than this for what bears on an instant. */
const LEAD_MS = 34 * DAY_MS;

/** The window as the resolver answers it: the same answer that is played. */
export function viewCalendar(
  { calendar, timeZone, offCalendar }: CalendarViewParts,
  window: TimeWindow,
  hamlet: string | undefined,
): CalendarPage {
  mustBeShort(window);
  const zones = zonesOf(calendar.zones(), hamlet);
  const weighed = { from: epochMs(window.from - LEAD_MS), to: epochMs(window.to + DAY_MS) };
  const planned = calendar.candidates(weighed);
  const { unscheduled, stops, holds } = offCalendar(weighed);
  const all = [...planned, ...unscheduled];
  const { timelines } = calendarTimelines(
    { slots: [], unscheduled: all, stops, holds, timeZone, holidays: [] },
    zones,
    window,
  );
  const titles = new Map(all.map(({ airing, title }) => [airing, title]));
  return {
    occurrences: all
      .filter(({ startAt, durationMs }) => startAt < window.to && startAt + durationMs > window.from)
      .filter(({ targets }) => zones.some((zone) => reaches(targets, zone)))
      .sort((a, b) => a.startAt - b.startAt),
    lanes: lanesOf(zones, timelines, (airing) => titles.get(airing) ?? airing),
  };
}

function zonesOf(zones: readonly Zone[], hamlet: string | undefined): readonly Zone[] {
  if (hamlet === undefined) return zones;
  const found = zones.filter((zone) => zone.hamlet === hamlet);
  if (found.length > 0) return found;
  throw new Fault(
    "not-found",
    text(
      `There is no hamlet ${hamlet}, or it has no loudspeaker.`,
      `Không có thôn ${hamlet}, hoặc thôn chưa có cụm loa.`,
    ),
    { field: "hamlet", hint: text("Choose another hamlet.", "Hãy chọn thôn khác.") },
  );
}

function mustBeShort({ from, to }: TimeWindow): void {
  if (from < to && to - from <= LONGEST_DAYS * DAY_MS) return;
  throw new Fault(
    "invalid",
    text(
      `A page of the calendar is at most ${LONGEST_DAYS} days long, and ends after it begins.`,
      `Mỗi trang lịch dài tối đa ${LONGEST_DAYS} ngày và phải kết thúc sau lúc bắt đầu.`,
    ),
    { field: "to", hint: text("Choose a shorter time.", "Hãy chọn khoảng thời gian ngắn hơn.") },
  );
}

function lanesOf(
  zones: readonly Zone[],
  timelines: ReadonlyMap<string, Timeline>,
  titleOf: (airing: string) => string,
): Lane[] {
  const alike = new Map<string, { zones: Zone[]; stretches: Stretch[] }>();
  for (const zone of zones) {
    const stretches = stretchesOf(timelines.get(zone.speaker), titleOf);
    const key = JSON.stringify(stretches);
    const known = alike.get(key);
    if (known === undefined) alike.set(key, { zones: [zone], stretches });
    else known.zones.push(zone);
  }
  return [...alike.values()].map((lane) => ({
    hamlets: [...new Set(lane.zones.map(({ hamlet }) => hamlet))],
    speakers: lane.zones.map(({ speaker }) => speaker),
    stretches: lane.stretches,
  }));
}

function stretchesOf(timeline: Timeline | undefined, titleOf: (airing: string) => string): Stretch[] {
  const sounding = (timeline?.intervals ?? []).map(({ airing, startAt, endAt, why }: Interval) => ({
    ...{ airing, title: titleOf(airing), startAt, endAt, sounds: true },
    said: sayWhy(why, titleOf),
  }));
  const silent = (timeline?.silences ?? []).map(({ airing, startAt, endAt, reason }) => ({
    ...{ airing, title: titleOf(airing), startAt, endAt, sounds: false },
    said: silenceCause(reason, titleOf),
  }));
  return [...sounding, ...silent].sort((a, b) => a.startAt - b.startAt || a.endAt - b.endAt);
}

function sayWhy(why: Why, titleOf: (airing: string) => string): Text | undefined {
  const named = (airings: readonly string[]): string =>
    airings.map((airing) => `“${titleOf(airing)}”`).join(", ");
  switch (why.type) {
    case "alone":
      return undefined;
    case "outranks":
      return text(`takes the place of ${named(why.over)}`, `thay cho ${named(why.over)}`);
    case "waited":
      return text(`waited for ${named(why.after)}`, `chờ ${named(why.after)} phát xong`);
    case "resumes":
      return text(`goes on after ${named(why.after)}`, `phát tiếp sau ${named(why.after)}`);
    case "restarts":
      return text(`begins anew after ${named(why.after)}`, `phát lại từ đầu sau ${named(why.after)}`);
  }
}
