import type { Actor } from "../identity/actor.ts";
import type { Audit } from "../identity/audit.ts";
import type { Clock } from "../kernel/clock.ts";
import { Fault } from "../kernel/faults.ts";
import type { Text } from "../kernel/text.ts";
import type { Log } from "../kernel/log.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, type EpochMs } from "../kernel/time.ts";
import { openAiringLog, type AiringLog } from "../broadcast/airing-log.ts";
import type { Upcoming } from "../broadcast/airing-wire.ts";
import { openAiringStore, type Airing, type AiringStore, type EndedBy } from "../broadcast/airings-store.ts";
import { openBoxPlayer } from "../broadcast/box-player.ts";
import { openBulletins, type Bulletins } from "../broadcast/bulletins.ts";
import type { SlotContent } from "../broadcast/calendar-model.ts";
import { openCalendarStore } from "../broadcast/calendar-store.ts";
import { openCalendar, type Calendar } from "../broadcast/calendar.ts";
import { declareEmergency, type EmergencyOrder } from "../broadcast/emergency.ts";
import type { Library } from "../broadcast/library.ts";
import type { LiveDesk } from "../broadcast/live.ts";
import { napUntil } from "../broadcast/nap.ts";
import { openOrders } from "../broadcast/playout-orders.ts";
import type { PlayoutView } from "../broadcast/playout-view.ts";
import { openPlayout, type Playout } from "../broadcast/playout.ts";
import { openPreflight, type Preflight } from "../broadcast/preflight.ts";
import type { Zone } from "../broadcast/rules/model.ts";
import { spanOf } from "../broadcast/rules/due.ts";
import type { RadioBox } from "../broadcast/streams/box-feeds.ts";
import type { Streams } from "../broadcast/streams/streams.ts";
import type { MediaTools } from "../media/tools.ts";
import { openSpeakerLink, type SpeakerLink } from "../speakers/link.ts";
import type { AiringId, SpeakerId } from "../speakers/protocol.ts";
import type { Registry } from "../speakers/registry.ts";
import type { HallKey } from "../speakers/signing.ts";
import type { Database } from "../store/database.ts";
import type { Config } from "./config.ts";
import { composeLiveDesk, composeRelays } from "./compose-sound.ts";
import { boxesOf, zonesOf } from "./places.ts";

interface BroadcastParts {
  readonly config: Config;
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly audit: Audit;
  readonly registry: Registry;
  readonly key: HallKey;
  readonly library: Library;
  readonly tools: MediaTools;
  readonly notify: (event: { readonly type: string; readonly [field: string]: unknown }) => void;
}

/** Everything that decides and proves what sounds, wired. Its loops are run by the daemon. */
export interface Broadcast extends AsyncDisposable {
  readonly bulletins: Bulletins;
  readonly calendar: Calendar;
  readonly airings: AiringStore;
  readonly airingLog: AiringLog;
  readonly playout: Playout;
  readonly link: SpeakerLink;
  readonly live: LiveDesk;
  readonly zones: () => readonly Zone[];
  /** Ends one airing everywhere, and closes its microphone. */
  endAiring(id: AiringId, by: EndedBy): void;
  /** Silence everywhere, the microphone included. */
  stopAll(holdMs: number): Airing[];
  /** The radio boxes of the registry, as the audio server knows them. */
  readonly boxes: () => readonly RadioBox[];
  declareEmergency(order: EmergencyOrder, actor: Actor, signal: AbortSignal): Promise<Airing>;
  /** What on the calendar falls silent by a hamlet's present rules, in words. */
  consequencesOf(hamlet: string): Text[];
  /** What sounds next, nearest first, with the findings of its check. */
  upcoming(limit: number): Upcoming[];
}

/** The audio server is opened after the link it reports to, and before anything is played. */
interface LateParts {
  readonly streams: () => Streams;
}

/** An emergency that nobody countersigns within this falls silent. */
const COUNTERSIGN_WITHIN_MS = DAY_MS;

export function composeBroadcast(parts: BroadcastParts, late: LateParts): Broadcast {
  const { config, database, clock, log, audit, registry, library, notify } = parts;
  const { timeZone } = config.commune;
  const airings = openAiringStore(database);
  const zones = zonesOf(registry);
  // What the calendar and the link report to is made further down, and is there before anything happens.
  let view: PlayoutView | undefined;
  const changed = (): void => playout.changed();

  const bulletins = openBulletins({
    database,
    library,
    audit,
    clock,
    policy: {
      authorMayApprove: config.broadcast.authorMayApprove,
      countersignWithinMs: COUNTERSIGN_WITHIN_MS,
    },
    timeZone,
    slotsOf: (bulletin) => calendar.list().filter(({ bulletinId }) => bulletinId === bulletin),
    changed,
  });
  const calendar: Calendar = openCalendar({
    database,
    store: openCalendarStore(database),
    bulletins,
    library,
    places: { zones, hamlets: () => registry.hamlets.all(), speakers: () => registry.speakers.all() },
    audit,
    clock,
    timeZone,
    changed,
  });
  const link = openSpeakerLink({
    database,
    clock,
    log: log.child({ service: "link" }),
    registry,
    key: parts.key,
    timeZone,
    onReceipt: (speaker, receipt) => {
      airingLog.onReceipt(speaker, receipt);
      changed();
    },
    onStatus: (speaker) => notify({ type: "speaker", speaker }),
  });
  const shownAt = new Intl.DateTimeFormat("vi-VN", {
    timeZone,
    hour: "2-digit",
    minute: "2-digit",
    day: "2-digit",
    month: "2-digit",
  });
  const airingLog = openAiringLog({
    airings,
    clock,
    log: log.child({ service: "airings" }),
    speakerOf: (id) => {
      const speaker = registry.speakers.find(id);
      return (
        speaker && { name: speaker.name, givesReceipts: registry.speakers.profileOf(speaker).sendsReceipts }
      );
    },
    absenceOf: (id) => {
      if (registry.speakers.find(id) === undefined) return { presence: "unknown", since: undefined };
      const { presence, since } = link.status(id);
      return { presence, since: shownAt.format(since) };
    },
    delivered: (id) =>
      new Map(
        [...late.streams().delivered(id)].map(([speaker, delivery]) => [speaker as SpeakerId, delivery]),
      ),
    announce: (record) => notify({ ...record, type: "airing" }),
  });
  /** A slot whose recording is lost is barred by the calendar; it has nothing to send. */
  const contentOf = (slot: string): SlotContent | undefined => {
    try {
      return calendar.contentOf(slot);
    } catch (error) {
      if (error instanceof Fault) return undefined;
      throw error;
    }
  };
  const relays = composeRelays({ ...parts, ...late });
  const orders = openOrders({
    link,
    relays,
    contentOf,
    speakers: () => registry.speakers.all(),
    now: () => clock.now(),
  });
  const preflight = openPreflight({
    link,
    log: log.child({ service: "preflight" }),
    speakerOf: (id) => {
      const speaker = registry.speakers.find(id);
      return speaker && { name: speaker.name, keepsFiles: registry.speakers.profileOf(speaker).keepsPlan };
    },
    partsOf: (airing) => {
      const slot = view?.candidates.get(airing)?.slot;
      const content = slot === undefined ? undefined : contentOf(slot);
      return content?.type === "files" ? content.parts : [];
    },
    announce: (check) => notify({ ...check, type: "preflight" }),
  });
  const boxes = boxesOf(registry);
  const boxPlayer = openBoxPlayer({
    streams: late.streams,
    boxes,
    soundOf: (id) => {
      const airing = airings.get(id);
      const source = airing?.state === "airing" ? orders.sourceOf(airing) : undefined;
      return airing === undefined || source === undefined
        ? undefined
        : { title: airing.title, source, plannedAt: airing.plannedAt, repeatEveryMs: airing.repeatEveryMs };
    },
    pathOf: (sha256) => library.pathOf(sha256),
    clock,
    log: log.child({ service: "boxes" }),
  });
  const playout = openPlayout({
    database,
    airings,
    calendar: { candidates: (window) => calendar.candidates(window), zones },
    orders,
    clock,
    log: log.child({ service: "playout" }),
    timeZone,
    onBegin: (slot, airing, at) => calendar.markAired(slot, airing, at),
    nap: (at, signal) => napUntil(at, clock, signal),
    onDecided: (decided, now) => {
      view = decided;
      boxPlayer.sync(decided.timelines, now);
      preflight.check(decided.shares, now);
      airingLog.closeEnded(now);
      notify({ type: "on-air" });
    },
  });
  registry.onChange(() => changed());
  const live = composeLiveDesk({ ...parts, ...late, playout, airings, zones });

  return {
    bulletins,
    calendar,
    airings,
    airingLog,
    playout,
    live,
    link,
    boxes,
    zones,
    endAiring: (id, by) => {
      playout.end(id, by);
      if (live.current().some(({ airing }) => airing === id)) live.stop(id);
    },
    stopAll: (holdMs) => {
      const cut = playout.stopAll(holdMs);
      live.stopAll();
      return cut;
    },
    consequencesOf: (hamlet) =>
      calendar
        .clashes()
        .filter(({ first }) => first.speakers.some((id) => registry.speakers.find(id)?.hamlet === hamlet))
        .map(({ said }) => said),
    upcoming: (limit) => (view === undefined ? [] : upcomingIn(view, { limit, now: clock.now(), preflight })),
    declareEmergency: async (order, actor, signal) => {
      const { airing, content } = await declareEmergency(order, emergencyParts(parts, playout), signal);
      bulletins.recordEmergency({ title: order.title, content, airing: airing.id }, actor);
      return airing;
    },
    [Symbol.asyncDispose]: async () => {
      await live[Symbol.asyncDispose]();
      await Promise.all([relays[Symbol.asyncDispose](), boxPlayer[Symbol.asyncDispose]()]);
    },
  };
}

function emergencyParts(
  { clock, library, config }: BroadcastParts,
  playout: Playout,
): Parameters<typeof declareEmergency>[1] {
  const { emergencyVolumePercent, emergencyRepeatMinutes, emergencyHours } = config.broadcast;
  return {
    playout,
    clock,
    chimes: {
      emergency: library.part(library.chimes.emergency.id),
      closing: library.part(library.chimes.closing.id),
    },
    audio: {
      check: (words) => void library.readAloud(words),
      speak: async (words, by, stop) => {
        const { id, readText } = await library.addSpeech({ text: words, by, quick: true }, stop);
        return { audioId: id, readText };
      },
      part: (id) => library.part(id),
    },
    volumePercent: emergencyVolumePercent,
    repeatEveryMs: emergencyRepeatMinutes * MINUTE_MS,
    lastsMs: emergencyHours * HOUR_MS,
  };
}

function upcomingIn(
  { shares, candidates }: PlayoutView,
  { limit, now, preflight }: { limit: number; now: EpochMs; preflight: Preflight },
): Upcoming[] {
  return [...shares]
    .map(([airing, list]) => ({ airing, list, ...spanOf(list) }))
    .filter(({ at }) => at > now)
    .sort((a, b) => a.at - b.at)
    .slice(0, limit)
    .map(({ airing, list, at, until }) => ({
      airing,
      title: candidates.get(airing)?.title ?? airing,
      level: candidates.get(airing)?.level ?? 0,
      startsAt: at,
      endsAt: until,
      speakers: list.length,
      problems: [...(preflight.checkOf(airing)?.problems ?? [])],
    }));
}
