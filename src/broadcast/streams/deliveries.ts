import type { EpochMs } from "../../kernel/time.ts";
import type { Listener } from "./listener.ts";

/** What one speaker was sent of one airing: proof of delivery, not of sound. */
export interface Delivery {
  readonly startedAt: EpochMs;
  readonly deliveredMs: number;
}

interface Entry {
  readonly startedAt: EpochMs;
  sentMs: number;
  listener: Listener | undefined;
}

/** Airings are asked for when they end; the oldest go when a daemon runs for months. */
const KEPT_AIRINGS = 500;

/** More than any burst: who has this much underway is not playing. */
const STALLED_MS = 4_000;

/** Counts sound delivered per airing and speaker, across reconnections. */
export class Deliveries {
  private readonly airings = new Map<string, Map<string, Entry>>();

  add(airing: string, listener: Listener, durationMs: number, now: EpochMs): void {
    const speakers = this.speakersOf(airing);
    const entry = speakers.get(listener.speaker) ?? { startedAt: now, sentMs: 0, listener };
    speakers.set(listener.speaker, entry);
    entry.listener = listener;
    entry.sentMs += durationMs;
  }

  knows(airing: string, speaker: string): boolean {
    return this.airings.get(airing)?.has(speaker) ?? false;
  }

  /** The listener leaves the airing. With the connection `lost`, or long stalled, what had not arrived never will. */
  settle(airing: string, listener: Listener, lost: boolean): void {
    const entry = this.airings.get(airing)?.get(listener.speaker);
    if (entry?.listener !== listener) return;
    const { unsentMs } = listener;
    if (lost || unsentMs > STALLED_MS) entry.sentMs = Math.max(0, entry.sentMs - unsentMs);
    entry.listener = undefined;
  }

  of(airing: string): Map<string, Delivery> {
    const result = new Map<string, Delivery>();
    for (const [speaker, { startedAt, sentMs, listener }] of this.airings.get(airing) ?? []) {
      result.set(speaker, { startedAt, deliveredMs: Math.max(0, sentMs - (listener?.unsentMs ?? 0)) });
    }
    return result;
  }

  private speakersOf(airing: string): Map<string, Entry> {
    const known = this.airings.get(airing);
    if (known !== undefined) return known;
    const fresh = new Map<string, Entry>();
    this.airings.set(airing, fresh);
    const [oldest] = this.airings.keys();
    if (this.airings.size > KEPT_AIRINGS && oldest !== undefined) this.airings.delete(oldest);
    return fresh;
  }
}
