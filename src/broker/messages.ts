import type { BrokerLimits } from "./limits.ts";
import type { Refusal } from "./rules/admission.ts";

/** A device, what proves it, and everything it may do; nothing else is allowed. */
export interface DeviceCredential {
  /** MQTT client id and user name at once. */
  readonly id: string;
  /** From `hashDeviceSecret`. */
  readonly secretHash: string;
  /** Topic filters; wildcards are allowed. */
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
}

/** Something a device published within its rights; its last will comes the same way. */
export interface BrokerMessage {
  readonly clientId: string;
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly retain: boolean;
}

export interface HallMessage {
  readonly topic: string;
  readonly payload: string | Uint8Array;
  readonly qos: 0 | 1;
  readonly retain: boolean;
}

export interface ServerCertificate {
  readonly certPem: string;
  readonly keyPem: string;
}

export interface ListenAddress {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
}

export interface BrokerMetrics {
  /** Counted anew at each call. */
  readonly connectedCount: number;
  readonly retainedCount: number;
  /** Since the broker was opened: from devices, and to devices. */
  readonly receivedCount: number;
  readonly deliveredCount: number;
  /** Over the last 10 to 20 s. */
  readonly receivedPerSec: number;
  readonly deliveredPerSec: number;
  readonly refusedCount: Readonly<Record<Refusal, number>>;
  /** Of the broker's thread, over the last 10 to 20 s: how late its timers were. */
  readonly loopDelayP99Ms: number;
  readonly loopDelayMaxMs: number;
  /** Of the broker's thread alone. */
  readonly heapUsedBytes: number;
  /** Of the whole process: the operating system does not tell threads apart. */
  readonly processRssBytes: number;
  readonly uptimeSec: number;
}

/** What the worker is started with. */
export interface WorkerOptions {
  readonly tls: ListenAddress & ServerCertificate;
  readonly plain: ListenAddress | undefined;
  readonly retainable: readonly string[];
  readonly limits: BrokerLimits;
}

export type WorkerRequest =
  | { readonly type: "devices"; readonly devices: readonly DeviceCredential[] }
  | { readonly type: "publish"; readonly message: HallMessage }
  | { readonly type: "certificate"; readonly certificate: ServerCertificate }
  | { readonly type: "metrics" }
  | { readonly type: "close" };

export interface NumberedRequest {
  readonly id: number;
  readonly request: WorkerRequest;
}

export type LogLevel = "error" | "warn" | "info" | "debug";

export type WorkerReport =
  | { readonly type: "ready"; readonly tlsPort: number; readonly plainPort: number | undefined }
  | { readonly type: "not-ready"; readonly code: string; readonly words: string; readonly at: ListenAddress }
  | {
      readonly type: "reply";
      readonly id: number;
      readonly metrics?: BrokerMetrics;
      readonly failure?: string;
    }
  | { readonly type: "messages"; readonly messages: readonly BrokerMessage[] }
  | {
      readonly type: "log";
      readonly level: LogLevel;
      readonly fields: Readonly<Record<string, unknown>>;
      readonly message: string;
    };
