import type { Clock } from "../kernel/clock.ts";
import { SECOND_MS, type UptimeMs } from "../kernel/time.ts";
import type { OrderBook, OrderOutcome, SentOrder } from "./orders.ts";
import type { Plans } from "./plans.ts";
import { scopeOf, topic, type HamletId, type Order, type SpeakerId } from "./protocol.ts";
import type { Registry } from "./registry.ts";
import { resendAfterMs } from "./rules/resend.ts";
import type { Tracks } from "./status.ts";
import type { Speaker } from "./store.ts";
import { ticketOf, type OrderTicket } from "./ticket.ts";
import type { OutgoingMessage } from "./wire.ts";

export type OrderTarget =
  | { readonly type: "all" }
  | { readonly type: "hamlets"; readonly hamlets: readonly HamletId[] }
  | { readonly type: "speakers"; readonly speakers: readonly SpeakerId[] };

/** Puts orders and plans on the wire, and again where they were not acknowledged. */
export interface Sending {
  send(to: OrderTarget, order: Order, ttlMs: number): OrderTicket;
  /** The speaker is there (again): what it has not answered goes to it at once. */
  catchUp(speaker: SpeakerId): void;
  /** Sends again what is due and drops what is past its time. */
  repeat(): void;
  publishPlan(speaker: SpeakerId): void;
  /** What an in-memory broker has forgotten: plans, and stops that still hold. */
  restoreRetained(): void;
  forget(speaker: SpeakerId): void;
}

interface SendingParts {
  readonly clock: Clock;
  readonly registry: Registry;
  readonly book: OrderBook;
  readonly plans: Plans;
  readonly tracks: Tracks;
  /** The message is made at the last moment; undefined when it has become pointless. */
  readonly put: (make: () => OutgoingMessage | undefined) => void;
}

/** What one speaker was sent of one order. */
interface Sent {
  readonly times: number;
  readonly lastAt: UptimeMs;
}

/** A speaker that tells its state right after an order came is not sent the order again for that. */
const CATCH_UP_AFTER_MS = SECOND_MS;

export function openSending({ clock, registry, book, plans, tracks, put }: SendingParts): Sending {
  const sendings = new WeakMap<SentOrder, Map<SpeakerId, Sent>>();
  const retained = new Map<string, SentOrder>(
    book.lastingStops(clock.now()).map((order) => [order.scope, order]),
  );

  const note = (order: SentOrder, speaker: SpeakerId): void => {
    const bySpeaker = sendings.get(order) ?? new Map<SpeakerId, Sent>();
    sendings.set(order, bySpeaker);
    bySpeaker.set(speaker, { times: (bySpeaker.get(speaker)?.times ?? 0) + 1, lastAt: clock.uptime() });
  };
  const sinceSentMs = (order: SentOrder, speaker: SpeakerId): number => {
    const sent = sendings.get(order)?.get(speaker);
    return sent === undefined ? Infinity : clock.uptime() - sent.lastAt;
  };
  const toOne = (order: SentOrder, speaker: SpeakerId): void => {
    note(order, speaker);
    put(() => ({ topic: topic.order(speaker), payload: order.envelope, qos: 1, retain: false }));
  };
  const publish = (order: SentOrder): void => {
    for (const speaker of order.outcomes.keys()) note(order, speaker);
    const retain = order.shape.kind === "stop" && order.shape.airing === undefined;
    if (retain) retained.set(order.scope, order);
    put(() =>
      book.isStored(order)
        ? { topic: topicOf(order.scope), payload: order.envelope, qos: 1, retain }
        : undefined,
    );
  };
  const issue = (scope: string, order: Order, to: readonly Speaker[], ttlMs: number): SentOrder[] => {
    if (to.length === 0) return [];
    const sent = book.issue(
      scope,
      order,
      to.map((speaker) => speaker.id),
      ttlMs,
    );
    publish(sent);
    return [sent];
  };
  const publishPlan = (speaker: SpeakerId): void =>
    put(() => {
      const plan = plans.get(speaker);
      return plan && { topic: topic.plan(speaker), payload: plan.envelope, qos: 1, retain: true };
    });

  return {
    send: (to, order, ttlMs) => {
      const meant = targetsOf(registry, to);
      const able = meant.filter((speaker) => registry.speakers.profileOf(speaker).takesOrders);
      const unable = meant.filter((speaker) => !able.includes(speaker));
      const fixed = new Map<SpeakerId, OrderOutcome>(unable.map((speaker) => [speaker.id, "unsupported"]));
      return ticketOf(
        scopesFor(registry, to, able).flatMap(([scope, speakers]) => issue(scope, order, speakers, ttlMs)),
        fixed,
      );
    },
    catchUp: (speaker) => {
      for (const order of book.pendingOf(speaker)) {
        if (sinceSentMs(order, speaker) >= CATCH_UP_AFTER_MS) toOne(order, speaker);
      }
    },
    repeat: () => {
      const now = clock.now();
      book.expire(now);
      for (const [scope, stop] of retained) {
        if (stop.expiresAt > now) continue;
        retained.delete(scope);
        put(() => ({ topic: topicOf(scope), payload: "", qos: 1, retain: true }));
      }
      for (const order of book.pending()) {
        for (const [speaker, outcome] of order.outcomes) {
          if (outcome !== "pending" || !tracks.isOnline(speaker)) continue;
          const times = sendings.get(order)?.get(speaker)?.times ?? 0;
          if (sinceSentMs(order, speaker) >= resendAfterMs(times)) toOne(order, speaker);
        }
      }
    },
    publishPlan,
    restoreRetained: () => {
      for (const { speaker } of plans.all()) publishPlan(speaker);
      for (const order of retained.values()) publish(order);
    },
    forget: (speaker) => {
      book.forget(speaker);
      plans.forget(speaker);
      // An empty retained message makes the broker forget.
      put(() => ({ topic: topic.plan(speaker), payload: "", qos: 1, retain: true }));
    },
  };
}

function targetsOf(registry: Registry, to: OrderTarget): Speaker[] {
  if (to.type === "speakers") return [...new Set(to.speakers)].map((id) => registry.speakers.get(id));
  const all = registry.speakers.all();
  return to.type === "all" ? all : all.filter((speaker) => to.hamlets.includes(speaker.hamlet));
}

/**
 * One order for all, or for a hamlet, where that reaches exactly who is meant; else one each. A device obeys the hamlet
 * it was provisioned with, so one that was moved since would miss the orders of its new hamlet and hear those of its old.
 */
function scopesFor(registry: Registry, to: OrderTarget, speakers: readonly Speaker[]): [string, Speaker[]][] {
  if (to.type === "all") return [[scopeOf.all, [...speakers]]];
  const strayed = new Set(
    registry.speakers
      .all()
      .filter(({ hamlet, provisionedHamlet }) => hamlet !== provisionedHamlet)
      .flatMap(({ hamlet, provisionedHamlet }) => [hamlet, provisionedHamlet]),
  );
  const isGrouped = ({ hamlet }: Speaker): boolean => to.type === "hamlets" && !strayed.has(hamlet);
  const byHamlet = Map.groupBy(speakers.filter(isGrouped), (speaker) => speaker.hamlet);
  return [
    ...[...byHamlet].map(([hamlet, members]): [string, Speaker[]] => [scopeOf.hamlet(hamlet), members]),
    ...speakers
      .filter((speaker) => !isGrouped(speaker))
      .map((speaker): [string, Speaker[]] => [scopeOf.speaker(speaker.id), [speaker]]),
  ];
}

function topicOf(scope: string): string {
  const [type, id = ""] = scope.split("/");
  if (type === "all") return topic.allOrder;
  return type === "hamlet" ? topic.hamletOrder(id as HamletId) : topic.order(id as SpeakerId);
}
