import { Socket } from "node:net";
import { connect, type IClientOptions, type MqttClient } from "mqtt";
import { isStopped, type Clock } from "../kernel/clock.ts";
import { asError, Fault } from "../kernel/faults.ts";
import type { Log } from "../kernel/log.ts";
import { SECOND_MS, type UptimeMs } from "../kernel/time.ts";
import { parsedJson } from "./envelope.ts";
import {
  Beat,
  DEAD_MAN_MS,
  topic,
  type HamletId,
  type SpeakerId,
  type UpTopic,
} from "../speakers/protocol.ts";

interface HallLinkOptions {
  readonly mqttUrl: string;
  readonly caPem: string;
  readonly id: SpeakerId;
  readonly hamlet: HamletId;
  readonly secret: string;
}

interface HallLinkParts {
  readonly clock: Clock;
  readonly log: Log;
  /** Called in the order of arrival; what it does not know it ignores. */
  readonly onMessage: (kind: DownKind, payload: Uint8Array) => void;
  /** After each connection, before orders are subscribed to: the clock must be right to judge them. */
  readonly beforeOrders: (signal: AbortSignal) => Promise<void>;
  readonly onConnected: () => void;
}

export type DownKind = "order" | "plan" | "receipt-ack" | "time";

/** The speaker's side of the broker. Nothing is queued: what can't be sent now is not sent. */
export interface HallLink {
  /** Resolves true when the broker has it; false when it can't be reached. */
  deliver(kind: UpTopic, payload: string, how?: { readonly retain: boolean }): Promise<boolean>;
  /** As `deliver`, for what is sent again or sent anew anyway. */
  send(kind: UpTopic, payload: string, how?: { readonly retain: boolean }): void;
  /** Asks for the retained plan again. */
  askForPlan(): void;
  isConnected(): boolean;
  /** Whether the hall has been heard within the dead-man's time. */
  isHallAlive(): boolean;
  /** One connection, until it is lost (a Fault) or the signal aborts. */
  runConnection(signal: AbortSignal): Promise<void>;
}

const KEEPALIVE_SEC = 30;
const CONNECT_LIMIT_MS = 10 * SECOND_MS;
const OFFLINE = JSON.stringify({ online: false });

export function newHallLink(options: HallLinkOptions, parts: HallLinkParts): HallLink {
  const { id, hamlet } = options;
  const { clock, log, onMessage } = parts;
  let connected: MqttClient | undefined;
  let heardAt: UptimeMs | undefined;
  const kinds = new Map<string, DownKind | "beat">([
    [topic.beat, "beat"],
    [topic.up(id, "time"), "time"],
    [topic.receiptAck(id), "receipt-ack"],
    [topic.order(id), "order"],
    [topic.hamletOrder(hamlet), "order"],
    [topic.allOrder, "order"],
    [topic.plan(id), "plan"],
  ]);
  const topicsOf = (wanted: (kind: string) => boolean): string[] =>
    [...kinds].filter(([, kind]) => wanted(kind)).map(([name]) => name);
  const isCommand = (kind: string): boolean => kind === "order" || kind === "plan";

  const receive = (name: string, payload: Uint8Array): void => {
    const kind = kinds.get(name);
    if (kind === "beat") {
      if (Beat.safeParse(parsedJson(payload)).success) heardAt = clock.uptime();
    } else if (kind !== undefined) onMessage(kind, payload);
  };
  const deliver: HallLink["deliver"] = async (kind, payload, how = { retain: false }) => {
    if (connected === undefined) return false;
    // A question about the time is worth nothing late, so nobody waits for its acknowledgement.
    const qos = kind === "time" ? 0 : 1;
    return connected.publishAsync(topic.up(id, kind), payload, { qos, retain: how.retain }).then(
      () => true,
      (error: unknown) => {
        log.debug({ err: error, kind }, "message was not delivered");
        return false;
      },
    );
  };
  const session = async (client: MqttClient, lost: Promise<Fault>, signal: AbortSignal): Promise<void> => {
    const orLost = async <T>(work: Promise<T>): Promise<T> =>
      Promise.race([work, lost.then((fault) => Promise.reject(fault))]);
    await orLost(
      client.subscribeAsync(
        topicsOf((kind) => !isCommand(kind)),
        { qos: 1 },
      ),
    );
    // Small packets held back by the kernel would shift the measured time by tens of milliseconds.
    if (client.stream instanceof Socket) client.stream.setNoDelay(true);
    connected = client;
    heardAt = clock.uptime();
    await orLost(parts.beforeOrders(signal));
    await orLost(client.subscribeAsync(topicsOf(isCommand), { qos: 1 }));
    log.info({ hall: options.mqttUrl }, "connected to the hall");
    parts.onConnected();
    await orLost(aborted(signal));
    await Promise.race([
      deliver("state", OFFLINE, { retain: true }),
      clock.sleep(SECOND_MS, new AbortController().signal),
    ]);
  };
  return {
    deliver,
    send: (kind, payload, how) => {
      // `deliver` never rejects, and whoever sends without waiting does not need to know.
      void deliver(kind, payload, how);
    },
    askForPlan: () => {
      const name = topic.plan(id);
      connected
        ?.unsubscribeAsync(name)
        .then(() => connected?.subscribeAsync(name, { qos: 1 }))
        .catch((error: unknown) => log.debug({ err: error }, "plan could not be asked for"));
    },
    isConnected: () => connected !== undefined,
    isHallAlive: () => heardAt !== undefined && clock.uptime() - heardAt < DEAD_MAN_MS,
    runConnection: async (signal) => {
      signal.throwIfAborted();
      const client = connect(options.mqttUrl, clientOptions(options));
      const lost = lossOf(client, options.mqttUrl);
      client.on("message", receive);
      const giveUp = (): void => {
        if (!client.connected) client.end(true);
      };
      signal.addEventListener("abort", giveUp, { once: true });
      try {
        await Promise.race([connectionOf(client), lost.then((fault) => Promise.reject(fault))]);
        await session(client, lost, signal);
      } catch (error) {
        if (isStopped(signal)) return;
        throw error instanceof Fault
          ? error
          : new Fault("unavailable", asError(error).message, { cause: error });
      } finally {
        connected = undefined;
        signal.removeEventListener("abort", giveUp);
        client.removeListener("message", receive);
        // Forced unless the hall still listens: an orderly goodbye keeps the will from being sent.
        await client.endAsync(!client.connected);
      }
    },
  };
}

function clientOptions({ id, secret, caPem }: HallLinkOptions): IClientOptions {
  return {
    protocolVersion: 4,
    clean: true,
    clientId: id,
    username: id,
    password: secret,
    ca: caPem,
    rejectUnauthorized: true,
    keepalive: KEEPALIVE_SEC,
    connectTimeout: CONNECT_LIMIT_MS,
    // The caller decides when to try again; and nothing may be queued behind our back.
    reconnectPeriod: 0,
    queueQoSZero: false,
    resubscribe: false,
    will: { topic: topic.up(id, "state"), payload: Buffer.from(OFFLINE), qos: 1, retain: true },
  };
}

/** Resolves, with the reason, when the connection is gone. */
function lossOf(client: MqttClient, url: string): Promise<Fault> {
  return new Promise((resolve) => {
    let reason: Error | undefined;
    client.on("error", (error) => {
      reason = error;
    });
    client.once("close", () => {
      resolve(
        new Fault("unavailable", `no connection to the hall at ${url}: ${reason?.message ?? "closed"}`, {
          cause: reason,
        }),
      );
    });
  });
}

function connectionOf(client: MqttClient): Promise<void> {
  return new Promise((resolve) => client.once("connect", () => resolve()));
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
