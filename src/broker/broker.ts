import { Worker } from "node:worker_threads";
import { isStopped, systemClock, type Clock } from "../kernel/clock.ts";
import { asError, type Fault } from "../kernel/faults.ts";
import type { Log } from "../kernel/log.ts";
import { SECOND_MS } from "../kernel/time.ts";
import { cannotListen, gone, openToTheNetwork, silent, unusableCertificate } from "./faults.ts";
import { DEFAULT_LIMITS, type BrokerLimits } from "./limits.ts";
import type {
  BrokerMessage,
  BrokerMetrics,
  DeviceCredential,
  HallMessage,
  ListenAddress,
  NumberedRequest,
  ServerCertificate,
  WorkerOptions,
  WorkerReport,
  WorkerRequest,
} from "./messages.ts";
import { isLoopback } from "./rules/address.ts";
import { HANGING_AFTER_MS, watchAnswers } from "./watchdog.ts";

export type { BrokerMetrics } from "./messages.ts";

export interface BrokerOptions {
  readonly tls: ListenAddress & ServerCertificate;
  /** Without encryption; on a loopback address unless `allowPlainFromNetwork`. */
  readonly plain?: ListenAddress | undefined;
  readonly allowPlainFromNetwork?: boolean;
  /** Filters of the topics on which devices may leave a retained message. */
  readonly retainable: readonly string[];
  readonly limits?: Partial<BrokerLimits>;
  readonly log: Log;
  readonly clock?: Clock;
}

/** The message exchange between the hall and its devices: MQTT 3.1.1, clean sessions, QoS 0 and 1. */
export interface Broker extends AsyncDisposable {
  readonly tlsPort: number;
  readonly plainPort: number | undefined;
  /** Replaces all credentials; clients whose credential vanished or changed are disconnected. Nobody gets in before. */
  setDevices(devices: readonly DeviceCredential[]): Promise<void>;
  /** Settles when the broker has it: kept if retained, on its way to whoever is connected. Nothing waits for the absent. */
  publish(message: HallMessage): Promise<void>;
  /**
   * Everything devices publish within their rights; the hall's own messages don't come back. A device's PUBACK says no
   * more than that the broker has its message: what must not be lost needs an answer of the hall.
   */
  onMessage(handler: (message: BrokerMessage) => void): Disposable;
  metrics(): Promise<BrokerMetrics>;
  /** For connections made from now on. Throws a Fault when key and certificate can't be used. */
  setCertificate(certificate: ServerCertificate): Promise<void>;
  /** Watches the broker until stopped. Throws a Fault when it has died or hangs; it then has to be opened anew. */
  run(signal: AbortSignal): Promise<void>;
}

const CLOSING_LIMIT_MS = 2 * SECOND_MS;
/** A leak ends the broker's thread, which is opened anew, before it ends the hall. */
const WORKER_HEAP_MB = 512;

interface Waiting {
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: Error) => void;
}

type Reply = Extract<WorkerReport, { type: "reply" }>;

/** Opens the broker in a thread of its own. Throws a Fault that names the port and the remedy when it can't listen. */
export async function openEmbeddedBroker(options: BrokerOptions): Promise<Broker> {
  const { plain, log } = options;
  if (plain !== undefined && !isLoopback(plain.host) && options.allowPlainFromNetwork !== true) {
    throw openToTheNetwork(plain.host);
  }
  const workerOptions: WorkerOptions = {
    tls: options.tls,
    plain,
    retainable: options.retainable,
    limits: { ...DEFAULT_LIMITS, ...options.limits },
  };
  const worker = new Worker(new URL("./broker-worker.ts", import.meta.url), {
    name: "broker",
    workerData: workerOptions,
    resourceLimits: { maxOldGenerationSizeMb: WORKER_HEAP_MB },
  });
  const { maxTopicLevels } = workerOptions.limits;
  const broker = new WorkerBroker(worker, { log, clock: options.clock ?? systemClock, maxTopicLevels });
  try {
    await broker.opened;
    return broker;
  } catch (error) {
    await broker[Symbol.asyncDispose]();
    throw error;
  }
}

interface WorkerBrokerParts {
  readonly log: Log;
  readonly clock: Clock;
  readonly maxTopicLevels: number;
}

class WorkerBroker implements Broker {
  tlsPort = 0;
  plainPort: number | undefined;
  readonly opened: Promise<void>;
  private readonly worker: Worker;
  private readonly log: Log;
  private readonly clock: Clock;
  private readonly maxTopicLevels: number;
  private readonly handlers = new Set<(message: BrokerMessage) => void>();
  private readonly waiting = new Map<number, Waiting>();
  private readonly exited = Promise.withResolvers<Fault>();
  private death: Fault | undefined;
  private lastId = 0;
  private closing: Promise<void> | undefined;

  constructor(worker: Worker, { log, clock, maxTopicLevels }: WorkerBrokerParts) {
    this.worker = worker;
    this.log = log;
    this.clock = clock;
    this.maxTopicLevels = maxTopicLevels;
    const opening = Promise.withResolvers<undefined>();
    this.opened = opening.promise;
    let crash: Error | undefined;
    worker.on("error", (error) => {
      crash = asError(error);
    });
    worker.on("exit", () => {
      this.die(gone(crash));
      opening.reject(gone(crash));
    });
    worker.on("message", (report: WorkerReport) => {
      if (report.type === "ready") {
        this.tlsPort = report.tlsPort;
        this.plainPort = report.plainPort;
        opening.resolve(undefined);
      } else if (report.type === "not-ready") {
        opening.reject(cannotListen(report));
      } else {
        this.hear(report);
      }
    });
  }

  async setDevices(devices: readonly DeviceCredential[]): Promise<void> {
    await this.ask({ type: "devices", devices });
  }

  async publish(message: HallMessage): Promise<void> {
    const { topic, payload } = message;
    if (/[+#]/.test(topic) || topic === "" || topic.split("/").length > this.maxTopicLevels) {
      throw new Error(`not a topic: ${topic}`);
    }
    // A slice would cross to the other thread with the whole buffer it is cut from.
    const sent = typeof payload === "string" ? payload : Uint8Array.from(payload);
    await this.ask({ type: "publish", message: { ...message, payload: sent } });
  }

  onMessage(handler: (message: BrokerMessage) => void): Disposable {
    this.handlers.add(handler);
    return { [Symbol.dispose]: () => void this.handlers.delete(handler) };
  }

  async metrics(): Promise<BrokerMetrics> {
    const { metrics } = await this.ask({ type: "metrics" });
    if (metrics === undefined) throw new Error("the broker answered without metrics");
    return metrics;
  }

  async setCertificate(certificate: ServerCertificate): Promise<void> {
    const { failure } = await this.ask({ type: "certificate", certificate });
    if (failure !== undefined) throw unusableCertificate(failure);
  }

  async run(signal: AbortSignal): Promise<void> {
    const ended = new AbortController();
    const watching = watchAnswers(() => this.metrics(), this.clock, AbortSignal.any([signal, ended.signal]));
    const outcome = await Promise.race([this.exited.promise, watching]);
    ended.abort();
    if (outcome === "stopped") return;
    if (outcome === "silent") {
      this.die(silent(HANGING_AFTER_MS));
      await this.worker.terminate();
    }
    if (!isStopped(signal) && this.death !== undefined) throw this.death;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.closing ??= this.close();
    return this.closing;
  }

  private async close(): Promise<void> {
    this.handlers.clear();
    if (this.death !== undefined) return;
    const stop = new AbortController();
    this.post({ id: 0, request: { type: "close" } });
    await Promise.race([this.exited.promise, this.clock.sleep(CLOSING_LIMIT_MS, stop.signal)]);
    stop.abort();
    await this.worker.terminate();
  }

  private ask(request: WorkerRequest): Promise<Reply> {
    if (this.death !== undefined) return Promise.reject(this.death);
    this.lastId += 1;
    const id = this.lastId;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.post({ id, request });
    });
  }

  private post(request: NumberedRequest): void {
    this.worker.postMessage(request);
  }

  private hear(report: Exclude<WorkerReport, { type: "ready" | "not-ready" }>): void {
    switch (report.type) {
      case "reply":
        this.waiting.get(report.id)?.resolve(report);
        this.waiting.delete(report.id);
        return;
      case "messages":
        for (const message of report.messages) for (const handler of this.handlers) handler(message);
        return;
      case "log":
        this.log[report.level](report.fields, report.message);
    }
  }

  private die(fault: Fault): void {
    this.death ??= fault;
    for (const { reject } of this.waiting.values()) reject(this.death);
    this.waiting.clear();
    this.exited.resolve(this.death);
  }
}
