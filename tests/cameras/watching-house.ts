import type { AddressInfo } from "node:net";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { WebSocket } from "ws";
import type { Role } from "../../src/identity/actor.ts";
import { buildPanel } from "../../src/panel/app.ts";
import { openTestPanel, PASSWORD, type TestPanel } from "../support/test-panel.ts";
import { until } from "../support/until.ts";

/** A WebSocket that notes what comes. */
export interface Line {
  readonly socket: WebSocket;
  /** JSON messages. */
  readonly said: Record<string, unknown>[];
  readonly pieces: Buffer[];
  /** Close code, once it is closed. */
  closed(): number | undefined;
}

export interface Person {
  readonly cookie: string;
  get(url: string): Promise<{ status: number; headers: Record<string, unknown>; bytes: Buffer }>;
  /** A line to `/api…`, closed with the house. */
  line(url: string): Line;
}

export interface WatchingHouse extends AsyncDisposable {
  readonly panel: TestPanel;
  login(role: Role): Promise<Person>;
  /** Actions in the audit trail, oldest first: `camera.watch u-viewer`. */
  trail(): string[];
}

/** The real panel around some routes, listening on a free port. */
export async function openWatchingHouse(
  routes: (panel: TestPanel) => readonly FastifyPluginAsyncZod[],
): Promise<WatchingHouse> {
  const panel = await openTestPanel();
  const app = await buildPanel({ ...panel.parts, features: routes(panel) });
  await app.listen({ host: "127.0.0.1", port: 0 });
  const { port } = app.server.address() as AddressInfo;
  const lines: WebSocket[] = [];
  return {
    panel,
    login: async (role) => {
      const payload = { name: `the-${role}`, password: PASSWORD };
      const answer = await app.inject({ method: "POST", url: "/api/login", payload });
      const [cookie = ""] = String(answer.headers["set-cookie"]).split(";");
      return {
        cookie,
        get: async (url) => {
          const got = await app.inject({ method: "GET", url: `/api${url}`, headers: { cookie } });
          return { status: got.statusCode, headers: got.headers, bytes: got.rawPayload };
        },
        line: (url) => {
          const origin = `https://127.0.0.1:${port}`;
          const socket = new WebSocket(`wss://127.0.0.1:${port}/api${url}`, {
            headers: { cookie },
            origin,
            rejectUnauthorized: false,
          });
          lines.push(socket);
          return noting(socket);
        },
      };
    },
    trail: () =>
      panel.parts.audit
        .read({ limit: 1_000 })
        .reverse()
        .map(({ action, actorId }) => `${action} ${actorId}`)
        .filter((line) => line.startsWith("camera.")),
    [Symbol.asyncDispose]: async () => {
      for (const socket of lines) socket.terminate();
      await app.close();
      await panel[Symbol.asyncDispose]();
    },
  };
}

function noting(socket: WebSocket): Line {
  const said: Record<string, unknown>[] = [];
  const pieces: Buffer[] = [];
  let closed: number | undefined;
  socket.on("message", (data: Buffer, isBinary) => {
    if (isBinary) pieces.push(data);
    else said.push(JSON.parse(data.toString("utf8")) as Record<string, unknown>);
  });
  socket.on("close", (code) => {
    closed = code;
  });
  // A refused handshake is told by `close` as well.
  socket.on("error", () => undefined);
  return { socket, said, pieces, closed: () => closed };
}

export function untilClosed(line: Line): Promise<void> {
  return until("the line closes", () => line.closed() !== undefined);
}
