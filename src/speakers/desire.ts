import type { Clock } from "../kernel/clock.ts";
import { MINUTE_MS, SECOND_MS, type UptimeMs } from "../kernel/time.ts";
import type { OrderBook } from "./orders.ts";
import type { Plans } from "./plans.ts";
import type { Order, SpeakerId } from "./protocol.ts";
import type { Registry } from "./registry.ts";
import type { Sending } from "./sending.ts";
import type { Tracks } from "./status.ts";

/** Compares what each speaker reports with what it is to be, and orders the difference. */
export interface Desire {
  /** Its volume. */
  check(speaker: SpeakerId): void;
  /** Every speaker's plan. */
  checkPlans(): void;
}

interface DesireParts {
  readonly clock: Clock;
  readonly registry: Registry;
  readonly book: OrderBook;
  readonly plans: Plans;
  readonly tracks: Tracks;
  readonly sending: Sending;
}

/** A device that can't do what it is told is not told all the time. */
const ASK_AGAIN_AFTER_MS = 10 * MINUTE_MS;
/** A retained plan needs this long at most to be taken over and reported. */
const PLAN_SETTLES_MS = 30 * SECOND_MS;

export function openDesire({ clock, registry, book, plans, tracks, sending }: DesireParts): Desire {
  const asked = new Map<string, { readonly wish: string; readonly at: UptimeMs }>();
  const ask = (speaker: SpeakerId, order: Order, wish: string): void => {
    const key = `${speaker} ${order.kind}`;
    const last = asked.get(key);
    if (last?.wish === wish && clock.uptime() - last.at < ASK_AGAIN_AFTER_MS) return;
    if (book.pendingOf(speaker).some(({ shape }) => shape.kind === order.kind) && last?.wish === wish) return;
    asked.set(key, { wish, at: clock.uptime() });
    sending.send({ type: "speakers", speakers: [speaker] }, order, ASK_AGAIN_AFTER_MS);
  };
  return {
    check: (id) => {
      const state = tracks.stateOf(id);
      const speaker = registry.speakers.find(id);
      if (state === undefined || speaker === undefined || !tracks.isOnline(id)) return;
      if (state.volumePercent === speaker.volumePercent) return;
      ask(id, { kind: "volume", percent: speaker.volumePercent }, `${state.boot}:${speaker.volumePercent}`);
    },
    checkPlans: () => {
      const now = clock.now();
      for (const { speaker, version, issuedAt, expiresAt } of plans.all()) {
        const state = tracks.stateOf(speaker);
        if (state === undefined || !tracks.isOnline(speaker) || state.planVersion === version) continue;
        const settledAt = Math.max(issuedAt, tracks.observed(speaker).since) + PLAN_SETTLES_MS;
        if (now < settledAt || now >= expiresAt) continue;
        sending.publishPlan(speaker);
        ask(speaker, { kind: "plan", version }, String(version));
      }
    },
  };
}
