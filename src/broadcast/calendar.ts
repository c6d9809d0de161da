import type { Actor } from "../identity/actor.ts";
import type { Audit } from "../identity/audit.ts";
import type { Clock } from "../kernel/clock.ts";
import { Fault } from "../kernel/faults.ts";
import { text, type Text } from "../kernel/text.ts";
import { DAY_MS, epochMs, type EpochMs } from "../kernel/time.ts";
import type { Database } from "../store/database.ts";
import { mustBeCurrent, sayingInstants, signed } from "./approval.ts";
import type { BulletinLibrary } from "./bulletin-content.ts";
import { newId, type Bulletin } from "./bulletin-model.ts";
import type { Bulletins } from "./bulletins.ts";
import { checkedDraft, checkedHolidays, existingDate } from "./calendar-check.ts";
import { mustSuit } from "./calendar-content.ts";
import { changedSlots, exceptedRows, opened, removedSlots, type EditSituation } from "./calendar-edit.ts";
import { isClosed, mustBeSound, sayEffect, type Circumstances, type Version } from "./calendar-effect.ts";
import type { KeptSlot, OccurrenceEdit, Scope, SlotContent, SlotDraft, SlotSaved } from "./calendar-model.ts";
import { openCalendarReader, type Compiled } from "./calendar-reader.ts";
import type { CalendarStore, KeptHolidays } from "./calendar-store.ts";
import { dayNumberOf, msOfDay } from "./rules/days.ts";
import { localZone } from "./rules/local-time.ts";
import type { Candidate, Holiday, LocalDate, LocalTime, Slot, TimeWindow, Zone } from "./rules/model.ts";
import { quietClashes, quietClashText, type QuietClash } from "./rules/quiet-check.ts";

/** The commune's places, as the registry of loudspeakers has them. */
export interface CalendarPlaces {
  zones(): readonly Zone[];
  hamlets(): readonly { readonly id: string; readonly name: string }[];
  speakers(): readonly { readonly id: string; readonly name: string }[];
}

export interface CalendarParts {
  readonly database: Database;
  readonly store: CalendarStore;
  readonly bulletins: Bulletins;
  readonly library: BulletinLibrary;
  readonly places: CalendarPlaces;
  readonly audit: Audit;
  readonly clock: Clock;
  /** IANA name. */
  readonly timeZone: string;
  /** Called after each commit that may change what sounds. */
  readonly changed: () => void;
}

/** Who saves, and whether it is only a rehearsal: a preview answers, or refuses, as saving would. */
export interface Saving {
  readonly actor: Actor;
  readonly preview: boolean;
}

/** A slot whose starts fall into quiet hours, and the first of them in words. */
export interface SlotClash {
  readonly slot: KeptSlot;
  readonly title: string;
  readonly first: QuietClash;
  readonly said: Text;
}

export interface Calendar {
  /** The open slots as the rules read them, `barred` as of now. */
  slots(): readonly Slot[];
  /**
   * The occurrences that meet the window: none from before its slot was made or after it was closed, each barred by
   * what holds at its own start (an approval that will have run out by then bars it). Prefer it to expanding `slots`.
   */
  candidates(window: TimeWindow): Candidate[];
  /** Throws a Fault when the slot is unknown or its recording is missing. */
  contentOf(slotId: string): SlotContent;
  bulletinOf(slotId: string): Bulletin | undefined;
  holidays(): readonly Holiday[];
  zones(): readonly Zone[];
  markAired(slotId: string, airing: string, at: EpochMs): void;

  /** Open slots, by time of day. */
  list(): readonly KeptSlot[];
  /** Also finds closed ones. Throws a Fault("not-found"). */
  get(slotId: string): KeptSlot;
  create(draft: SlotDraft, saving: Saving): SlotSaved;
  change(
    slotId: string,
    request: { readonly version: number; readonly scope: Scope; readonly draft: SlotDraft },
    saving: Saving,
  ): SlotSaved;
  remove(
    slotId: string,
    request: { readonly version: number; readonly scope: Scope },
    saving: Saving,
  ): SlotSaved;
  /** Cancels or moves one occurrence, or puts it back. `date` is the one the rule gave. */
  except(
    slotId: string,
    request: { readonly version: number; readonly date: LocalDate; readonly edit: OccurrenceEdit },
    saving: Saving,
  ): SlotSaved;
  /** Open slots that start or run into the quiet hours of today's settings, where they are silent. */
  clashes(): SlotClash[];
  holidayList(): KeptHolidays;
  setHolidays(
    request: { readonly version: number; readonly holidays: readonly Holiday[] },
    saving: Saving,
  ): SlotSaved;
}

/** Clashes with changed quiet hours are listed this far ahead. */
const CLASHES_AHEAD_MS = 92 * DAY_MS;

export function openCalendar(parts: CalendarParts): Calendar {
  const { database, store, bulletins, library, places, audit, clock, timeZone } = parts;
  const say = sayingInstants(timeZone);
  const zone = localZone(timeZone);
  const reader = openCalendarReader(parts);

  const circumstances = (): Circumstances => ({
    reader,
    now: clock.now(),
    timeZone,
    zones: places.zones(),
    hamlets: places.hamlets(),
    say,
    gateOf: (id) => bulletins.gateOf(id),
  });
  const present = (): Version => ({ slots: reader.open(), holidays: reader.holidayList().holidays });

  const checked = (draft: SlotDraft): SlotDraft => {
    const fine = checkedDraft(draft, { hamlets: ids(places.hamlets()), speakers: ids(places.speakers()) });
    mustSuit(fine, bulletins.get(fine.bulletinId), library);
    return fine;
  };
  const current = (slotId: string, version: number): Compiled => {
    const one = reader.compiled(slotId);
    const named = text(`The slot of “${one.bulletin.title}”`, `Lịch phát “${one.bulletin.title}”`);
    mustBeCurrent({ ...one.kept, named }, version, say);
    if (one.kept.closed !== undefined) throw isClosed(one, say);
    return one;
  };
  const situation = (one: Compiled, actor: Actor): EditSituation => {
    const { kept, slot } = one;
    const now = clock.now();
    const past = { from: kept.sinceAt, to: epochMs(now + 1) };
    return {
      who: signed(actor, now),
      newId: newId("s"),
      hasBegun: reader.occurrences([one], past).length > 0,
      spanOn: (date) => {
        const startAt = startOn(one, existingDate(date, "date"));
        return startAt === undefined ? undefined : { startAt, endAt: startAt + slot.durationMs };
      },
    };
  };
  const startOn = (one: Compiled, date: LocalDate): EpochMs | undefined => {
    const exception = one.slot.exceptions.find((candidate) => candidate.date === date);
    if (exception?.type === "cancelled") return undefined;
    // Asked without its exceptions, the rule says whether it gives this date, and when.
    const bare = { ...one, slot: { ...one.slot, exceptions: [] } };
    const midnight = zone.instantOf(dayNumberOf(date), 0);
    const window = { from: midnight, to: epochMs(midnight + 2 * DAY_MS) };
    const given = reader
      .occurrences([bare], window)
      .find(({ airing }) => airing === `${one.slot.id}.${date}`);
    if (given === undefined || exception === undefined) return given?.startAt;
    return zone.instantOf(dayNumberOf(exception.toDate), msOfDay(exception.toTime));
  };

  /** One transaction: what is written, and its audit entry. In a preview nothing. */
  const save = (
    change: { readonly rows: readonly KeptSlot[]; readonly action: string; readonly subject: string },
    saving: Saving,
  ): SlotSaved => {
    const { rows } = change;
    const written = new Set(rows.map(({ id }) => id));
    const before = present();
    const after: Version = {
      ...before,
      slots: [
        ...before.slots.filter(({ kept }) => !written.has(kept.id)),
        ...rows.map((row) => reader.compile(row)),
      ],
    };
    const slots = rows.filter(({ closed }) => closed === undefined);
    const said = sayEffect(before, after, written, circumstances());
    if (saving.preview) return { slots, said, saved: false };
    database.transact(() => {
      for (const row of rows) store.put(row);
      const details = { rows: rows.map(toldRow), said: said.vi };
      audit.record({
        actor: saving.actor,
        action: `slot.${change.action}`,
        subject: change.subject,
        details,
      });
    });
    reader.forget();
    parts.changed();
    return { slots, said, saved: true };
  };
  const mustSound = (rows: readonly KeptSlot[]): void => {
    const written = new Set(rows.map(({ id }) => id));
    const before = present();
    const others = before.slots.filter(({ kept }) => !written.has(kept.id));
    const fresh = rows.filter(({ closed }) => closed === undefined).map((row) => reader.compile(row));
    const after = { ...before, slots: [...others, ...fresh] };
    for (const one of fresh) mustBeSound(one, after, circumstances());
  };

  return {
    slots: () => reader.slots(),
    candidates: (window) => reader.candidates(window),
    contentOf: (slotId) => reader.contentOf(slotId),
    bulletinOf: (slotId) => {
      const kept = store.get(slotId);
      return kept === undefined ? undefined : bulletins.find(kept.bulletinId);
    },
    holidays: () => reader.holidayList().holidays,
    zones: () => places.zones(),
    markAired: (slotId, airing, at) => bulletins.markAired(reader.compiled(slotId).bulletin.id, airing, at),
    list: () => reader.open().map(({ kept }) => kept),
    get: (slotId) => reader.compiled(slotId).kept,
    create: (draft, saving) => {
      const row = opened(checked(draft), newId("s"), signed(saving.actor, clock.now()));
      mustSound([row]);
      return save({ rows: [row], action: "create", subject: row.id }, saving);
    },
    change: (slotId, { version, scope, draft }, saving) => {
      const one = current(slotId, version);
      const rows = changedSlots(one.kept, checked(draft), scope, situation(one, saving.actor));
      // The row that keeps what lies before a split is not judged anew: its days were fine when they were saved.
      mustSound(rows.filter(({ id }) => rows.length === 1 || id !== slotId));
      return save({ rows, action: `change.${scope.type}`, subject: slotId }, saving);
    },
    remove: (slotId, { version, scope }, saving) => {
      const one = current(slotId, version);
      const rows = removedSlots(one.kept, scope, situation(one, saving.actor));
      return save({ rows, action: `remove.${scope.type}`, subject: slotId }, saving);
    },
    except: (slotId, { version, date, edit }, saving) => {
      const one = current(slotId, version);
      const now = situation(one, saving.actor);
      const rows = exceptedRows(one.kept, date, edit, now);
      if (edit.type === "move")
        mustLieAhead(edit, zone.instantOf(dayNumberOf(edit.toDate), msOfDay(edit.toTime)));
      if (edit.type !== "cancel") mustSound(rows);
      return save({ rows, action: edit.type, subject: slotId }, saving);
    },
    clashes: () => {
      const window = { from: clock.now(), to: epochMs(clock.now() + CLASHES_AHEAD_MS) };
      const rules = { timeZone, holidays: reader.holidayList().holidays };
      return reader.open().flatMap(({ kept, slot, bulletin }) => {
        const found = quietClashes(slot, places.zones(), window, rules);
        const [first, words] = [found[0], quietClashText(found, timeZone)];
        if (first === undefined || words === undefined) return [];
        const { title } = bulletin;
        return [
          { slot: kept, title, first, said: text(`“${title}”: ${words.en}`, `“${title}”: ${words.vi}`) },
        ];
      });
    },
    holidayList: () => reader.holidayList(),
    setHolidays: ({ version, holidays }, saving) => {
      const kept = reader.holidayList();
      const named = text("The list of holidays", "Danh sách ngày nghỉ");
      mustBeCurrent({ ...kept, named }, version, say);
      const next = checkedHolidays(holidays);
      const before = present();
      const said = sayEffect(before, { ...before, holidays: next }, new Set(), circumstances());
      if (saving.preview) return { slots: [], said, saved: false };
      database.transact(() => {
        const changed = signed(saving.actor, clock.now());
        store.putHolidays({ version: version + 1, holidays: next, changed });
        const details = { before: kept.holidays, after: next, said: said.vi };
        audit.record({ actor: saving.actor, action: "holidays.change", subject: "holidays", details });
      });
      reader.forget();
      parts.changed();
      return { slots: [], said, saved: true };
    },
  };

  function mustLieAhead(
    { toTime, toDate }: { toTime: LocalTime; toDate: LocalDate },
    startAt: EpochMs,
  ): void {
    if (startAt > clock.now()) return;
    throw new Fault(
      "invalid",
      text(`${toTime} on ${toDate} is past.`, `Thời điểm ${say(startAt).vi} đã qua.`),
      { field: "toTime", hint: text("Choose a later time.", "Hãy chọn thời điểm muộn hơn.") },
    );
  }
}

function ids(list: readonly { readonly id: string }[]): ReadonlySet<string> {
  return new Set(list.map(({ id }) => id));
}

/** What the audit trail keeps of a row. */
function toldRow({
  id,
  version,
  bulletinId,
  startTime,
  recurrence,
  from,
  to,
  targets,
  closed,
}: KeptSlot): object {
  return { id, version, bulletinId, startTime, recurrence, from, to, targets, closed };
}
