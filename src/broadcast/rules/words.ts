import { text, type Text } from "../../kernel/text.ts";
import { MINUTE_MS, SECOND_MS, type EpochMs } from "../../kernel/time.ts";
import { civilOf, twoDigits } from "./days.ts";
import type { LocalZone } from "./local-time.ts";
import type { Zone } from "./model.ts";

/** `17:05`, with seconds only where there are some: the same in both languages. */
export function clockText(at: EpochMs, zone: LocalZone): string {
  const ms = zone.msOfDayAt(at);
  const minutes = Math.floor(ms / MINUTE_MS);
  const seconds = Math.floor((ms % MINUTE_MS) / SECOND_MS);
  const shown = `${twoDigits(Math.floor(minutes / 60))}:${twoDigits(minutes % 60)}`;
  return seconds === 0 ? shown : `${shown}:${twoDigits(seconds)}`;
}

/** `24/11/2026`, the same in both languages. */
export function dateText(at: EpochMs, zone: LocalZone): string {
  const { year, month, day } = civilOf(zone.dayOf(at));
  return `${twoDigits(day)}/${twoDigits(month)}/${year}`;
}

export function speakersText(count: number): Text {
  return text(count === 1 ? "1 loudspeaker" : `${count} loudspeakers`, `${count} cụm loa`);
}

/** More names than this tell less than a number. */
const MOST_NAMES = 3;

/** Where: the whole commune, a few hamlets by name, or so many loudspeakers. Takes hamlets only whole. */
export function placeText(
  speakers: readonly string[],
  zones: readonly Zone[],
  hamletName: (hamlet: string) => string,
): Text {
  const count = speakersText(speakers.length);
  const chosen = new Set(speakers);
  if (zones.every(({ speaker }) => chosen.has(speaker))) {
    return text(`the whole commune (${count.en})`, `toàn xã (${count.vi})`);
  }
  const hamlets = new Set(zones.filter(({ speaker }) => chosen.has(speaker)).map(({ hamlet }) => hamlet));
  const whole = zones.filter(({ hamlet }) => hamlets.has(hamlet)).length === chosen.size;
  if (!whole || hamlets.size > MOST_NAMES) return count;
  const names = [...hamlets].map(hamletName).join(", ");
  return text(names, names);
}
