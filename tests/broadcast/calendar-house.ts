import { createHash } from "node:crypto";
import { AUDIT_SCHEMA, openAudit, type Audit } from "../../src/identity/audit.ts";
import type { Actor, Role } from "../../src/identity/actor.ts";
import { Fault } from "../../src/kernel/faults.ts";
import { DAY_MS, MINUTE_MS } from "../../src/kernel/time.ts";
import type { BulletinLibrary } from "../../src/broadcast/bulletin-content.ts";
import type { BulletinDraft, BulletinView } from "../../src/broadcast/bulletin-model.ts";
import { BULLETIN_SCHEMA } from "../../src/broadcast/bulletin-store.ts";
import { openBulletins, type Bulletins } from "../../src/broadcast/bulletins.ts";
import {
  openCalendar,
  type Calendar,
  type CalendarPlaces,
  type Saving,
} from "../../src/broadcast/calendar.ts";
import type { SlotDraft } from "../../src/broadcast/calendar-model.ts";
import { CALENDAR_SCHEMA, openCalendarStore } from "../../src/broadcast/calendar-store.ts";
import type { ApprovalPolicy } from "../../src/broadcast/rules/approval.ts";
import type { DayWindow, Zone } from "../../src/broadcast/rules/model.ts";
import { Sha256 } from "../../src/speakers/protocol.ts";
import { openDatabase, type Database } from "../../src/store/database.ts";
import { migrate } from "../../src/store/migrate.ts";
import { FakeClock } from "../support/fake-clock.ts";

export const TIME_ZONE = "Asia/Ho_Chi_Minh";
/** Monday 2026-11-23, 08:00 in the commune. */
export const MORNING = Date.parse("2026-11-23T08:00:00+07:00");
export const NEVER_STOPPED = new AbortController().signal;

export const person = (name: string, ...roles: Role[]): Actor => ({ id: name.toLowerCase(), name, roles });
export const LAN = person("Lan", "officer");
export const HOA = person("Hoa", "officer");
export const MINH = person("Minh", "leader");

export const saving: Saving = { actor: LAN, preview: false };
export const rehearsing: Saving = { actor: LAN, preview: true };

/** Recordings that are only told about; speech is as long as its text. */
export class TestLibrary implements BulletinLibrary {
  readonly chimes = { opening: { id: "up" }, closing: { id: "down" }, emergency: { id: "alarm" } };
  readonly spoken: string[] = [];
  private readonly audios = new Map<string, { durationMs: number; sha256: Sha256 }>();

  constructor() {
    this.add("up", 4_000);
    this.add("down", 4_000);
    this.add("alarm", 6_000);
    this.add("news", 10 * MINUTE_MS);
    this.add("other", 12 * MINUTE_MS);
    this.add("music", 3 * MINUTE_MS);
  }

  add(id: string, durationMs: number, content = id): void {
    const sha256 = Sha256.parse(createHash("sha256").update(content).digest("hex"));
    this.audios.set(id, { durationMs, sha256 });
  }

  lose(id: string): void {
    this.audios.delete(id);
  }

  get(id: string): ReturnType<BulletinLibrary["get"]> {
    const audio = this.audios.get(id);
    return audio === undefined ? undefined : { id, name: id, ...audio };
  }

  part(id: string): ReturnType<BulletinLibrary["part"]> {
    const audio = this.audios.get(id);
    if (audio === undefined) throw new Fault("not-found", `no audio ${id}`);
    const { durationMs, sha256 } = audio;
    return { durationMs, files: [{ sha256, bytes: 1_000, kbps: 64, sampleRateHz: 44_100 }] };
  }

  addSpeech({ text }: Parameters<BulletinLibrary["addSpeech"]>[0]): ReturnType<BulletinLibrary["addSpeech"]> {
    this.spoken.push(text);
    const id = `speech-${this.spoken.length}`;
    this.add(id, text.length * 100, text);
    return Promise.resolve({ id, readText: text.replaceAll("UBND", "ủy ban nhân dân") });
  }
}

/** Three hamlets of two loudspeakers each. */
class TestPlaces implements CalendarPlaces {
  quietHours: DayWindow[] = [{ fromMinute: 21 * 60 + 30, toMinute: 5 * 60 }];
  readonly ids = ["dong", "tay", "nam"];

  zones(): Zone[] {
    return this.speakers().map(({ id }) => ({
      speaker: id,
      hamlet: id.slice(0, -2),
      quietHours: this.quietHours,
      caps: {},
    }));
  }

  hamlets(): { id: string; name: string }[] {
    return this.ids.map((id) => ({ id, name: `Thôn ${id}` }));
  }

  speakers(): { id: string; name: string }[] {
    return this.ids.flatMap((id) => [1, 2].map((n) => ({ id: `${id}-${n}`, name: `Loa ${id} ${n}` })));
  }
}

export interface House extends Disposable {
  readonly database: Database;
  readonly audit: Audit;
  readonly clock: FakeClock;
  readonly library: TestLibrary;
  readonly places: TestPlaces;
  readonly bulletins: Bulletins;
  readonly calendar: Calendar;
  /** How often `changed` was called. */
  changes(): number;
}

const POLICY: ApprovalPolicy = { authorMayApprove: false, countersignWithinMs: DAY_MS };

/** The real bulletins and calendar over a real database, with recordings and places that are only told about. */
export function openHouse(
  how: { readonly policy?: Partial<ApprovalPolicy>; readonly file?: string; readonly now?: number } = {},
): House {
  const database = openDatabase(how.file ?? ":memory:");
  migrate(database, [AUDIT_SCHEMA, BULLETIN_SCHEMA, CALENDAR_SCHEMA]);
  const clock = new FakeClock(how.now ?? MORNING);
  const audit = openAudit({ database, clock });
  const library = new TestLibrary();
  const places = new TestPlaces();
  const store = openCalendarStore(database);
  let changes = 0;
  const changed = (): void => {
    changes += 1;
  };
  const shared = { database, library, audit, clock, timeZone: TIME_ZONE, changed };
  const bulletins = openBulletins({
    ...shared,
    policy: { ...POLICY, ...how.policy },
    slotsOf: (id) => calendar.list().filter(({ bulletinId }) => bulletinId === id),
  });
  const calendar: Calendar = openCalendar({ ...shared, store, bulletins, places });
  return {
    ...{ database, audit, clock, library, places, bulletins, calendar },
    changes: () => changes,
    [Symbol.dispose]: () => database[Symbol.dispose](),
  };
}

export function bulletinDraft(changes: Partial<BulletinDraft> = {}): BulletinDraft {
  return {
    title: "Tin sáng",
    category: "Thời sự",
    class: "ordinary",
    chime: false,
    content: { type: "audio", audioId: "news" },
    ...changes,
  };
}

/** Written and submitted by Lan. */
export async function submitted(house: House, changes: Partial<BulletinDraft> = {}): Promise<BulletinView> {
  const { id, version } = await house.bulletins.create(bulletinDraft(changes), LAN, NEVER_STOPPED);
  return house.bulletins.submit(id, version, LAN);
}

/** Written and submitted by Lan, approved by Minh. */
export async function approved(house: House, changes: Partial<BulletinDraft> = {}): Promise<BulletinView> {
  const { id, version, seal = "" } = await submitted(house, changes);
  return house.bulletins.approve(id, { version, seal }, MINH);
}

/** Daily at 17:00 everywhere, from today. */
export function slotDraft(bulletinId: string, changes: Partial<SlotDraft> = {}): SlotDraft {
  return {
    bulletinId,
    kind: "programme",
    startTime: "17:00",
    recurrence: { type: "daily" },
    from: "2026-11-23",
    seasons: [],
    holidays: "ignore",
    targets: { type: "everywhere" },
    ...changes,
  };
}

/** The Fault as `kind field: sentence`, for tables; "done" when there is none. */
export function faultOf(work: () => unknown): string {
  try {
    work();
    return "done";
  } catch (error) {
    return shownFault(error);
  }
}

export async function rejectionOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => "done",
    (error: unknown) => shownFault(error),
  );
}

function shownFault(error: unknown): string {
  if (!(error instanceof Fault)) throw error;
  return `${error.kind}${error.field === undefined ? "" : ` ${error.field}`}: ${error.said.vi}`;
}
