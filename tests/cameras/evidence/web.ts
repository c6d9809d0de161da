import { request } from "node:https";
import { buffer } from "node:stream/consumers";
import type { IncomingHttpHeaders } from "node:http";
import type { Role } from "../../../src/identity/actor.ts";
import type { Panel } from "../../../src/panel/server.ts";
import { PASSWORD, type TestPanel } from "../../support/test-panel.ts";

/** A person's session with a panel that really listens. */
export interface Login {
  readonly port: number;
  readonly caPem: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
  /** Undefined where the answer is no JSON. */
  readonly body: unknown;
}

export async function login(panel: Panel, hall: TestPanel, role: Role): Promise<Login> {
  const stranger: Login = { port: panel.port, caPem: hall.parts.tls.caPem, headers: {} };
  const { headers, body } = await ask(stranger, "POST", "/api/login", {
    name: `the-${role}`,
    password: PASSWORD,
  });
  const [cookie = ""] = String(headers["set-cookie"]).split(";");
  return { ...stranger, headers: { cookie, "x-csrf-token": (body as { csrfToken: string }).csrfToken } };
}

export function ask(
  { port, caPem, headers }: Login,
  method: "GET" | "POST" | "DELETE",
  path: string,
  ...[body, more]: [body?: object, more?: Readonly<Record<string, string>>]
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = body === undefined ? undefined : JSON.stringify(body);
    const asking = request(
      {
        ...{ host: "localhost", port, path, method, ca: caPem, agent: false },
        headers: { ...headers, ...(sent !== undefined && { "content-type": "application/json" }), ...more },
      },
      (response) => {
        buffer(response).then((bytes) => {
          const isJson = String(response.headers["content-type"]).startsWith("application/json");
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            bytes,
            body: isJson ? (JSON.parse(bytes.toString("utf8")) as unknown) : undefined,
          });
        }, reject);
      },
    );
    asking.on("error", reject);
    asking.end(sent);
  });
}
