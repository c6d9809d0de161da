import { Aedes, type Client } from "aedes";
import { generateKeyPairSync, sign } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer as createHttpsServer, type Server as HttpsServer } from "node:https";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer as createTlsServer, type Server as TlsServer } from "node:tls";
import {
  Ack,
  BEAT_EVERY_MS,
  Health,
  HamletId,
  Receipt,
  SpeakerId,
  State,
  topic,
  type Order,
  type Sha256,
  type SignedPlan,
} from "../../src/speakers/protocol.ts";
import type { AgentConfig } from "../../src/agent/config.ts";
import type { Sound } from "./sound.ts";
import { makeThrowawayCa } from "./throwaway-ca.ts";
import { until } from "./until.ts";

const BREAKS_AFTER_MS = 300;

/** How the hall sends one file. */
type Behaviour = "whole" | "corrupt" | "truncated" | "gone" | "endless";

interface PlanDraft {
  readonly version: number;
  readonly items: SignedPlan["items"];
  readonly quietHours?: SignedPlan["quietHours"];
  readonly timeZone?: string;
  readonly issuedAt?: number;
  readonly expiresAt?: number;
  readonly scope?: string;
}

interface OrderHow {
  readonly scope?: string;
  readonly ttlMs?: number;
  readonly seq?: number;
  readonly topic?: string;
}

/**
 * A small hall for one speaker: a real MQTT broker over TLS and a real file server, that do what the test says.
 * It answers time questions, acknowledges receipts and beats, unless told otherwise.
 */
export class ScriptedHall implements AsyncDisposable {
  readonly speaker = SpeakerId.parse("loa-1");
  readonly hamlet = HamletId.parse("thon-1");
  readonly secret = "a-secret-of-the-test-loudspeaker";
  readonly receipts: Receipt[] = [];
  readonly acks: Ack[] = [];
  readonly states: State[] = [];
  readonly health: Health[] = [];
  /** `GET /audio` requests, as `<first 4 of the hash>@<first byte>`. */
  readonly fetched: string[] = [];
  beats = true;
  answersTime = true;
  acknowledges = true;
  /** The hall's clock minus this machine's. */
  clockShiftMs = 0;

  private readonly keys = generateKeyPairSync("ed25519");
  private readonly dir = mkdtempSync(join(tmpdir(), "scripted-hall-"));
  private readonly sockets = new Set<Socket>();
  private readonly files = new Map<string, { bytes: Buffer; behaviours: Behaviour[] }>();
  private readonly streams = new Map<string, Set<ServerResponse>>();
  private beatTimer: NodeJS.Timeout | undefined;
  private seq = 0;
  private tls: TlsServer;
  private https: HttpsServer;
  private readonly ports = { mqtt: 0, https: 0 };
  private readonly broker: Aedes;
  private readonly caPem: string;

  private constructor(broker: Aedes, caPem: string, server: { certPem: string; keyPem: string }) {
    this.broker = broker;
    this.caPem = caPem;
    const identity = { cert: server.certPem, key: server.keyPem, noDelay: true };
    this.tls = createTlsServer(identity, (socket) => broker.handle(socket));
    this.https = createHttpsServer(identity, (request, response) => this.serve(request, response));
    for (const listener of [this.tls, this.https]) {
      // Sockets that are cut off are what some tests are about.
      listener.on("tlsClientError", () => undefined);
      listener.on("connection", (socket: Socket) => {
        this.sockets.add(socket);
        socket.on("error", () => undefined);
        socket.on("close", () => this.sockets.delete(socket));
      });
    }
    broker.on("publish", (packet, client) => {
      if (client !== null) this.hear(client, packet.topic, Buffer.from(packet.payload));
    });
    broker.on("clientError", () => undefined);
    broker.on("connectionError", () => undefined);
    broker.authenticate = (client, user, password, done) =>
      done(null, user === this.speaker && client.id === user && String(password) === this.secret);
  }

  static async open(): Promise<ScriptedHall> {
    const { caPem, server } = await makeThrowawayCa();
    const hall = new ScriptedHall(await Aedes.createBroker({ id: "hall" }), caPem, server);
    await hall.restore();
    hall.beatTimer = setInterval(() => hall.beat(), BEAT_EVERY_MS / 5);
    return hall;
  }

  /** A configuration for this hall; `dir` becomes the agent's. */
  agentConfig(dir: string, changes: Partial<AgentConfig> = {}): AgentConfig {
    const caFile = join(this.dir, "ca.pem");
    writeFileSync(caFile, this.caPem);
    return {
      id: this.speaker,
      secret: this.secret,
      hamlet: this.hamlet,
      hall: {
        mqttUrl: `mqtts://127.0.0.1:${this.ports.mqtt}`,
        audioUrl: `https://127.0.0.1:${this.ports.https}`,
      },
      caFile,
      hallPublicKey: this.keys.publicKey.export({ type: "spki", format: "pem" }),
      dataDir: dir,
      output: { wavDir: join(dir, "wav"), latencyMs: 0 },
      clock: "hall",
      prefer: "lan",
      storageBytes: 100_000_000,
      volumePercent: 100,
      logLevel: "warn",
      ...changes,
    };
  }

  now(): number {
    return Date.now() + this.clockShiftMs;
  }

  /** Serves a file; behaviours are used up one per request, the last one stays. */
  offer(sound: Pick<Sound, "bytes" | "file">, ...behaviours: Behaviour[]): void {
    this.files.set(sound.file.sha256, {
      bytes: sound.bytes,
      behaviours: behaviours.length === 0 ? ["whole"] : behaviours,
    });
  }

  /** Signs and publishes; returns the very bytes, for those who replay them, and the number. */
  async order(order: Order, how: OrderHow = {}): Promise<{ readonly payload: string; readonly seq: number }> {
    const seq = how.seq ?? (this.seq += 1);
    const issuedAt = this.now();
    const scope = how.scope ?? `speaker/${this.speaker}`;
    const content = { v: 1, scope, seq, issuedAt, expiresAt: issuedAt + (how.ttlMs ?? 60_000), order };
    const payload = this.signed(content);
    await this.publish(how.topic ?? topic.order(this.speaker), payload);
    return { payload, seq };
  }

  async plan(draft: PlanDraft): Promise<string> {
    const issuedAt = draft.issuedAt ?? this.now();
    const payload = this.signed({
      v: 1,
      scope: draft.scope ?? `speaker/${this.speaker}`,
      version: draft.version,
      issuedAt,
      expiresAt: draft.expiresAt ?? issuedAt + 7 * 86_400_000,
      timeZone: draft.timeZone ?? "Asia/Ho_Chi_Minh",
      quietHours: draft.quietHours ?? [],
      items: draft.items,
    });
    await this.publish(topic.plan(this.speaker), payload, true);
    return payload;
  }

  signed(content: object): string {
    const signed = JSON.stringify(content);
    return JSON.stringify({
      signed,
      signature: sign(null, Buffer.from(signed), this.keys.privateKey).toString("base64"),
    });
  }

  async publish(to: string, payload: string | Buffer, retain = false): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const packet = { cmd: "publish", topic: to, payload, qos: 1, retain, dup: false } as const;
      this.broker.publish(packet, (error) => (error ? reject(error) : resolve()));
    });
  }

  /** Sends MP3 bytes to everyone who listens to that path. */
  push(path: string, bytes: Uint8Array): void {
    for (const listener of this.streams.get(path) ?? []) listener.write(bytes);
  }

  listeners(path: string): number {
    return this.streams.get(path)?.size ?? 0;
  }

  /** Opens a path for listeners. */
  openStream(path: string): void {
    this.streams.set(path, new Set());
  }

  /** Breaks every listener's connection, as a switch that reboots does. */
  dropListeners(path: string): void {
    for (const listener of this.streams.get(path) ?? []) listener.destroy();
  }

  receiptOf(airing: string): Promise<Receipt> {
    return found(`receipt of ${airing}`, () => this.receipts.find((receipt) => receipt.airing === airing));
  }

  ackOf(seq: number): Promise<Ack> {
    return found(`answer to order ${seq}`, () => this.acks.find((ack) => ack.seq === seq));
  }

  async online(): Promise<void> {
    await until("speaker online", () => this.states.at(-1)?.online === true);
  }

  /** The last state of a speaker that is online. */
  state(): Extract<State, { online: true }> | undefined {
    const last = this.states.at(-1);
    return last?.online === true ? last : undefined;
  }

  /** The cable is pulled: no server, no connection. */
  async cut(): Promise<void> {
    for (const listener of [this.tls, this.https]) {
      const closed = once(listener, "close");
      listener.close();
      for (const socket of this.sockets) socket.destroy();
      await closed;
    }
  }

  /** The cable is back, at the same addresses. */
  async restore(): Promise<void> {
    this.ports.mqtt = await listening(this.tls, this.ports.mqtt);
    this.ports.https = await listening(this.https, this.ports.https);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.beatTimer);
    if (this.tls.listening) await this.cut();
    await new Promise<void>((resolve) => this.broker.close(() => resolve()));
    rmSync(this.dir, { recursive: true, force: true });
  }

  private beat(): void {
    if (!this.beats) return;
    const packet = {
      cmd: "publish",
      topic: topic.beat,
      payload: JSON.stringify({ at: this.now() }),
    } as const;
    this.broker.publish({ ...packet, qos: 0, retain: false, dup: false }, () => undefined);
  }

  private hear(client: Client, name: string, payload: Buffer): void {
    const content: unknown = JSON.parse(payload.toString("utf8"));
    const reply = (to: string, answer: object): void =>
      client.publish(
        { cmd: "publish", topic: to, payload: JSON.stringify(answer), qos: 0, retain: false, dup: false },
        () => undefined,
      );
    if (name === topic.up(this.speaker, "state")) this.states.push(State.parse(content));
    if (name === topic.up(this.speaker, "health")) this.health.push(Health.parse(content));
    if (name === topic.up(this.speaker, "ack")) this.acks.push(Ack.parse(content));
    if (name === topic.up(this.speaker, "receipt")) {
      const receipt = Receipt.parse(content);
      if (!this.receipts.some(({ n }) => n === receipt.n)) this.receipts.push(receipt);
      if (this.acknowledges) reply(topic.receiptAck(this.speaker), { upTo: receipt.n });
    }
    if (name === topic.up(this.speaker, "time") && this.answersTime) {
      const { t1 } = content as { t1: number };
      reply(name, { t1, t2: this.now(), t3: this.now() });
    }
  }

  private serve(request: IncomingMessage, response: ServerResponse): void {
    const wanted = `Basic ${Buffer.from(`${this.speaker}:${this.secret}`).toString("base64")}`;
    const path = request.url ?? "";
    const listeners = this.streams.get(path);
    const offered = this.files.get(path.replace("/audio/", ""));
    if (request.headers.authorization !== wanted) response.writeHead(401).end();
    else if (listeners !== undefined) {
      response.writeHead(200, { "content-type": "audio/mpeg" });
      response.flushHeaders();
      listeners.add(response);
      response.on("close", () => listeners.delete(response));
    } else if (offered === undefined) response.writeHead(404).end();
    else this.serveFile(path.replace("/audio/", "") as Sha256, request, response);
  }

  private serveFile(sha256: Sha256, request: IncomingMessage, response: ServerResponse): void {
    const file = this.files.get(sha256);
    if (file === undefined) return;
    const from = Number(/^bytes=(\d+)-/.exec(request.headers.range ?? "")?.[1] ?? 0);
    this.fetched.push(`${sha256.slice(0, 4)}@${from}`);
    const behaviour = file.behaviours.length > 1 ? file.behaviours.shift() : file.behaviours[0];
    const { bytes } = file;
    const head = { "content-length": bytes.length - from, "accept-ranges": "bytes" };
    const range = { ...head, "content-range": `bytes ${from}-${bytes.length - 1}/${bytes.length}` };
    const send = (body: Buffer): void => {
      response.writeHead(from > 0 ? 206 : 200, from > 0 ? range : head);
      response.write(body);
    };
    switch (behaviour) {
      case "gone":
        response.writeHead(404).end();
        return;
      case "corrupt":
        send(Buffer.from(bytes.subarray(from)).fill(0x55, 0, 100));
        response.end();
        return;
      case "truncated":
        send(bytes.subarray(from, from + Math.floor((bytes.length - from) / 2)));
        // Once the other side has read it: a reset would also take back what is on its way.
        setTimeout(() => response.destroy(), BREAKS_AFTER_MS);
        return;
      case "endless":
        response.writeHead(200);
        response.write(Buffer.alloc(2 * bytes.length));
        return;
      default:
        send(bytes.subarray(from));
        response.end();
    }
  }
}

async function found<T>(what: string, find: () => T | undefined): Promise<T> {
  let value: T | undefined;
  await until(what, () => (value = find()) !== undefined);
  if (value === undefined) throw new Error(`lost: ${what}`);
  return value;
}

async function listening(server: TlsServer | HttpsServer, port: number): Promise<number> {
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}
