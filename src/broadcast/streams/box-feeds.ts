import type { Clock } from "../../kernel/clock.ts";
import { SECOND_MS, type UptimeMs } from "../../kernel/time.ts";
import type { Listener } from "./listener.ts";
import { silentFrames, type Mp3Format } from "./mp3-frames.ts";
import type { Programme, ProgrammeOrder } from "./programme.ts";

/** A plain Internet-radio player: it knows one address and plays what comes. */
export interface RadioBox {
  readonly speaker: string;
  readonly name: string;
  /** The secret part of its address. */
  readonly streamToken: string;
  /** What it is sent between airings, and what it is promised in its head. */
  readonly format: Mp3Format;
  /** Between airings: silence on an open connection, or no connection at all. */
  readonly idle: "silence" | "refuse";
  /** In the status line its player expects. */
  readonly httpVersion: "1.0" | "1.1";
  /** Understands titles between the sound. */
  readonly icyMetadata: boolean;
}

interface Feed {
  readonly box: RadioBox;
  source: Programme | undefined;
  connection: Connection | undefined;
}

interface Connection {
  readonly listener: Listener;
  readonly connectedAt: UptimeMs;
  readonly burstMs: number;
}

interface Silence {
  readonly programme: Programme;
  readonly format: Mp3Format;
  /** When its next piece is due. */
  dueAt: number;
}

interface BoxFeedsParts {
  readonly clock: Clock;
  readonly openUncounted: (order: ProgrammeOrder) => Programme;
}

/** A switch between programmes loses or doubles a piece; within this much a player's own buffer does not notice. */
const TOLERATED_LACK_MS = 100;
const LONGEST_LACK_MS = 10 * SECOND_MS;

const SILENCE_PIECE_MS = SECOND_MS;
const SILENCE_CHECK_MS = 200;

/** Keeps each box on what it should hear now: an airing's programme, else silence, else nothing. */
export class BoxFeeds {
  private readonly parts: BoxFeedsParts;
  private readonly feeds = new Map<string, Feed>();
  private readonly silences = new Map<string, Silence>();

  constructor(parts: BoxFeedsParts) {
    this.parts = parts;
  }

  /** False when the box has nothing to hear and wants no silence. */
  wants(box: RadioBox): boolean {
    return box.idle === "silence" || this.feeds.get(box.speaker)?.source !== undefined;
  }

  /** Takes the place of the connection the box had: a player that lost its line does not know it yet. */
  connect(box: RadioBox, listener: Listener): void {
    const known = this.feeds.get(box.speaker);
    const former = known?.connection?.listener;
    if (former !== undefined) {
      this.disconnect(former);
      former.drop();
    }
    const feed: Feed = { box, source: known?.source, connection: undefined };
    this.feeds.set(box.speaker, feed);
    const programme = feed.source ?? this.silenceFor(box);
    programme.join(listener, { burst: true });
    feed.connection = { listener, connectedAt: this.parts.clock.uptime(), burstMs: listener.sentMs };
  }

  disconnect(listener: Listener): void {
    const feed = this.feeds.get(listener.speaker);
    if (feed?.connection?.listener !== listener) return;
    (feed.source ?? this.silenceFor(feed.box)).leave(listener, true);
    feed.connection = undefined;
  }

  /** From now on the box hears this; undefined: nothing. */
  assign(box: RadioBox, source: Programme | undefined): void {
    const feed = this.feeds.get(box.speaker) ?? { box, source: undefined, connection: undefined };
    this.feeds.set(box.speaker, feed);
    if (feed.source === source) return;
    const before = feed.source ?? this.silenceFor(feed.box);
    feed.source = source;
    if (feed.connection === undefined) return;
    before.leave(feed.connection.listener, false);
    if (source === undefined) this.toIdle(feed, feed.connection);
    else source.join(feed.connection.listener, { burst: false });
  }

  /** A box that was removed, or got a new address, hears nothing any more. */
  keepOnly(boxes: readonly RadioBox[]): void {
    const tokens = new Map(boxes.map(({ speaker, streamToken }) => [speaker, streamToken]));
    for (const { box, connection } of this.feeds.values()) {
      if (tokens.get(box.speaker) !== box.streamToken) connection?.listener.drop();
    }
  }

  isConnected(speaker: string): boolean {
    return this.feeds.get(speaker)?.connection !== undefined;
  }

  connected(): Listener[] {
    return [...this.feeds.values()].flatMap(({ connection }) => connection?.listener ?? []);
  }

  /** Boxes whose source this is. */
  on(programme: Programme): RadioBox[] {
    return [...this.feeds.values()].filter(({ source }) => source === programme).map(({ box }) => box);
  }

  /** Feeds silence in real time to whoever is on it, until stopped. */
  async run(signal: AbortSignal): Promise<void> {
    do {
      for (const silence of this.silences.values()) this.feedSilence(silence);
    } while (await this.parts.clock.sleep(SILENCE_CHECK_MS, signal));
  }

  /** By the sound's own length: whole frames never add up to a second, and an error would fill a player's buffer. */
  private feedSilence(silence: Silence): void {
    const now = this.parts.clock.uptime();
    if (now - silence.dueAt > LONGEST_LACK_MS) silence.dueAt = now;
    while (silence.dueAt <= now) {
      const run = silentFrames(silence.format, SILENCE_PIECE_MS);
      silence.programme.push(run.bytes);
      silence.dueAt += run.durationMs;
    }
  }

  private toIdle(feed: Feed, connection: Connection): void {
    const { listener } = connection;
    if (feed.box.idle === "refuse") {
      listener.finish();
      feed.connection = undefined;
      return;
    }
    this.refill(feed.box, connection);
    this.silenceFor(feed.box).join(listener, { burst: false });
  }

  /** Where nobody hears it: gives back what programmes that stalled or changed have taken out of the player's buffer. */
  private refill(box: RadioBox, { listener, connectedAt, burstMs }: Connection): void {
    const lackMs = this.parts.clock.uptime() - connectedAt + burstMs - listener.sentMs;
    if (lackMs <= TOLERATED_LACK_MS) return;
    listener.send(silentFrames(box.format, Math.min(lackMs, LONGEST_LACK_MS)), "");
  }

  private silenceFor({ format }: RadioBox): Programme {
    const id = `silence-${format.kbps}-${format.sampleRateHz}`;
    const known = this.silences.get(id);
    if (known !== undefined) return known.programme;
    const programme = this.parts.openUncounted({
      airing: undefined,
      title: "",
      kbps: format.kbps,
      live: false,
    });
    // A box that comes first also starts with a full burst.
    for (let piece = 0; piece < 3; piece += 1) programme.push(silentFrames(format, SILENCE_PIECE_MS).bytes);
    this.silences.set(id, { programme, format, dueAt: this.parts.clock.uptime() });
    return programme;
  }
}
