import { join } from "node:path";
import { isStopped, type Clock } from "../kernel/clock.ts";
import { asError, Fault } from "../kernel/faults.ts";
import type { Log } from "../kernel/log.ts";
import { text, type Text } from "../kernel/text.ts";
import { epochMs, MINUTE_MS, SECOND_MS, type EpochMs } from "../kernel/time.ts";
import { LEVEL, type AiringId, type AudioSource } from "../speakers/protocol.ts";
import type { Targets } from "./rules/model.ts";
import { Feed } from "./streams/feed.ts";
import { PcmBuffer, pcmBytes, resampled } from "./streams/pcm.ts";
import type { Programme, ProgrammeOrder } from "./streams/programme.ts";
import { Recorder, type Recording } from "./streams/recording.ts";
import { VoiceWatch } from "./streams/voice-watch.ts";

/** What a browser's microphone sends: mono s16le at this rate. */
const MICROPHONE_RATE_HZ = 16_000;

const END_SENTENCES = {
  "hung-up": text("The microphone was closed.", "Đã tắt micro."),
  stopped: text("The live broadcast was stopped.", "Buổi phát trực tiếp đã bị dừng."),
  silent: text(
    "Nobody spoke for 30 seconds, so the live broadcast was ended.",
    "Micro im lặng 30 giây nên buổi phát trực tiếp đã tự kết thúc.",
  ),
  "too-long": text(
    "The live broadcast has reached its longest time.",
    "Buổi phát trực tiếp đã đạt thời lượng tối đa.",
  ),
  "line-lost": text(
    "The connection to the microphone was lost.",
    "Mất kết nối với micro nên buổi phát trực tiếp đã kết thúc.",
  ),
  failed: text("The live broadcast has failed.", "Buổi phát trực tiếp gặp lỗi và đã kết thúc."),
  shutdown: text("The hall's program is being ended.", "Phần mềm trung tâm đang được tắt."),
} satisfies Record<string, Text>;
export type LiveEndReason = keyof typeof END_SENTENCES;

export interface LiveEnd {
  readonly airing: AiringId;
  readonly reason: LiveEndReason;
  readonly said: Text;
  /** From the first sound, the chime included. */
  readonly durationMs: number;
  readonly recording: Recording | undefined;
}

/** What the person at the microphone is told while it lasts. */
export type LiveEvent =
  | { readonly type: "chime"; readonly airing: AiringId; readonly speakers: number; readonly until: EpochMs }
  | { readonly type: "on-air" }
  | { readonly type: "level"; readonly dbfs: number }
  | { readonly type: "time-left"; readonly secondsLeft: number }
  | { readonly type: "silence"; readonly secondsLeft: number };

/** Where the voice comes from. */
export interface Microphone {
  /** Filled by who receives from the browser. */
  readonly sound: PcmBuffer;
  /** Aborts when the line is closed. */
  readonly closed: AbortSignal;
  tell(event: LiveEvent): void;
}

export interface LiveOrder {
  readonly airing: AiringId;
  readonly title: string;
  readonly targets: Targets;
  /** Name of who speaks. */
  readonly by: string;
  readonly microphone: Microphone;
}

interface LiveAiring {
  end(reason: LiveEndReason): void;
}

interface LiveLimits {
  readonly longestMs: number;
  readonly silentAfterMs: number;
  readonly silentBelowDbfs: number;
  /** A line that gives nothing for this long is lost. */
  readonly gapMs: number;
}

const LIVE_LIMITS: LiveLimits = {
  longestMs: 15 * MINUTE_MS,
  silentAfterMs: 30 * SECOND_MS,
  silentBelowDbfs: -45,
  gapMs: 2 * SECOND_MS,
};

export interface LiveParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly streams: { open(order: ProgrammeOrder & { readonly airing: string }): Programme };
  readonly encode: (
    order: { sampleRateHz: number; kbps: number; input: AsyncIterable<Uint8Array> },
    signal: AbortSignal,
  ) => AsyncIterable<Uint8Array>;
  readonly chime: { readonly samples: Int16Array; readonly sampleRateHz: number };
  /** Puts it on the loudspeakers. Throws a Fault when it may not sound now; nothing is on air then. */
  readonly begin: (thing: {
    airing: AiringId;
    title: string;
    level: number;
    targets: Targets;
    source: AudioSource;
    at: EpochMs;
    until: EpochMs;
  }) => LiveAiring;
  /** The loudspeakers meant by targets. */
  readonly reach: (targets: Targets) => readonly string[];
  readonly recordingsDir: string;
  readonly kbps: number;
  readonly limits?: Partial<LiveLimits>;
}

export interface LiveState {
  readonly airing: AiringId;
  readonly title: string;
  readonly by: string;
  readonly startedAt: EpochMs;
  readonly until: EpochMs;
  readonly speakers: readonly string[];
}

/** Live microphone sessions: at most one per loudspeaker. Disposed, it has ended them all. */
export interface LiveDesk extends AsyncDisposable {
  /** Lasts as long as the session. Throws a Fault when it can't begin; ends by itself for every reason of LiveEnd. */
  start(order: LiveOrder, signal: AbortSignal): Promise<LiveEnd>;
  current(): LiveState[];
  /** Throws not-found. */
  stop(airing: string): void;
  stopAll(): void;
}

/** The reason with which `Microphone.closed` aborts when nobody closed it on purpose. */
export const LINE_LOST = "line-lost";

const TICK_MS = 50;
const TIME_LEFT_AT_SEC = [60, 30, 10, 5, 4, 3, 2, 1];

/** Evens out what a network does to a browser's 20 ms pieces. */
const JITTER_MS = 200;

/** A buffer fit for a browser's microphone: what is more than a second behind is not worth hearing. */
export function newMicrophoneBuffer(): PcmBuffer {
  return new PcmBuffer({ sampleRateHz: MICROPHONE_RATE_HZ, holdMs: JITTER_MS, longestMs: SECOND_MS });
}

export function openLiveDesk(parts: LiveParts): LiveDesk {
  const sessions = new Map<string, { state: LiveState; stopping: AbortController; done: Promise<LiveEnd> }>();
  const limits = { ...LIVE_LIMITS, ...parts.limits };
  const chime = resampled(parts.chime, MICROPHONE_RATE_HZ);

  const start = async (order: LiveOrder, signal: AbortSignal): Promise<LiveEnd> => {
    const speakers = parts.reach(order.targets);
    for (const { state } of sessions.values()) {
      if (state.speakers.some((speaker) => speakers.includes(speaker))) throw busy(state);
    }
    const startedAt = parts.clock.now();
    const until = epochMs(startedAt + limits.longestMs);
    const { airing, title, by } = order;
    const stopping = new AbortController();
    const session: Session = {
      order,
      parts,
      limits,
      chime,
      speakers: speakers.length,
      until,
      stopping: stopping.signal,
    };
    const done = runSession(session, signal).finally(() => sessions.delete(airing));
    sessions.set(airing, { state: { airing, title, by, startedAt, until, speakers }, stopping, done });
    return done;
  };

  const stopAll = (): void => sessions.forEach(({ stopping }) => stopping.abort());

  return {
    start,
    current: () => [...sessions.values()].map(({ state }) => state),
    stop: (airing) => {
      const session = sessions.get(airing);
      if (session === undefined) throw notLive(airing);
      session.stopping.abort();
    },
    stopAll,
    [Symbol.asyncDispose]: async () => {
      stopAll();
      await Promise.allSettled([...sessions.values()].map(({ done }) => done));
    },
  };
}

interface Session {
  readonly order: LiveOrder;
  readonly parts: LiveParts;
  readonly limits: LiveLimits;
  readonly chime: Buffer;
  readonly speakers: number;
  readonly until: EpochMs;
  readonly stopping: AbortSignal;
}

async function runSession(session: Session, signal: AbortSignal): Promise<LiveEnd> {
  const { order, parts, until } = session;
  const { airing, title, targets } = order;
  const { kbps, log, clock } = parts;
  const programme = parts.streams.open({ airing, title, kbps, live: true });
  const recorder = new Recorder(join(parts.recordingsDir, `${programme.id}.mp3`), log);
  let reason: LiveEndReason = "failed";
  let onAir: LiveAiring | undefined;
  const startedAt = clock.uptime();
  try {
    const source: AudioSource = { type: "stream", path: programme.path, kbps };
    onAir = parts.begin({ airing, title, level: LEVEL.live, targets, source, at: clock.now(), until });
    log.info({ airing, speakers: session.speakers }, "live broadcast begins");
    const feed = new Feed();
    const failing = new AbortController();
    const encoding = encodeInto(programme, { feed, recorder, parts }, signal).catch((error: unknown) =>
      failing.abort(asError(error)),
    );
    reason = await speak(session, feed, AbortSignal.any([signal, failing.signal]));
    if (isStopped(signal)) reason = "shutdown";
    feed.close();
    await encoding;
    if (isStopped(failing.signal) && !isStopped(signal)) throw failing.signal.reason;
  } finally {
    programme.end();
    onAir?.end(reason);
  }
  log.info({ airing, reason }, "live broadcast ended");
  const durationMs = Math.round(clock.uptime() - startedAt);
  return { airing, reason, said: END_SENTENCES[reason], durationMs, recording: await recorder.finish() };
}

async function encodeInto(
  programme: Programme,
  { feed, recorder, parts }: { feed: Feed; recorder: Recorder; parts: LiveParts },
  signal: AbortSignal,
): Promise<void> {
  const order = { sampleRateHz: MICROPHONE_RATE_HZ, kbps: parts.kbps, input: feed };
  for await (const piece of parts.encode(order, signal)) {
    programme.push(piece);
    recorder.write(piece);
  }
}

/** Chime, then voice, in real time; resolves with why it was over. */
async function speak(session: Session, feed: Feed, signal: AbortSignal): Promise<LiveEndReason> {
  const { order, parts, limits, chime, until, stopping } = session;
  const { microphone } = order;
  const { clock } = parts;
  const ends = AbortSignal.any([signal, stopping, microphone.closed]);
  const listening = new VoiceWatch(limits);
  const startedAt = clock.uptime();
  const lastsMs = until - clock.now();
  const tickBytes = pcmBytes(TICK_MS, MICROPHONE_RATE_HZ);
  microphone.tell({ type: "chime", airing: order.airing, speakers: session.speakers, until });
  for (let tick = 0; ; tick += 1) {
    const elapsedMs = tick * TICK_MS;
    if (!(await clock.sleep(startedAt + elapsedMs - clock.uptime(), ends))) break;
    if (elapsedMs >= lastsMs) return "too-long";
    tellTimeLeft(microphone, lastsMs - elapsedMs);
    const chimed = chime.subarray(tick * tickBytes, (tick + 1) * tickBytes);
    if (chimed.length > 0) {
      feed.push(Buffer.concat([chimed], tickBytes));
      if ((tick + 1) * tickBytes >= chime.length) {
        microphone.sound.clear();
        microphone.tell({ type: "on-air" });
      }
      continue;
    }
    const heard = microphone.sound.take(TICK_MS);
    feed.push(heard.pcm);
    const over = listening.hear({ ...heard, tickMs: TICK_MS }, (event) => microphone.tell(event));
    if (over !== undefined) return over;
  }
  if (isStopped(stopping)) return "stopped";
  if (!isStopped(microphone.closed)) return "failed";
  return microphone.closed.reason === LINE_LOST ? "line-lost" : "hung-up";
}

function tellTimeLeft(microphone: Microphone, leftMs: number): void {
  if (leftMs % SECOND_MS !== 0) return;
  const secondsLeft = leftMs / SECOND_MS;
  if (TIME_LEFT_AT_SEC.includes(secondsLeft)) microphone.tell({ type: "time-left", secondsLeft });
}

function busy({ by, title }: LiveState): Fault {
  return new Fault(
    "conflict",
    text(
      `${by} is already speaking live to some of these loudspeakers ("${title}").`,
      `${by} đang phát trực tiếp tới một số cụm loa này ("${title}").`,
    ),
    {
      field: "targets",
      hint: text(
        "Wait until it has ended, stop it, or choose other hamlets.",
        "Hãy chờ buổi phát đó kết thúc, dừng nó, hoặc chọn thôn khác.",
      ),
    },
  );
}

function notLive(airing: string): Fault {
  return new Fault(
    "not-found",
    text(`There is no live broadcast ${airing}.`, `Không có buổi phát trực tiếp nào mang mã ${airing}.`),
    { field: "id", hint: text("It may have ended already.", "Có thể buổi phát đã kết thúc.") },
  );
}
