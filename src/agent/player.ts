import { isStopped, type Clock } from "../kernel/clock.ts";
import { SECOND_MS } from "../kernel/time.ts";
import type { AiringId, OnlineState } from "../speakers/protocol.ts";
import { newBell } from "./bell.ts";
import { cancel, note, standingOf, type Book, type Entry } from "./book.ts";
import { FADE_MS } from "./channel.ts";
import type { HallTime } from "./hall-time.ts";
import { endAt, resumed, startAt, type Standing } from "./rules/airing.ts";
import { decide, forecast, type Bars, type Decision } from "./rules/ladder.ts";
import type { MissingReason } from "./rules/receipt.ts";
import type { Starter } from "./starter.ts";
import { watchForSteps } from "./step-watch.ts";

/** Makes sound what the ladder says, at its time, and writes the receipt of every airing. */
export interface Player {
  /** Something changed (order, plan, file, volume): looks again at once. */
  refresh(): void;
  /** Ends an airing now, with a short fade. */
  stop(entry: Entry, by: MissingReason): void;
  /** What sounds, once its first sample has left. */
  playing(): OnlineState["playing"];
  /** Whether anything sounds or is about to. */
  isBusy(): boolean;
  run(signal: AbortSignal): Promise<void>;
}

export interface PlayerParts {
  readonly clock: Clock;
  readonly hallTime: HallTime;
  readonly book: Book;
  readonly starter: Starter;
  readonly bars: () => Bars;
  /** Brings the book up to date with the time. */
  readonly beforeLook: () => void;
  readonly isPlayable: (entry: Entry) => boolean;
  /** What keeps a file from being there: never fetched, or fetched and wrong. */
  readonly fileReason: (entry: Entry) => "file-missing" | "file-corrupt";
  /** Another airing sounds, or none, or a receipt is ready. */
  readonly onChange: () => void;
}

/** Decoders start this long before their sound is due. */
const PREPARE_MS = 6 * SECOND_MS;
const LOOK_WHILE_SOUNDING_MS = 500;
/** How late a step of the clock may be noticed. */
const LOOK_WHILE_IDLE_MS = SECOND_MS;
const LOOK_WHILE_BEGINNING_MS = 50;
const LOOK_WHILE_ENDING_MS = 20;
/** A power cut forgets at most this much of what has sounded. */
const SAVE_EVERY_MS = 10 * SECOND_MS;

export function newPlayer(parts: PlayerParts): Player {
  const { clock, hallTime, book, starter, bars, isPlayable, fileReason, onChange } = parts;
  const bell = newBell();
  const steps = watchForSteps({ clock, hallTime });
  let lookedAt = clock.uptime();
  let savedAt = clock.uptime();
  /** When the last decision said it might change. */
  let dueAt: number | undefined;
  let sounding: AiringId | undefined;

  const fadeOut = (entry: Entry): void => {
    entry.armed?.channel.endBy({ at: starter.soonest(FADE_MS), fadeMs: FADE_MS });
    entry.armed = undefined;
  };
  const stop = (entry: Entry, by: MissingReason): void => {
    fadeOut(entry);
    book.end(entry, { at: hallTime.now(), by });
    bell.ring();
  };
  const living = (): Entry[] => [...book.entries.values()].filter(({ ending }) => ending === undefined);

  const standingsNow = (): Standing[] => living().map((entry) => standingOf(entry, isPlayable(entry)));

  const noteSteps = (): void => {
    const step = steps.look();
    if (step === undefined) return;
    for (const entry of living()) {
      if (entry.state === "begun") {
        entry.stepMs += step.byMs;
        note(entry, "clock-step", 1);
      } else if (entry.spec.at > step.before && entry.spec.at < step.after) {
        note(entry, "clock-step", step.after - entry.spec.at);
      }
    }
  };
  const measureAll = (now: number): void => {
    const savesNow = clock.uptime() - savedAt >= SAVE_EVERY_MS;
    if (savesNow) savedAt = clock.uptime();
    for (const entry of book.entries.values()) {
      const hasBegunNow = starter.measure(entry);
      if (hasBegunNow || (savesNow && entry.armed !== undefined && entry.state === "begun"))
        book.save(entry, now);
      if (hasBegunNow) onChange();
    }
  };
  const finishEnded = (): void => {
    for (const entry of book.entries.values()) {
      if (entry.ending === undefined || entry.channels.length > 0) continue;
      if (book.finish(entry)) onChange();
    }
  };
  const find = (airing: string): Entry | undefined => book.entries.get(airing as AiringId);

  const applyEnded = (ended: Decision["ended"], now: number): void => {
    for (const { airing, why } of ended) {
      const entry = find(airing);
      if (entry === undefined) continue;
      const overAt = endAt(standingOf(entry, true));
      if (why === "over") starter.endChannel(entry, overAt, isNaturalEnd(entry, overAt));
      else fadeOut(entry);
      entry.armed = undefined;
      const by = why === "file-missing" ? fileReason(entry) : why;
      book.end(entry, {
        at: why === "over" ? Math.min(now, overAt) : now,
        by: by === "over" ? undefined : by,
      });
    }
  };
  const applySilent = (decision: Decision, elapsedMs: number): void => {
    for (const standing of decision.waiting) {
      const entry = find(standing.spec.airing);
      if (entry === undefined) continue;
      entry.resumesAtMs = standing.resumesAtMs;
      fadeOut(entry);
      note(entry, "preempted", elapsedMs);
    }
    for (const { airing, by } of decision.barred) {
      const entry = find(airing);
      if (entry === undefined) continue;
      fadeOut(entry);
      note(entry, by === "file-missing" ? fileReason(entry) : by, elapsedMs);
    }
  };
  const applySounding = (standing: Standing | undefined, now: number): void => {
    const entry = standing === undefined ? undefined : find(standing.spec.airing);
    if (standing !== undefined && entry !== undefined) {
      if (entry.armed === undefined) starter.arm(entry, standing, now);
      if (entry.resumesAtMs !== undefined) {
        entry.lagMs = resumed(standing, entry.armed?.at ?? now).lagMs;
        entry.resumesAtMs = undefined;
      }
      starter.setVolume(entry);
    }
    if (sounding === entry?.spec.airing) return;
    sounding = entry?.spec.airing;
    onChange();
  };
  /** Prepares what comes within the next seconds, and says when the present sound must have faded. */
  const lookAhead = (standings: readonly Standing[], decision: Decision, now: number): void => {
    const { changesAt, coming } = forecast(standings, bars(), {
      from: decision,
      horizonAt: now + PREPARE_MS,
    });
    const current = decision.sounding?.spec.airing;
    const predicted = new Set([current]);
    for (const { standing, at } of coming) {
      const entry = find(standing.spec.airing);
      if (entry !== undefined) starter.prepare(entry, standing, at);
      predicted.add(standing.spec.airing);
    }
    for (const entry of living()) if (!predicted.has(entry.spec.airing)) cancel(entry);
    const entry = current === undefined ? undefined : find(current);
    if (entry !== undefined) starter.endChannel(entry, changesAt, isNaturalEnd(entry, changesAt));
  };

  /** Carries out what holds at an instant. */
  const carryOut = (at: number, elapsedMs: number): Decision => {
    const decision = decide(standingsNow(), bars(), at);
    applyEnded(decision.ended, at);
    applySilent(decision, elapsedMs);
    applySounding(decision.sounding, at);
    return decision;
  };
  /** Returns how long nothing can change by itself. */
  const look = (): number => {
    parts.beforeLook();
    noteSteps();
    const now = hallTime.now();
    const uptime = clock.uptime();
    const elapsedMs = uptime - lookedAt;
    lookedAt = uptime;
    measureAll(now);
    finishEnded();
    // A look that comes late first does what was due: the mixer has kept the planned instant, and so must the book.
    if (dueAt !== undefined && dueAt < now && now - dueAt <= elapsedMs) carryOut(dueAt, 0);
    const decision = carryOut(now, elapsedMs);
    dueAt = decision.nextAt;
    lookAhead(standingsNow(), decision, now);
    const isEnding = [...book.entries.values()].some(({ ending }) => ending !== undefined);
    if (isEnding) return LOOK_WHILE_ENDING_MS;
    const capMs = lookEveryMs(sounding === undefined ? undefined : book.entries.get(sounding));
    const toChangeMs = decision.nextAt === undefined ? capMs : decision.nextAt - now;
    return Math.min(capMs, toChangeMs > PREPARE_MS ? toChangeMs - PREPARE_MS : toChangeMs);
  };

  return {
    refresh: () => bell.ring(),
    stop,
    isBusy: () => sounding !== undefined,
    playing: () => {
      const entry = sounding === undefined ? undefined : book.entries.get(sounding);
      if (entry?.state !== "begun" || entry.progress.startedAt === undefined) return null;
      const { airing, level } = entry.spec;
      return { airing, level, since: Math.round(entry.progress.startedAt) };
    },
    run: async (signal) => {
      notePowerCut(living(), hallTime.now());
      while (!isStopped(signal)) await bell.wait(look(), clock, signal);
      for (const entry of book.entries.values()) {
        starter.measure(entry);
        if (entry.state === "begun") book.save(entry, hallTime.now());
      }
    },
  };
}

function lookEveryMs(sounding: Entry | undefined): number {
  if (sounding === undefined) return LOOK_WHILE_IDLE_MS;
  return sounding.armed?.hasLeft === false ? LOOK_WHILE_BEGINNING_MS : LOOK_WHILE_SOUNDING_MS;
}

/** Its sound ends by itself there: a fade would eat the last word. */
function isNaturalEnd(entry: Entry, at: number | undefined): boolean {
  const standing = standingOf(entry, true);
  return at !== undefined && endAt(standing) <= at && endAt(standing) < entry.spec.until + entry.stepMs;
}

/** What should have sounded while this program did not run. */
function notePowerCut(entries: readonly Entry[], now: number): void {
  for (const entry of entries) {
    const standing = standingOf(entry, true);
    const from = Math.max(entry.progress.seenAt, startAt(standing));
    note(entry, "power-cut", Math.min(now, endAt(standing)) - from);
  }
}
