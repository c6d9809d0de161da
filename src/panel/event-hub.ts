import { randomBytes } from "node:crypto";
import { Readable } from "node:stream";

/** Something changed; `type` says what (`speaker`, `airing`, `stop-all`), the rest is for the page. */
export interface LiveEvent {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** Live state for open pages, as server-sent events (WHATWG HTML §9.2). */
export interface EventHub extends Disposable {
  publish(event: LiveEvent): void;
  /**
   * A stream of events from now on; with the last id the page saw, from there on. When that is too long ago the stream
   * begins with `{type: "reset"}`: the page reads everything anew. It ends when `mayStay` says no at a heartbeat.
   */
  subscribe(lastEventId: string | undefined, mayStay: () => boolean): Readable;
  readonly listeners: number;
}

interface HubLimits {
  readonly heartbeatMs: number;
  /** How many past events a page that was away can have again. */
  readonly kept: number;
}

/** Proxies and browsers give up on a line that says nothing for a minute. */
const DEFAULT_LIMITS: HubLimits = { heartbeatMs: 15_000, kept: 500 };
/** A page that does not read is let go; it comes back with the id of the last event it had. */
const MAX_UNREAD_BYTES = 1_048_576;
/** The browser's own wait before it comes back. */
const RETRY_MS = 2_000;

export function openEventHub({ heartbeatMs, kept }: HubLimits = DEFAULT_LIMITS): EventHub {
  // Numbers begin anew at each start of the daemon, so an id names its start too.
  const start = randomBytes(4).toString("hex");
  const past: { readonly n: number; readonly frame: string }[] = [];
  const streams = new Map<Readable, () => boolean>();
  let last = 0;

  const push = (stream: Readable, frame: string): void => {
    if (stream.destroyed) return;
    stream.push(frame);
    if (stream.readableLength > MAX_UNREAD_BYTES) stream.destroy();
  };
  const missedSince = (lastEventId: string | undefined): string[] => {
    if (lastEventId === undefined) return [];
    const [from, n] = lastEventId.split("-");
    const seen = Number(n);
    const oldest = past[0]?.n ?? last + 1;
    if (from !== start || !Number.isInteger(seen) || seen > last || seen < oldest - 1) {
      return [frameOf(`${start}-${last}`, { type: "reset" })];
    }
    return past.filter((event) => event.n > seen).map((event) => event.frame);
  };
  const beat = setInterval(() => {
    for (const [stream, mayStay] of streams) {
      if (mayStay()) push(stream, ": still here\n\n");
      else stream.push(null);
    }
  }, heartbeatMs);
  beat.unref();

  return {
    publish: (event) => {
      last += 1;
      const frame = frameOf(`${start}-${last}`, event);
      past.push({ n: last, frame });
      if (past.length > kept) past.shift();
      for (const stream of streams.keys()) push(stream, frame);
    },
    subscribe: (lastEventId, mayStay) => {
      // eslint-disable-next-line @typescript-eslint/no-empty-function -- everything is pushed
      const stream = new Readable({ read() {} });
      streams.set(stream, mayStay);
      stream.once("close", () => streams.delete(stream));
      stream.push(`retry: ${RETRY_MS}\nid: ${start}-${last}\n\n`);
      for (const frame of missedSince(lastEventId)) stream.push(frame);
      return stream;
    },
    get listeners() {
      return streams.size;
    },
    [Symbol.dispose]: () => {
      clearInterval(beat);
      for (const stream of streams.keys()) stream.push(null);
    },
  };
}

/** JSON has no line breaks of its own, so one `data:` line is enough. */
function frameOf(id: string, event: LiveEvent): string {
  return `id: ${id}\ndata: ${JSON.stringify(event)}\n\n`;
}
