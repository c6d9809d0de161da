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

/** Entries are `<airing>@<step instant>`. */
export function keepDiary(input: OracleInput): Diary {
  const { zone, timeZone } = input;
  const meant = input.candidates.filter((c) => isMeantFor(c.targets, zone));
  const stops = input.stops.filter((s) => isMeantFor(s.targets, zone));
  const holds = input.holds.filter((h) => isMeantFor(h.targets, zone));
  const diary: Diary = new Map();
  const lives = new Map<string, Life>();
  const session = { open: false, usedMs: 0, silentSince: -Infinity, day: "", count: 0 };
  let onAir: Life | undefined;

  const begin = Math.min(...meant.map((c) => c.startAt));
  const end = Math.max(...meant.map((c) => c.startAt + c.durationMs)) + 2 * FIFTEEN_MINUTES;
  for (let t = begin; t < end; t += STEP_MS) {
    for (const c of meant) {
      if (c.startAt === t && c.durationMs > 0) lives.set(c.airing, { c, done: false, played: 0 });
    }
    for (const life of lives.values()) {
      const { c } = life;
      if (life.done || !(c.byClock ? t >= c.startAt + c.durationMs : life.played >= c.durationMs)) continue;
      life.done = true;
      if (life !== onAir && !life.lost) markLastWaitLost(c.airing, t);
    }
    if (onAir && (onAir.done || onAir.lost)) onAir = undefined;

    const quiet = isQuiet(zone, timeZone, t);
    const held = holds.some((h) => h.from <= t && t < h.until);
    for (const life of alive(lives)) {
      const { c } = life;
      const grave = c.level >= 850;
      const stoppedNow =
        stops.some((s) => (s.airing === undefined ? s.at === t : s.airing === c.airing && s.at <= t)) ||
        holds.some((h) => h.from === t && h.until > h.from);
      if (c.barred) bury(life, t, "barred");
      else if (stoppedNow || (held && !grave)) bury(life, t, "stopped");
      else if (quiet && !grave) bury(life, t, "quiet-hours");
      else if (life === onAir && !grave && session.usedMs >= minutesAllowed(zone))
        bury(life, t, "session-cap minutes");
      if (life.lost && life === onAir) onAir = undefined;
    }

    if (!held) {
      for (const life of alive(lives).sort(byRight)) {
        if (life === onAir) break;
        const refusal = life.c.level >= 850 ? undefined : refusalOf(t);
        if (refusal) {
          bury(life, t, refusal);
          continue;
        }
        if (onAir && onAir.c.afterPreempt === "restart" && !onAir.c.byClock) onAir.played = 0;
        onAir = life;
        break;
      }
    }

    for (const life of alive(lives)) {
      if (life === onAir) continue;
      const { c } = life;
      const blocker = onAir?.c.airing;
      if (c.afterPreempt === "drop" && blocker) bury(life, t, `outranked ${blocker}`);
      else if (!c.byClock && t - (c.startAt + life.played) >= FIFTEEN_MINUTES) {
        bury(life, t, blocker ? `too-late ${blocker}` : "stopped");
      } else diary.set(`${c.airing}@${t}`, blocker ? `outranked ${blocker}` : "stopped");
    }
    for (const { c, lost } of lives.values()) {
      if (lost && t < lost.until) diary.set(`${c.airing}@${t}`, `${lost.why} lost`);
    }
    if (onAir) {
      const { c } = onAir;
      const offset = c.byClock ? t - c.startAt : onAir.played;
      diary.set(`${c.airing}@${t}`, `sounds ${offset}`);
      onAir.played += STEP_MS;
      if (t - session.silentSince >= 60_000) session.open = false;
      if (c.level < 850) {
        if (!session.open) {
          const today = wallClock(timeZone, t).date;
          if (today !== session.day) Object.assign(session, { day: today, count: 0 });
          Object.assign(session, { open: true, usedMs: 0, count: session.count + 1 });
        }
        session.usedMs += STEP_MS;
      }
      session.silentSince = t + STEP_MS;
    }
  }
  return diary;

  /** What runs by the clock and waited till its time was over has lost the last of its waits. */
  function markLastWaitLost(airing: string, t: number): void {
    const entry = diary.get(`${airing}@${t - STEP_MS}`);
    for (let at = t - STEP_MS; entry && diary.get(`${airing}@${at}`) === entry; at -= STEP_MS) {
      diary.set(`${airing}@${at}`, `${entry} lost`);
    }
  }

  function refusalOf(t: number): string | undefined {
    // Whoever is on air keeps the silence from growing.
    const runsOn = session.open && (onAir !== undefined || t - session.silentSince < 60_000);
    if (minutesAllowed(zone) <= 0) return "session-cap minutes";
    if (runsOn) return session.usedMs >= minutesAllowed(zone) ? "session-cap minutes" : undefined;
    const today = wallClock(timeZone, t).date;
    const count = today === session.day ? session.count : 0;
    return count >= (zone.caps.sessionsPerDay ?? Infinity) ? "session-cap sessions" : undefined;
  }
}

function alive(lives: Map<string, Life>): Life[] {
  return [...lives.values()].filter((life) => !life.done && !life.lost);
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

function minutesAllowed(zone: Zone): number {
  return (zone.caps.minutesPerSession ?? Infinity) * 60_000;
}

function isMeantFor(targets: Targets | undefined, zone: Zone): boolean {
  if (!targets || targets.type === "everywhere") return true;
  return targets.hamlets.some((h) => h === zone.hamlet) || targets.speakers.some((s) => s === zone.speaker);
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

export function wallClock(timeZone: string, t: number): { date: string; minute: number } {
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
