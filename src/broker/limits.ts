import { SECOND_MS } from "../kernel/time.ts";
import type { Allowance } from "./rules/token-bucket.ts";

/** What one device, one neighbour and all together may take. Every limit has a clear refusal, counted by its reason. */
export interface BrokerLimits {
  /** Connections of each listener, handshakes included. */
  readonly maxConnections: number;
  /** New connections per IPv4 address or IPv6 /64. A whole fleet may sit behind one router. */
  readonly connectionsPerAddress: Allowance;
  readonly tlsHandshakeMs: number;
  /** From the connection (after TLS) to its CONNECT. */
  readonly connectTimeoutMs: number;
  /** Longest keep-alive a client may ask for; none at all is refused. A silent client is cut after 1.5 times its own. */
  readonly keepAliveLimitSec: number;
  /** A whole packet before the client is let in. */
  readonly maxFrameBeforeConnectBytes: number;
  /** Of what devices publish; the hall's own messages are not bound by it. */
  readonly maxPayloadBytes: number;
  readonly maxTopicLevels: number;
  readonly maxSubscriptionsPerClient: number;
  /** Packets per client, acknowledgements apart. */
  readonly packetsPerClient: Allowance;
  /** Retained messages, above which devices may add none. */
  readonly maxRetained: number;
  /** Packets a client may send before its CONNECT is answered. */
  readonly maxPacketsBeforeConnack: number;
  /** Messages on their way through the broker at once; one slow reader must not use them up (moscajs/aedes #88). */
  readonly concurrency: number;
  /** How long a client may leave its buffer full before it is cut. */
  readonly drainTimeoutMs: number;
  /** What may wait in our memory for one client before it is cut at once; above the largest message of the hall. */
  readonly maxBufferedBytesPerClient: number;
}

export const DEFAULT_LIMITS: BrokerLimits = {
  maxConnections: 1_000,
  connectionsPerAddress: { perSec: 50, burst: 200 },
  tlsHandshakeMs: 5 * SECOND_MS,
  connectTimeoutMs: 5 * SECOND_MS,
  keepAliveLimitSec: 120,
  maxFrameBeforeConnectBytes: 1_024,
  maxPayloadBytes: 65_536,
  maxTopicLevels: 8,
  maxSubscriptionsPerClient: 20,
  packetsPerClient: { perSec: 20, burst: 500 },
  maxRetained: 5_000,
  maxPacketsBeforeConnack: 10,
  concurrency: 1_000,
  drainTimeoutMs: 4 * SECOND_MS,
  maxBufferedBytesPerClient: 2_097_152,
};
