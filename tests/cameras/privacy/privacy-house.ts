import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import type { Role } from "../../../src/identity/actor.ts";
import { buildPanel } from "../../../src/panel/app.ts";
import { openTestPanel, PASSWORD, type TestPanel } from "../../support/test-panel.ts";

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
  /** Empty where the answer is no JSON. */
  readonly body: Record<string, unknown>;
}

/** Asks as someone who is logged in. */
export type As = (method: "GET" | "POST", url: string, payload?: object) => Promise<Answer>;

export interface PrivacyHouse extends AsyncDisposable {
  readonly panel: TestPanel;
  as(role: Role): Promise<As>;
}

/** The real panel around some routes. */
export async function openPrivacyHouse(
  routes: (panel: TestPanel) => readonly FastifyPluginAsyncZod[],
): Promise<PrivacyHouse> {
  const panel = await openTestPanel();
  const app = await buildPanel({ ...panel.parts, features: routes(panel) });
  return {
    panel,
    as: async (role) => {
      const answer = await app.inject({
        method: "POST",
        url: "/api/login",
        payload: { name: `the-${role}`, password: PASSWORD },
      });
      const [cookie = ""] = String(answer.headers["set-cookie"]).split(";");
      const { csrfToken } = answer.json<{ csrfToken: string }>();
      return async (method, url, payload) => {
        const headers = { cookie, "x-csrf-token": csrfToken };
        const got = await app.inject({ method, url: `/api${url}`, headers, ...(payload && { payload }) });
        return {
          status: got.statusCode,
          headers: got.headers,
          text: got.body,
          body: isJson(got.headers) ? got.json<Record<string, unknown>>() : {},
        };
      };
    },
    [Symbol.asyncDispose]: async () => {
      await app.close();
      await panel[Symbol.asyncDispose]();
    },
  };
}

function isJson(headers: Readonly<Record<string, unknown>>): boolean {
  return String(headers["content-type"]).startsWith("application/json");
}
