import type { Clock } from "../kernel/clock.ts";
import { SECOND_MS, uptimeMs, type UptimeMs } from "../kernel/time.ts";
import type { AudioFile, Sha256 } from "../speakers/protocol.ts";
import { cancel, type Armed, type Entry } from "./book.ts";
import { FADE_MS, type FirstSample } from "./channel.ts";
import type { HallTime } from "./hall-time.ts";
import type { Mixer } from "./mixer.ts";
import { cycleOf, positionMs, resumed, startAt, type Standing } from "./rules/airing.ts";
import type { MissingReason } from "./rules/receipt.ts";
import type { FileVoiceOrder } from "./file-voice.ts";
import type { Voice } from "./voice.ts";

/** Turns the player's decisions into channels of the mixer, and what they sounded into progress. */
export interface Starter {
  /** Opens a channel that sounds from hall time `at` on; an instant that has passed means at once. */
  arm(entry: Entry, standing: Standing, at: number): void;
  /** As `arm`, ahead of time; leaves a channel alone that is armed for that instant already. */
  prepare(entry: Entry, standing: Standing, at: number): void;
  /** Ends the channel at a hall time, or takes that back. A natural end has no fade. */
  endChannel(entry: Entry, at: number | undefined, natural: boolean): void;
  /** The first instant a change can be heard, plus `ms`. */
  soonest(ms: number): UptimeMs;
  /** The speaker's own volume may have changed. */
  setVolume(entry: Entry): void;
  /** Moves what its channels sounded into its progress. True when it has begun just now. */
  measure(entry: Entry): boolean;
}

interface StarterParts {
  readonly clock: Clock;
  readonly hallTime: HallTime;
  readonly mixer: Mixer;
  readonly volumePercent: () => number;
  readonly openFileVoice: (order: FileVoiceOrder) => Voice;
  readonly openStreamVoice: (path: string) => Voice;
  /** The encodings to play, one per part. */
  readonly playable: (entry: Entry) => readonly AudioFile[];
  /** Samples are rendered this long before they leave. */
  readonly aheadMs: number;
}

/** So late an airing still begins at its beginning; a villager hears neighbours further apart than that. */
const LATE_START_MS = SECOND_MS / 2;
/** A slow decoder may hold the beginning up by this much; losing it would be worse. */
const DECODER_GRACE_MS = 2 * SECOND_MS;
/** What joins late is given this long to be decoded, so that it joins in time. */
const JOIN_LEAD_MS = 400;
/** A live stream is not asked to be there at once. */
const STREAM_GRACE_MS = 5 * SECOND_MS;
/** Corrections of the clock below this are not worth a new decoder. */
const REARM_MS = 10;
const TOO_CLOSE_MS = SECOND_MS;

export function newStarter(parts: StarterParts): Starter {
  const { clock, hallTime, mixer, aheadMs } = parts;
  const gainOf = (entry: Entry): number => (entry.spec.volumePercent ?? parts.volumePercent()) / 100;

  const open = (entry: Entry, standing: Standing, start: Start): void => {
    const { source } = entry.spec;
    const files = parts.playable(entry);
    const voice =
      source.type === "stream"
        ? parts.openStreamVoice(source.path)
        : parts.openFileVoice({
            parts: source.parts.map((part, index) => ({
              sha256: files[index]?.sha256 ?? ("" as Sha256),
              durationMs: part.durationMs,
            })),
            positionMs: positionMs(standing, start.at),
            repeat: cycleOf(entry.spec),
          });
    const channel = mixer.add({
      airing: entry.spec.airing,
      voice,
      startAt: hallTime.uptimeOf(start.at),
      gain: gainOf(entry),
      graceMs: start.graceMs,
    });
    entry.armed = {
      channel,
      at: start.at,
      onTime: start.onTime,
      mayBeDelayed: start.graceMs > 0,
      sha256: files.map(({ sha256 }) => sha256),
      hasLeft: false,
    };
    entry.channels.push(channel);
  };
  const arm = (entry: Entry, standing: Standing, at: number): void => {
    const start = startOf(standing, at, hallTime.now());
    open(entry, resumed(standing, start.at), start);
  };
  /** The first sample of the armed channel has left. */
  const noteStart = (entry: Entry, armed: Armed, first: FirstSample): void => {
    armed.hasLeft = true;
    const errorMs = first.at - armed.channel.startAt;
    // A start held up by its decoder moves the whole sound, so that its end is not cut off.
    if (entry.spec.source.type === "files" && armed.mayBeDelayed) entry.lagMs += first.delayMs;
    entry.progress = {
      ...entry.progress,
      startedAt: entry.progress.startedAt ?? hallTime.at(first.at),
      startErrorMs:
        entry.progress.startedAt === undefined && armed.onTime ? errorMs : entry.progress.startErrorMs,
      sha256: [...new Set([...entry.progress.sha256, ...armed.sha256])],
    };
  };
  return {
    arm,
    prepare: (entry, standing, at) => {
      const { armed } = entry;
      if (armed !== undefined) {
        const movedMs = Math.abs(armed.at - at);
        if (movedMs <= REARM_MS) return;
        if (movedMs < TOO_CLOSE_MS && armed.at - hallTime.now() < TOO_CLOSE_MS) return;
        cancel(entry);
      }
      arm(entry, standing, at);
    },
    endChannel: (entry, at, natural) => {
      entry.armed?.channel.setEnd(
        at === undefined ? undefined : { at: hallTime.uptimeOf(at), fadeMs: natural ? 0 : FADE_MS },
      );
    },
    soonest: (ms) => uptimeMs(clock.uptime() + aheadMs + ms),
    setVolume: (entry) => entry.armed?.channel.setGain(gainOf(entry)),
    measure: (entry) => {
      const wasBegun = entry.state === "begun";
      for (const channel of entry.channels) {
        const isClosed = channel.isClosed();
        const { playedMs, squareSum, sampleCount, missedMs } = channel.takeMeasured();
        const { progress } = entry;
        entry.progress = {
          ...progress,
          playedMs: progress.playedMs + playedMs,
          squareSum: progress.squareSum + squareSum,
          sampleCount: progress.sampleCount + sampleCount,
          missedMs: sum(progress.missedMs, missedMs),
        };
        const first = channel.firstLeft();
        if (entry.armed?.channel === channel && !entry.armed.hasLeft && first !== undefined) {
          noteStart(entry, entry.armed, first);
          entry.state = "begun";
        }
        if (missedMs["file-corrupt"] !== undefined && entry.armed?.channel === channel) cancel(entry);
        if (isClosed) entry.channels = entry.channels.filter((other) => other !== channel);
      }
      entry.heldUpMs = heldUpMs(entry.armed, hallTime.now());
      return !wasBegun && entry.state === "begun";
    },
  };
}

function heldUpMs(armed: Armed | undefined, now: number): number {
  return armed === undefined || armed.hasLeft || !armed.mayBeDelayed ? 0 : Math.max(0, now - armed.at);
}

interface Start {
  readonly at: number;
  readonly graceMs: number;
  readonly onTime: boolean;
}

function startOf(standing: Standing, at: number, now: number): Start {
  const plannedAt = startAt(standing);
  const isFirst = !standing.begun && standing.resumesAtMs === undefined;
  const isTimely = isFirst && Math.max(at, now) - plannedAt <= LATE_START_MS;
  if (standing.spec.source.type === "stream") return { at, graceMs: STREAM_GRACE_MS, onTime: isTimely };
  if (isTimely) return { at: plannedAt, graceMs: DECODER_GRACE_MS, onTime: true };
  if (at > now) return { at, graceMs: DECODER_GRACE_MS, onTime: false };
  if (standing.resumesAtMs !== undefined) return { at: now, graceMs: DECODER_GRACE_MS, onTime: false };
  return { at: now + JOIN_LEAD_MS, graceMs: 0, onTime: false };
}

type ByReason = Readonly<Partial<Record<MissingReason, number>>>;

function sum(a: ByReason, b: ByReason): ByReason {
  const total: Partial<Record<MissingReason, number>> = { ...a };
  for (const [reason, ms] of Object.entries(b) as [MissingReason, number][])
    total[reason] = (total[reason] ?? 0) + ms;
  return total;
}
