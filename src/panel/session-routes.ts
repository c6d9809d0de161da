import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import { ROLES } from "../identity/actor.ts";
import type { Audit } from "../identity/audit.ts";
import { actorOf, allowEveryRole, anyone, LoginNeeded } from "../identity/guard.ts";
import { createLoginLimit } from "../identity/login-limit.ts";
import { csrfTokenOf, type Sessions } from "../identity/sessions.ts";
import type { User } from "../identity/store.ts";
import type { Users } from "../identity/users.ts";
import type { Clock } from "../kernel/clock.ts";
import { Fault } from "../kernel/faults.ts";
import { text } from "../kernel/text.ts";
import { clearSessionCookie, setSessionCookie } from "./door.ts";

interface SessionParts {
  readonly users: Users;
  readonly sessions: Sessions;
  readonly audit: Audit;
  readonly clock: Clock;
}

const Me = z.object({
  id: z.string(),
  name: z.string(),
  fullName: z.string(),
  roles: z.array(z.enum(ROLES)),
  csrfToken: z
    .string()
    .nullable()
    .describe("To be sent as x-csrf-token with every change; null for the command line"),
});
type Me = z.infer<typeof Me>;

const Credentials = z.strictObject({
  name: z.string().min(1).max(100),
  password: z.string().min(1).max(1_000),
});

const PasswordChange = z.strictObject({
  current: z.string().min(1).max(1_000),
  password: z.string().min(1).max(1_000),
});

/** Login, logout, who am I, my password. */
export function sessionRoutes({ users, sessions, audit, clock }: SessionParts): FastifyPluginAsyncZod {
  const limit = createLoginLimit(clock);
  /** The user, or a Fault that does not say which of the two was wrong. */
  const proven = async (name: string, password: string, address: string): Promise<User> => {
    limit.attempt(name, address);
    const user = await users.login(name, password);
    if (user === undefined) {
      // Only names that exist: people type their password into the wrong field.
      const known = users.byName(name);
      audit.record({
        actor: "system",
        action: "login.refused",
        subject: known?.id ?? "",
        details: { address },
      });
      throw wrongPassword();
    }
    limit.succeeded(name, address);
    return user;
  };

  return (app) => {
    app.post(
      "/login",
      {
        preHandler: anyone,
        schema: { tags: ["session"], summary: "Log in", body: Credentials, response: { 200: Me } },
      },
      async (request, reply) => {
        const user = await proven(request.body.name, request.body.password, request.ip);
        if (request.sessionId !== undefined) sessions.end(request.sessionId);
        const id = sessions.start(user);
        audit.record({ actor: user, action: "login", subject: user.id, details: { address: request.ip } });
        setSessionCookie(reply, id);
        return meOf(user, id);
      },
    );

    app.post(
      "/logout",
      {
        preHandler: anyone,
        schema: {
          tags: ["session"],
          summary: "Log out",
          response: { 200: z.object({ loggedOut: z.literal(true) }) },
        },
      },
      (request, reply) => {
        if (request.sessionId !== undefined && request.actor !== undefined) {
          sessions.end(request.sessionId);
          audit.record({ actor: request.actor, action: "logout", subject: request.actor.id });
        }
        clearSessionCookie(reply);
        return { loggedOut: true as const };
      },
    );

    app.get(
      "/me",
      {
        preHandler: allowEveryRole,
        schema: {
          tags: ["session"],
          summary: "Who is logged in, and the token for changes",
          response: { 200: Me },
        },
      },
      (request) => {
        const actor = actorOf(request);
        const user = users.get(actor.id);
        if (user !== undefined && request.sessionId !== undefined) return meOf(user, request.sessionId);
        return {
          id: actor.id,
          name: actor.name,
          fullName: actor.name,
          roles: [...actor.roles],
          csrfToken: null,
        };
      },
    );

    app.put(
      "/me/password",
      {
        preHandler: allowEveryRole,
        schema: {
          tags: ["session"],
          summary: "Change one's own password",
          body: PasswordChange,
          response: { 200: Me },
        },
      },
      async (request, reply) => {
        const actor = actorOf(request);
        if (request.sessionId === undefined) throw new LoginNeeded();
        const user = await proven(actor.name, request.body.current, request.ip);
        await users.setPassword(user.id, request.body.password, actor);
        const id = sessions.start(user);
        setSessionCookie(reply, id);
        return meOf(user, id);
      },
    );

    return Promise.resolve();
  };
}

function meOf({ id, name, fullName, roles }: User, sessionId: string): Me {
  return { id, name, fullName, roles: [...roles], csrfToken: csrfTokenOf(sessionId) };
}

/** 400 rather than 401: a page must not take it for the end of its session. */
function wrongPassword(): Fault {
  return new Fault(
    "invalid",
    text("User name or password is wrong.", "Tên đăng nhập hoặc mật khẩu không đúng."),
    {
      field: "password",
      hint: text(
        "Check the keyboard (Vietnamese typing, Caps Lock) and try again.",
        "Hãy kiểm tra bộ gõ tiếng Việt và phím Caps Lock rồi thử lại.",
      ),
    },
  );
}
