import { HOUR_MS, SECOND_MS, type EpochMs } from "../kernel/time.ts";
import type {
  AiringId,
  AudioSource,
  HamletId,
  PlanItem,
  PlayOrder,
  SpeakerId,
} from "../speakers/protocol.ts";
import type { OrderTarget, SpeakerLink } from "../speakers/link.ts";
import type { Airing } from "./airings-store.ts";
import type { SlotContent } from "./calendar-model.ts";
import type { Share } from "./rules/due.ts";
import { LATENESS_LIMIT_MS } from "./rules/ladder.ts";
import type { Candidate, Zone } from "./rules/model.ts";

/** Turns decisions into orders, plans and streams. Called inside the transaction that records the decision. */
export interface Orders {
  play(airing: Airing, shares: readonly Share[]): void;
  /** Opens again the stream that a restart closed. Its orders are still with the speakers. */
  carryOn(airing: Airing): void;
  /** What an airing sounds; undefined when its recording or its slot is gone. */
  sourceOf(airing: Airing): AudioSource | undefined;
  /** A relay is listened to before it sounds. */
  prepare(candidate: Candidate, at: EpochMs, until: EpochMs): void;
  /** Lets go of a relay that was prepared and is not to sound after all. */
  release(airing: string): void;
  stop(airing: AiringId): void;
  /** Silence everywhere at once; nothing sounds before `holdUntil`. */
  stopAll(holdUntil: EpochMs, airings: readonly AiringId[]): void;
  setPlans(zones: readonly Zone[], planned: readonly Planned[]): void;
}

interface Planned {
  readonly candidate: Candidate;
  readonly share: Share;
}

/** Relays being pulled, by airing. Starting one that runs gives the same stream. */
export interface Relays {
  start(relay: RelayOrder): Extract<AudioSource, { type: "stream" }>;
  stop(airing: string): void;
}

export interface RelayOrder {
  readonly airing: string;
  readonly title: string;
  readonly address: string;
  readonly fallbackAudioId: string | undefined;
  readonly at: EpochMs;
  readonly until: EpochMs;
}

interface OrdersParts {
  readonly link: Pick<SpeakerLink, "send" | "setPlan">;
  readonly relays: Relays;
  readonly contentOf: (slot: string) => SlotContent | undefined;
  readonly speakers: () => readonly {
    readonly id: SpeakerId;
    readonly hamlet: HamletId;
  }[];
  readonly now: () => EpochMs;
}

/** An order that can no longer be obeyed is not sent again; this much is allowed for a late line. */
const SHORTEST_TTL_MS = 10 * SECOND_MS;
/** A stop reaches speakers that come back within a day; after that nothing of it could still sound. */
const STOP_TTL_MS = 86_400_000;

export function openOrders(parts: OrdersParts): Orders {
  const { link, relays, contentOf, now } = parts;
  let items = new Map<string, PlanItem>();
  /** What each speaker's plan was last made of. */
  const plans = new Map<
    string,
    { quietHours: Zone["quietHours"]; items: readonly PlanItem[]; at: EpochMs }
  >();

  const sourceOf = (airing: Airing): SlotContent | { type: "given"; source: AudioSource } | undefined =>
    airing.source !== undefined
      ? { type: "given", source: airing.source }
      : airing.slot === undefined
        ? undefined
        : contentOf(airing.slot);

  /** The source for each share; opens a relay when there is one. */
  const opened = (airing: Airing): { source: AudioSource; volumePercent: number | undefined } | undefined => {
    const content = sourceOf(airing);
    if (content === undefined) return undefined;
    switch (content.type) {
      case "given":
        return { source: content.source, volumePercent: airing.volumePercent };
      case "files":
        return {
          source: { type: "files", parts: [...content.parts], offsetMs: 0 },
          volumePercent: content.volumePercent,
        };
      case "relay":
        return {
          source: relays.start({
            airing: airing.id,
            title: airing.title,
            address: content.address,
            fallbackAudioId: content.fallbackAudioId,
            at: airing.plannedAt,
            until: airing.until,
          }),
          volumePercent: content.volumePercent,
        };
    }
  };

  return {
    play: (airing, shares) => {
      const sound = opened(airing);
      if (sound === undefined) return;
      for (const group of alike(shares)) {
        const [share] = group;
        if (share === undefined) continue;
        const order: PlayOrder = {
          kind: "play",
          ...playing(airing, share, sound),
          ...(airing.repeatEveryMs === undefined ? {} : { repeatEveryMs: airing.repeatEveryMs }),
        };
        const ttlMs = Math.max(SHORTEST_TTL_MS, order.until - now());
        for (const target of covering(
          group.map(({ speaker }) => speaker),
          parts.speakers(),
        )) {
          link.send(target, order, { ttlMs });
        }
      }
    },
    carryOn: (airing) => {
      opened(airing);
    },
    sourceOf: (airing) => opened(airing)?.source,
    prepare: (candidate, at, until) => {
      const content = candidate.slot === undefined ? undefined : contentOf(candidate.slot);
      if (content?.type !== "relay") return;
      const { airing, title } = candidate;
      relays.start({
        airing,
        title,
        address: content.address,
        fallbackAudioId: content.fallbackAudioId,
        at,
        until,
      });
    },
    release: (airing) => relays.stop(airing),
    stop: (airing) => {
      link.send({ type: "all" }, { kind: "stop", airing }, { ttlMs: STOP_TTL_MS });
      relays.stop(airing);
    },
    stopAll: (holdUntil, airings) => {
      link.send({ type: "all" }, { kind: "stop", holdUntil }, { ttlMs: STOP_TTL_MS });
      for (const airing of airings) relays.stop(airing);
    },
    setPlans: (zones, planned) => {
      const kept = new Map<string, PlanItem>();
      const bySpeaker = Map.groupBy(planned, ({ share }) => share.speaker);
      const itemOf = ({ candidate, share }: Planned): PlanItem | undefined => {
        const key = [candidate.airing, share.at, share.until, share.offsetMs].join(" ");
        const content = candidate.slot === undefined ? undefined : contentOf(candidate.slot);
        if (content?.type !== "files") return undefined;
        const fresh = planItem(candidate, share, content);
        const before = kept.get(key) ?? items.get(key);
        // Speakers share the very object, so that it is encoded and hashed once.
        const item =
          before !== undefined && JSON.stringify(before) === JSON.stringify(fresh) ? before : fresh;
        kept.set(key, item);
        return item;
      };
      for (const zone of zones) {
        const mine = (bySpeaker.get(zone.speaker) ?? []).map(itemOf).filter((item) => item !== undefined);
        const before = plans.get(zone.speaker);
        const same =
          before?.quietHours === zone.quietHours &&
          before.items.length === mine.length &&
          before.items.every((item, index) => item === mine[index]);
        // Looked at again each hour all the same: a plan's life runs out.
        if (same && now() - before.at < HOUR_MS && now() >= before.at) continue;
        plans.set(zone.speaker, { quietHours: zone.quietHours, items: mine, at: now() });
        link.setPlan(zone.speaker as SpeakerId, {
          quietHours: zone.quietHours.map((window) => ({ ...window })),
          items: mine,
        });
      }
      items = kept;
    },
  };
}

interface Sound {
  readonly source: AudioSource;
  readonly volumePercent: number | undefined;
}

type Described = Pick<Airing, "level" | "afterPreempt"> & { readonly id: string };

function playing(airing: Described, share: Share, { source, volumePercent }: Sound): Omit<PlayOrder, "kind"> {
  return {
    airing: airing.id as AiringId,
    level: airing.level,
    at: share.at,
    until: lastInstant(airing, share, source),
    source: source.type === "files" ? { ...source, offsetMs: source.offsetMs + share.offsetMs } : source,
    ...(volumePercent === undefined ? {} : { volumePercent }),
    afterPreempt: airing.afterPreempt,
  };
}

/**
 * What is interrupted ends later than planned, and the order must allow for it; what the rules cut (quiet hours,
 * session limits) must end there and nowhere else.
 */
function lastInstant({ afterPreempt }: Described, share: Share, source: AudioSource): number {
  if (source.type === "stream" || afterPreempt === "drop") return share.until;
  const soundMs =
    source.parts.reduce((sum, part) => sum + part.durationMs, 0) - source.offsetMs - share.offsetMs;
  return share.expectedMs < soundMs ? share.until : share.until + LATENESS_LIMIT_MS;
}

function planItem(
  candidate: Candidate,
  share: Share,
  content: Extract<SlotContent, { type: "files" }>,
): PlanItem {
  const source = { type: "files" as const, parts: [...content.parts], offsetMs: 0 };
  const described = { id: candidate.airing, level: candidate.level, afterPreempt: candidate.afterPreempt };
  return {
    ...playing(described, share, { source, volumePercent: content.volumePercent }),
    source: { ...source, offsetMs: share.offsetMs },
  };
}

/** Shares that the same order serves. */
function alike(shares: readonly Share[]): Share[][] {
  return [
    ...Map.groupBy(shares, ({ at, until, offsetMs, expectedMs }) =>
      [at, until, offsetMs, expectedMs].join(" "),
    ).values(),
  ];
}

/** The fewest topics that reach exactly these speakers: everybody, whole hamlets, single ones. */
export function covering(
  wanted: readonly string[],
  known: readonly { readonly id: SpeakerId; readonly hamlet: HamletId }[],
): OrderTarget[] {
  const want = new Set(wanted);
  if (known.length > 0 && known.every(({ id }) => want.has(id))) return [{ type: "all" }];
  const targets: OrderTarget[] = [];
  const hamlets: HamletId[] = [];
  const speakers: SpeakerId[] = [];
  for (const [hamlet, members] of Map.groupBy(known, ({ hamlet: home }) => home)) {
    const mine = members.filter(({ id }) => want.has(id));
    if (mine.length === members.length && mine.length > 1) hamlets.push(hamlet);
    else speakers.push(...mine.map(({ id }) => id));
  }
  if (hamlets.length > 0) targets.push({ type: "hamlets", hamlets });
  if (speakers.length > 0) targets.push({ type: "speakers", speakers });
  return targets;
}
