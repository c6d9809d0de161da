import type { Clock } from "../kernel/clock.ts";
import { Fault } from "../kernel/faults.ts";
import { text } from "../kernel/text.ts";
import { DAY_MS, epochMs, type EpochMs } from "../kernel/time.ts";
import type { BulletinLibrary } from "./bulletin-content.ts";
import type { Bulletin } from "./bulletin-model.ts";
import type { Bulletins } from "./bulletins.ts";
import { ruleSlotOf, soundOf, type Sounded } from "./calendar-content.ts";
import type { KeptSlot, SlotContent } from "./calendar-model.ts";
import type { CalendarStore, KeptHolidays } from "./calendar-store.ts";
import { expand } from "./rules/expand.ts";
import { DEFAULT_HOLIDAYS } from "./rules/holidays.ts";
import type { Candidate, Holiday, Slot, TimeWindow } from "./rules/model.ts";

/** One slot with all that follows from it. */
export interface Compiled {
  readonly kept: KeptSlot;
  readonly bulletin: Bulletin;
  /** Undefined when a recording is missing. */
  readonly sound: Sounded | undefined;
  readonly slot: Slot;
}

interface ReaderParts {
  readonly store: CalendarStore;
  readonly bulletins: Bulletins;
  readonly library: BulletinLibrary;
  readonly clock: Clock;
  readonly timeZone: string;
}

/** The calendar as it is kept, compiled for the rules, and kept compiled until something changes. */
export interface CalendarReader {
  /** To be called after each write of a slot or of the holidays. */
  forget(): void;
  compile(kept: KeptSlot): Compiled;
  /** Open slots, by time of day. */
  open(): Compiled[];
  /** Throws a Fault("not-found"); closed slots are found. */
  compiled(slotId: string): Compiled;
  /** Occurrences within the window, not barred, none from before a slot was made or after it was closed. */
  occurrences(all: readonly Compiled[], window: TimeWindow, holidays?: readonly Holiday[]): Candidate[];
  slots(): readonly Slot[];
  candidates(window: TimeWindow): Candidate[];
  contentOf(slotId: string): SlotContent;
  holidayList(): KeptHolidays;
}

/** Closed slots stay at hand this long for whoever asks about the last days. */
const AT_HAND_MS = 35 * DAY_MS;

export function openCalendarReader(parts: ReaderParts): CalendarReader {
  const { store, bulletins, library, clock, timeZone } = parts;
  let revision = 0;
  let cache:
    | {
        readonly key: string;
        readonly fromAt: number;
        readonly byId: ReadonlyMap<string, Compiled>;
        readonly holidays: KeptHolidays;
      }
    | undefined;

  const compile = (kept: KeptSlot): Compiled => {
    const bulletin = bulletins.find(kept.bulletinId);
    if (bulletin === undefined) throw new Error(`slot ${kept.id} names an unknown bulletin`);
    const sound = soundOf(kept, bulletin, library);
    return { kept, bulletin, sound, slot: ruleSlotOf(kept, bulletin, sound) };
  };
  const atHand = (): NonNullable<typeof cache> => {
    const key = `${bulletins.revision()}.${revision}`;
    if (cache?.key === key) return cache;
    const fromAt = clock.now() - AT_HAND_MS;
    cache = {
      key,
      fromAt,
      byId: new Map(store.livingSince(epochMs(fromAt)).map((kept) => [kept.id, compile(kept)])),
      holidays: store.holidays() ?? UNTOUCHED,
    };
    return cache;
  };
  const livingSince = (at: EpochMs): readonly Compiled[] => {
    const { fromAt, byId } = atHand();
    return at >= fromAt ? [...byId.values()] : store.livingSince(at).map(compile);
  };
  const compiled = (slotId: string): Compiled => {
    const known = atHand().byId.get(slotId);
    if (known !== undefined) return known;
    const kept = store.get(slotId);
    if (kept !== undefined) return compile(kept);
    throw new Fault("not-found", text(`There is no slot ${slotId}.`, `Không có lịch phát ${slotId}.`), {
      hint: text("Choose one on the calendar.", "Hãy chọn lịch phát có trên lịch."),
    });
  };
  const open = (): Compiled[] => [...atHand().byId.values()].filter(({ kept }) => kept.closed === undefined);
  const occurrences: CalendarReader["occurrences"] = (all, window, holidays = atHand().holidays.holidays) => {
    const byId = new Map(all.map((one) => [one.slot.id, one.kept]));
    const slots = all.map(({ slot }) => slot);
    return expand(slots, window, { timeZone, holidays }).flatMap((candidate) => {
      const kept = byId.get(candidate.slot ?? "");
      return kept === undefined ? [] : asItWas(candidate, kept);
    });
  };

  return {
    forget: () => {
      revision += 1;
    },
    compile,
    open,
    compiled,
    occurrences,
    slots: () => {
      const now = clock.now();
      return open().map(({ slot, bulletin }) => barredBy(slot, bulletins.gateOf(bulletin.id)(now)));
    },
    candidates: (window) => {
      const all = livingSince(window.from);
      const gateOf = new Map(all.map(({ slot, bulletin }) => [slot.id, bulletins.gateOf(bulletin.id)]));
      return occurrences(all, window).map((candidate) =>
        barredBy(candidate, gateOf.get(candidate.slot ?? "")?.(candidate.startAt)),
      );
    },
    contentOf: (slotId) => {
      const { sound, bulletin } = compiled(slotId);
      if (sound !== undefined) return sound.content;
      throw new Fault(
        "unavailable",
        text(
          `The recording of “${bulletin.title}” is missing from the library.`,
          `Kho âm thanh thiếu bản ghi của “${bulletin.title}”.`,
        ),
        { hint: text("Choose another recording.", "Hãy chọn bản ghi khác cho bản tin.") },
      );
    },
    holidayList: () => atHand().holidays,
  };
}

const UNTOUCHED: KeptHolidays = {
  version: 0,
  holidays: DEFAULT_HOLIDAYS,
  changed: { by: "system", name: "system", at: epochMs(0) },
};

function barredBy<T extends Slot | Candidate>(thing: T, barred: Candidate["barred"]): T {
  return barred === undefined ? thing : { ...thing, barred };
}

/** Nothing, where the slot was not on the calendar at that instant; shorter, where it was taken off meanwhile. */
function asItWas(candidate: Candidate, { sinceAt, closed }: KeptSlot): Candidate[] {
  if (candidate.startAt < sinceAt) return [];
  if (closed === undefined) return [candidate];
  if (candidate.startAt >= closed.at) return [];
  if (!closed.cut) return [candidate];
  return [{ ...candidate, durationMs: Math.min(candidate.durationMs, closed.at - candidate.startAt) }];
}
