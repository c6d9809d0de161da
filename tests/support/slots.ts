import type { Slot } from "../../src/broadcast/rules/model.ts";
import { MINUTE_MS } from "../../src/kernel/time.ts";

/** A daily ten minutes at 17:00 for everyone, unless said otherwise. */
export function slot(change: Partial<Slot> = {}): Slot {
  return {
    id: "news",
    title: "Bản tin",
    level: 400,
    durationMs: 10 * MINUTE_MS,
    startTime: "17:00:00",
    recurrence: { type: "daily" },
    from: "2026-01-01",
    seasons: [],
    holidays: "ignore",
    exceptions: [],
    targets: { type: "everywhere" },
    afterPreempt: "resume",
    rank: 0,
    ...change,
  };
}
