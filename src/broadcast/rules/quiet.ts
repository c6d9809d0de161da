import { epochMs, MINUTE_MS } from "../../kernel/time.ts";
import type { LocalZone } from "./local-time.ts";
import type { DayWindow, TimeWindow } from "./model.ts";

/**
 * The quiet hours that meet the window, joined where they touch, in order. Each holds from the first time the clock
 * shows its beginning to the last time it shows its end: the hour that comes twice in autumn is quiet throughout.
 */
export function quietWindows(
  quietHours: readonly DayWindow[],
  window: TimeWindow,
  zone: LocalZone,
): TimeWindow[] {
  const found: TimeWindow[] = [];
  const lastDay = zone.dayOf(window.to) + 1;
  for (const { fromMinute, toMinute } of quietHours) {
    if (fromMinute === toMinute) continue;
    const nights = fromMinute > toMinute ? 1 : 0;
    for (let day = zone.dayOf(window.from) - 2; day <= lastDay; day += 1) {
      const from = zone.instantOf(day, fromMinute * MINUTE_MS);
      const to = zone.lastInstantOf(day + nights, toMinute * MINUTE_MS);
      if (from < to && to > window.from && from < window.to) found.push({ from, to });
    }
  }
  return joined(found);
}

/** In order, without overlaps. */
export function joined(windows: readonly TimeWindow[]): TimeWindow[] {
  const inOrder = [...windows].sort((a, b) => a.from - b.from || a.to - b.to);
  const result: TimeWindow[] = [];
  for (const window of inOrder) {
    const before = result.at(-1);
    if (before === undefined || window.from > before.to) result.push(window);
    else result[result.length - 1] = { from: before.from, to: epochMs(Math.max(before.to, window.to)) };
  }
  return result;
}
