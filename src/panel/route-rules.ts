import type { FastifyInstance, FastifySchema, RouteOptions } from "fastify";
import type { Guard } from "../identity/guard.ts";
import { ErrorAnswer } from "./answers.ts";

/** What `@fastify/swagger` adds to a route's schema. */
interface DescribedSchema extends FastifySchema {
  readonly tags?: readonly string[];
  readonly summary?: string;
}

/**
 * Holds every API route to the house's rules: a guard, and a description with tags, summary and answer. Returns what
 * asks for the routes that break them; a route that does is a bug and keeps the panel from opening.
 */
export function addRouteRules(app: FastifyInstance): () => readonly string[] {
  const broken: string[] = [];
  app.addHook("onRoute", (route) => {
    if (!route.url.startsWith("/api/") || route.method === "OPTIONS") return;
    const problem = problemOf(route);
    if (problem !== undefined) broken.push(`${String(route.method)} ${route.url} ${problem}`);
    const schema = route.schema ?? {};
    if (route.websocket === true) return;
    const answers = schema.response as Record<string, unknown> | undefined;
    route.schema = { ...schema, response: { ...answers, "4xx": ErrorAnswer, "5xx": ErrorAnswer } };
  });
  return () => broken;
}

function problemOf(route: RouteOptions): string | undefined {
  const { summary, tags, response }: DescribedSchema = route.schema ?? {};
  if (guardOf(route) === undefined) return "has no guard";
  if (summary === undefined || tags === undefined) return "has no summary or no tags";
  if (response === undefined && route.websocket !== true) return "does not say what it answers";
  return undefined;
}

/** Who may use a route. */
function guardOf({ preHandler }: Pick<RouteOptions, "preHandler">): Guard["lets"] | undefined {
  const handlers: readonly unknown[] = Array.isArray(preHandler) ? preHandler : [preHandler];
  return handlers.find((handler): handler is Guard => typeof handler === "function" && "lets" in handler)
    ?.lets;
}
