import type { Socket } from "node:net";
import { Aedes, type AedesPublishPacket, type Client, type ConnectPacket, type PublishPacket } from "aedes";
import { uptimeMs } from "../kernel/time.ts";
import { verifyDeviceSecret } from "./credentials.ts";
import { guardFrames } from "./frame-guard.ts";
import type { BrokerLimits } from "./limits.ts";
import type { BrokerMessage, DeviceCredential, HallMessage } from "./messages.ts";
import type { Meter } from "./meter.ts";
import type { RefusalNotes } from "./refusal-notes.ts";
import { Refused, refusalOf } from "./refused.ts";
import { RetainedStore } from "./retained-store.ts";
import {
  judgeConnect,
  judgePublish,
  judgeSubscribe,
  type AdmissionLimits,
  type Publication,
  type Refusal,
} from "./rules/admission.ts";
import { takeToken, type Bucket } from "./rules/token-bucket.ts";

interface GuardedBrokerParts {
  readonly limits: BrokerLimits;
  readonly retainable: readonly string[];
  readonly meter: Meter;
  readonly notes: RefusalNotes;
  readonly received: (message: BrokerMessage) => void;
}

/** One connection, from its acceptance on. */
interface Session {
  readonly address: string;
  /** As the client calls itself, proven or not. */
  clientId: string;
  /** Set when the client has proven who it is; what it may do. */
  device: DeviceCredential | undefined;
  packets: Bucket | undefined;
  readonly filters: Set<string>;
  ended: boolean;
}

/** Room for the topic and the header beside the largest payload. */
const PUBLISH_OVERHEAD_BYTES = 1_024;
/** Twenty filters of 200 characters; everything that is no PUBLISH and no CONNECT fits. */
const OTHER_FRAME_BYTES = 4_096;

/** What a client may send; the library drops the connection of one that sends another kind without a word. */
const CLIENT_KINDS: ReadonlySet<string> = new Set([
  "connect",
  "publish",
  "puback",
  "pubrec",
  "pubrel",
  "pubcomp",
  "subscribe",
  "unsubscribe",
  "pingreq",
  "disconnect",
]);

/** Answers to an order must not eat what a device may say by itself. */
const ACKNOWLEDGEMENTS: ReadonlySet<string> = new Set(["puback", "connect", "disconnect"]);

/** aedes with every door it leaves open shut: who may connect, what each may do, and how much of everything. */
export class GuardedBroker implements AsyncDisposable {
  private readonly store = new RetainedStore();
  private readonly live = new Set<Client>();
  /** Outlives the connection: the last will is published, and judged, after it. */
  private readonly sessions = new WeakMap<Client, Session>();
  private devices: ReadonlyMap<string, DeviceCredential> = new Map();
  private readonly parts: GuardedBrokerParts;
  private readonly admission: AdmissionLimits;
  private readonly aedes: Aedes;

  private constructor(parts: GuardedBrokerParts) {
    const { limits } = parts;
    this.parts = parts;
    this.admission = { ...limits, retainable: parts.retainable };
    this.aedes = new Aedes({
      id: "hall",
      persistence: this.store,
      concurrency: limits.concurrency,
      drainTimeout: limits.drainTimeoutMs,
      connectTimeout: limits.connectTimeoutMs,
      queueLimit: limits.maxPacketsBeforeConnack,
      maxTopicLevels: limits.maxTopicLevels,
      preConnect: (client, packet, done) => this.greet(client, packet, done),
      authenticate: (client, _username, _password, done) => done(null, this.of(client).device !== undefined),
      authorizePublish: (client, packet, done) => done(this.refusePublish(client, packet)),
      authorizeSubscribe: (client, subscription, done) =>
        done(null, this.maySubscribe(client, subscription.topic) ? subscription : null),
      authorizeForward: (client, packet) => (this.mayForward(client) ? packet : null),
    });
  }

  static async open(parts: GuardedBrokerParts): Promise<GuardedBroker> {
    const broker = new GuardedBroker(parts);
    await broker.aedes.listen();
    broker.listenToEvents();
    await broker.listenToMessages();
    return broker;
  }

  get connectedCount(): number {
    const admitted = (client: Client): boolean =>
      !client.closed && !client.conn.destroyed && this.of(client).device !== undefined;
    return this.live.values().filter(admitted).toArray().length;
  }

  get retainedCount(): number {
    return this.store.retainedCount;
  }

  admit(socket: Socket, address: string): void {
    const client = this.aedes.handle(socket);
    const session: Session = {
      address,
      clientId: "",
      device: undefined,
      packets: undefined,
      filters: new Set(),
      ended: false,
    };
    this.sessions.set(client, session);
    this.live.add(client);
    socket.once("close", () => this.live.delete(client));
    guardFrames(client, (kind, lengthBytes) => this.judgeFrame(session, kind, lengthBytes));
  }

  /** Replaces all credentials. Who lost or changed theirs is cut off at once. */
  setDevices(devices: readonly DeviceCredential[]): void {
    this.devices = new Map(devices.map((device) => [device.id, device]));
    for (const client of this.live) {
      const session = this.of(client);
      if (session.device === undefined) continue;
      const current = this.devices.get(session.device.id);
      if (current !== undefined && isSame(current, session.device)) continue;
      // Judges the last will, which is published on the way out.
      session.device = current;
      cut(client, "credential-withdrawn");
    }
  }

  /** To be called now and then: a burst passes the check at each message before any of it is written. */
  cutSlowReaders(): void {
    for (const client of this.live) if (this.isSlow(client)) cut(client, "slow");
  }

  /** When it returns, a retained message is kept and all others are on their way. */
  publish({ topic, payload, qos, retain }: HallMessage): void {
    const bytes = typeof payload === "string" ? Buffer.from(payload) : Buffer.from(payload.buffer);
    this.aedes.publish({ cmd: "publish", topic, payload: bytes, qos, retain, dup: false }, (error) => {
      // Never about a reader; a topic of ours that is too deep is a bug.
      if (error instanceof Error && !this.aedes.closed) throw error;
    });
  }

  countRefusal(refusal: Refusal, address: string): void {
    this.parts.meter.countRefusal(refusal);
    this.parts.notes.refused({ address }, refusal, {});
  }

  [Symbol.asyncDispose](): Promise<void> {
    return new Promise((resolve) => this.aedes.close(resolve));
  }

  private of(client: Client): Session {
    const session = this.sessions.get(client);
    if (session === undefined) throw new Error("a client that was never admitted");
    return session;
  }

  private listenToEvents(): void {
    const ended = (client: Client, error: Error): void => this.noteEnd(client, error);
    this.aedes.on("clientError", ended);
    this.aedes.on("connectionError", ended);
    this.aedes.on("clientReady", (client) => this.parts.notes.admitted(client.id, performance.now()));
    this.aedes.on("unsubscribe", (filters, client) => {
      for (const filter of filters) this.of(client).filters.delete(filter);
    });
  }

  private listenToMessages(): Promise<void> {
    return new Promise((resolve) => {
      this.aedes.subscribe("#", (packet, done) => this.receive(packet, done), resolve);
    });
  }

  private receive(packet: AedesPublishPacket & { readonly clientId?: string }, done: () => void): void {
    // Never make the other readers wait for the hall.
    done();
    // What the hall and the library itself publish has no client.
    if (packet.clientId === undefined) return;
    this.parts.meter.received += 1;
    const payload = typeof packet.payload === "string" ? Buffer.from(packet.payload) : packet.payload;
    this.parts.received({
      clientId: packet.clientId,
      topic: packet.topic,
      // A copy of its own: the payload may be a slice of a read buffer, and a slice is sent to a thread with all of it.
      payload: Uint8Array.from(payload),
      retain: packet.retain,
    });
  }

  private greet(
    client: Client,
    packet: ConnectPacket,
    done: (error: Error | null, admitted: boolean) => void,
  ): void {
    const session = this.of(client);
    session.clientId = packet.clientId;
    const device = this.devices.get(packet.clientId);
    const proven = device !== undefined && hasSecret(packet, device) ? device : undefined;
    const refused = judgeConnect(
      {
        protocolVersion: packet.protocolVersion ?? 0,
        clientId: packet.clientId,
        username: packet.username,
        cleanSession: packet.clean === true,
        keepAliveSec: packet.keepalive ?? 0,
        will: packet.will === undefined ? undefined : publicationOf(packet.will),
        proven,
      },
      this.admission,
    );
    if (refused === undefined) {
      session.device = proven;
      done(null, true);
      return;
    }
    // CONNACK, MQTT 3.1.1 §3.2; the library closes the connection on an error without one.
    const connack = Buffer.from([0x20, 2, 0, refused.returnCode]);
    client.conn.write(connack, () => done(new Refused(refused.refusal), false));
  }

  private judgeFrame(session: Session, kind: string, lengthBytes: number): Refusal | undefined {
    const { limits } = this.parts;
    if (session.device === undefined) {
      return lengthBytes > limits.maxFrameBeforeConnectBytes ? "oversized" : undefined;
    }
    if (!CLIENT_KINDS.has(kind)) return "malformed";
    const longest = kind === "publish" ? limits.maxPayloadBytes + PUBLISH_OVERHEAD_BYTES : OTHER_FRAME_BYTES;
    if (lengthBytes > longest) return "oversized";
    if (ACKNOWLEDGEMENTS.has(kind)) return undefined;
    const spent = takeToken(session.packets, limits.packetsPerClient, uptimeMs(performance.now()));
    session.packets = spent.bucket;
    return spent.allowed ? undefined : "message-rate";
  }

  private refusePublish(client: Client | null, packet: PublishPacket): Error | null {
    const rights = client === null ? undefined : this.of(client).device;
    if (rights === undefined) return new Refused("publish-right");
    const message = publicationOf(packet);
    const refusal = judgePublish(message, rights, this.admission) ?? this.refuseRetained(message);
    return refusal === undefined ? null : new Refused(refusal);
  }

  private refuseRetained({ topic, retain }: Publication): Refusal | undefined {
    if (!retain || this.store.hasRetained(topic)) return undefined;
    return this.store.retainedCount < this.parts.limits.maxRetained ? undefined : "retain";
  }

  private maySubscribe(client: Client, filter: string): boolean {
    const session = this.of(client);
    if (session.device === undefined) return false;
    const most = this.parts.limits.maxSubscriptionsPerClient;
    const refusal = judgeSubscribe(filter, session.device, session.filters, most);
    if (refusal === undefined) {
      session.filters.add(filter);
      return true;
    }
    this.parts.meter.countRefusal(refusal);
    this.parts.notes.refused({ device: session.device.id }, refusal, { filter });
    return false;
  }

  private mayForward(client: Client): boolean {
    if (this.isSlow(client)) {
      cut(client, "slow");
      return false;
    }
    this.parts.meter.delivered += 1;
    return true;
  }

  /** Its unread messages pile up in our memory. */
  private isSlow(client: Client): boolean {
    return client.conn.writableLength > this.parts.limits.maxBufferedBytesPerClient;
  }

  private noteEnd(client: Client, error: Error): void {
    const session = this.of(client);
    const refusal = refusalOf(error);
    if (session.ended || refusal === undefined) return;
    session.ended = true;
    this.parts.meter.countRefusal(refusal);
    // Somebody of the hall decided that; it is no news.
    if (refusal === "credential-withdrawn") return;
    const { address, clientId } = session;
    if (this.devices.has(clientId)) this.parts.notes.refused({ device: clientId }, refusal, { address });
    else this.parts.notes.refused({ address }, refusal, clientId === "" ? {} : { clientId });
  }
}

function cut(client: Client, refusal: Refusal): void {
  client.conn.destroy(new Refused(refusal));
}

function hasSecret(packet: ConnectPacket, device: DeviceCredential): boolean {
  return packet.password !== undefined && verifyDeviceSecret(packet.password, device.secretHash);
}

function publicationOf(packet: NonNullable<ConnectPacket["will"]>): Publication {
  return {
    topic: packet.topic,
    qos: packet.qos ?? 0,
    retain: packet.retain === true,
    payloadBytes: Buffer.byteLength(packet.payload),
  };
}

function isSame(one: DeviceCredential, other: DeviceCredential): boolean {
  const plain = (device: DeviceCredential): string =>
    JSON.stringify([device.id, device.secretHash, device.publish, device.subscribe]);
  return plain(one) === plain(other);
}
