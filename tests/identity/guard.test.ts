import fastify, { type FastifyInstance } from "fastify";
import { beforeEach, describe, expect, test } from "vitest";
import { CLI_ACTOR, type Role } from "../../src/identity/actor.ts";
import { actorOf, allow, anyone, LoginNeeded } from "../../src/identity/guard.ts";
import { Fault } from "../../src/kernel/faults.ts";

let app: FastifyInstance;
let seen: unknown;

beforeEach(() => {
  app = fastify();
  app.decorateRequest("actor", undefined);
  app.addHook("onRequest", (request, _reply, done) => {
    const role = request.headers["x-role"] as Role | undefined;
    if (role !== undefined) request.actor = { id: "u1", name: "lan", roles: [role] };
    done();
  });
  app.setErrorHandler((error, _request, reply) => {
    seen = error;
    return reply.code(error instanceof LoginNeeded ? 401 : 403).send();
  });
  app.get("/approve", { preHandler: allow("leader") }, (request) => actorOf(request).name);
  app.get("/health", { preHandler: anyone }, () => "up");
  return () => app.close();
});

const get = async (url: string, role?: Role): Promise<number> =>
  (await app.inject({ url, headers: role === undefined ? {} : { "x-role": role } })).statusCode;

describe("a guard", () => {
  test("lets its roles and the administrator pass, and nobody else", async () => {
    expect(await get("/approve", "leader")).toBe(200);
    expect(await get("/approve", "admin")).toBe(200);
    expect(await get("/approve", "officer")).toBe(403);
    expect(await get("/approve")).toBe(401);
    expect(await get("/health")).toBe(200);
  });

  test("tells whom to ask, in both languages", async () => {
    await get("/approve", "officer");
    expect(seen).toBeInstanceOf(Fault);
    expect((seen as Fault).in("vi")).toContain("lãnh đạo, quản trị");
    expect((seen as Fault).in("en")).toContain("leader, administrator");
  });

  test("the command line on the machine may do everything", () => {
    expect(CLI_ACTOR.roles).toEqual(["admin"]);
  });
});
