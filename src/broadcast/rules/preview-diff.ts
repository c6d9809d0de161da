import { text, type Text } from "../../kernel/text.ts";
import type { EpochMs } from "../../kernel/time.ts";
import { compareText } from "./ladder.ts";
import { localZone, type LocalZone } from "./local-time.ts";
import type { Zone } from "./model.ts";
import type { CalendarView } from "./timelines.ts";
import { clockText, dateText, placeText } from "./words.ts";

/** How an airing sounds differently after a change of the calendar, on the speakers where it does so alike. */
export interface AiringChange {
  readonly kind: "added" | "removed" | "moved" | "altered";
  readonly airing: string;
  readonly title: string;
  /** When it will begin to sound; of what is removed, when it would have. */
  readonly at: EpochMs;
  /** Of what is moved: when it would have begun. */
  readonly beforeAt?: EpochMs;
  /** How much of it sounded before, and will: `altered` is the same start with less or more. */
  readonly beforeMs: number;
  readonly afterMs: number;
  readonly speakers: readonly string[];
}

export interface PreviewDiff {
  readonly changes: readonly AiringChange[];
  /** Airings by kind: "+1 lượt phát, −2, đổi giờ 3", and the first changes in words. */
  readonly said: Text;
}

export interface PreviewPlaces {
  readonly timeZone: string;
  readonly zones: readonly Zone[];
  readonly hamletName: (hamlet: string) => string;
}

interface Heard {
  readonly startAt: EpochMs;
  readonly soundMs: number;
}

/** What a change makes different in what is really heard, after the ladder, quiet hours and limits. */
export function diffViews(before: CalendarView, after: CalendarView, places: PreviewPlaces): PreviewDiff {
  const zone = localZone(places.timeZone);
  const titles = new Map(
    [...before.candidates, ...after.candidates].map(({ airing, title }) => [airing, title]),
  );
  const alike = new Map<string, AiringChange & { speakers: string[] }>();
  for (const { speaker } of places.zones) {
    const heardBefore = heardIn(before, speaker);
    const heardAfter = heardIn(after, speaker);
    for (const airing of new Set([...heardBefore.keys(), ...heardAfter.keys()])) {
      const change = compare(heardBefore.get(airing), heardAfter.get(airing));
      if (change === undefined) continue;
      const key = JSON.stringify([airing, change]);
      const known = alike.get(key);
      if (known !== undefined) known.speakers.push(speaker);
      else alike.set(key, { ...change, airing, title: titles.get(airing) ?? airing, speakers: [speaker] });
    }
  }
  const changes = paired([...alike.values()], zone).sort(
    (a, b) => a.at - b.at || compareText(a.airing, b.airing),
  );
  return { changes, said: inWords(changes, zone, places) };
}

function heardIn({ timelines }: CalendarView, speaker: string): Map<string, Heard> {
  const heard = new Map<string, Heard>();
  for (const { airing, startAt, endAt } of timelines.get(speaker)?.intervals ?? []) {
    const known = heard.get(airing);
    heard.set(airing, {
      startAt: known?.startAt ?? startAt,
      soundMs: (known?.soundMs ?? 0) + (endAt - startAt),
    });
  }
  return heard;
}

type Difference = Omit<AiringChange, "airing" | "title" | "speakers">;

function compare(before: Heard | undefined, after: Heard | undefined): Difference | undefined {
  const amounts = { beforeMs: before?.soundMs ?? 0, afterMs: after?.soundMs ?? 0 };
  if (before === undefined) {
    return after === undefined ? undefined : { kind: "added", at: after.startAt, ...amounts };
  }
  if (after === undefined) return { kind: "removed", at: before.startAt, ...amounts };
  const at = after.startAt;
  if (before.startAt !== at) return { kind: "moved", at, beforeAt: before.startAt, ...amounts };
  return before.soundMs === after.soundMs ? undefined : { kind: "altered", at, ...amounts };
}

/**
 * A series that was split has new airings in the place of the old. One removed and one added with the same title, on
 * the same day and the same speakers, are the same to who listens.
 */
function paired(changes: readonly AiringChange[], zone: LocalZone): AiringChange[] {
  const removed = new Map<string, AiringChange[]>();
  const rest: AiringChange[] = [];
  for (const change of changes) {
    if (change.kind !== "removed") continue;
    const key = placeKey(change, zone);
    removed.set(key, [...(removed.get(key) ?? []), change]);
  }
  for (const change of changes) {
    if (change.kind === "removed") continue;
    const was = change.kind === "added" ? removed.get(placeKey(change, zone))?.shift() : undefined;
    if (was === undefined) {
      rest.push(change);
      continue;
    }
    const difference = compare(
      { startAt: was.at, soundMs: was.beforeMs },
      { startAt: change.at, soundMs: change.afterMs },
    );
    if (difference !== undefined) rest.push({ ...change, ...difference });
  }
  return [...rest, ...[...removed.values()].flat()];
}

function placeKey(change: AiringChange, zone: LocalZone): string {
  return JSON.stringify([change.title, zone.dayOf(change.at), change.speakers]);
}

/** So many changes are told one by one; the rest are in the list. */
const MOST_TOLD = 3;

function inWords(changes: readonly AiringChange[], zone: LocalZone, places: PreviewPlaces): Text {
  if (changes.length === 0) return text("Nothing that is heard changes.", "Không có gì thay đổi khi phát.");
  const told = changes.slice(0, MOST_TOLD).map((change) => toldOf(change, zone, places));
  const counts = countsOf(changes);
  const rest = changes.length > MOST_TOLD ? "; …" : ".";
  return text(
    `${counts.en}: ${told.map(({ en }) => en).join("; ")}${rest}`,
    `${counts.vi}: ${told.map(({ vi }) => vi).join("; ")}${rest}`,
  );
}

function countsOf(changes: readonly AiringChange[]): Text {
  const count = (kind: AiringChange["kind"]): number =>
    new Set(changes.filter((change) => change.kind === kind).map(({ airing }) => airing)).size;
  const [added, removed, moved, altered] = [
    count("added"),
    count("removed"),
    count("moved"),
    count("altered"),
  ];
  const parts = [
    ...(added > 0 ? [text(airings("+", added), `+${added} lượt phát`)] : []),
    ...(removed > 0 ? [text(airings("−", removed), `−${removed} lượt phát`)] : []),
    ...(moved > 0 ? [text(`${moved} at another time`, `đổi giờ ${moved}`)] : []),
    ...(altered > 0 ? [text(`${altered} shorter or longer`, `đổi độ dài ${altered}`)] : []),
  ];
  return text(parts.map(({ en }) => en).join(", "), parts.map(({ vi }) => vi).join(", "));
}

function airings(sign: string, count: number): string {
  return `${sign}${count} ${count === 1 ? "airing" : "airings"}`;
}

function toldOf(change: AiringChange, zone: LocalZone, places: PreviewPlaces): Text {
  const where = placeText(change.speakers, places.zones, places.hamletName);
  const { at } = change;
  const time = clockText(at, zone);
  const date = dateText(at, zone);
  switch (change.kind) {
    case "added":
      return text(
        `“${change.title}” will sound at ${time} on ${date}, ${where.en}`,
        `“${change.title}” sẽ phát lúc ${time} ngày ${date}, ${where.vi}`,
      );
    case "removed":
      return text(
        `“${change.title}” will not sound at ${time} on ${date}, ${where.en}`,
        `“${change.title}” sẽ không phát lúc ${time} ngày ${date}, ${where.vi}`,
      );
    case "moved": {
      const before = clockText(change.beforeAt ?? at, zone);
      return text(
        `${where.en} will hear “${change.title}” at ${time} instead of ${before} on ${date}`,
        `${where.vi} sẽ nghe “${change.title}” lúc ${time} thay vì ${before} ngày ${date}`,
      );
    }
    case "altered": {
      const [was, will] = [minutesText(change.beforeMs), minutesText(change.afterMs)];
      return text(
        `“${change.title}” at ${time} on ${date} will sound for ${will.en} instead of ${was.en} min, ${where.en}`,
        `“${change.title}” lúc ${time} ngày ${date} sẽ phát ${will.vi} phút thay vì ${was.vi} phút, ${where.vi}`,
      );
    }
  }
}

/** Minutes with at most one decimal. */
function minutesText(durationMs: number): Text {
  const minutes = String(Math.round(durationMs / 6_000) / 10);
  return text(minutes, minutes.replace(".", ","));
}
