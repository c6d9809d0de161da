import type { Clock } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import { SECOND_MS, type EpochMs } from "../kernel/time.ts";
import type { Health, OnlineState, SpeakerId } from "./protocol.ts";
import {
  gone,
  heard,
  listened,
  startListening,
  type Moment,
  type Presence,
  type PresenceState,
} from "./rules/presence.ts";
import type { Arrival, DropCause } from "./wire.ts";

/** What a radio box's stream server knows of it. */
export interface BoxReport {
  readonly connected: boolean;
  readonly address: string;
  /** Since it connected. */
  readonly deliveredBytes: number;
}

/** What is known of one speaker now: reported by itself, or by the stream server for a radio box. */
export interface SpeakerStatus {
  readonly speaker: SpeakerId;
  readonly presence: Presence;
  readonly since: EpochMs;
  /** As last reported; kept while it is offline. */
  readonly state?: OnlineState;
  readonly health?: Health;
  readonly box?: BoxReport;
  /** Newest plan made for it; 0 before the first. */
  readonly planVersion: number;
  /** The plan it says it holds. */
  readonly planVersionHeld?: number;
  /** Items of the coming week that did not fit into its plan. */
  readonly planLeftOut: number;
  readonly pendingOrders: number;
  readonly lastReceiptAt?: EpochMs;
  /** Messages of its own that were dropped at the door since the start. */
  readonly droppedMessages: number;
}

interface Track {
  presence: PresenceState;
  /** What the log was last told. */
  said: Presence;
  state?: OnlineState;
  health?: Health;
  box?: BoxReport;
  readonly drops: Map<DropCause, number>;
}

/** A speaker that goes and comes within this does not fill the log. */
const SAID_AFTER_MS = 10 * SECOND_MS;

export type Observed = Omit<SpeakerStatus, "planVersion" | "planLeftOut" | "pendingOrders" | "lastReceiptAt">;

/** Presence and last reports of every speaker, in memory: after a start all are `unknown` until they speak. */
export interface Tracks {
  observed(speaker: SpeakerId): Observed;
  stateOf(speaker: SpeakerId): OnlineState | undefined;
  isOnline(speaker: SpeakerId): boolean;
  /** True when that brought it online. */
  heard(speaker: SpeakerId, report: { state?: OnlineState; health?: Health; box?: BoxReport }): boolean;
  gone(speaker: SpeakerId, box?: BoxReport): boolean;
  /** Finds who has fallen silent and tells the log who went and who came; returns whose presence changed. */
  sweep(speakers: readonly { id: SpeakerId; mayBeSilent: boolean }[]): SpeakerId[];
  dropped(arrival: Extract<Arrival, { type: "dropped" }>, from: SpeakerId | undefined): void;
  forget(speaker: SpeakerId): void;
}

export function openTracks({ clock, log }: { clock: Clock; log: Log }): Tracks {
  const tracks = new Map<SpeakerId, Track>();
  const strangers = new Set<DropCause>();
  const moment = (): Moment => ({ now: clock.now(), uptime: clock.uptime() });
  const trackOf = (speaker: SpeakerId): Track => {
    let track = tracks.get(speaker);
    if (track === undefined) {
      track = { presence: startListening(moment()), said: "unknown", drops: new Map() };
      tracks.set(speaker, track);
    }
    return track;
  };
  const move = (track: Track, to: PresenceState): boolean => {
    const changed = track.presence.presence !== to.presence;
    track.presence = to;
    return changed;
  };
  const say = (speaker: SpeakerId, track: Track): void => {
    const { presence, since } = track.presence;
    if (presence === track.said || clock.now() - since < SAID_AFTER_MS) return;
    if (presence === "offline") log.warn({ speaker, since }, "speaker is gone");
    else if (track.said === "offline") log.info({ speaker, since }, "speaker is back");
    track.said = presence;
  };
  return {
    observed: (speaker) => {
      const { presence, state, health, box, drops } = trackOf(speaker);
      return {
        speaker,
        presence: presence.presence,
        since: presence.since,
        ...(state === undefined ? {} : { state, planVersionHeld: state.planVersion }),
        ...(health === undefined ? {} : { health }),
        ...(box === undefined ? {} : { box }),
        droppedMessages: [...drops.values()].reduce((sum, count) => sum + count, 0),
      };
    },
    stateOf: (speaker) => tracks.get(speaker)?.state,
    isOnline: (speaker) => tracks.get(speaker)?.presence.presence === "online",
    heard: (speaker, report) => {
      const track = Object.assign(trackOf(speaker), report);
      return move(track, heard(track.presence, moment()));
    },
    gone: (speaker, box) => {
      const track = trackOf(speaker);
      if (box !== undefined) track.box = box;
      return move(track, gone(track.presence, moment()));
    },
    sweep: (speakers) => {
      const changed: SpeakerId[] = [];
      for (const { id, mayBeSilent } of speakers) {
        const track = trackOf(id);
        const watched = !(mayBeSilent && track.presence.presence === "online");
        if (watched && move(track, listened(track.presence, moment()))) changed.push(id);
        say(id, track);
      }
      return changed;
    },
    dropped: ({ cause, detail, from, kind }, speaker) => {
      if (speaker === undefined) {
        if (!strangers.has(cause))
          log.warn({ from, cause, detail }, "message of no known speaker was dropped");
        strangers.add(cause);
        return;
      }
      const { drops } = trackOf(speaker);
      const count = drops.get(cause) ?? 0;
      if (count === 0) log.warn({ speaker, kind, cause, detail }, "message of a speaker was dropped");
      drops.set(cause, count + 1);
    },
    forget: (speaker) => void tracks.delete(speaker),
  };
}
