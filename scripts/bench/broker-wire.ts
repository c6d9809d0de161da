/** What the broker bench's processes say to each other, and the bytes they send. */

/** One measurement, carried out by the loader against whichever broker listens on `port`. */
export type Task =
  | { readonly kind: "fan-out"; readonly qos: 0 | 1; readonly clients: number; readonly seconds: number }
  | { readonly kind: "paced"; readonly qos: 0 | 1; readonly clients: number; readonly shots: number }
  | { readonly kind: "fan-in"; readonly qos: 0 | 1; readonly clients: number; readonly seconds: number }
  | { readonly kind: "storm"; readonly clients: number }
  | { readonly kind: "hold"; readonly clients: number }
  | { readonly kind: "release" };

export interface TaskOrder {
  readonly port: number;
  readonly secret: string;
  readonly task: Task;
}

export interface TaskResult {
  /** Deliveries, or connections for a storm. */
  readonly count: number;
  readonly expected: number;
  readonly wallMs: number;
  /** Of the loader, as a share of one core. */
  readonly loaderShare: number;
  /** From sending to arriving, or to the CONNACK. */
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export const PAYLOAD_BYTES = 100;
export const ALL = "bench/all";
export const UP = "bench/up";
export const clientId = (n: number): string => `c${n}`;

function frame(first: number, ...body: readonly Buffer[]): Buffer {
  const whole = Buffer.concat(body);
  if (whole.length > 127) throw new RangeError("the bench sends short packets only");
  return Buffer.concat([Buffer.from([first, whole.length]), whole]);
}

function words(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes]);
}

export function connectBytes(id: string, secret: string): Buffer {
  const fixed = Buffer.from([4, 0xc2, 0, 60]);
  return frame(0x10, words("MQTT"), fixed, words(id), words(id), words(secret));
}

export function subscribeBytes(topic: string, qos: 0 | 1): Buffer {
  return frame(0x82, Buffer.from([0, 1]), words(topic), Buffer.from([qos]));
}

/** A packet to be sent over and over; the time is written into it at `STAMP_AT` from its end. */
export function publishBytes(topic: string, qos: 0 | 1): Buffer {
  const id = qos === 1 ? Buffer.from([0, 1]) : Buffer.alloc(0);
  return frame(0x30 | (qos << 1), words(topic), id, Buffer.alloc(PAYLOAD_BYTES));
}

/** Nanoseconds of the machine's monotonic clock, the same in every process. */
export const nowNs = (): bigint => process.hrtime.bigint();
