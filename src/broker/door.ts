import { createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, type Server as TlsServer } from "node:tls";
import { uptimeMs } from "../kernel/time.ts";
import type { BrokerLimits } from "./limits.ts";
import type { ListenAddress, ServerCertificate, WorkerOptions } from "./messages.ts";
import { neighbourOf } from "./rules/address.ts";
import type { Refusal } from "./rules/admission.ts";
import { isFull, takeToken, type Bucket } from "./rules/token-bucket.ts";

interface DoorParts {
  readonly limits: BrokerLimits;
  /** A connection that may speak now; on the TLS listener its handshake is done. */
  readonly admit: (socket: Socket, address: string) => void;
  readonly refuse: (refusal: Refusal, address: string) => void;
}

export interface Door extends AsyncDisposable {
  readonly tlsPort: number;
  readonly plainPort: number | undefined;
  /** For connections made from now on. */
  setCertificate(certificate: ServerCertificate): void;
}

/** Beyond so many neighbours, those whose allowance is whole again are forgotten. */
const MAX_NEIGHBOURS = 1_000;

/** A listener could not be opened; `cause` is the system's error. */
export class ListenFailure extends Error {
  readonly at: ListenAddress;

  constructor(at: ListenAddress, cause: unknown) {
    super("can't listen", { cause });
    this.at = at;
  }
}

/** Opens the listeners. Connections are counted and rationed before a handshake costs anything. */
export async function openDoor(options: WorkerOptions, parts: DoorParts): Promise<Door> {
  await using opening = new AsyncDisposableStack();
  const sockets = new Set<Socket>();
  const neighbours = new Map<string, Bucket>();
  const tls = createTlsServer(
    {
      key: options.tls.keyPem,
      cert: options.tls.certPem,
      minVersion: "TLSv1.2",
      handshakeTimeout: parts.limits.tlsHandshakeMs,
    },
    (socket) => parts.admit(socket, socket.remoteAddress ?? ""),
  );
  countHandshakeFailures(tls, parts);

  const enter = (next: (socket: Socket, address: string) => void) => (socket: Socket) => {
    const address = socket.remoteAddress ?? "";
    // A connection may break at any moment from here on; whoever holds it then hears of its 'close'.
    socket.on("error", () => socket.destroy());
    if (!mayConnect(neighbours, address, parts.limits)) {
      parts.refuse("connection-rate", address);
      socket.destroy();
      return;
    }
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    next(socket, address);
  };
  const listenAt = async (
    at: ListenAddress,
    next: (socket: Socket, address: string) => void,
  ): Promise<number> => {
    const server = createServer({ noDelay: true }, enter(next));
    opening.defer(() => closeServer(server, sockets));
    server.maxConnections = parts.limits.maxConnections;
    server.on("drop", (peer) => parts.refuse("too-many-connections", peer?.remoteAddress ?? ""));
    return await listening(server, at);
  };
  const tlsPort = await listenAt(options.tls, (socket) => void tls.emit("connection", socket));
  const plainPort = options.plain === undefined ? undefined : await listenAt(options.plain, parts.admit);
  const held = opening.move();
  return {
    tlsPort,
    plainPort,
    setCertificate: ({ certPem, keyPem }) =>
      tls.setSecureContext({ cert: certPem, key: keyPem, minVersion: "TLSv1.2" }),
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

function countHandshakeFailures(tls: TlsServer, parts: DoorParts): void {
  tls.on("tlsClientError", (_error, socket) => {
    parts.refuse("tls", socket.remoteAddress ?? "");
    socket.destroy();
  });
}

function mayConnect(neighbours: Map<string, Bucket>, address: string, limits: BrokerLimits): boolean {
  const now = uptimeMs(performance.now());
  const neighbour = neighbourOf(address);
  const { allowed, bucket } = takeToken(neighbours.get(neighbour), limits.connectionsPerAddress, now);
  neighbours.set(neighbour, bucket);
  if (neighbours.size > MAX_NEIGHBOURS) {
    for (const [key, kept] of neighbours) {
      if (isFull(kept, limits.connectionsPerAddress, now)) neighbours.delete(key);
    }
  }
  return allowed;
}

function listening(server: Server, at: ListenAddress): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (error) => reject(new ListenFailure(at, error)));
    server.listen({ host: at.host, port: at.port, exclusive: true }, () => {
      const bound = server.address();
      resolve(typeof bound === "object" && bound !== null ? bound.port : at.port);
    });
  });
}

/** A server has closed only when its last connection has, so those go too. */
function closeServer(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  return new Promise((resolve) => {
    // The only error here is "not running", of a listener that never opened.
    server.close(() => resolve());
    for (const socket of sockets) socket.destroy();
  });
}
