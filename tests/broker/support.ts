import { mkdtemp, rm } from "node:fs/promises";
import { connect as connectTcp, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectAsync, type IClientOptions, type MqttClient } from "mqtt";
import { vi } from "vitest";
import {
  openEmbeddedBroker,
  type Broker,
  type BrokerMetrics,
  type BrokerOptions,
} from "../../src/broker/broker.ts";
import { hashDeviceSecret, newDeviceSecret } from "../../src/broker/credentials.ts";
import type { DeviceCredential } from "../../src/broker/messages.ts";
import { REFUSALS } from "../../src/broker/rules/admission.ts";
import { openCommuneCa } from "../../src/identity/commune-ca.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { RecordingLog } from "../support/recording-log.ts";

export interface Pki {
  readonly caPem: string;
  readonly certPem: string;
  readonly keyPem: string;
}

/** A fresh authority and a certificate for this machine. */
export async function newPki(): Promise<Pki> {
  const dir = await mkdtemp(join(tmpdir(), "pki-"));
  const ca = await openCommuneCa({ dir, communeName: "thử", clock: systemClock, log: new RecordingLog() });
  const { certPem, keyPem } = await ca.serverCertificate(["localhost", "127.0.0.1"]);
  await rm(dir, { recursive: true });
  return { caPem: ca.caPem, certPem, keyPem };
}

export const SECRET = newDeviceSecret();

/** A speaker by the native protocol's rights, all with the same secret. */
export function device(id: string, more: Partial<DeviceCredential> = {}): DeviceCredential {
  return {
    id,
    secretHash: hashDeviceSecret(SECRET),
    publish: ["state", "health", "receipt"].map((kind) => `loa/v1/${id}/${kind}`),
    subscribe: [`loa/v1/${id}/order`, "loa/v1/all/order"],
    ...more,
  };
}

/** On free ports of the loopback address, plain and TLS. */
export function openTestBroker(pki: Pki, more: Partial<BrokerOptions> = {}): Promise<Broker> {
  return openEmbeddedBroker({
    tls: { host: "127.0.0.1", port: 0, ...pki },
    plain: { host: "127.0.0.1", port: 0 },
    retainable: ["loa/v1/+/state"],
    log: new RecordingLog(),
    ...more,
  });
}

/** An ordinary client, over the plain listener; ended by the test's scope. */
export async function join311(
  broker: Broker,
  id: string,
  more: IClientOptions = {},
): Promise<MqttClient & AsyncDisposable> {
  const client = await connectAsync(`mqtt://127.0.0.1:${broker.plainPort ?? 0}`, {
    clientId: id,
    username: id,
    password: SECRET,
    reconnectPeriod: 0,
    keepalive: 60,
    ...more,
  });
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.endAsync(true) });
}

/** Waits for a condition, long enough for a loaded machine. */
export function until(check: () => void | Promise<void>): Promise<void> {
  return vi.waitFor(check, { timeout: 20_000, interval: 20 });
}

/** Bytes of MQTT 3.1.1, written by hand so that they may be wrong. */
export const packet = {
  connect: (connect: Partial<ConnectFields> & { readonly clientId: string }): Buffer => {
    const fields: ConnectFields = {
      level: 4,
      clean: true,
      keepAliveSec: 60,
      username: connect.clientId,
      password: SECRET,
      ...connect,
    };
    const { will } = fields;
    return frame(
      0x10,
      fields.level === 3 ? words("MQIsdp") : words("MQTT"),
      Buffer.from([fields.level, flagsOf(fields)]),
      number(fields.keepAliveSec),
      fields.level === 5 ? Buffer.from([0]) : Buffer.alloc(0),
      words(fields.clientId),
      ...(will === undefined ? [] : [words(will.topic), words(will.payload ?? "gone")]),
      ...(fields.username === undefined ? [] : [words(fields.username)]),
      ...(fields.password === undefined ? [] : [words(fields.password)]),
    );
  },
  publish: (topic: string, payload: Buffer | string, qos = 0, retain = false): Buffer =>
    frame(
      0x30 | (qos << 1) | (retain ? 1 : 0),
      words(topic),
      qos === 0 ? Buffer.alloc(0) : number(7),
      Buffer.from(payload as string),
    ),
  subscribe: (filters: readonly string[], qos = 1): Buffer =>
    frame(0x82, number(9), ...filters.flatMap((filter) => [words(filter), Buffer.from([qos])])),
  ping: Buffer.from([0xc0, 0]),
  puback: (id: number): Buffer => frame(0x40, number(id)),
  disconnect: Buffer.from([0xe0, 0]),
};

interface ConnectFields {
  readonly clientId: string;
  readonly level: number;
  readonly clean: boolean;
  readonly keepAliveSec: number;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly will?: {
    readonly topic: string;
    readonly payload?: string;
    readonly qos?: number;
    readonly retain?: boolean;
  };
}

/** §3.1.2.3. */
function flagsOf({ username, password, clean, will }: ConnectFields): number {
  const credentials = (username === undefined ? 0 : 0x80) | (password === undefined ? 0 : 0x40);
  const session = clean ? 0x02 : 0;
  if (will === undefined) return credentials | session;
  return credentials | session | 0x04 | ((will.qos ?? 0) << 3) | (will.retain === true ? 0x20 : 0);
}

function words(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([number(bytes.length), bytes]);
}

function number(value: number): Buffer {
  return Buffer.from([value >> 8, value & 0xff]);
}

/** A fixed header with its variable-length count (§2.2.3), then the body. */
function frame(first: number, ...body: readonly Buffer[]): Buffer {
  const whole = Buffer.concat(body);
  const length: number[] = [];
  let rest = whole.length;
  do {
    length.push((rest % 128) | (rest >= 128 ? 0x80 : 0));
    rest = Math.floor(rest / 128);
  } while (rest > 0);
  return Buffer.concat([Buffer.from([first, ...length]), whole]);
}

/** A bare TCP connection to the plain listener. */
export class RawClient implements Disposable {
  readonly socket: Socket;
  /** Settles when the broker has closed the connection. */
  readonly closed: Promise<void>;
  private readonly chunks: Buffer[] = [];

  constructor(broker: Broker) {
    this.socket = connectTcp({ host: "127.0.0.1", port: broker.plainPort ?? 0 });
    // A reset by the broker is one of the ways to be closed.
    this.socket.on("error", () => this.socket.destroy());
    this.closed = new Promise((resolve) => {
      this.socket.once("close", () => resolve());
    });
    this.socket.on("data", (chunk: Buffer) => this.chunks.push(chunk));
  }

  send(...packets: readonly Uint8Array[]): void {
    this.socket.write(Buffer.concat(packets));
  }

  async atLeast(bytes: number): Promise<Buffer> {
    await until(() => {
      const count = this.chunks.reduce((sum, chunk) => sum + chunk.length, 0);
      if (count < bytes) throw new Error(`only ${count} bytes so far`);
    });
    return Buffer.concat(this.chunks);
  }

  /** Connects and waits for the CONNACK that lets it in. */
  async join(id: string, more: Partial<ConnectFields> = {}): Promise<this> {
    this.send(packet.connect({ clientId: id, ...more }));
    const answer = await this.atLeast(4);
    if (answer[3] !== 0) throw new Error(`refused with ${answer[3] ?? -1}`);
    return this;
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }
}

/** How often the broker has refused for each reason since `before`; reasons that did not come up are left out. */
export async function refusals(broker: Broker, before?: BrokerMetrics): Promise<Record<string, number>> {
  const { refusedCount } = await broker.metrics();
  const grown = REFUSALS.map(
    (reason) => [reason, refusedCount[reason] - (before?.refusedCount[reason] ?? 0)] as const,
  );
  return Object.fromEntries(grown.filter(([, count]) => count > 0));
}
