import { Fault } from "../kernel/faults.ts";
import { text, type Text } from "../kernel/text.ts";
import { DAY_MS, epochMs, type EpochMs } from "../kernel/time.ts";
import { LEVEL } from "../speakers/protocol.ts";
import { sayDate } from "./calendar-check.ts";
import type { Gate } from "./bulletins.ts";
import type { CalendarReader, Compiled } from "./calendar-reader.ts";
import { dayNumberOf, localDateOf, twoDigits } from "./rules/days.ts";
import { localZone } from "./rules/local-time.ts";
import type { Candidate, DayWindow, Holiday, TimeWindow, Zone } from "./rules/model.ts";
import { diffViews } from "./rules/preview-diff.ts";
import { quietClashes, quietClashText } from "./rules/quiet-check.ts";
import { reaches } from "./rules/resolve.ts";
import { calendarTimelines, type CalendarView } from "./rules/timelines.ts";

/** The circumstances under which a change is weighed. */
export interface Circumstances {
  readonly reader: CalendarReader;
  readonly now: EpochMs;
  readonly timeZone: string;
  readonly zones: readonly Zone[];
  readonly hamlets: readonly { readonly id: string; readonly name: string }[];
  readonly say: (at: EpochMs) => Text;
  readonly gateOf: (bulletinId: string) => Gate;
}

/** A calendar: its slots and its holidays. */
export interface Version {
  readonly slots: readonly Compiled[];
  readonly holidays: readonly Holiday[];
}

/** Something is found out about a slot only if it happens this soon; two years see every lunar day. */
const LOOK_AHEAD_MS = 740 * DAY_MS;
/** Collisions of priority bulletins are asked about this far ahead. */
const COLLISION_AHEAD_MS = 370 * DAY_MS;

/** Refuses a slot that never sounds, sounds into quiet hours, or collides with a priority bulletin without an order. */
export function mustBeSound(changed: Compiled, after: Version, circumstances: Circumstances): void {
  const { reader, zones, timeZone } = circumstances;
  const { holidays } = after;
  const window = lookingAhead(changed, circumstances.now);
  if (reader.occurrences([changed], window, holidays).length === 0) throw neverSounds(changed);
  const clashes = quietClashes(changed.slot, zones, window, { timeZone, holidays });
  const said = quietClashText(clashes, timeZone);
  if (said !== undefined)
    throw new Fault("invalid", said, {
      field: "startTime",
      hint: quietHint(hoursOf(zones, clashes[0]?.speakers ?? [])),
    });
  if (changed.slot.level !== LEVEL.priority) return;
  const collision = firstCollision(changed, after, circumstances);
  if (collision !== undefined) throw asksForOrder(changed, collision, circumstances);
}

/** From now, or from the first day of a slot that begins later. */
function lookingAhead({ kept }: Compiled, now: EpochMs): TimeWindow {
  // A day to spare: which instant a local day begins at depends on the zone.
  const firstAt = (dayNumberOf(kept.from) - 1) * DAY_MS;
  const from = epochMs(Math.max(now, firstAt));
  return { from, to: epochMs(from + LOOK_AHEAD_MS) };
}

function neverSounds({ kept, bulletin }: Compiled): Fault {
  const once = kept.recurrence.type === "once";
  return new Fault(
    "invalid",
    once
      ? text(
          `${kept.startTime.slice(0, 5)} on ${kept.from} is past.`,
          `Thời điểm ${kept.startTime.slice(0, 5)} ngày ${sayDate(kept.from)} đã qua.`,
        )
      : text(
          `With these rules “${bulletin.title}” would not sound once in the next two years.`,
          `Với quy tắc này, “${bulletin.title}” không phát lần nào trong hai năm tới.`,
        ),
    {
      field: once ? "startTime" : "recurrence",
      hint: text("Choose other days or a later time.", "Hãy chọn ngày khác hoặc giờ muộn hơn."),
    },
  );
}

/** `21:30–05:00`, for each of the quiet hours of these speakers. */
function hoursOf(zones: readonly Zone[], speakers: readonly string[]): string {
  const minute = (at: number): string => `${twoDigits(Math.floor(at / 60))}:${twoDigits(at % 60)}`;
  const said = ({ fromMinute, toMinute }: DayWindow): string => `${minute(fromMinute)}–${minute(toMinute)}`;
  const hours = zones
    .filter(({ speaker }) => speakers.includes(speaker))
    .flatMap(({ quietHours }) => quietHours);
  return [...new Set(hours.map(said))].join(", ");
}

function quietHint(hours: string): Text {
  return text(
    `Choose a time outside the quiet hours ${hours}; only an emergency sounds within them.`,
    `Khung giờ yên tĩnh là ${hours}; hãy chọn giờ khác, chỉ bản tin khẩn cấp được phát trong khung này.`,
  );
}

interface Collision {
  readonly mine: Candidate;
  readonly other: Candidate;
  readonly rival: Compiled;
}

function firstCollision(
  changed: Compiled,
  { slots, holidays }: Version,
  { reader, now, zones }: Circumstances,
): Collision | undefined {
  const rivals = slots.filter(
    ({ slot, kept }) =>
      kept.series !== changed.kept.series &&
      slot.level === LEVEL.priority &&
      (changed.kept.rank === undefined || slot.rank === changed.slot.rank) &&
      zones.some((zone) => reaches(changed.slot.targets, zone) && reaches(slot.targets, zone)),
  );
  const window = { from: now, to: epochMs(now + COLLISION_AHEAD_MS) };
  const mine = rivals.length === 0 ? [] : reader.occurrences([changed], window, holidays);
  for (const rival of rivals) {
    const met = meeting(mine, reader.occurrences([rival], window, holidays));
    if (met !== undefined) return { ...met, rival };
  }
  return undefined;
}

/** The first two that overlap; both lists in order of start. */
function meeting(
  mine: readonly Candidate[],
  theirs: readonly Candidate[],
): { mine: Candidate; other: Candidate } | undefined {
  let index = 0;
  for (const one of mine) {
    while (endOf(theirs[index]) <= one.startAt) index += 1;
    const other = theirs[index];
    if (other !== undefined && other.startAt < endOf(one)) return { mine: one, other };
  }
  return undefined;
}

function endOf(candidate: Candidate | undefined): number {
  return candidate === undefined ? Infinity : candidate.startAt + candidate.durationMs;
}

function asksForOrder(changed: Compiled, { mine, other, rival }: Collision, { say }: Circumstances): Fault {
  const [first, second] = [say(mine.startAt), say(other.startAt)];
  const taken = rival.slot.rank;
  return new Fault(
    "conflict",
    text(
      `“${changed.bulletin.title}” (${first.en}) and “${rival.bulletin.title}” (${second.en}, slot ${rival.kept.id}) are both priority and collide.`,
      `“${changed.bulletin.title}” (${first.vi}) và “${rival.bulletin.title}” (${second.vi}, lịch ${rival.kept.id}) cùng là bản tin ưu tiên và trùng giờ.`,
    ),
    {
      field: "rank",
      hint: text(
        `Choose the order: a rank above ${taken} sounds first, one below ${taken} sounds after; or choose another time.`,
        `Hãy chọn thứ tự: thứ hạng lớn hơn ${taken} thì phát trước, nhỏ hơn ${taken} thì phát sau; hoặc chọn giờ khác.`,
      ),
    },
  );
}

/** A change is told for so many days from the first it concerns. */
const TOLD_DAYS = 7;
/** What happened so long before bears on what sounds now; the resolver asks for no more. */
const LEAD_MS = 34 * DAY_MS;

/**
 * What is heard differently, in words. Speaks of the changed slots as if they were approved, and says so where they
 * are not.
 */
export function sayEffect(
  before: Version,
  after: Version,
  changedIds: ReadonlySet<string>,
  circumstances: Circumstances,
): Text {
  const { reader, now, timeZone, zones, hamlets } = circumstances;
  const zone = localZone(timeZone);
  const isConcerned = ({ kept }: Compiled): boolean =>
    changedIds.has(kept.id) || (before.holidays !== after.holidays && kept.holidays !== "ignore");
  const concerned = (version: Version): Version => ({ ...version, slots: version.slots.filter(isConcerned) });
  const first = firstDifference(concerned(before), concerned(after), circumstances);
  if (first === undefined)
    return text("Times and places stay as they are.", "Giờ phát và nơi phát không thay đổi.");
  const firstDay = zone.dayOf(first);
  const window = {
    from: epochMs(Math.max(now, zone.instantOf(firstDay, 0))),
    to: zone.instantOf(firstDay + TOLD_DAYS, 0),
  };
  const weighed = { from: epochMs(window.from - LEAD_MS), to: epochMs(window.to + DAY_MS) };
  const view = ({ slots, holidays }: Version): CalendarView => {
    const others = slots.filter(({ kept }) => !changedIds.has(kept.id));
    const gates = new Map(others.map(({ slot, bulletin }) => [slot.id, circumstances.gateOf(bulletin.id)]));
    const candidates = reader.occurrences(slots, weighed, holidays).map((candidate) => {
      const barred = gates.get(candidate.slot ?? "")?.(candidate.startAt);
      return barred === undefined ? candidate : { ...candidate, barred };
    });
    return calendarTimelines({ slots: [], unscheduled: candidates, timeZone, holidays }, zones, window);
  };
  const hamletName = (id: string): string => hamlets.find((hamlet) => hamlet.id === id)?.name ?? id;
  const { said } = diffViews(view(before), view(after), { timeZone, zones, hamletName });
  const [fromDate, toDate] = [localDateOf(firstDay), localDateOf(firstDay + TOLD_DAYS - 1)];
  const bar = barOf(
    after.slots.filter(({ kept }) => changedIds.has(kept.id)),
    first,
    circumstances,
  );
  return text(
    `${fromDate} – ${toDate}: ${said.en}${bar === undefined ? "" : ` Not yet: ${bar.en}`}`,
    `${sayDate(fromDate)} – ${sayDate(toDate)}: ${said.vi}${bar === undefined ? "" : ` Hiện chưa phát: ${bar.vi}`}`,
  );
}

function barOf(changed: readonly Compiled[], at: EpochMs, { gateOf }: Circumstances): Text | undefined {
  return changed
    .filter(({ kept }) => kept.closed === undefined)
    .map(({ bulletin }) => gateOf(bulletin.id)(at))
    .find((bar) => bar !== undefined);
}

/** The start of the first occurrence that only one of the two has, or has otherwise. */
function firstDifference(
  before: Version,
  after: Version,
  { reader, now }: Circumstances,
): EpochMs | undefined {
  const window = { from: now, to: epochMs(now + LOOK_AHEAD_MS) };
  const keysOf = ({ slots, holidays }: Version): Map<string, EpochMs> =>
    new Map(
      reader
        .occurrences(slots, window, holidays)
        .map((candidate) => [JSON.stringify({ ...candidate, airing: "" }), candidate.startAt]),
    );
  const [was, is] = [keysOf(before), keysOf(after)];
  const differing = [
    ...[...was].filter(([key]) => !is.has(key)),
    ...[...is].filter(([key]) => !was.has(key)),
  ].map(([, startAt]) => startAt);
  return differing.length === 0 ? undefined : epochMs(Math.min(...differing));
}

/** For who opens a slot that somebody has closed meanwhile. */
export function isClosed({ kept, bulletin }: Compiled, say: (at: EpochMs) => Text): Fault {
  const when = say(kept.closed?.at ?? kept.changed.at);
  return new Fault(
    "conflict",
    text(
      `This slot of “${bulletin.title}” was deleted or replaced by ${kept.changed.name} at ${when.en}.`,
      `Lịch phát này của “${bulletin.title}” đã được ${kept.changed.name} xóa hoặc thay lịch khác lúc ${when.vi}.`,
    ),
    { hint: text("Reload the calendar.", "Hãy tải lại lịch phát.") },
  );
}
