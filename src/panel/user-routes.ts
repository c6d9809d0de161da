import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import { ROLES } from "../identity/actor.ts";
import { actorOf, allow } from "../identity/guard.ts";
import { newPassword } from "../identity/passwords.ts";
import type { User } from "../identity/store.ts";
import type { Users } from "../identity/users.ts";

const UserAnswer = z.object({
  id: z.string(),
  name: z.string(),
  fullName: z.string(),
  roles: z.array(z.enum(ROLES)),
  createdAt: z.int().describe("UTC milliseconds"),
  lastLoginAt: z.int().nullable().describe("UTC milliseconds; null: never"),
});

const FullName = z.string().trim().min(1).max(80);
const Roles = z.array(z.enum(ROLES)).min(1).max(ROLES.length);
const Password = z.string().min(1).max(1_000);

const NewUser = z.strictObject({
  name: z.string().min(1).max(100).describe("What is typed at the login"),
  fullName: FullName.optional().describe("What others see; the name when left out"),
  roles: Roles,
  password: Password.optional().describe("Left out: one is generated and answered, once"),
});

/** The password is there when it was generated: it is in no other place. */
const MadeUser = UserAnswer.extend({ password: z.string().nullable() });

const Params = z.object({ id: z.string().min(1).max(40) });

/** The people who may log in; administrators only. */
export function userRoutes({ users }: { readonly users: Users }): FastifyPluginAsyncZod {
  return (app) => {
    app.get(
      "/users",
      {
        preHandler: allow("admin"),
        schema: {
          tags: ["users"],
          summary: "All users",
          response: { 200: z.object({ users: z.array(UserAnswer) }) },
        },
      },
      () => ({ users: users.list().map(answerOf) }),
    );

    app.post(
      "/users",
      {
        preHandler: allow("admin"),
        schema: { tags: ["users"], summary: "Add a user", body: NewUser, response: { 201: MadeUser } },
      },
      async (request, reply) => {
        const { name, fullName = name, roles, password } = request.body;
        const generated = password === undefined ? newPassword() : null;
        const draft = { name, fullName, roles, password: password ?? generated ?? "" };
        const user = await users.add(draft, actorOf(request));
        return reply.code(201).send({ ...answerOf(user), password: generated });
      },
    );

    app.patch(
      "/users/:id",
      {
        preHandler: allow("admin"),
        schema: {
          tags: ["users"],
          summary: "Change a user's full name or roles",
          params: Params,
          body: z.strictObject({ fullName: FullName.optional(), roles: Roles.optional() }),
          response: { 200: UserAnswer },
        },
      },
      (request) => answerOf(users.change(request.params.id, request.body, actorOf(request))),
    );

    app.put(
      "/users/:id/password",
      {
        preHandler: allow("admin"),
        schema: {
          tags: ["users"],
          summary: "Set a user's password; ends that user's sessions",
          params: Params,
          body: z.strictObject({
            password: Password.optional().describe("Left out: one is generated and answered, once"),
          }),
          response: { 200: z.object({ password: z.string().nullable() }) },
        },
      },
      async (request) => {
        const generated = request.body.password === undefined ? newPassword() : null;
        await users.setPassword(
          request.params.id,
          request.body.password ?? generated ?? "",
          actorOf(request),
        );
        return { password: generated };
      },
    );

    app.delete(
      "/users/:id",
      {
        preHandler: allow("admin"),
        schema: {
          tags: ["users"],
          summary: "Remove a user",
          params: Params,
          response: { 200: z.object({ removed: z.literal(true) }) },
        },
      },
      (request) => {
        users.remove(request.params.id, actorOf(request));
        return { removed: true as const };
      },
    );

    return Promise.resolve();
  };
}

function answerOf({ id, name, fullName, roles, createdAt, lastLoginAt }: User): z.infer<typeof UserAnswer> {
  return { id, name, fullName, roles: [...roles], createdAt, lastLoginAt };
}
