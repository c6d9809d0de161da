import { timingSafeEqual } from "node:crypto";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { CLI_ACTOR, type Actor } from "../identity/actor.ts";
import type { CliAccess } from "../identity/cli-access.ts";
import { csrfTokenOf, SESSION_LONGEST_MS, type Sessions } from "../identity/sessions.ts";
import { Fault } from "../kernel/faults.ts";
import { text } from "../kernel/text.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** The id in the browser's cookie, when it names a living session. */
    sessionId: string | undefined;
  }
}

interface DoorParts {
  readonly sessions: Sessions;
  readonly cliAccess: CliAccess;
}

/** The prefix binds it to https, to this host and to the whole of it (RFC 6265bis §4.1.3). */
const COOKIE = "__Host-tienglang";
/** Sent by the page with what it asks by itself, so that an unattended page does not keep its person logged in. */
const BACKGROUND_HEADER = "x-background";
const CSRF_HEADER = "x-csrf-token";

/** Who asks? Runs before anything else, for every request and every WebSocket upgrade. */
export function addDoor(app: FastifyInstance, { sessions, cliAccess }: DoorParts): void {
  app.decorateRequest("actor", undefined);
  app.decorateRequest("sessionId", undefined);
  /** Returns why the request must not go on; it may well go on without anyone being logged in. */
  const identify = (request: FastifyRequest): Fault | undefined => {
    const bearer = bearerOf(request);
    if (bearer !== undefined) {
      if (!isLoopback(request.ip) || !cliAccess.isToken(bearer)) return wrongToken();
      request.actor = CLI_ACTOR;
      return undefined;
    }
    if (mustShowOrigin(request) && !isOwnOrigin(request)) return strangeOrigin();
    const id = request.cookies[COOKIE];
    const user = id === undefined ? undefined : sessions.find(id, { present: isPresent(request) });
    if (id === undefined || user === undefined) return undefined;
    if (changes(request) && !isCsrfToken(request, id)) return forged();
    request.sessionId = id;
    request.actor = { id: user.id, name: user.name, roles: user.roles } satisfies Actor;
    return undefined;
  };
  app.addHook("onRequest", (request, _reply, done) => done(identify(request)));
}

export function setSessionCookie(reply: FastifyReply, id: string): void {
  void reply.setCookie(COOKIE, id, { ...COOKIE_SHAPE, maxAge: SESSION_LONGEST_MS / 1_000 });
}

export function clearSessionCookie(reply: FastifyReply): void {
  void reply.clearCookie(COOKIE, COOKIE_SHAPE);
}

const COOKIE_SHAPE = { path: "/", secure: true, httpOnly: true, sameSite: "strict" } as const;

export function isLoopback(address: string): boolean {
  return address === "::1" || address.startsWith("127.") || address.startsWith("::ffff:127.");
}

function bearerOf({ headers: { authorization } }: FastifyRequest): string | undefined {
  return authorization?.startsWith("Bearer ") === true ? authorization.slice("Bearer ".length) : undefined;
}

function changes({ method }: FastifyRequest): boolean {
  return method !== "GET" && method !== "HEAD" && method !== "OPTIONS";
}

function isUpgrade({ headers }: FastifyRequest): boolean {
  return headers.upgrade?.toLowerCase() === "websocket";
}

function isPresent(request: FastifyRequest): boolean {
  return request.headers[BACKGROUND_HEADER] === undefined && request.headers.accept !== "text/event-stream";
}

/** A cookie goes with every WebSocket, from whatever page; SameSite does not help there in older browsers. */
function mustShowOrigin(request: FastifyRequest): boolean {
  return isUpgrade(request) || (changes(request) && request.headers.origin !== undefined);
}

function isOwnOrigin({ headers: { origin, host } }: FastifyRequest): boolean {
  return (
    origin !== undefined && host !== undefined && origin.toLowerCase() === `https://${host.toLowerCase()}`
  );
}

function isCsrfToken({ headers }: FastifyRequest, sessionId: string): boolean {
  const given = headers[CSRF_HEADER];
  const expected = Buffer.from(csrfTokenOf(sessionId));
  const candidate = Buffer.from(typeof given === "string" ? given : "");
  return candidate.length === expected.length && timingSafeEqual(candidate, expected);
}

function wrongToken(): Fault {
  return new Fault("rejected", text("The access token is not valid.", "Mã truy cập không hợp lệ."), {
    hint: text(
      "It works on the hall's machine itself only, and is a new one at each start of tienglang.",
      "Mã chỉ dùng được ngay trên máy chủ và thay đổi mỗi lần tienglang khởi động.",
    ),
  });
}

function strangeOrigin(): Fault {
  return new Fault(
    "rejected",
    text("The request comes from another site.", "Yêu cầu đến từ trang web khác."),
    {
      hint: text("Open the panel by its own address.", "Hãy mở trang quản lý bằng đúng địa chỉ của nó."),
    },
  );
}

function forged(): Fault {
  return new Fault(
    "rejected",
    text(
      "The page is out of date, or the request does not come from it.",
      "Trang đã cũ hoặc yêu cầu không xuất phát từ trang này.",
    ),
    { hint: text("Load the page again.", "Hãy tải lại trang."), field: CSRF_HEADER },
  );
}
