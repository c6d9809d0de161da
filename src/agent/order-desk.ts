import type { KeyObject } from "node:crypto";
import { Fault } from "../kernel/faults.ts";
import type { Log } from "../kernel/log.ts";
import type { Database } from "../store/database.ts";
import {
  SignedOrder,
  SignedPlan,
  type Ack,
  type AudioPart,
  type Order,
  type PlayOrder,
  type QuietHours,
} from "../speakers/protocol.ts";
import type { Book } from "./book.ts";
import { openEnvelope } from "./envelope.ts";
import type { HallTime } from "./hall-time.ts";
import type { Player } from "./player.ts";
import { isNewerPlan, judgeOrder, type SettledOrder } from "./rules/orders.ts";
import { DEFAULT_QUIET_RULE, type QuietRule } from "./rules/quiet-hours.ts";
import type { AgentStore } from "./store.ts";

/** Where orders and plans come in, are judged, remembered and carried out. */
export interface OrderDesk {
  receiveOrder(payload: Uint8Array): void;
  receivePlan(payload: Uint8Array): void;
  planVersion(): number;
  /** Of the last plan, even one that has run out; the usual night before the first. */
  quietRule(): QuietRule;
  /** Nothing sounds before this instant. */
  holdUntil(): number;
  volumePercent(): number;
  /** Parts of the stored plan, by their time. */
  planParts(): readonly AudioPart[];
  /** Drops the plan's airings once it has run out. */
  expirePlan(): void;
}

interface OrderDeskParts {
  readonly database: Database;
  readonly store: AgentStore;
  readonly book: Book;
  readonly player: () => Player;
  readonly hallTime: HallTime;
  readonly hallKey: KeyObject;
  readonly log: Log;
  /** This speaker, its hamlet, all. */
  readonly scopes: readonly string[];
  readonly speakerScope: string;
  readonly firstVolumePercent: number;
  readonly answer: (ack: Ack) => void;
  /** What is wanted, sounding or shown may have changed. */
  readonly onChange: () => void;
  readonly askForPlan: () => void;
  readonly exchangeTime: () => void;
  /** False when something sounds already. */
  readonly playTone: (toneMs: number, volumePercent: number) => boolean;
  /** Ends this program, to be started again. */
  readonly restart: () => void;
}

const DONE: SettledOrder = { outcome: "done" };
const PLAN_SETTING = "plan";

export function openOrderDesk(parts: OrderDeskParts): OrderDesk {
  const { database, store, book, player, hallTime, hallKey, log } = parts;
  const complained = new Set<string>();
  let plan = storedPlan(store, hallKey);
  let holdUntil = Number(store.setting("hold-until") ?? 0);
  let volumePercent = Number(store.setting("volume") ?? parts.firstVolumePercent);
  if (plan !== undefined) book.takePlan(plan, Number(store.setting("plan-received") ?? plan.issuedAt));

  /** Once per kind: whoever sends rubbish sends a lot of it. */
  const complain = (what: string, detail: string): void => {
    if (complained.has(what)) return;
    complained.add(what);
    log.warn({ what, detail: detail.slice(0, 500) }, "message from the hall ignored");
  };
  const stop = (order: Extract<Order, { kind: "stop" }>, issuedAt: number, now: number): SettledOrder => {
    const { airing } = order;
    const hit = [...book.entries.values()].filter((entry) =>
      airing === undefined ? entry.spec.at <= issuedAt : entry.spec.airing === airing,
    );
    for (const entry of hit) player().stop(entry, "stopped");
    if (airing !== undefined && hit.length === 0 && !store.hasEnded(airing)) book.refuse(airing, now);
    if (order.holdUntil !== undefined) {
      holdUntil = order.holdUntil;
      store.setSetting("hold-until", String(holdUntil));
    }
    return DONE;
  };
  const selftest = (order: Extract<Order, { kind: "selftest" }>): SettledOrder =>
    parts.playTone(order.toneMs, order.volumePercent)
      ? DONE
      : { outcome: "refused", reason: "something sounds, or nothing may sound now" };

  const setVolume = (percent: number): SettledOrder => {
    volumePercent = percent;
    store.setSetting("volume", String(percent));
    return DONE;
  };
  const askForPlan = (version: number): SettledOrder => {
    if (version !== plan?.version) parts.askForPlan();
    return DONE;
  };
  const exchangeTime = (): SettledOrder => {
    parts.exchangeTime();
    return DONE;
  };
  const prefetch = (wanted: readonly AudioPart[], now: number): SettledOrder => {
    store.wantParts(wanted, now);
    return DONE;
  };
  const play = (order: PlayOrder, now: number): SettledOrder =>
    book.takeOrder(order, now) ? DONE : { outcome: "done", reason: "ended before" };

  /** Inside the transaction that remembers the order. */
  const carryOut = ({ order, issuedAt }: SignedOrder, now: number): SettledOrder => {
    switch (order.kind) {
      case "play":
        return play(order, now);
      case "stop":
        return stop(order, issuedAt, now);
      case "prefetch":
        return prefetch(order.parts, now);
      case "volume":
        return setVolume(order.percent);
      case "plan":
        return askForPlan(order.version);
      case "time":
        return exchangeTime();
      case "selftest":
        return selftest(order);
      case "reboot":
        return DONE;
      case "update":
        return { outcome: "unsupported", reason: "this speaker is updated with its system" };
    }
  };
  const settle = (signed: SignedOrder, now: number): SettledOrder | undefined => {
    try {
      return database.transact(() => {
        const settled = carryOut(signed, now);
        store.settleOrder(signed, settled);
        return settled;
      });
    } catch (error) {
      // Without an answer the hall sends it again.
      if (!(error instanceof Fault)) throw error;
      log.error({ err: error }, "order can't be stored");
      return undefined;
    }
  };
  return {
    receiveOrder: (payload) => {
      const opened = openEnvelope(payload, SignedOrder, hallKey);
      if (opened.type === "bad") {
        complain(`${opened.why} order`, opened.detail);
        return;
      }
      const signed = opened.content;
      const { scope, seq } = signed;
      const now = hallTime.now();
      const known = {
        scopes: parts.scopes,
        earlier: store.settledOrder(scope, seq),
        forgottenUpTo: store.forgottenUpTo(scope),
      };
      const judgement = judgeOrder(signed, known, now);
      if (judgement.type === "ignore") return;
      const settled = judgement.type === "answer" ? judgement.settled : settle(signed, now);
      if (settled === undefined) return;
      const { outcome, reason } = settled;
      parts.answer({ scope, seq, outcome, ...(reason === undefined ? {} : { reason }) });
      if (judgement.type === "answer") return;
      player().refresh();
      parts.onChange();
      if (signed.order.kind === "reboot") parts.restart();
    },
    receivePlan: (payload) => {
      // An empty retained message is how a broker is told to forget.
      if (payload.byteLength === 0) return;
      const opened = openEnvelope(payload, SignedPlan, hallKey);
      if (opened.type === "bad") {
        complain(`${opened.why} plan`, opened.detail);
        return;
      }
      const received = opened.content;
      if (received.scope !== parts.speakerScope || !isTimeZone(received.timeZone)) {
        complain("plan for another speaker", `${received.scope}, ${received.timeZone}`);
        return;
      }
      if (!isNewerPlan(received, plan)) return;
      const now = hallTime.now();
      plan = received;
      database.transact(() => {
        store.setSetting(PLAN_SETTING, Buffer.from(payload).toString("utf8"));
        store.setSetting("plan-received", String(now));
        store.prune(now);
      });
      book.takePlan(received, now);
      player().refresh();
      parts.onChange();
    },
    planVersion: () => plan?.version ?? 0,
    quietRule: () => (plan === undefined ? DEFAULT_QUIET_RULE : quietRuleOf(plan.timeZone, plan.quietHours)),
    holdUntil: () => holdUntil,
    volumePercent: () => volumePercent,
    planParts: () =>
      (plan?.items ?? [])
        .filter(({ until, airing }) => until > hallTime.now() && !store.hasEnded(airing))
        .toSorted((a, b) => a.at - b.at)
        .flatMap(({ source }) => source.parts),
    expirePlan: () => {
      if (plan !== undefined && plan.expiresAt <= hallTime.now()) book.dropPlan();
    },
  };
}

function quietRuleOf(timeZone: string, windows: readonly QuietHours[]): QuietRule {
  return { timeZone, windows };
}

function storedPlan(store: AgentStore, hallKey: KeyObject): SignedPlan | undefined {
  const stored = store.setting(PLAN_SETTING);
  if (stored === undefined) return undefined;
  const opened = openEnvelope(Buffer.from(stored, "utf8"), SignedPlan, hallKey);
  return opened.type === "good" ? opened.content : undefined;
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
