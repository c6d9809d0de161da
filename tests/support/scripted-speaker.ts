import { createPublicKey, verify, type KeyObject } from "node:crypto";
import { connectAsync, type MqttClient } from "mqtt";
import { mustFit } from "./protocol-check.ts";

/** How a scripted speaker differs from a well-behaved one. */
interface Behaviour {
  /** What it answers to an order it may obey; `nothing`: it never acknowledges. */
  readonly answers?: "done" | "refused" | "nothing";
  /** False: it connects and subscribes, and says nothing of itself. */
  readonly tellsState?: boolean;
  /** Reports this volume whatever it was told. */
  readonly stuckAtPercent?: number;
  /** False: it forgets which orders it has seen. */
  readonly remembers?: boolean;
  /** The hall's time as it knows it. */
  readonly now?: () => number;
}

interface ScriptedOrder {
  readonly scope: string;
  readonly seq: number;
  readonly issuedAt: number;
  readonly expiresAt: number;
  readonly order: { readonly kind: string; readonly [key: string]: unknown };
}

interface ScriptedPlan {
  readonly version: number;
  readonly issuedAt: number;
  readonly expiresAt: number;
  readonly quietHours: unknown[];
  readonly items: { readonly airing: string }[];
}

interface Identity {
  readonly url: string;
  readonly id: string;
  readonly secret: string;
  readonly hamlet: string;
  /** The hall's Ed25519 key, 32 bytes in base64. */
  readonly hallPublicKey: string;
  readonly ca?: string;
}

/**
 * A loudspeaker written from PROTOCOL.md alone, sharing no code with the product: it checks signature, scope, expiry
 * and repetition by itself and holds all traffic against the published schemas.
 */
export class ScriptedSpeaker implements AsyncDisposable {
  /** Every order envelope that came, repeats included. */
  readonly received: ScriptedOrder[] = [];
  readonly executed: ScriptedOrder[] = [];
  readonly refused: { readonly order: ScriptedOrder; readonly reason: string }[] = [];
  readonly plans: ScriptedPlan[] = [];
  readonly receiptAcks: number[] = [];
  readonly timeAnswers: { t1: number; t2: number; t3: number }[] = [];
  readonly foreign: string[] = [];
  beats = 0;
  volumePercent = 80;
  private readonly client: MqttClient;
  private readonly identity: Identity;
  private readonly behaviour: Behaviour;
  private readonly key: KeyObject;
  private readonly seen = new Set<string>();

  private constructor(client: MqttClient, identity: Identity, behaviour: Behaviour) {
    this.client = client;
    this.identity = identity;
    this.behaviour = behaviour;
    this.key = createPublicKey({
      key: {
        kty: "OKP",
        crv: "Ed25519",
        x: Buffer.from(identity.hallPublicKey, "base64").toString("base64url"),
      },
      format: "jwk",
    });
    this.volumePercent = behaviour.stuckAtPercent ?? 80;
  }

  static async connect(identity: Identity, behaviour: Behaviour = {}): Promise<ScriptedSpeaker> {
    const { url, id, secret, hamlet } = identity;
    const client = await connectAsync(url, {
      clientId: id,
      username: id,
      password: secret,
      clean: true,
      keepalive: 60,
      reconnectPeriod: 0,
      ...(identity.ca === undefined ? {} : { ca: identity.ca }),
      will: {
        topic: `loa/v1/${id}/state`,
        payload: Buffer.from('{"online":false}'),
        qos: 1,
        retain: true,
      },
    });
    const speaker = new ScriptedSpeaker(client, identity, behaviour);
    client.on("message", (topic, payload) => speaker.take(topic, payload.toString()));
    // Lost connections are what some tests are about.
    client.on("error", () => undefined);
    const own = `loa/v1/${id}`;
    const topics = [
      `${own}/order`,
      `loa/v1/hamlet/${hamlet}/order`,
      "loa/v1/all/order",
      "loa/v1/all/beat",
      `${own}/plan`,
      `${own}/receipt/ack`,
      `${own}/time`,
    ];
    // One by one: a refused topic (a hamlet it has been moved from) must not cost the others.
    await Promise.all(topics.map((topic) => speaker.subscribeTo(topic)));
    if (behaviour.tellsState !== false) await speaker.tellState();
    return speaker;
  }

  async tellState(more: object = {}): Promise<void> {
    await this.publish("state", {
      online: true,
      boot: 1,
      firmware: "scripted 1",
      profile: "native",
      address: "127.0.0.1",
      playing: null,
      volumePercent: this.volumePercent,
      clockOffsetMs: 0,
      storageFreeBytes: 1_000_000,
      planVersion: this.plans.at(-1)?.version ?? 0,
      missing: [],
      ...more,
    });
  }

  async tellHealth(): Promise<void> {
    await this.publish("health", {
      at: 1_000,
      uptimeSec: 5,
      temperatureCelsius: 41.5,
      supplyVolts: null,
      amplifierFault: false,
      signalDbm: null,
      dataUsedBytes: 0,
      outputLevelDbfs: null,
    });
  }

  async tellReceipt(n: number, more: object = {}): Promise<void> {
    await this.publish("receipt", {
      n,
      airing: `airing-${n}`,
      outcome: "played",
      plannedAt: 1_000,
      startedAt: 1_003,
      endedAt: 11_003,
      playedMs: 10_000,
      expectedMs: 10_000,
      startErrorMs: 3,
      sha256: ["a".repeat(64)],
      levelDbfs: -17.5,
      via: "order",
      ...more,
    });
  }

  async askTime(t1: number): Promise<void> {
    await this.publish("time", { t1 });
  }

  /** Any bytes on any topic, right or wrong. Settles when the broker has them or has cut us off. */
  async publishRaw(topic: string, payload: string | Buffer): Promise<void> {
    const cut = new Promise((resolve) => this.client.once("close", () => resolve("cut")));
    await Promise.race([cut, this.client.publishAsync(topic, payload, { qos: 1 })]);
  }

  async subscribeTo(topic: string): Promise<boolean> {
    const granted = await this.client.subscribeAsync(topic, { qos: 1 }).catch(() => []);
    return granted.some(({ qos }) => (qos as number) < 128);
  }

  get connected(): boolean {
    return this.client.connected;
  }

  /** The cable is pulled: its last will is published. */
  vanish(): void {
    this.client.stream.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client.endAsync(true);
  }

  private async publish(kind: "state" | "health" | "receipt" | "ack" | "time", value: object): Promise<void> {
    mustFit(kind, value);
    await this.client.publishAsync(`loa/v1/${this.identity.id}/${kind}`, JSON.stringify(value), {
      qos: kind === "time" ? 0 : 1,
      retain: kind === "state",
    });
  }

  private take(topic: string, text: string): void {
    const own = `loa/v1/${this.identity.id}`;
    if (text === "") return;
    const message: unknown = JSON.parse(text);
    if (topic === "loa/v1/all/beat") {
      mustFit("beat", message);
      this.beats += 1;
    } else if (topic === `${own}/receipt/ack`) {
      mustFit("receipt-ack", message);
      this.receiptAcks.push((message as { upTo: number }).upTo);
    } else if (topic === `${own}/time`) {
      // Our own question comes back on the same topic.
      if (!hasAnswer(message)) return;
      mustFit("time", message);
      this.timeAnswers.push(message);
    } else if (topic === `${own}/plan`) {
      const plan = this.opened("plan", message);
      if (plan !== undefined) this.plans.push(plan as ScriptedPlan);
    } else if (topic.endsWith("/order")) {
      const order = this.opened("order", message);
      if (order !== undefined) this.obey(order as ScriptedOrder);
    } else {
      this.foreign.push(topic);
    }
  }

  private opened(kind: "order" | "plan", message: unknown): unknown {
    mustFit("envelope", message);
    const { signed, signature } = message as { signed: string; signature: string };
    if (!verify(null, Buffer.from(signed), this.key, Buffer.from(signature, "base64"))) return undefined;
    const content: unknown = JSON.parse(signed);
    mustFit(kind, content);
    return content;
  }

  private obey(order: ScriptedOrder): void {
    this.received.push(order);
    const reason = this.objection(order);
    if (reason !== undefined) this.refused.push({ order, reason });
    else this.carryOut(order);
    const answer = this.behaviour.answers ?? "done";
    if (answer === "nothing") return;
    const outcome = reason === undefined ? answer : "refused";
    const ack = { scope: order.scope, seq: order.seq, outcome, ...(reason === undefined ? {} : { reason }) };
    this.publish("ack", ack).catch(() => undefined);
  }

  private objection({ scope, expiresAt }: ScriptedOrder): string | undefined {
    const { id, hamlet } = this.identity;
    if (!["all", `speaker/${id}`, `hamlet/${hamlet}`].includes(scope)) return "scope";
    return expiresAt <= (this.behaviour.now ?? Date.now)() ? "expired" : undefined;
  }

  private carryOut(order: ScriptedOrder): void {
    const key = `${order.scope}#${order.seq}`;
    if (this.seen.has(key) && this.behaviour.remembers !== false) return;
    this.seen.add(key);
    this.executed.push(order);
    if (order.order.kind === "volume" && this.behaviour.stuckAtPercent === undefined) {
      this.volumePercent = Number(order.order["percent"]);
    }
  }
}

function hasAnswer(message: unknown): message is { t1: number; t2: number; t3: number } {
  return typeof message === "object" && message !== null && "t2" in message;
}
