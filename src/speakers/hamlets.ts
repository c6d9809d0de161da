import type { Database } from "../store/database.ts";
import { badId, badName, hamletNotEmpty, notFound, outOfRange, taken, tooMany } from "./faults.ts";
import { HamletId, type QuietHours } from "./protocol.ts";
import { cleanName, proposeId } from "./rules/names.ts";
import type { Hamlet, HamletGroup, SessionCaps, SpeakerStore } from "./store.ts";

/** 21:30 to 05:00: when nothing but an emergency sounds unless the commune says otherwise. */
const DEFAULT_QUIET_HOURS: readonly QuietHours[] = [{ fromMinute: 21 * 60 + 30, toMinute: 5 * 60 }];

const HAMLETS_LIMIT = 300;
const QUIET_WINDOWS_LIMIT = 4;

export interface HamletDraft {
  readonly name: string;
  /** Proposed from the name when left out. */
  readonly id?: string | undefined;
  readonly quietHours?: readonly QuietHours[] | undefined;
  readonly caps?: CapsDraft | undefined;
}

/** Left out or undefined: no limit. */
interface CapsDraft {
  readonly sessionsPerDay?: number | undefined;
  readonly minutesPerSession?: number | undefined;
}

export type HamletChange = { readonly [K in Exclude<keyof HamletDraft, "id">]?: HamletDraft[K] | undefined };

export interface Hamlets {
  /** By name. */
  all(): Hamlet[];
  /** Throws not-found. */
  get(id: string): Hamlet;
  add(draft: HamletDraft): Hamlet;
  change(id: string, change: HamletChange): Hamlet;
  /** Refused while it has speakers. */
  remove(id: string): void;
}

interface GroupChange {
  readonly name?: string | undefined;
  readonly hamlets?: readonly string[] | undefined;
}

export interface Groups {
  all(): HamletGroup[];
  get(id: string): HamletGroup;
  add(draft: { readonly name: string; readonly hamlets: readonly string[] }): HamletGroup;
  change(id: string, change: GroupChange): HamletGroup;
  remove(id: string): void;
}

interface HamletParts {
  readonly database: Database;
  readonly store: SpeakerStore;
  readonly changed: () => void;
  readonly defaults?: HamletDefaults;
}

/** Rules of a new hamlet that says nothing of them. */
export interface HamletDefaults {
  readonly quietHours: readonly QuietHours[];
  readonly caps: CapsDraft;
}

const DEFAULTS: HamletDefaults = { quietHours: DEFAULT_QUIET_HOURS, caps: {} };

export function openHamlets({ database, store, changed, defaults = DEFAULTS }: HamletParts): Hamlets {
  const get = (id: string): Hamlet => {
    const hamlet = store.hamlet(id);
    if (hamlet === undefined) throw notFound("hamlet", id, "hamlet");
    return hamlet;
  };
  const put = (hamlet: Hamlet): Hamlet => {
    checkRules(hamlet);
    if (store.hamlets().some((other) => other.name === hamlet.name && other.id !== hamlet.id)) {
      throw taken("hamlet", "name", hamlet.name);
    }
    store.putHamlet(hamlet);
    changed();
    return hamlet;
  };
  return {
    all: () => store.hamlets(),
    get,
    add: (draft) =>
      database.transact(() => {
        const known = store.hamlets();
        if (known.length >= HAMLETS_LIMIT) throw tooMany("hamlet", HAMLETS_LIMIT);
        const name = cleanName(draft.name);
        if (name === undefined) throw badName("hamlet", draft.name);
        const isTaken = (id: string): boolean => known.some((hamlet) => hamlet.id === id);
        const id = HamletId.safeParse(draft.id ?? proposeId(name, isTaken, "thon"));
        if (!id.success) throw badId("hamlet", draft.id ?? name);
        if (isTaken(id.data)) throw taken("hamlet", "id", id.data);
        return put({
          id: id.data,
          name,
          quietHours: draft.quietHours ?? defaults.quietHours,
          caps: capsOf(draft.caps ?? defaults.caps),
        });
      }),
    change: (id, change) =>
      database.transact(() => {
        const before = get(id);
        const name = change.name === undefined ? before.name : cleanName(change.name);
        if (name === undefined) throw badName("hamlet", change.name ?? "");
        return put({
          ...before,
          name,
          quietHours: change.quietHours ?? before.quietHours,
          caps: change.caps === undefined ? before.caps : capsOf(change.caps),
        });
      }),
    remove: (id) =>
      database.transact(() => {
        const hamlet = get(id);
        const speakers = store.speakers().filter((speaker) => speaker.hamlet === id);
        if (speakers.length > 0) {
          throw hamletNotEmpty(
            hamlet.name,
            speakers.map((speaker) => speaker.name),
          );
        }
        store.deleteHamlet(id);
        changed();
      }),
  };
}

function capsOf({ sessionsPerDay, minutesPerSession }: CapsDraft = {}): SessionCaps {
  return {
    ...(sessionsPerDay === undefined ? {} : { sessionsPerDay }),
    ...(minutesPerSession === undefined ? {} : { minutesPerSession }),
  };
}

function checkRules({ quietHours, caps }: Hamlet): void {
  if (quietHours.length > QUIET_WINDOWS_LIMIT) {
    throw outOfRange("quietHours", quietHours.length, 0, QUIET_WINDOWS_LIMIT);
  }
  for (const { fromMinute, toMinute } of quietHours) {
    checkWhole("quietHours", fromMinute, 0, 1_439);
    checkWhole("quietHours", toMinute, 0, 1_439);
  }
  if (caps.sessionsPerDay !== undefined) checkWhole("sessionsPerDay", caps.sessionsPerDay, 1, 100);
  if (caps.minutesPerSession !== undefined) checkWhole("minutesPerSession", caps.minutesPerSession, 1, 1_440);
}

function checkWhole(field: string, value: number, from: number, to: number): void {
  if (!Number.isInteger(value) || value < from || value > to) throw outOfRange(field, value, from, to);
}

export function openGroups({ database, store, changed }: HamletParts): Groups {
  const get = (id: string): HamletGroup => {
    const group = store.groups().find((candidate) => candidate.id === id);
    if (group === undefined) throw notFound("group", id, "group");
    return group;
  };
  const put = (group: HamletGroup): HamletGroup => {
    if (store.groups().some((other) => other.name === group.name && other.id !== group.id)) {
      throw taken("group", "name", group.name);
    }
    store.putGroup(group);
    changed();
    return group;
  };
  const named = (typed: string): string => {
    const name = cleanName(typed);
    if (name === undefined) throw badName("group", typed);
    return name;
  };
  const members = (ids: readonly string[]): HamletId[] =>
    [...new Set(ids)].sort().map((id) => {
      const hamlet = store.hamlet(id);
      if (hamlet === undefined) throw notFound("hamlet", id, "hamlets");
      return hamlet.id;
    });
  return {
    all: () => store.groups(),
    get,
    add: (draft) =>
      database.transact(() => {
        const known = store.groups();
        if (known.length >= HAMLETS_LIMIT) throw tooMany("group", HAMLETS_LIMIT);
        const name = named(draft.name);
        const id = proposeId(name, (candidate) => known.some((group) => group.id === candidate), "nhom");
        return put({ id, name, hamlets: members(draft.hamlets) });
      }),
    change: (id, change) =>
      database.transact(() => {
        const before = get(id);
        return put({
          ...before,
          name: change.name === undefined ? before.name : named(change.name),
          hamlets: change.hamlets === undefined ? before.hamlets : members(change.hamlets),
        });
      }),
    remove: (id) =>
      database.transact(() => {
        get(id);
        store.deleteGroup(id);
        changed();
      }),
  };
}
