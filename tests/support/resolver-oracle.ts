/**
 * The resolver's rules told a second time, as a diary of small steps: look at the clock, decide, write down, step on.
 * Slow and plain on purpose. Every instant it is given must be a whole number of steps.
 */
import type { Candidate, Hold, Stop, Targets, Zone } from "../../src/broadcast/rules/model.ts";

export const STEP_MS = 20_000;

/** What a diary says of one airing at one step: "sounds 40000", "outranked b", "quiet-hours lost", … */
export type Diary = Map<string, string>;

export interface OracleInput {
  readonly candidates: readonly Candidate[];
  readonly zone: Zone;
  readonly timeZone: string;
  readonly stops: readonly Stop[];
  readonly holds: readonly Hold[];
}

interface Life {
  readonly c: Candidate;
  /** Why it is over; it stays in the diary for as long as the sound it lost. */
  lost?: { why: string; until: number };
  done: boolean;
  played: number;
}

const FIFTEEN_MINUTES = 900_000;
const NO_MINUTES = "session-cap minutes";

/** Entries are `<airing>@<step instant>`. */
export function keepDiary(input: OracleInput): Diary {
  const { zone } = input;
  const world: OracleInput = {
    ...input,
    candidates: input.candidates.filter((c) => isMeantFor(c.targets, zone)),
    stops: input.stops.filter((s) => isMeantFor(s.targets, zone)),
    holds: input.holds.filter((h) => isMeantFor(h.targets, zone)),
  };
  const keeper = new DiaryKeeper(world);
  const begin = Math.min(...world.candidates.map((c) => c.startAt));
  const end = Math.max(...world.candidates.map((c) => c.startAt + c.durationMs)) + 2 * FIFTEEN_MINUTES;
  for (let t = begin; t < end; t += STEP_MS) keeper.live(t);
  return keeper.diary;
}

class DiaryKeeper {
  readonly diary: Diary = new Map();
  private readonly world: OracleInput;
  private readonly lives = new Map<string, Life>();
  private readonly session = { open: false, usedMs: 0, silentSince: -Infinity, day: "", count: 0 };
  private onAir: Life | undefined;

  constructor(world: OracleInput) {
    this.world = world;
  }

  live(t: number): void {
    for (const c of this.world.candidates) {
      if (c.startAt === t && c.durationMs > 0) this.lives.set(c.airing, { c, done: false, played: 0 });
    }
    this.noticeEnds(t);
    this.noticeDeaths(t);
    if (!this.isHeld(t)) this.pickOne(t);
    for (const life of this.alive()) if (life !== this.onAir) this.keepSilent(life, t);
    for (const { c, lost } of this.lives.values()) {
      if (lost && t < lost.until) this.write(c, t, `${lost.why} lost`);
    }
    if (this.onAir) this.sound(this.onAir, t);
  }

  private noticeDeaths(t: number): void {
    for (const life of this.alive()) {
      const why = this.causeOfDeath(life, t);
      if (why === undefined) continue;
      bury(life, t, why);
      if (life === this.onAir) this.onAir = undefined;
    }
  }

  private noticeEnds(t: number): void {
    for (const life of this.lives.values()) {
      const { c } = life;
      const over = c.byClock ? t >= c.startAt + c.durationMs : life.played >= c.durationMs;
      if (life.done || !over) continue;
      life.done = true;
      if (life === this.onAir) this.onAir = undefined;
      else if (!life.lost) this.markLastWaitLost(c, t);
    }
  }

  private causeOfDeath(life: Life, t: number): string | undefined {
    const { c } = life;
    const { zone, timeZone } = this.world;
    if (c.barred) return "barred";
    if (this.isStopped(c, t)) return "stopped";
    if (c.level >= 850) return undefined;
    if (this.isHeld(t)) return "stopped";
    if (isQuiet(zone, timeZone, t)) return "quiet-hours";
    return life === this.onAir && this.session.usedMs >= this.minutesAllowed() ? NO_MINUTES : undefined;
  }

  private pickOne(t: number): void {
    for (const life of this.alive().sort(byRight)) {
      if (life === this.onAir) return;
      const refusal = life.c.level >= 850 ? undefined : this.refusal(t);
      if (refusal) {
        bury(life, t, refusal);
        continue;
      }
      if (this.onAir?.c.afterPreempt === "restart" && !this.onAir.c.byClock) this.onAir.played = 0;
      this.onAir = life;
      return;
    }
  }

  private refusal(t: number): string | undefined {
    const { session } = this;
    // Whoever is on air keeps the silence from growing.
    const runsOn = session.open && (this.onAir !== undefined || t - session.silentSince < 60_000);
    if (this.minutesAllowed() <= 0) return NO_MINUTES;
    if (runsOn) return session.usedMs >= this.minutesAllowed() ? NO_MINUTES : undefined;
    const count = this.today(t) === session.day ? session.count : 0;
    return count >= (this.world.zone.caps.sessionsPerDay ?? Infinity) ? "session-cap sessions" : undefined;
  }

  private keepSilent(life: Life, t: number): void {
    const { c } = life;
    const blocker = this.onAir?.c.airing;
    if (c.afterPreempt === "drop" && blocker) bury(life, t, `outranked ${blocker}`);
    else if (c.byClock || t - (c.startAt + life.played) < FIFTEEN_MINUTES) {
      this.write(c, t, blocker ? `outranked ${blocker}` : "stopped");
    } else bury(life, t, blocker ? `too-late ${blocker}` : "stopped");
  }

  private sound(life: Life, t: number): void {
    const { c } = life;
    this.write(c, t, `sounds ${c.byClock ? t - c.startAt : life.played}`);
    life.played += STEP_MS;
    const { session } = this;
    if (t - session.silentSince >= 60_000) session.open = false;
    session.silentSince = t + STEP_MS;
    if (c.level >= 850) return;
    if (!session.open) {
      if (this.today(t) !== session.day) Object.assign(session, { day: this.today(t), count: 0 });
      Object.assign(session, { open: true, usedMs: 0, count: session.count + 1 });
    }
    session.usedMs += STEP_MS;
  }

  /** What runs by the clock and waited till its time was over has lost the last of its waits. */
  private markLastWaitLost(c: Candidate, t: number): void {
    const entry = this.diary.get(`${c.airing}@${t - STEP_MS}`);
    for (let at = t - STEP_MS; entry && this.diary.get(`${c.airing}@${at}`) === entry; at -= STEP_MS) {
      this.write(c, at, `${entry} lost`);
    }
  }

  private isStopped(c: Candidate, t: number): boolean {
    return (
      this.world.stops.some((s) =>
        s.airing === undefined ? s.at === t : s.airing === c.airing && s.at <= t,
      ) || this.world.holds.some((h) => h.from === t && h.until > h.from)
    );
  }

  private isHeld(t: number): boolean {
    return this.world.holds.some((h) => h.from <= t && t < h.until);
  }

  private alive(): Life[] {
    return [...this.lives.values()].filter((life) => !life.done && !life.lost);
  }

  private minutesAllowed(): number {
    return (this.world.zone.caps.minutesPerSession ?? Infinity) * 60_000;
  }

  private today(t: number): string {
    return wallClock(this.world.timeZone, t).date;
  }

  private write(c: Candidate, t: number, entry: string): void {
    this.diary.set(`${c.airing}@${t}`, entry);
  }
}

function bury(life: Life, t: number, why: string): void {
  const { c } = life;
  life.lost = { why, until: c.byClock ? c.startAt + c.durationMs : t + c.durationMs - life.played };
}

function byRight(a: Life, b: Life): number {
  if (a.c.level !== b.c.level) return a.c.level > b.c.level ? -1 : 1;
  if (a.c.rank !== b.c.rank) return a.c.rank > b.c.rank ? -1 : 1;
  if (a.c.startAt !== b.c.startAt) return a.c.startAt < b.c.startAt ? -1 : 1;
  return a.c.airing < b.c.airing ? -1 : 1;
}

function isMeantFor(targets: Targets | undefined, zone: Zone): boolean {
  if (!targets || targets.type === "everywhere") return true;
  return targets.hamlets.includes(zone.hamlet) || targets.speakers.includes(zone.speaker);
}

/** By what the wall clock reads, asked of Intl for each minute. */
export function isQuiet(zone: Zone, timeZone: string, t: number): boolean {
  const { minute } = wallClock(timeZone, t);
  return zone.quietHours.some(({ fromMinute: a, toMinute: b }) =>
    a <= b ? minute >= a && minute < b : minute >= a || minute < b,
  );
}

const formats = new Map<string, Intl.DateTimeFormat>();
const readings = new Map<string, { date: string; minute: number }>();

function wallClock(timeZone: string, t: number): { date: string; minute: number } {
  const key = `${timeZone} ${Math.floor(t / 60_000)}`;
  const known = readings.get(key);
  if (known) return known;
  let format = formats.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short", timeStyle: "short" });
    formats.set(timeZone, format);
  }
  const [date = "", time = ""] = format.format(t).split(" ");
  const [hours = "0", minutes = "0"] = time.split(":");
  const reading = { date, minute: Number(hours) * 60 + Number(minutes) };
  readings.set(key, reading);
  return reading;
}
