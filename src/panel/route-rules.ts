import type { FastifyInstance, FastifySchema, RouteOptions } from "fastify";
import type { Guard } from "../identity/guard.ts";
import { ErrorAnswer } from "./answers.ts";

/** What `@fastify/swagger` adds to a route's schema. */
interface DescribedSchema extends FastifySchema {
  readonly tags?: readonly string[];
  readonly summary?: string;
}

/**
 * Holds every API route to the house's rules while it is mounted: a guard, and a description with tags, summary and
 * answer. A route without them is a bug and keeps the panel from opening, so it can't be forgotten.
 */
export function addRouteRules(app: FastifyInstance): void {
  app.addHook("onRoute", (route) => {
    if (!route.url.startsWith("/api/") || isPreflight(route)) return;
    const name = `${String(route.method)} ${route.url}`;
    if (guardOf(route) === undefined) throw new Error(`route ${name} has no guard`);
    const schema: DescribedSchema = route.schema ?? {};
    if (schema.summary === undefined || schema.tags === undefined) {
      throw new Error(`route ${name} has no summary or no tags`);
    }
    if (route.websocket === true) return;
    if (schema.response === undefined) throw new Error(`route ${name} does not say what it answers`);
    route.schema = { ...schema, response: { ...schema.response, "4xx": ErrorAnswer, "5xx": ErrorAnswer } };
  });
}

/** Who may use a route. */
export function guardOf({ preHandler }: Pick<RouteOptions, "preHandler">): Guard["lets"] | undefined {
  const handlers: readonly unknown[] = Array.isArray(preHandler) ? preHandler : [preHandler];
  return handlers.find((handler): handler is Guard => typeof handler === "function" && "lets" in handler)
    ?.lets;
}

function isPreflight({ method }: RouteOptions): boolean {
  return method === "OPTIONS";
}
