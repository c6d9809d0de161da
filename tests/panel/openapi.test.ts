import type { FastifyInstance } from "fastify";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { readCliAccess } from "../../src/identity/cli-access.ts";
import { anyone } from "../../src/identity/guard.ts";
import { buildPanel } from "../../src/panel/app.ts";
import { openTestPanel, type TestPanel } from "../support/test-panel.ts";

interface Operation {
  readonly tags?: string[];
  readonly summary?: string;
  readonly responses: Record<string, unknown>;
}

let panel: TestPanel;

beforeEach(async () => {
  panel = await openTestPanel();
  return () => panel[Symbol.asyncDispose]();
});

async function described(
  app: FastifyInstance,
): Promise<{ openapi: string; paths: Record<string, Record<string, Operation>> }> {
  await panel.parts.cliAccess.announce("https://127.0.0.1:1", "CA");
  const { token } = await readCliAccess(panel.dataDir);
  return (
    await app.inject({ url: "/api/openapi.json", headers: { authorization: `Bearer ${token}` } })
  ).json();
}

describe("the description of the interface", () => {
  test("is OpenAPI 3.1 and has every route, each with tags, summary, answers and refusals", async () => {
    await using app = await buildPanel(panel.parts);
    const { openapi, paths } = await described(app);
    expect(openapi).toBe("3.1.0");
    const operations = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({
        name: `${method.toUpperCase()} ${path}`,
        operation,
      })),
    );
    expect(operations.map(({ name }) => name).sort()).toEqual([
      "DELETE /api/users/{id}",
      "GET /api/audit",
      "GET /api/audit/verify",
      "GET /api/doctor",
      "GET /api/events",
      "GET /api/health",
      "GET /api/me",
      "GET /api/openapi.json",
      "GET /api/status",
      "GET /api/users",
      "PATCH /api/users/{id}",
      "POST /api/backup",
      "POST /api/login",
      "POST /api/logout",
      "POST /api/users",
      "PUT /api/me/password",
      "PUT /api/users/{id}/password",
    ]);
    const poor = operations.filter(({ operation: { tags = [], summary = "", responses } }) => {
      const codes = Object.keys(responses);
      const answers = codes.some((code) => code.startsWith("2"));
      return (
        tags.length === 0 || summary === "" || !answers || !codes.includes("4XX") || !codes.includes("5XX")
      );
    });
    expect(poor.map(({ name }) => name)).toEqual([]);
  });

  const response = { 200: z.object({}) };
  test.for([
    ["has no guard", { schema: { tags: ["x"], summary: "x", response } }],
    ["has no summary or no tags", { preHandler: anyone, schema: { response } }],
    ["does not say what it answers", { preHandler: anyone, schema: { tags: ["x"], summary: "x" } }],
  ] as const)("a route that %s keeps the panel from opening", async ([problem, options]) => {
    const features: FastifyPluginAsyncZod = (app) => {
      app.post("/forgotten", { ...options, schema: { ...options.schema } }, () => ({}));
      return Promise.resolve();
    };
    await expect(buildPanel({ ...panel.parts, features: [features] })).rejects.toThrow(
      `POST /api/forgotten ${problem}`,
    );
  });
});
