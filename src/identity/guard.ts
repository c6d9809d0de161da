import type { FastifyRequest, preHandlerHookHandler } from "fastify";
import { Fault } from "../kernel/faults.ts";
import { text, type Text } from "../kernel/text.ts";
import { mayAct, type Actor, type Role } from "./actor.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** Set by the panel from the session or the bearer token before any handler runs; undefined: not logged in. */
    actor: Actor | undefined;
  }
}

/** Nobody is logged in, or the session has ended. Answered with 401 so that the page shows its login. */
export class LoginNeeded extends Fault {
  constructor() {
    super(
      "rejected",
      text(
        "You are not logged in, or your session has ended.",
        "Bạn chưa đăng nhập hoặc phiên làm việc đã hết.",
      ),
      {
        hint: text("Log in again.", "Hãy đăng nhập lại."),
      },
    );
  }
}

const ROLE_NAME: Record<Role, Text> = {
  officer: text("culture officer", "cán bộ văn hóa"),
  leader: text("leader", "lãnh đạo"),
  technician: text("technician", "kỹ thuật viên"),
  viewer: text("viewer", "người xem"),
  admin: text("administrator", "quản trị"),
};

/** A guard says who may use a route. The panel refuses to mount an API route that has none. */
export interface Guard extends preHandlerHookHandler {
  /** `anyone`: no login asked. */
  readonly lets: readonly Role[] | "anyone";
}

/**
 * For a route's `preHandler`: lets these roles (and admin always) pass. Answers `LoginNeeded` (401) without a login,
 * and to another role a Fault("rejected") (403) that names the roles it takes.
 */
export function allow(...roles: readonly Role[]): Guard {
  const check: preHandlerHookHandler = (request, _reply, done) => done(whyNot(request.actor, roles));
  return Object.assign(check, { lets: roles });
}

const letPass: preHandlerHookHandler = (_request, _reply, done) => done();

/** For the few routes that work before login (health, login itself). */
export const anyone: Guard = Object.assign(letPass, { lets: "anyone" as const });

/** Any logged-in person. */
export const allowEveryRole: Guard = allow("officer", "leader", "technician", "viewer");

/** The actor of a request that has passed a guard. */
export function actorOf(request: FastifyRequest): Actor {
  if (request.actor === undefined) throw new Error("a route that acts for someone has no guard");
  return request.actor;
}

function whyNot(actor: Actor | undefined, roles: readonly Role[]): Fault | undefined {
  if (actor === undefined) return new LoginNeeded();
  return mayAct(actor, roles) ? undefined : notAllowed(roles);
}

function notAllowed(roles: readonly Role[]): Fault {
  const named = [...roles.filter((role) => role !== "admin"), "admin" as const].map(
    (role) => ROLE_NAME[role],
  );
  const list = (lang: "vi" | "en"): string => named.map((name) => name[lang]).join(", ");
  return new Fault(
    "rejected",
    text("Your role may not do this.", "Vai trò của bạn không được làm việc này."),
    {
      hint: text(
        `Ask someone with one of these roles: ${list("en")}.`,
        `Hãy nhờ người có một trong các vai trò: ${list("vi")}.`,
      ),
    },
  );
}
