import { isStopped, type Clock } from "../kernel/clock.ts";
import { Fault } from "../kernel/faults.ts";
import type { Log } from "../kernel/log.ts";
import { runTogether } from "../kernel/run-together.ts";
import { SECOND_MS } from "../kernel/time.ts";
import type { Database } from "../store/database.ts";
import { openDesire } from "./desire.ts";
import { newMailbox } from "./mailbox.ts";
import { openOrderBook } from "./orders.ts";
import { openPlans, type PlanDraft, type PlanNews } from "./plans.ts";
import { Beat, BEAT_EVERY_MS, topic, type Order, type Receipt, type SpeakerId } from "./protocol.ts";
import { openReceiptIntake, type ArrivedReceipt } from "./receipts.ts";
import type { Registry, SpeakerCredential } from "./registry.ts";
import { openSending, type OrderTarget } from "./sending.ts";
import type { HallKey } from "./signing.ts";
import { openTracks, type BoxReport, type SpeakerStatus } from "./status.ts";
import type { OrderTicket } from "./ticket.ts";
import { arrivalOf, type DeviceMessage, type OutgoingMessage, type UpMessage } from "./wire.ts";

export type { OrderTarget } from "./sending.ts";

/** What we need of a broker, embedded or external. */
export interface SpeakerBroker {
  /** Replaces all; devices whose credential has gone or changed are cut. */
  setDevices(devices: readonly SpeakerCredential[]): Promise<void>;
  publish(message: OutgoingMessage): Promise<void>;
  onMessage(handler: (message: DeviceMessage) => void): Disposable;
}

/** The hall's side of loa/v1. Everything it promised survives a kill: it is in SQLite before it is on the wire. */
export interface SpeakerLink {
  /**
   * Stores and publishes an order, and sends it again to who has not acknowledged until `ttlMs` has passed. Works while
   * no broker runs, and inside a transaction: it goes out after the commit.
   */
  send(to: OrderTarget, order: Order, how: { readonly ttlMs: number }): OrderTicket;
  /**
   * Keeps a speaker's plan: a new version only when what is ahead differs, or half of its life is over. Speakers that
   * keep no plan are passed over (version 0).
   */
  setPlan(speaker: SpeakerId, draft: PlanDraft): PlanNews;
  status(speaker: SpeakerId): SpeakerStatus;
  statuses(): SpeakerStatus[];
  /** What the stream server sees of a radio box: at each connect and disconnect, and now and then between. */
  reportBox(speaker: SpeakerId, report: BoxReport): void;
  /** Speaks with the devices through this broker until the signal aborts; fails when the broker does. Run it again then. */
  run(broker: SpeakerBroker, signal: AbortSignal): Promise<void>;
}

export interface SpeakerLinkParts {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly registry: Registry;
  readonly key: HallKey;
  /** IANA name: the quiet hours' clock. */
  readonly timeZone: string;
  /** Called once per receipt, inside the transaction that stores its number. */
  readonly onReceipt: (speaker: SpeakerId, receipt: Receipt) => void;
  /** Presence or report of a speaker changed. */
  readonly onStatus: (speaker: SpeakerId) => void;
}

const SWEEP_EVERY_MS = 5 * SECOND_MS;
const RESEND_TICK_MS = 500;
/** Receipts and acknowledgements that come within this share one write to the disk. */
const GATHER_MS = 20;

/** A plan may be set while no broker runs; then it goes out when one does. */
export function openSpeakerLink(parts: SpeakerLinkParts): SpeakerLink {
  const { clock, log, registry, onStatus } = parts;
  const now = () => clock.now();
  const book = openOrderBook({ ...parts, now });
  const plans = openPlans({ ...parts, now });
  const tracks = openTracks(parts);
  const receipts = openReceiptIntake(parts.database, parts.onReceipt);
  const arrived = newMailbox<ArrivedReceipt | "answer">();
  const outgoing = newMailbox<() => OutgoingMessage | undefined>();
  const changes = newMailbox<"changed">();
  const sending = openSending({ clock, registry, book, plans, tracks, put: (make) => outgoing.put(make) });
  const desire = openDesire({ clock, registry, book, plans, tracks, sending });

  const take: { [K in UpMessage["kind"]]: (message: Extract<UpMessage, { kind: K }>) => void } = {
    state: ({ speaker, value }) => {
      if (!value.online) {
        tracks.gone(speaker);
        onStatus(speaker);
        return;
      }
      tracks.heard(speaker, { state: value });
      sending.catchUp(speaker);
      desire.check(speaker);
      onStatus(speaker);
    },
    health: ({ speaker, value }) => {
      if (tracks.heard(speaker, { health: value })) sending.catchUp(speaker);
      onStatus(speaker);
    },
    receipt: ({ speaker, value }) => {
      if (tracks.heard(speaker, {})) onStatus(speaker);
      arrived.put({ speaker, receipt: value });
    },
    ack: ({ speaker, value }) => {
      if (tracks.heard(speaker, {})) onStatus(speaker);
      if (book.acknowledge(speaker, value)) arrived.put("answer");
      if (value.outcome === "refused") log.debug({ speaker, ...value }, "speaker refused an order");
    },
    time: ({ speaker, value }) => {
      if ("t2" in value) return;
      const receivedAt = clock.now();
      outgoing.put(() =>
        json(topic.up(speaker, "time"), { t1: value.t1, t2: receivedAt, t3: clock.now() }, 0),
      );
    },
  };

  const receive = (message: DeviceMessage): void => {
    const arrival = arrivalOf(message);
    if (arrival.type === "empty") return;
    const from = arrival.type === "dropped" ? arrival.from : arrival.message.speaker;
    const speaker = registry.speakers.find(from);
    if (arrival.type === "dropped") {
      tracks.dropped(arrival, speaker?.id);
      return;
    }
    // A device that was removed a moment ago may still have something under way.
    if (speaker === undefined) return;
    const handler = take[arrival.message.kind] as (message: UpMessage) => void;
    handler(arrival.message);
  };

  const store = async (signal: AbortSignal): Promise<void> => {
    const batch = await arrived.take(signal);
    if (await clock.sleep(GATHER_MS, signal)) batch.push(...arrived.drain());
    storeBatch(batch);
  };
  const storeBatch = (batch: readonly (ArrivedReceipt | "answer")[]): void => {
    book.flush();
    const fresh = batch.filter((item) => item !== "answer");
    if (fresh.length === 0) return;
    try {
      for (const [speaker, upTo] of receipts.take(fresh, clock.now())) {
        if (upTo > 0) outgoing.put(() => json(topic.receiptAck(speaker), { upTo }, 1));
      }
    } catch (error) {
      // The speakers keep what we did not acknowledge and send it again.
      if (!(error instanceof Fault)) throw error;
      log.error({ err: error, receipts: fresh.length }, "receipts can't be stored; speakers keep them");
    }
    for (const speaker of new Set(fresh.map((item) => item.speaker))) onStatus(speaker);
  };

  const statusOf = (speaker: SpeakerId): SpeakerStatus => {
    const plan = plans.get(speaker);
    const lastReceiptAt = receipts.lastAt(speaker);
    return {
      ...tracks.observed(speaker),
      planVersion: plan?.version ?? 0,
      planLeftOut: plan?.leftOut ?? 0,
      pendingOrders: book.pendingOf(speaker).length,
      ...(lastReceiptAt === undefined ? {} : { lastReceiptAt }),
    };
  };

  const known = new Map(registry.speakers.all().map((speaker) => [speaker.id, speaker]));
  const takeChanges = async (broker: SpeakerBroker): Promise<void> => {
    await broker.setDevices(registry.speakers.credentials());
    const present = new Map(registry.speakers.all().map((speaker) => [speaker.id, speaker]));
    for (const id of known.keys()) {
      if (present.has(id)) continue;
      sending.forget(id);
      tracks.forget(id);
    }
    known.clear();
    for (const [id, speaker] of present) {
      known.set(id, speaker);
      desire.check(id);
    }
  };

  return {
    send: (to, order, { ttlMs }) => sending.send(to, order, ttlMs),
    setPlan: (speaker, draft) => {
      const { keepsPlan } = registry.speakers.profileOf(registry.speakers.get(speaker));
      if (!keepsPlan) return { version: 0, isNew: false, leftOut: 0 };
      const news = plans.set(speaker, draft);
      if (news.isNew) sending.publishPlan(speaker);
      return news;
    },
    status: (speaker) => statusOf(registry.speakers.get(speaker).id),
    statuses: () => registry.speakers.all().map((speaker) => statusOf(speaker.id)),
    reportBox: (speaker, report) => {
      if (report.connected) tracks.heard(speaker, { box: report });
      else tracks.gone(speaker, report);
      onStatus(speaker);
    },
    run: async (broker, signal) => {
      outgoing.drain();
      using listening = new DisposableStack();
      listening.use(broker.onMessage(receive));
      listening.use(registry.onChange(() => changes.put("changed")));
      await takeChanges(broker);
      sending.restoreRetained();
      const every =
        (ms: number, work: () => void) =>
        async (either: AbortSignal): Promise<void> => {
          do work();
          while (await clock.sleep(ms, either));
        };
      const repeating = (work: (either: AbortSignal) => Promise<void>) => async (either: AbortSignal) => {
        while (!isStopped(either)) await work(either);
      };
      try {
        await runTogether(
          [
            every(BEAT_EVERY_MS, () =>
              outgoing.put(() => json(topic.beat, Beat.parse({ at: clock.now() }), 0)),
            ),
            every(RESEND_TICK_MS, () => sending.repeat()),
            every(SWEEP_EVERY_MS, () => {
              // A radio box says nothing while it plays: its stream server tells when it goes.
              const watched = registry.speakers
                .all()
                .map(({ id, streamToken }) => ({ id, mayBeSilent: streamToken !== undefined }));
              tracks.sweep(watched).forEach(onStatus);
              desire.checkPlans();
            }),
            repeating(store),
            repeating(async (either) => {
              await changes.take(either);
              if (!isStopped(either)) await takeChanges(broker);
            }),
            repeating(async (either) => {
              const made = (await outgoing.take(either))
                .map((make) => make())
                .filter((message) => message !== undefined);
              await Promise.all(made.map((message) => broker.publish(message)));
            }),
          ],
          signal,
        );
      } finally {
        storeBatch(arrived.drain());
      }
    },
  };
}

function json(at: string, value: unknown, qos: 0 | 1): OutgoingMessage {
  return { topic: at, payload: JSON.stringify(value), qos, retain: false };
}
