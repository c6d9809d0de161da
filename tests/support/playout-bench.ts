import { join } from "node:path";
import { openAiringLog, type AiringRecord } from "../../src/broadcast/airing-log.ts";
import { AIRINGS_SCHEMA, openAiringStore, type AiringStore } from "../../src/broadcast/airings-store.ts";
import { openOrders } from "../../src/broadcast/playout-orders.ts";
import { openPlayout, type Playout } from "../../src/broadcast/playout.ts";
import { expand } from "../../src/broadcast/rules/expand.ts";
import type { Slot, Zone } from "../../src/broadcast/rules/model.ts";
import type { Text } from "../../src/kernel/text.ts";
import type {
  AudioPart,
  HamletId,
  PlanItem,
  Receipt,
  Sha256,
  SpeakerId,
} from "../../src/speakers/protocol.ts";
import { openDatabase } from "../../src/store/database.ts";
import { migrate } from "../../src/store/migrate.ts";
import { FakeClock } from "./fake-clock.ts";
import { RecordingLog } from "./recording-log.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const TIME_ZONE = "Asia/Ho_Chi_Minh";
/** Tuesday 2026-11-24, 16:59:00 in Vietnam. */
export const BEFORE_FIVE = Date.UTC(2026, 10, 24, 9, 59, 0);

export const part = (durationMs: number): AudioPart => ({
  durationMs,
  files: [{ sha256: "ab".repeat(32) as Sha256, bytes: 8 * durationMs, kbps: 64, sampleRateHz: 44_100 }],
});

export const slot = (change: Partial<Slot> = {}): Slot => ({
  id: "news",
  title: "Bản tin chiều",
  level: 400,
  durationMs: 60_000,
  startTime: "17:00:00",
  recurrence: { type: "daily" },
  from: "2026-01-01",
  seasons: [],
  holidays: "ignore",
  exceptions: [],
  targets: { type: "everywhere" },
  afterPreempt: "resume",
  rank: 0,
  ...change,
});

const zone = (speaker: string, hamlet: string): Zone => ({
  speaker,
  hamlet,
  quietHours: [{ fromMinute: 21 * 60 + 30, toMinute: 5 * 60 }],
  caps: {},
});

/** A hall with two loudspeakers, its real database, rules and playout; orders go into a list instead of a line. */
export class PlayoutBench implements Disposable {
  readonly clock: FakeClock;
  readonly log = new RecordingLog();
  /** `play news.2026-11-24 at +60s to all`, in order. */
  readonly sent: string[] = [];
  readonly records: AiringRecord[] = [];
  readonly plans = new Map<string, readonly PlanItem[]>();
  readonly zones: Zone[] = [zone("loa-1", "thon-1"), zone("loa-2", "thon-2")];
  slots: Slot[];
  airings!: AiringStore;
  playout!: Playout;
  private readonly folder = temporaryFolder();
  private readonly startedAt: number;
  private database = openDatabase(join(this.folder.path, "hall.db"), "normal");
  private stop = new AbortController();
  private running: Promise<void> = Promise.resolve();
  private receive!: (speaker: SpeakerId, receipt: Receipt) => void;

  constructor(slots: Slot[], startAt = BEFORE_FIVE) {
    this.slots = slots;
    this.startedAt = startAt;
    this.clock = new FakeClock(startAt);
    migrate(this.database, [AIRINGS_SCHEMA]);
    this.open();
  }

  /** The process dies without a word and comes back after `darkMs`. */
  async kill(darkMs = 0): Promise<void> {
    this.stop.abort();
    await this.running;
    this.database[Symbol.dispose]();
    await this.clock.advance(darkMs);
    this.database = openDatabase(join(this.folder.path, "hall.db"), "normal");
    this.open();
  }

  receipt(speaker: string, airing: string, change: Partial<Receipt> = {}): void {
    const plannedAt = this.clock.now();
    this.receive(speaker as SpeakerId, {
      n: 1,
      airing: airing as Receipt["airing"],
      outcome: "played",
      plannedAt,
      startedAt: plannedAt,
      endedAt: plannedAt,
      playedMs: 60_000,
      expectedMs: 60_000,
      startErrorMs: 3,
      sha256: [],
      levelDbfs: -18,
      via: "order",
      ...change,
    });
  }

  [Symbol.dispose](): void {
    this.stop.abort();
    this.database[Symbol.dispose]();
    this.folder[Symbol.dispose]();
  }

  private open(): void {
    const { clock, log } = this;
    this.stop = new AbortController();
    this.airings = openAiringStore(this.database);
    const offset = (at: number): string =>
      `${at - this.startedAt >= 0 ? "+" : ""}${Math.round((at - this.startedAt) / 1_000)}s`;
    const orders = openOrders({
      link: {
        send: (to, order) => {
          const target =
            to.type === "speakers"
              ? to.speakers.join(",")
              : to.type === "hamlets"
                ? to.hamlets.join(",")
                : "all";
          if (order.kind === "play")
            this.sent.push(`play ${order.airing} at ${offset(order.at)} to ${target}`);
          else if (order.kind === "stop")
            this.sent.push(`stop ${order.airing ?? `everything until ${offset(order.holdUntil ?? 0)}`}`);
          return { outcomes: () => new Map(), reachedAll: () => Promise.resolve() };
        },
        setPlan: (speaker, { items }) => {
          this.plans.set(speaker, items);
          return { version: 1, isNew: true, leftOut: 0 };
        },
      },
      relays: {
        start: ({ airing }) => {
          this.sent.push(`pull ${airing}`);
          return { type: "stream", path: `/stream/${airing}`, kbps: 64 };
        },
        stop: (airing) => {
          if (this.sent.includes(`pull ${airing}`)) this.sent.push(`let go ${airing}`);
        },
      },
      contentOf: (id) => {
        const known = this.slots.find((candidate) => candidate.id === id);
        if (known === undefined) return undefined;
        return known.level === 300
          ? { type: "relay", address: "http://127.0.0.1/vov" }
          : { type: "files", parts: [part(known.durationMs)] };
      },
      speakers: () =>
        this.zones.map(({ speaker, hamlet }) => ({ id: speaker as SpeakerId, hamlet: hamlet as HamletId })),
      now: () => clock.now(),
    });
    const airingLog = openAiringLog({
      airings: this.airings,
      clock,
      log,
      speakerOf: (id) => ({ name: id, givesReceipts: true }),
      absenceOf: () => ({ presence: "offline", since: "16:41 24/11" }),
      delivered: () => new Map(),
      announce: (record) => this.records.push(record),
    });
    this.receive = (speaker, receipt) => {
      airingLog.onReceipt(speaker, receipt);
      this.playout.changed();
    };
    this.playout = openPlayout({
      database: this.database,
      airings: this.airings,
      calendar: {
        candidates: (window) => expand(this.slots, window, { timeZone: TIME_ZONE, holidays: [] }),
        zones: () => this.zones,
      },
      orders,
      clock,
      log,
      timeZone: TIME_ZONE,
      onBegin: () => undefined,
      nap: async (at, signal) => {
        await clock.sleep(at - clock.now(), signal);
      },
      onDecided: (_view, now) => airingLog.closeEnded(now),
    });
    this.running = this.playout.run(this.stop.signal);
  }
}

export const barred: Text = { en: "not approved", vi: "chưa được duyệt" };
