import { once } from "node:events";
import { createServer as createPlainServer, type Server as PlainServer } from "node:http";
import { createServer as createTlsServer, type Server as TlsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import type { Clock } from "../../kernel/clock.ts";
import { asError, Fault } from "../../kernel/faults.ts";
import type { Log } from "../../kernel/log.ts";
import { runTogether } from "../../kernel/run-together.ts";
import { text } from "../../kernel/text.ts";
import { SECOND_MS } from "../../kernel/time.ts";
import { answerBoxes, answerNatives, type RequestParts } from "./requests.ts";
import { rawRefusal } from "./refusals.ts";
import { Streams } from "./streams.ts";

interface Certificate {
  readonly certPem: string;
  readonly keyPem: string;
}

interface AudioServerOptions {
  readonly host: string;
  /** HTTPS for native speakers; 0 takes any free port. */
  readonly tlsPort: number;
  /** HTTP for radio boxes, which know no TLS; undefined: none are served. */
  readonly plainPort: number | undefined;
  readonly certificate: Certificate;
  readonly maxConnections?: number;
  /** How long a client may take to say what it wants. */
  readonly requestTimeoutMs?: number;
}

export interface AudioServerParts extends Omit<RequestParts, "streams" | "fail" | "isFull"> {
  readonly clock: Clock;
  readonly log: Log;
}

export interface AudioServer extends AsyncDisposable {
  readonly streams: Streams;
  readonly tlsPort: number;
  readonly plainPort: number | undefined;
  /** For new connections; those that are open keep theirs. */
  setCertificate(certificate: Certificate): void;
  /** Feeds silence to idle boxes, drops who falls behind, reports boxes; until stopped. */
  run(signal: AbortSignal): Promise<void>;
}

const DEFAULT_MAX_CONNECTIONS = 2_000;
const DEFAULT_REQUEST_TIMEOUT_MS = 10 * SECOND_MS;
/** Above the limit, so that who comes too much is told so before it is closed. */
const CONNECTIONS_FOR_WORDS = 50;
const LARGEST_HEADERS_BYTES = 8_192;
const REPORT_EVERY_MS = 15 * SECOND_MS;

/** Serves audio to loudspeakers: files and streams to native ones over HTTPS, ICY streams to radio boxes over HTTP. */
export async function openAudioServer(
  options: AudioServerOptions,
  parts: AudioServerParts,
): Promise<AudioServer> {
  await using opened = new AsyncDisposableStack();
  const streams = new Streams({ clock: parts.clock, boxes: parts.boxes });
  const failing = new AbortController();
  const maxConnections = options.maxConnections ?? DEFAULT_MAX_CONNECTIONS;
  const door = new Door(maxConnections, parts.log);
  const requests: RequestParts = {
    ...parts,
    streams,
    fail: (error) => failing.abort(error),
    isFull: () => door.isFull,
  };
  const { certPem: cert, keyPem: key } = options.certificate;
  const limits = limitsOf(options);

  const tls = createTlsServer({ ...limits, cert, key, minVersion, handshakeTimeout: limits.headersTimeout });
  opened.use(await listen(tls, { host: options.host, port: options.tlsPort, setting: "audio.tlsPort" }));
  tls.on("request", answerNatives(requests));
  door.guard(tls);

  const plain = options.plainPort === undefined ? undefined : createPlainServer(limits);
  if (plain !== undefined) {
    opened.use(
      await listen(plain, { host: options.host, port: options.plainPort ?? 0, setting: "audio.plainPort" }),
    );
    plain.on("request", answerBoxes(requests));
    door.guard(plain);
  }

  const release = opened.move();
  return {
    streams,
    tlsPort: portOf(tls),
    plainPort: plain === undefined ? undefined : portOf(plain),
    setCertificate: ({ certPem, keyPem }) => tls.setSecureContext({ cert: certPem, key: keyPem, minVersion }),
    run: (signal) =>
      runTogether(
        [
          (until) => streams.feeds.run(until),
          (until) => streams.watch(until),
          (until) => reportBoxes(streams, parts, until),
          (until) => endWith(failing.signal, until),
        ],
        signal,
      ),
    [Symbol.asyncDispose]: () => release.disposeAsync(),
  };
}

const minVersion = "TLSv1.2";

type Server = PlainServer | TlsServer;

function limitsOf({ requestTimeoutMs = DEFAULT_REQUEST_TIMEOUT_MS }: AudioServerOptions): {
  headersTimeout: number;
  requestTimeout: number;
  connectionsCheckingInterval: number;
  maxHeaderSize: number;
  requireHostHeader: boolean;
} {
  return {
    headersTimeout: requestTimeoutMs,
    requestTimeout: requestTimeoutMs,
    connectionsCheckingInterval: Math.max(100, requestTimeoutMs / 4),
    maxHeaderSize: LARGEST_HEADERS_BYTES,
    // Old players leave it out.
    requireHostHeader: false,
  };
}

/** Counts connections of all listeners. Who comes too much is told so; far too many are closed unheard. */
class Door {
  private readonly maxConnections: number;
  private readonly log: Log;
  private count = 0;
  private refusing = false;

  constructor(maxConnections: number, log: Log) {
    this.maxConnections = maxConnections;
    this.log = log;
  }

  get isFull(): boolean {
    return this.count > this.maxConnections;
  }

  guard(server: Server): void {
    server.maxConnections = this.maxConnections + CONNECTIONS_FOR_WORDS;
    server.on("connection", (socket: Socket) => {
      this.count += 1;
      this.note();
      socket.once("close", () => {
        this.count -= 1;
        this.note();
      });
    });
    server.on("clientError", (error: NodeJS.ErrnoException, duplex) => {
      const socket = duplex as Socket;
      // Into sound that is already flowing no words can be put.
      if (socket.writable && socket.bytesWritten === 0) socket.end(rawRefusal(error.code));
      else socket.destroy();
    });
  }

  private note(): void {
    if (this.isFull === this.refusing) return;
    this.refusing = this.isFull;
    const fields = { maxConnections: this.maxConnections };
    if (this.refusing) this.log.warn(fields, "audio server is full; refusing connections");
    else this.log.info(fields, "audio server takes connections again");
  }
}

async function listen(
  server: Server,
  { host, port, setting }: { host: string; port: number; setting: string },
): Promise<AsyncDisposable> {
  const listening = once(server, "listening");
  server.listen(port, host);
  try {
    await listening;
  } catch (error) {
    throw portFault(asError(error), port, setting);
  }
  return {
    async [Symbol.asyncDispose]() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function portFault(cause: Error, port: number, setting: string): Fault {
  return new Fault(
    "unavailable",
    text(
      `The audio server can't listen on port ${port}: ${cause.message}.`,
      `Máy chủ âm thanh không mở được cổng ${port}: ${cause.message}.`,
    ),
    {
      field: setting,
      cause,
      hint: text(
        `Stop the program that uses port ${port}, or set another ${setting} in the configuration.`,
        `Hãy dừng chương trình đang dùng cổng ${port}, hoặc đặt ${setting} khác trong cấu hình.`,
      ),
    },
  );
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

async function reportBoxes(streams: Streams, parts: AudioServerParts, signal: AbortSignal): Promise<void> {
  while (await parts.clock.sleep(REPORT_EVERY_MS, signal)) {
    for (const { speaker, socket } of streams.feeds.connected()) {
      const address = socket.remoteAddress ?? "";
      parts.reportBox(speaker, { connected: true, address, deliveredBytes: socket.bytesWritten });
    }
  }
}

/** Throws what `failing` aborts with; returns when stopped. */
async function endWith(failing: AbortSignal, signal: AbortSignal): Promise<void> {
  const either = AbortSignal.any([failing, signal]);
  if (!either.aborted) await once(either, "abort");
  if (failing.aborted) throw failing.reason;
}
