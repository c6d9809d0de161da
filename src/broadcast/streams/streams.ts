import { createHash } from "node:crypto";
import type { Clock } from "../../kernel/clock.ts";
import { BoxFeeds, type RadioBox } from "./box-feeds.ts";
import { Deliveries, type Delivery } from "./deliveries.ts";
import { connectionKey, readKernelQueues } from "./kernel-queues.ts";
import { LONGEST_BEHIND_MS, type Listener } from "./listener.ts";
import { Programme, type ProgrammeOrder } from "./programme.ts";

interface StreamsParts {
  readonly clock: Clock;
  /** The radio boxes of the registry, as they are now. */
  readonly boxes: () => readonly RadioBox[];
}

/** The kernel's table costs milliseconds to read; being five seconds late to notice costs nothing. */
const CHECK_EVERY_MS = 5_000;

/** Everything on air as a stream, and who hears it. Knows connections, not requests. */
export class Streams {
  readonly feeds: BoxFeeds;
  private readonly parts: StreamsParts;
  private readonly deliveries = new Deliveries();
  private readonly programmes = new Map<string, Programme>();
  private readonly listeners = new Set<Listener>();
  private serial = 0;
  /** Native speakers: one connection each, the newest. */
  private readonly natives = new Map<string, { listener: Listener; programme: Programme }>();

  constructor(parts: StreamsParts) {
    this.parts = parts;
    this.feeds = new BoxFeeds({
      clock: parts.clock,
      openUncounted: (order) => this.create("silence", order),
    });
  }

  /**
   * A programme under an address that is the same at every opening of the airing, so that speakers come back to it after a
   * restart. One that is still open under that address is ended first.
   */
  open(order: ProgrammeOrder & { readonly airing: string }): Programme {
    return this.openAs(idOf(order.airing), order);
  }

  /** A programme that only radio boxes hear; several of one airing may be on at once. */
  openForBoxes(order: ProgrammeOrder & { readonly airing: string }): Programme {
    this.serial += 1;
    return this.openAs(`boxes-${this.serial}`, order);
  }

  /** What a radio box hears from now on; undefined: nothing. Throws for a speaker that is no radio box. */
  assignBox(speaker: string, source: Programme | undefined): void {
    const box = this.parts.boxes().find((candidate) => candidate.speaker === speaker);
    if (box === undefined) throw new RangeError(`not a radio box: ${speaker}`);
    this.feeds.assign(box, source?.ended === true ? undefined : source);
  }

  /** Sound delivered of an airing per speaker so far, radio boxes and streaming speakers alike. */
  delivered(airing: string): ReadonlyMap<string, Delivery> {
    return this.deliveries.of(airing);
  }

  programme(id: string): Programme | undefined {
    return this.programmes.get(id);
  }

  /** Nothing streams any more: every programme ends, boxes fall back to silence. */
  endAll(): void {
    for (const programme of [...this.programmes.values()]) programme.end();
  }

  connectBox(box: RadioBox, listener: Listener): void {
    this.listen(listener, () => this.feeds.disconnect(listener));
    this.feeds.connect(box, listener);
  }

  connectNative(programme: Programme, listener: Listener): void {
    const former = this.natives.get(listener.speaker);
    if (former !== undefined) {
      former.programme.leave(former.listener, true);
      former.listener.drop();
    }
    this.natives.set(listener.speaker, { listener, programme });
    this.listen(listener, () => {
      programme.leave(listener, true);
      if (this.natives.get(listener.speaker)?.listener === listener) this.natives.delete(listener.speaker);
    });
    programme.join(listener, { burst: true });
  }

  /** Drops who has fallen too far behind, and boxes whose address is void, until stopped. */
  async watch(signal: AbortSignal): Promise<void> {
    while (await this.parts.clock.sleep(CHECK_EVERY_MS, signal)) {
      if (this.listeners.size === 0) continue;
      await this.checkQueues();
      this.feeds.keepOnly(this.parts.boxes());
    }
  }

  private async checkQueues(): Promise<void> {
    const queues = await readKernelQueues();
    for (const listener of this.listeners) {
      const key = connectionKey(listener.socket);
      listener.kernelBytes = (key === undefined ? undefined : queues.get(key)) ?? 0;
      if (listener.unsentMs > LONGEST_BEHIND_MS) listener.drop();
    }
  }

  private listen(listener: Listener, closed: () => void): void {
    this.listeners.add(listener);
    listener.socket.once("close", () => {
      this.listeners.delete(listener);
      closed();
    });
  }

  private openAs(id: string, order: ProgrammeOrder): Programme {
    this.programmes.get(id)?.end();
    const programme = this.create(id, order);
    this.programmes.set(id, programme);
    return programme;
  }

  private create(id: string, order: ProgrammeOrder): Programme {
    return new Programme(id, order, {
      clock: this.parts.clock,
      deliveries: this.deliveries,
      released: (listener) => this.released(listener),
      over: (programme) => {
        if (this.programmes.get(programme.id) === programme) this.programmes.delete(programme.id);
        for (const box of this.feeds.on(programme)) this.feeds.assign(box, undefined);
      },
    });
  }

  /** Boxes stay connected: they are put on something else when the programme is over. */
  private released(listener: Listener): void {
    if (this.natives.get(listener.speaker)?.listener === listener) listener.finish();
  }
}

/** Airing ids may hold a colon, which the protocol's stream paths may not. */
function idOf(airing: string): string {
  const plain = airing.replaceAll(/[^A-Za-z0-9._-]/g, "_");
  if (plain === airing) return plain;
  return `${plain.slice(0, 80)}-${createHash("sha256").update(airing).digest("hex").slice(0, 8)}`;
}
