import type { FastifyInstance } from "fastify";

/** Which methods an address takes, for an answer better than "not found" to the wrong one. */
export interface KnownPaths {
  methodsOf(path: string): readonly string[];
}

/** Call it before the routes are added. */
export function addKnownPaths(app: FastifyInstance): KnownPaths {
  const known = new Map<string, { readonly pattern: RegExp; readonly methods: Set<string> }>();
  app.addHook("onRoute", ({ url, method }) => {
    if (url.includes("*")) return;
    let entry = known.get(url);
    if (entry === undefined) {
      entry = { pattern: patternOf(url), methods: new Set() };
      known.set(url, entry);
    }
    for (const one of [method].flat()) entry.methods.add(one);
  });
  return {
    methodsOf: (path) =>
      [...known.values()].filter(({ pattern }) => pattern.test(path)).flatMap(({ methods }) => [...methods]),
  };
}

/** `/speakers/:id` takes one part for `:id`. */
function patternOf(url: string): RegExp {
  const parts = url
    .split("/")
    .map((part) => (part.startsWith(":") ? "[^/]+" : part.replace(/[^\w-]/g, "\\$&")));
  return new RegExp(`^${parts.join("/")}/?$`);
}
