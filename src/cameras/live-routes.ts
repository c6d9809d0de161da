import type { WebSocket } from "@fastify/websocket";
import type { FastifyRequest } from "fastify";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import type { Actor } from "../identity/actor.ts";
import { actorOf, allowEveryRole, LoginNeeded } from "../identity/guard.ts";
import type { Clock } from "../kernel/clock.ts";
import { asError, Fault } from "../kernel/faults.ts";
import type { Log } from "../kernel/log.ts";
import { SECOND_MS } from "../kernel/time.ts";
import type { Access } from "./access.ts";
import type { LiveFragment, LiveViewer } from "./live/channel.ts";
import type { LiveHub } from "./live/hub.ts";
import type { Mpeg1Viewer } from "./live/mpeg1-feeds.ts";
import type { CameraId as Id, StreamRole } from "./rules/model.ts";
import type { WatchLog } from "./watch-log.ts";
import { CameraId } from "./wire.ts";

interface LiveRoutesParts {
  readonly hub: Pick<LiveHub, "watch" | "watchMpeg1">;
  readonly access: Access;
  readonly watchLog: Pick<WatchLog, "live">;
  readonly clock: Clock;
  readonly log: Log;
  /** Who is behind a request that was let in earlier, with the roles of now; undefined: the login has ended. */
  readonly stillThere: (request: FastifyRequest) => Actor | undefined;
}

const Query = z.object({
  stream: z.enum(["main", "sub"]).default("main").describe("sub: the small one, for mosaics"),
  as: z
    .enum(["mse", "mpeg1"])
    .default("mse")
    .describe("mpeg1: converted, for browsers that can't play the camera's codec"),
});

/** Rights and logins are asked again this often. */
const CHECK_EVERY_MS = 15 * SECOND_MS;
/** Browsers and proxies drop a socket that is silent for a minute. */
const PING_EVERY_CHECKS = 2;
/** A socket that has not answered so many pings is nobody's. */
const MAX_MISSED_PINGS = 2;

/** RFC 6455 §7.4.1. */
const POLICY_VIOLATION = 1_008;
const INTERNAL_ERROR = 1_011;

/** First byte of a binary message (as=mse). */
const INIT = 1;
const KEY_FRAGMENT = 2;
const OTHER_FRAGMENT = 3;

/**
 * `GET /cameras/:id/live` becomes a WebSocket. Text messages are JSON: `init` (codec and size, before each run), `waiting`,
 * `dropped`, `error`. Binary ones with as=mse: one byte of kind, eight of the controller's time in ms (float64, big-endian),
 * then MP4; with as=mpeg1: MPEG-TS.
 */
export function liveRoutes(parts: LiveRoutesParts): FastifyPluginAsyncZod {
  return (app) => {
    app.get(
      "/cameras/:id/live",
      {
        websocket: true,
        preHandler: allowEveryRole,
        schema: {
          tags: ["cameras"],
          summary: "Watch a camera live: a WebSocket",
          params: z.object({ id: CameraId }),
          querystring: Query,
        },
      },
      (socket, request) => {
        const { stream, as } = request.query;
        attend(socket, { request, actor: actorOf(request), camera: request.params.id, stream, as }, parts);
      },
    );
    return Promise.resolve();
  };
}

interface Visit {
  readonly request: FastifyRequest;
  readonly actor: Actor;
  readonly camera: Id;
  readonly stream: StreamRole;
  readonly as: "mse" | "mpeg1";
}

function attend(socket: WebSocket, visit: Visit, parts: LiveRoutesParts): void {
  const { actor, camera, stream, as } = visit;
  const { hub, access, watchLog } = parts;
  const closed = new AbortController();
  const leaving = new DisposableStack();
  socket.on("close", () => {
    closed.abort();
    leaving.dispose();
  });
  socket.on("error", () => socket.terminate());
  try {
    access.demand(camera, actor, "live");
    leaving.use(
      as === "mse"
        ? hub.watch(camera, stream, mseViewer(socket))
        : hub.watchMpeg1(camera, mpeg1Viewer(socket)),
    );
    leaving.use(watchLog.live(camera, actor, stream));
  } catch (error) {
    refuse(socket, error, parts.log);
    return;
  }
  void keepAsking(socket, visit, parts, closed.signal).catch((error: unknown) =>
    refuse(socket, error, parts.log),
  );
}

/** Returns when the socket has closed; throws why the watch must end. */
async function keepAsking(
  socket: WebSocket,
  { request, camera }: Visit,
  { clock, access, stillThere }: LiveRoutesParts,
  signal: AbortSignal,
): Promise<void> {
  let missedPings = 0;
  socket.on("pong", () => {
    missedPings = 0;
  });
  for (let checks = 1; await clock.sleep(CHECK_EVERY_MS, signal); checks += 1) {
    const actor = stillThere(request);
    if (actor === undefined) throw new LoginNeeded();
    access.demand(camera, actor, "live");
    if (checks % PING_EVERY_CHECKS !== 0) continue;
    if (missedPings >= MAX_MISSED_PINGS) {
      socket.terminate();
      return;
    }
    missedPings += 1;
    socket.ping();
  }
}

function refuse(socket: WebSocket, error: unknown, log: Log): void {
  if (!(error instanceof Fault)) {
    log.error({ err: asError(error) }, "live view has failed");
    socket.close(INTERNAL_ERROR);
    return;
  }
  const { kind, said, hint } = error;
  say(socket, { type: "error", kind, said, hint: hint ?? null });
  socket.close(POLICY_VIOLATION);
}

function say(socket: WebSocket, message: object): void {
  if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(message));
}

function sendBytes(socket: WebSocket, bytes: Uint8Array): void {
  if (socket.readyState === socket.OPEN) socket.send(bytes);
}

function mseViewer(socket: WebSocket): LiveViewer {
  return {
    bufferedBytes: () => socket.bufferedAmount,
    init: ({ codec, widthPx, heightPx, bytes }) => {
      say(socket, { type: "init", codec, widthPx, heightPx });
      sendBytes(socket, framed(INIT, 0, bytes));
    },
    fragment: (fragment) => sendBytes(socket, messageOf(fragment)),
    dropped: (fragments) => say(socket, { type: "dropped", fragments }),
    waiting: (said) => say(socket, { type: "waiting", said }),
  };
}

function mpeg1Viewer(socket: WebSocket): Mpeg1Viewer {
  return {
    bufferedBytes: () => socket.bufferedAmount,
    data: (bytes) => sendBytes(socket, bytes),
    dropped: (fragments) => say(socket, { type: "dropped", fragments }),
    waiting: (said) => say(socket, { type: "waiting", said }),
  };
}

/** Made once, however many watch. */
const messages = new WeakMap<LiveFragment, Uint8Array>();

function messageOf(fragment: LiveFragment): Uint8Array {
  let message = messages.get(fragment);
  if (message === undefined) {
    message = framed(fragment.startsWithKey ? KEY_FRAGMENT : OTHER_FRAGMENT, fragment.at, fragment.bytes);
    messages.set(fragment, message);
  }
  return message;
}

const HEADER_BYTES = 9;

function framed(kind: number, atMs: number, bytes: Uint8Array): Uint8Array {
  const message = new Uint8Array(HEADER_BYTES + bytes.length);
  const view = new DataView(message.buffer);
  view.setUint8(0, kind);
  view.setFloat64(1, atMs);
  message.set(bytes, HEADER_BYTES);
  return message;
}
