import { createHash } from "node:crypto";
import { access, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { isStopped, type Clock } from "../kernel/clock.ts";
import { asError, Fault } from "../kernel/faults.ts";
import type { Log } from "../kernel/log.ts";
import { text, type Text } from "../kernel/text.ts";
import { MINUTE_MS, SECOND_MS } from "../kernel/time.ts";
import type { AudioSource } from "../speakers/protocol.ts";
import type { RelayOrder, Relays } from "./playout-orders.ts";
import { Feed } from "./streams/feed.ts";
import { levelDbfs, PcmBuffer, resampled } from "./streams/pcm.ts";
import type { Programme, ProgrammeOrder } from "./streams/programme.ts";
import { Recorder } from "./streams/recording.ts";
import { climb, FIRST_RUNG, RELAY_LIMITS, type Ladder, type RelayLimits } from "./streams/relay-ladder.ts";
import { RelaySource } from "./streams/relay-source.ts";

const STEP_SENTENCES = {
  ready: text("The relay source is alive and has sound.", "Nguồn tiếp âm đang hoạt động và có tiếng."),
  "not-ready": text(
    "The relay is due, but its source gives no sound.",
    "Đã đến giờ tiếp âm nhưng nguồn không có tiếng.",
  ),
  dead: text(
    "The relay source stopped; the fallback recording plays.",
    "Nguồn tiếp âm bị mất; đang phát bản dự phòng.",
  ),
  silent: text(
    "The relay source is silent; the fallback recording plays.",
    "Nguồn tiếp âm im lặng; đang phát bản dự phòng.",
  ),
  back: text("The relay source is back.", "Nguồn tiếp âm đã trở lại."),
  "giving-up": text(
    "The relay source is lost and there is nothing to play instead; it ends with the chime.",
    "Nguồn tiếp âm bị mất và không có bản dự phòng; kết thúc bằng nhạc hiệu.",
  ),
  "gave-up": text("The relay was ended before its time.", "Buổi tiếp âm đã kết thúc sớm."),
  ended: text("The relay has ended at its time.", "Buổi tiếp âm đã kết thúc đúng giờ."),
} satisfies Record<string, Text>;

export interface RelayStep {
  readonly airing: string;
  readonly step: keyof typeof STEP_SENTENCES;
  readonly said: Text;
  /** Why the source gives nothing, where that is known. */
  readonly cause?: Text;
}

export interface RelayParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly streams: () => { open(order: ProgrammeOrder & { readonly airing: string }): Programme };
  /** Sound of an address as mono s16le at `RELAY_RATE_HZ`, as fast as it comes. */
  readonly pull: (address: string, signal: AbortSignal) => AsyncIterable<Uint8Array>;
  /** Sound of a file of our own, in the same form. */
  readonly decode: (path: string, signal: AbortSignal) => AsyncIterable<Uint8Array>;
  readonly encode: (
    order: { sampleRateHz: number; kbps: number; gainDb: number; input: AsyncIterable<Uint8Array> },
    signal: AbortSignal,
  ) => AsyncIterable<Uint8Array>;
  readonly chime: { readonly samples: Int16Array; readonly sampleRateHz: number };
  /** The file of a library audio; undefined when it is gone. */
  readonly fileOf: (audioId: string) => string | undefined;
  readonly onStep: (step: RelayStep) => void;
  readonly kbps: number;
  /** Where the last good hour of each source is kept, to play when it fails; undefined: none is kept. */
  readonly recordingsDir: string | undefined;
  readonly limits?: Partial<RelayLimits>;
}

export const RELAY_RATE_HZ = 44_100;

const TICK_MS = 100;

/** Sound flows this long before the instant, so that speakers join with a full burst. */
const LEAD_IN_MS = 3 * SECOND_MS;

/** A station's sound is even already, unlike a voice at a microphone. */
const GAIN_DB = 4;

/** A recording with less of the relay in it is no fit replacement for one. */
const KEPT_FROM_MS = MINUTE_MS;

interface Running {
  readonly programme: Programme;
  readonly stop: AbortController;
  readonly done: Promise<void>;
  order: RelayOrder;
}

/** Relays on air or about to be. `start` may come a minute ahead: the source is listened to until its instant. */
export function openRelays(parts: RelayParts): Relays & AsyncDisposable {
  const running = new Map<string, Running>();
  const { kbps, log } = parts;

  const begin = (order: RelayOrder): Running => {
    const programme = parts.streams().open({ airing: order.airing, title: order.title, kbps, live: false });
    const stop = new AbortController();
    const relay = new RelayRun(programme, parts, () => running.get(order.airing)?.order ?? order);
    const done = relay
      .run(stop.signal)
      .catch((error: unknown) => {
        if (!isStopped(stop.signal))
          log.error({ err: asError(error), airing: order.airing }, "relay has failed");
      })
      .finally(() => {
        programme.end();
        if (running.get(order.airing)?.programme === programme) running.delete(order.airing);
      });
    return { programme, stop, done, order };
  };

  return {
    start: (order) => {
      const known = running.get(order.airing);
      if (known !== undefined) known.order = order;
      const relay = known ?? begin(order);
      running.set(order.airing, relay);
      return { type: "stream", path: relay.programme.path, kbps } satisfies AudioSource;
    },
    stop: (airing) => running.get(airing)?.stop.abort(),
    [Symbol.asyncDispose]: async () => {
      for (const { stop } of running.values()) stop.abort();
      await Promise.all([...running.values()].map(({ done }) => done));
    },
  };
}

/** One relay, from the first listening to its end. */
class RelayRun {
  private readonly programme: Programme;
  private readonly parts: RelayParts;
  /** Anew at each use: its end may have been moved. */
  private readonly order: () => RelayOrder;
  private readonly limits: RelayLimits;
  private readonly source: RelaySource;
  private readonly feed = new Feed();
  private readonly recorder: Recorder | undefined;
  private readonly chime: PcmBuffer;
  private fallback: RelaySource | undefined;
  private replacing: Promise<void> | undefined;
  private ladder: Ladder = FIRST_RUNG;
  private relayedMs = 0;
  private ready = false;

  constructor(programme: Programme, parts: RelayParts, order: () => RelayOrder) {
    this.programme = programme;
    this.parts = parts;
    this.order = order;
    this.limits = { ...RELAY_LIMITS, ...parts.limits };
    const { address } = order();
    const { clock } = parts;
    this.source = new RelaySource({ clock, open: (signal) => parts.pull(address, signal), again: true });
    this.recorder =
      parts.recordingsDir === undefined
        ? undefined
        : new Recorder(join(parts.recordingsDir, `${programme.id}.part`), parts.log);
    const chime = resampled(parts.chime, RELAY_RATE_HZ);
    this.chime = new PcmBuffer({ sampleRateHz: RELAY_RATE_HZ, holdMs: 0, longestMs: MINUTE_MS });
    this.chime.push(chime);
  }

  async run(signal: AbortSignal): Promise<void> {
    const ending = new AbortController();
    const either = AbortSignal.any([signal, ending.signal]);
    const pulling = this.source.run(either);
    const failing = new AbortController();
    try {
      await this.listenAhead(signal);
      if (isStopped(signal)) return;
      const encoding = this.encode(either).catch((error: unknown) => failing.abort(asError(error)));
      this.fallback = await this.openFallback();
      await this.air(AbortSignal.any([signal, failing.signal]), either);
      this.feed.close();
      await encoding;
      if (isStopped(failing.signal) && !isStopped(signal)) throw failing.signal.reason;
    } finally {
      ending.abort();
      await Promise.all([pulling, this.replacing]);
      await this.keepRecording();
    }
  }

  /** Up to the lead-in: is it alive, and does it sound? */
  private async listenAhead(signal: AbortSignal): Promise<void> {
    await this.tick(signal, () => {
      if (this.parts.clock.now() >= this.order().at - LEAD_IN_MS) return false;
      this.hearRelay("none");
      if (!this.ready && this.ladder.wellMs >= LEAD_IN_MS) {
        this.ready = true;
        this.tell("ready");
      }
      return true;
    });
    if (!this.ready && this.ladder.wellMs === 0) this.tell("not-ready");
    // What happened before its time has no rung yet; how long it has been dead or silent counts.
    this.ladder = { ...this.ladder, mode: "relay" };
  }

  private async air(signal: AbortSignal, whileRunning: AbortSignal): Promise<void> {
    await this.tick(signal, () => {
      if (this.parts.clock.now() >= this.order().until) {
        this.tell("ended");
        return false;
      }
      const before = this.ladder.mode;
      const relay = this.hearRelay(this.fallbackState());
      this.tellChange(before);
      if (this.ladder.mode === "over") {
        this.tell("gave-up");
        return false;
      }
      if (this.ladder.mode === "fallback") this.replacing ??= this.fallback?.run(whileRunning);
      this.feed.push(this.chosen(relay));
      if (this.ladder.mode === "relay") this.relayedMs += TICK_MS;
      return true;
    });
  }

  /** Calls `work` in real time until it answers false. */
  private async tick(signal: AbortSignal, work: () => boolean): Promise<void> {
    const { clock } = this.parts;
    const startedAt = clock.uptime();
    for (let tick = 1; work(); tick += 1) {
      if (!(await clock.sleep(startedAt + tick * TICK_MS - clock.uptime(), signal))) return;
    }
  }

  private hearRelay(fallback: "none" | "there" | "ended"): Buffer {
    const { pcm, missing } = this.source.sound.take(TICK_MS);
    const chimeEnded = this.ladder.mode === "chime" && this.chime.heldMs === 0;
    const heard = { tickMs: TICK_MS, missing, levelDbfs: levelDbfs(pcm), fallback, chimeEnded };
    this.ladder = climb(this.ladder, heard, this.limits);
    return pcm;
  }

  private chosen(relay: Buffer): Buffer {
    if (this.ladder.mode === "relay") return relay;
    const instead = this.ladder.mode === "fallback" ? this.fallback?.sound : this.chime;
    return instead?.take(TICK_MS).pcm ?? relay.fill(0);
  }

  private fallbackState(): "none" | "there" | "ended" {
    if (this.fallback === undefined) return "none";
    return this.fallback.ended && this.fallback.sound.heldMs === 0 ? "ended" : "there";
  }

  private tellChange(before: Ladder["mode"]): void {
    const { mode, silentMs } = this.ladder;
    if (mode === before) return;
    if (mode === "relay") this.tell("back");
    if (mode === "fallback") this.tell(silentMs > this.limits.silentAfterMs ? "silent" : "dead");
    if (mode === "chime") this.tell("giving-up");
  }

  private tell(step: RelayStep["step"]): void {
    const { failure } = this.source;
    const { airing } = this.order();
    const fields = { airing, step, err: failure };
    if (step === "ready" || step === "ended" || step === "back")
      this.parts.log.info({ airing, step }, "relay");
    else this.parts.log.warn(fields, "relay");
    const cause = failure instanceof Fault ? failure.said : undefined;
    this.parts.onStep({
      airing,
      step,
      said: STEP_SENTENCES[step],
      ...(cause === undefined ? {} : { cause }),
    });
  }

  private async encode(signal: AbortSignal): Promise<void> {
    const { encode, kbps } = this.parts;
    const order = { sampleRateHz: RELAY_RATE_HZ, kbps, gainDb: GAIN_DB, input: this.feed };
    for await (const piece of encode(order, signal)) {
      this.programme.push(piece);
      this.recorder?.write(piece);
    }
  }

  /** The recording the officer chose, else the last good one of this source. */
  private async openFallback(): Promise<RelaySource | undefined> {
    const { fallbackAudioId } = this.order();
    const chosen = fallbackAudioId === undefined ? undefined : this.parts.fileOf(fallbackAudioId);
    const path = chosen ?? (await this.lastRecording());
    if (path === undefined) return undefined;
    const { clock, decode } = this.parts;
    return new RelaySource({ clock, open: (signal) => decode(path, signal), again: false });
  }

  private async lastRecording(): Promise<string | undefined> {
    const path = this.recordingPath();
    if (path === undefined) return undefined;
    return await access(path).then(
      () => path,
      () => undefined,
    );
  }

  private recordingPath(): string | undefined {
    const { recordingsDir } = this.parts;
    const name = createHash("sha256").update(this.order().address).digest("hex").slice(0, 16);
    return recordingsDir === undefined ? undefined : join(recordingsDir, `relay-${name}.mp3`);
  }

  private async keepRecording(): Promise<void> {
    const recording = await this.recorder?.finish();
    const path = this.recordingPath();
    if (recording === undefined || path === undefined) return;
    if (this.relayedMs >= KEPT_FROM_MS) await rename(recording.path, path);
    else await rm(recording.path, { force: true });
  }
}
