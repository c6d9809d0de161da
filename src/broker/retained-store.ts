import { Readable } from "node:stream";
import { covers } from "./rules/topic-filter.ts";

interface RetainedPacket {
  readonly topic: string;
  readonly payload: Uint8Array;
}

interface Will {
  brokerId?: string;
  clientId?: string;
}

interface Peer {
  readonly id: string;
}

/**
 * What aedes calls its persistence, for a broker that knows clean sessions only: retained messages and wills, in
 * memory. Nothing can be queued for a client that is away, because there is no place for it. Retained messages of an
 * exact topic are found without a search, as 500 returning speakers ask for theirs at once.
 */
export class RetainedStore {
  private brokerId = "";
  private readonly retained = new Map<string, RetainedPacket>();
  private readonly wills = new Map<string, Will>();

  get retainedCount(): number {
    return this.retained.size;
  }

  hasRetained(topic: string): boolean {
    return this.retained.has(topic);
  }

  // aedes checks at start that this is an async function.
  async setup(broker: Peer): Promise<void> {
    this.brokerId = await Promise.resolve(broker.id);
  }

  storeRetained(packet: RetainedPacket): Promise<void> {
    if (packet.payload.length === 0) this.retained.delete(packet.topic);
    // The payload may be a slice of a read buffer of 64 KB, which would be kept whole.
    else
      this.retained.set(packet.topic, {
        ...packet,
        payload: Buffer.from(Uint8Array.from(packet.payload).buffer),
      });
    return Promise.resolve();
  }

  createRetainedStream(filter: string): Readable {
    return this.createRetainedStreamCombi([filter]);
  }

  createRetainedStreamCombi(filters: readonly string[]): Readable {
    return Readable.from(filters.flatMap((filter) => this.matching(filter)));
  }

  putWill(client: Peer, will: Will): Promise<void> {
    will.brokerId = this.brokerId;
    will.clientId = client.id;
    this.wills.set(client.id, will);
    return Promise.resolve();
  }

  getWill(client: Peer): Promise<Will | undefined> {
    return Promise.resolve(this.wills.get(client.id));
  }

  delWill(client: Peer): Promise<Will | undefined> {
    const will = this.wills.get(client.id);
    this.wills.delete(client.id);
    return Promise.resolve(will);
  }

  /** Wills of other brokers of a cluster; there are none. */
  streamWill(): Readable {
    return Readable.from([]);
  }

  subscriptionsByTopic(): Promise<[]> {
    return Promise.resolve([]);
  }

  cleanSubscriptions(): Promise<void> {
    return Promise.resolve();
  }

  outgoingEnqueueCombi(): Promise<void> {
    return Promise.resolve();
  }

  outgoingStream(): Readable {
    return Readable.from([]);
  }

  outgoingClearMessageId(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  cleanIncoming(): Promise<void> {
    return Promise.resolve();
  }

  /** PUBREL of a client that never may have sent QoS 2. */
  incomingGetPacket(): Promise<never> {
    return Promise.reject(new Error("no such packet"));
  }

  private matching(filter: string): RetainedPacket[] {
    if (!/[+#]/.test(filter)) {
      const packet = this.retained.get(filter);
      return packet === undefined ? [] : [packet];
    }
    return [...this.retained.values()].filter((packet) => covers(filter, packet.topic));
  }
}
