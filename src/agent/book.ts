import type { Database } from "../store/database.ts";
import type { Outbox } from "../store/outbox.ts";
import type { AiringId, PlayOrder, Receipt, Sha256, SignedPlan } from "../speakers/protocol.ts";
import { Fault } from "../kernel/faults.ts";
import type { Log } from "../kernel/log.ts";
import { epochMs } from "../kernel/time.ts";
import type { Channel } from "./channel.ts";
import { endAt, startAt, type Standing } from "./rules/airing.ts";
import {
  levelDbfs,
  missing,
  NO_PROGRESS,
  verdictOf,
  type MissingReason,
  type Progress,
} from "./rules/receipt.ts";
import type { AgentStore, AiringRow, Ending } from "./store.ts";

/** One airing this speaker has to do with, from when it is known until its receipt is written. */
export interface Entry {
  spec: PlayOrder;
  readonly via: AiringRow["via"];
  state: AiringRow["state"];
  lagMs: number;
  stepMs: number;
  resumesAtMs: number | undefined;
  /** How long its beginning has been waiting for a decoder; its end moves along. */
  heldUpMs: number;
  progress: Progress;
  ending: Ending | undefined;
  /** Every channel that sounded or will sound for it and is not measured to its end yet. */
  channels: Channel[];
  /** The one of them that is to sound. */
  armed: Armed | undefined;
}

export interface Armed {
  readonly channel: Channel;
  /** Hall time of its first sample. */
  readonly at: number;
  /** Begins at the beginning and at its time; false for one that joins late. */
  readonly onTime: boolean;
  /** A slow decoder moves the whole sound instead of cutting its beginning off. */
  readonly mayBeDelayed: boolean;
  readonly sha256: readonly Sha256[];
  /** Its first sample has been seen to leave. */
  hasLeft: boolean;
}

/** The airings of this speaker. Orders and plan are one list: the same id is the same sound. */
export interface Book {
  readonly entries: ReadonlyMap<AiringId, Entry>;
  /** False when it has been played or stopped already. */
  takeOrder(spec: PlayOrder, now: number): boolean;
  /** Replaces what earlier plans announced and has not begun. `receivedAt` tells what the plan could never ask for. */
  takePlan(plan: Pick<SignedPlan, "items">, receivedAt: number): void;
  /** Forgets what plans announced and has not begun. */
  dropPlan(): void;
  /** From now on it won't sound, even if it is heard of only later. */
  refuse(airing: AiringId, now: number): void;
  end(entry: Entry, ending: Ending): void;
  save(entry: Entry, now: number): void;
  /** Ends it for good: the receipt is stored together with the fact. False when the disk does not take it now. */
  finish(entry: Entry): boolean;
}

export const RECEIPT_STREAM = "receipt";
/** Longest time that an order may lie between its start and its end. */
const REMEMBER_STOPPED_MS = 2 * 86_400_000;

interface BookParts {
  readonly database: Database;
  readonly store: AgentStore;
  readonly outbox: Outbox;
  readonly log: Log;
}

export function openBook({ database, store, outbox, log }: BookParts): Book {
  const entries = new Map<AiringId, Entry>(
    store
      .openAirings()
      .map((row) => [row.spec.airing, { ...row, heldUpMs: 0, channels: [], armed: undefined }]),
  );
  const put = (spec: PlayOrder, via: Entry["via"], now: number): Entry => {
    const entry = newEntry(spec, via, now);
    entries.set(spec.airing, entry);
    return entry;
  };
  let isStoring = true;
  /** A full disk must not silence a loudspeaker: what can't be stored now is stored later. */
  const storing = (work: () => void): boolean => {
    try {
      work();
      isStoring = true;
      return true;
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      if (isStoring) log.error({ err: error }, "airings can't be stored; will keep trying");
      isStoring = false;
      return false;
    }
  };
  const save = (entry: Entry, now: number): void => {
    entry.progress = { ...entry.progress, seenAt: now };
    storing(() => store.putAiring(entry));
  };
  const dropPlan = (): void => {
    for (const [airing, entry] of entries) {
      if (entry.via === "plan" && entry.state === "waiting" && entry.ending === undefined) {
        cancel(entry);
        entries.delete(airing);
      }
    }
  };
  return {
    entries,
    takeOrder: (spec, now) => {
      if (store.hasEnded(spec.airing)) return false;
      const known = entries.get(spec.airing);
      if (known?.ending !== undefined) return false;
      if (known === undefined || known.state === "waiting") {
        if (known !== undefined) cancel(known);
        store.putAiring(put(spec, "order", now));
        return true;
      }
      amend(known, spec);
      save(known, now);
      return true;
    },
    takePlan: ({ items }, receivedAt) => {
      dropPlan();
      for (const item of items) {
        if (item.until <= receivedAt || entries.has(item.airing) || store.hasEnded(item.airing)) continue;
        put({ kind: "play", ...item }, "plan", receivedAt);
      }
    },
    dropPlan,
    refuse: (airing, now) => store.endAiring(airing, now + REMEMBER_STOPPED_MS),
    end: (entry, ending) => {
      if (entry.ending !== undefined) return;
      entry.ending = ending;
      save(entry, ending.at);
    },
    save,
    finish: (entry) => {
      const { spec } = entry;
      const endedAt = epochMs(Math.round(entry.ending?.at ?? spec.until));
      const isStored = storing(() =>
        database.transact(() => {
          store.endAiring(spec.airing, spec.until);
          outbox.put(RECEIPT_STREAM, endedAt, (n) => JSON.stringify(receiptOf(entry, n)));
        }),
      );
      if (isStored) entries.delete(spec.airing);
      return isStored;
    },
  };
}

export function standingOf(entry: Entry, playable: boolean): Standing {
  const { spec, state, stepMs, resumesAtMs } = entry;
  const lagMs = entry.lagMs + entry.heldUpMs;
  return { spec, begun: state === "begun", lagMs, stepMs, resumesAtMs, playable };
}

/** Nothing of its present channel sounds from now on; it will be opened anew if need be. */
export function cancel(entry: Entry): void {
  entry.armed?.channel.setEnd({ at: 0 as Channel["startAt"], fadeMs: 0 });
  entry.armed = undefined;
}

export function note(entry: Entry, reason: MissingReason, ms: number): void {
  entry.progress = missing(entry.progress, reason, ms);
}

function newEntry(spec: PlayOrder, via: Entry["via"], now: number): Entry {
  const entry: Entry = {
    spec,
    via,
    state: "waiting",
    lagMs: 0,
    stepMs: 0,
    resumesAtMs: undefined,
    heldUpMs: 0,
    progress: { ...NO_PROGRESS, seenAt: now },
    ending: undefined,
    channels: [],
    armed: undefined,
  };
  const standing = standingOf(entry, true);
  if (spec.until > now) note(entry, "late", Math.min(now, endAt(standing)) - startAt(standing));
  return entry;
}

/** A later order about what sounds already. A new time or source makes it begin anew where it should be. */
function amend(entry: Entry, spec: PlayOrder): void {
  const moved =
    spec.at !== entry.spec.at || JSON.stringify(spec.source) !== JSON.stringify(entry.spec.source);
  entry.spec = spec;
  if (!moved) return;
  cancel(entry);
  entry.lagMs = 0;
  entry.stepMs = 0;
  entry.resumesAtMs = undefined;
}

function receiptOf(entry: Entry, n: number): Receipt {
  const { spec, via, progress } = entry;
  const ending = entry.ending ?? { at: spec.until, by: undefined };
  const { outcome, reason, expectedMs } = verdictOf(spec, progress, ending);
  return {
    n,
    airing: spec.airing,
    outcome,
    ...(reason === undefined ? {} : { reason }),
    plannedAt: spec.at,
    startedAt: progress.startedAt === undefined ? null : Math.round(progress.startedAt),
    endedAt: Math.round(ending.at),
    playedMs: Math.round(progress.playedMs),
    expectedMs: expectedMs === null ? null : Math.round(expectedMs),
    startErrorMs: progress.startErrorMs === undefined ? null : Math.round(progress.startErrorMs * 100) / 100,
    sha256: [...progress.sha256] as Receipt["sha256"],
    levelDbfs: levelDbfs(progress.squareSum, progress.sampleCount),
    via,
  };
}
