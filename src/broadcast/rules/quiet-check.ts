import { text, type Text } from "../../kernel/text.ts";
import { epochMs, type EpochMs } from "../../kernel/time.ts";
import { expand, type CalendarRules } from "./expand.ts";
import { isEmergency } from "./ladder.ts";
import { localZone } from "./local-time.ts";
import type { Slot, TimeWindow, Zone } from "./model.ts";
import { quietWindows } from "./quiet.ts";
import { reaches } from "./resolve.ts";
import { clockText, dateText, speakersText } from "./words.ts";

/** An occurrence that would sound in quiet hours if it were let. */
export interface QuietClash {
  readonly airing: string;
  readonly startAt: EpochMs;
  /** Where its time first touches quiet hours: `startAt` when it begins inside them. */
  readonly quietAt: EpochMs;
  /** Where they are quiet then. */
  readonly speakers: readonly string[];
}

/** The occurrences within the window whose planned time touches quiet hours somewhere; none for emergencies. */
export function quietClashes(
  slot: Slot,
  zones: readonly Zone[],
  window: TimeWindow,
  rules: CalendarRules,
): QuietClash[] {
  if (isEmergency(slot)) return [];
  const zone = localZone(rules.timeZone);
  const span = { from: epochMs(window.from - slot.durationMs), to: epochMs(window.to + slot.durationMs) };
  const quietPlaces = groupByQuietHours(zones.filter((place) => reaches(slot.targets, place))).map(
    (places) => ({
      speakers: places.map(({ speaker }) => speaker),
      quiet: quietWindows(places[0]?.quietHours ?? [], span, zone),
    }),
  );
  return expand([slot], window, rules).flatMap(({ airing, startAt, durationMs }) => {
    const hits = quietPlaces.flatMap(({ speakers, quiet }) => {
      const hit = quiet.find(({ from, to }) => from < startAt + durationMs && to > startAt);
      return hit === undefined ? [] : [{ speakers, at: Math.max(hit.from, startAt) }];
    });
    if (hits.length === 0) return [];
    const quietAt = epochMs(Math.min(...hits.map(({ at }) => at)));
    return [{ airing, startAt, quietAt, speakers: hits.flatMap(({ speakers }) => speakers) }];
  });
}

/** What saving would do, for the officer to read; undefined when nothing clashes. */
export function quietClashText(clashes: readonly QuietClash[], timeZone: string): Text | undefined {
  const [first] = clashes;
  if (first === undefined) return undefined;
  const zone = localZone(timeZone);
  const time = clockText(first.startAt, zone);
  const date = dateText(first.startAt, zone);
  const where = speakersText(first.speakers.length);
  const others = clashes.length - 1;
  const more = others === 0 ? text("", "") : text(` ${others} more like it.`, ` Còn ${others} lượt như vậy.`);
  if (first.quietAt === first.startAt) {
    return text(
      `It would sound at ${time} on ${date}, on ${where.en}, in the quiet hours.${more.en}`,
      `Sẽ phát lúc ${time} ngày ${date}, ${where.vi}, trong khung giờ yên tĩnh.${more.vi}`,
    );
  }
  const quiet = clockText(first.quietAt, zone);
  return text(
    `It would begin at ${time} on ${date} and run into the quiet hours at ${quiet}, on ${where.en}.${more.en}`,
    `Sẽ phát từ ${time} ngày ${date} và lấn vào khung giờ yên tĩnh từ ${quiet}, ${where.vi}.${more.vi}`,
  );
}

function groupByQuietHours(zones: readonly Zone[]): Zone[][] {
  const groups = new Map<string, Zone[]>();
  for (const zone of zones) {
    const key = JSON.stringify(zone.quietHours);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [zone]);
    else group.push(zone);
  }
  return [...groups.values()];
}
