import { request } from "node:https";
import { text } from "node:stream/consumers";
import { z } from "zod";
import type { Api } from "../../src/cli/api.ts";

/** Somebody at the panel's page: asks as a browser does, with a cookie. */
export interface LoggedIn {
  readonly headers: Readonly<Record<string, string>>;
  ask(method: "GET" | "POST", path: string, body?: object): Promise<Answer>;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

interface Response extends Answer {
  readonly cookie: string | undefined;
}

const Me = z.object({ csrfToken: z.string() });

export async function logIn({ url, caPem }: Api, name: string, password: string): Promise<LoggedIn> {
  const asked = (
    method: string,
    path: string,
    { body, headers }: { readonly body?: object | undefined; readonly headers: Record<string, string> },
  ): Promise<Response> =>
    new Promise((resolve, reject) => {
      const sent = body === undefined ? undefined : JSON.stringify(body);
      const type = sent === undefined ? {} : { "content-type": "application/json" };
      const all = { ...headers, ...type, origin: url };
      request(new URL(path, url), { method, ca: caPem, headers: all, agent: false }, (response) => {
        text(response).then(
          (said) =>
            resolve({
              status: response.statusCode ?? 0,
              body: response.headers["content-type"]?.includes("json") === true ? JSON.parse(said) : said,
              cookie: response.headers["set-cookie"]?.[0]?.split(";")[0],
            }),
          reject,
        );
      })
        .on("error", reject)
        .end(sent);
    });
  const login = await asked("POST", "/api/login", { body: { name, password }, headers: {} });
  if (login.status !== 200 || login.cookie === undefined) throw new Error(`no login: ${login.status}`);
  const headers = { cookie: login.cookie, "x-csrf-token": Me.parse(login.body).csrfToken, origin: url };
  return { headers, ask: (method, path, body) => asked(method, path, { body, headers }) };
}
