import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from "fastify";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import type { Role } from "../../src/identity/actor.ts";
import { readCliAccess } from "../../src/identity/cli-access.ts";
import { allow, anyone } from "../../src/identity/guard.ts";
import { Fault } from "../../src/kernel/faults.ts";
import { text } from "../../src/kernel/text.ts";
import { buildPanel } from "../../src/panel/app.ts";
import { openTestPanel, PASSWORD, type TestPanel } from "../support/test-panel.ts";

const LONG = JSON.stringify("x".repeat(2_000_000));
const schema = { tags: ["test"], summary: "For this test" };

const features: FastifyPluginAsyncZod = (app) => {
  const response = { 200: z.object({ said: z.string() }) };
  app.post(
    "/echo",
    {
      preHandler: allow("officer"),
      schema: {
        ...schema,
        body: z.strictObject({
          said: z.string().min(3),
          volume: z.int().min(0).max(100).optional(),
          kind: z.enum(["live", "relay"]).optional(),
          hamlets: z.array(z.string()).min(1).optional(),
        }),
        response,
      },
    },
    (request) => ({ said: request.body.said }),
  );
  app.get("/bug", { preHandler: anyone, schema: { ...schema, response } }, () => {
    throw new TypeError("a secret detail");
  });
  app.get("/wrong-answer", { preHandler: anyone, schema: { ...schema, response } }, () => ({
    said: 7 as unknown as string,
  }));
  app.get(
    "/fault/:kind",
    { preHandler: anyone, schema: { ...schema, params: z.object({ kind: z.string() }), response } },
    (request) => {
      throw new Fault(request.params.kind as "timeout", text("It went wrong.", "Hỏng rồi."), {
        field: "slot.startsAt",
      });
    },
  );
  return Promise.resolve();
};

let panel: TestPanel;
let app: FastifyInstance;

beforeEach(async () => {
  panel = await openTestPanel({ features: [features] });
  app = await buildPanel(panel.parts);
  return async () => {
    await app.close();
    await panel[Symbol.asyncDispose]();
  };
});

interface Browser {
  readonly cookie: string;
  readonly csrf: string;
}

async function login(role: Role): Promise<Browser> {
  const answer = await app.inject({
    method: "POST",
    url: "/api/login",
    payload: { name: `the-${role}`, password: PASSWORD },
  });
  expect(answer.statusCode).toBe(200);
  const [cookie = ""] = String(answer.headers["set-cookie"]).split(";");
  return { cookie, csrf: answer.json<{ csrfToken: string }>().csrfToken };
}

function as({ cookie, csrf }: Browser, options: InjectOptions): Promise<LightMyRequestResponse> {
  return app.inject({ ...options, headers: { cookie, "x-csrf-token": csrf, ...options.headers } });
}

describe("logging in", () => {
  test("gives a cookie that only this site's own pages over https carry", async () => {
    const answer = await app.inject({
      method: "POST",
      url: "/api/login",
      payload: { name: "the-officer", password: PASSWORD },
    });
    expect(answer.headers["set-cookie"]).toMatch(
      /^__Host-tienglang=[\w-]{43}; Max-Age=43200; Path=\/; HttpOnly; Secure; SameSite=Strict$/,
    );
    expect(answer.json()).toMatchObject({ name: "the-officer", roles: ["officer"] });
  });

  test("is another session each time, and the one before ends", async () => {
    const first = await login("officer");
    const answer = await as(first, {
      method: "POST",
      url: "/api/login",
      payload: { name: "the-officer", password: PASSWORD },
    });
    expect(String(answer.headers["set-cookie"])).not.toContain(first.cookie);
    expect((await as(first, { url: "/api/me" })).statusCode).toBe(401);
  });

  test("with a wrong password does not say which of the two was wrong", async () => {
    const wrong = async (name: string): Promise<unknown> =>
      (
        await app.inject({ method: "POST", url: "/api/login", payload: { name, password: "sai mật khẩu" } })
      ).json();
    expect(await wrong("the-officer")).toEqual(await wrong("nobody"));
    expect(await wrong("nobody")).toMatchObject({
      kind: "invalid",
      message: "Tên đăng nhập hoặc mật khẩu không đúng.",
    });
  });

  test("is slowed down after five wrong passwords, even for the right one, and says for how long", async () => {
    const attempt = (password: string): Promise<LightMyRequestResponse> =>
      app.inject({ method: "POST", url: "/api/login", payload: { name: "the-officer", password } });
    const answers = await Promise.all(Array.from({ length: 5 }, () => attempt("sai mật khẩu")));
    expect(answers.map((answer) => answer.statusCode)).toEqual([400, 400, 400, 400, 400]);
    const refused = await attempt(PASSWORD);
    expect(refused.statusCode).toBe(429);
    expect(Number(refused.headers["retry-after"])).toBeGreaterThan(800);
    expect(refused.json<{ hint: string }>().hint).toContain("sau 15 phút");
  });

  test("ends with logging out", async () => {
    const officer = await login("officer");
    expect((await as(officer, { method: "POST", url: "/api/logout" })).json()).toEqual({ loggedOut: true });
    expect((await as(officer, { url: "/api/me" })).statusCode).toBe(401);
  });

  test("is in the audit trail, refused ones too, passwords never", async () => {
    await login("officer");
    await app.inject({
      method: "POST",
      url: "/api/login",
      payload: { name: "the-leader", password: "sai mật khẩu" },
    });
    const trail = panel.parts.audit.read({ limit: 2 });
    expect(trail.map((entry) => entry.action)).toEqual(["login.refused", "login"]);
    expect(JSON.stringify(trail)).not.toMatch(/trâu|sai/);
  });

  test("one's own password is changed with the old one, and other sessions end", async () => {
    const [here, elsewhere] = [await login("officer"), await login("officer")];
    const change = (current: string): Promise<LightMyRequestResponse> =>
      as(here, { method: "PUT", url: "/api/me/password", payload: { current, password: "cái cày đi sau" } });
    expect((await change("không phải")).statusCode).toBe(400);
    expect((await change(PASSWORD)).statusCode).toBe(200);
    expect((await as(elsewhere, { url: "/api/me" })).statusCode).toBe(401);
  });
});

describe("a change", () => {
  const echo = { method: "POST", url: "/api/echo", payload: { said: "xin chào" } } as const;

  test("needs a login, the role, and the session's token", async () => {
    const [officer, viewer] = [await login("officer"), await login("viewer")];
    expect((await app.inject(echo)).statusCode).toBe(401);
    expect((await as(viewer, echo)).statusCode).toBe(403);
    expect((await as(officer, { ...echo, headers: { "x-csrf-token": "" } })).statusCode).toBe(403);
    expect((await as({ ...officer, csrf: viewer.csrf }, echo)).statusCode).toBe(403);
    expect((await as(officer, echo)).json()).toEqual({ said: "xin chào" });
  });

  test.for([
    ["https://localhost:80", 200],
    ["https://evil.example", 403],
    ["http://localhost:80", 403],
    ["null", 403],
  ] as const)("from a page of %s: %i", async ([origin, status]) => {
    const officer = await login("officer");
    expect((await as(officer, { ...echo, headers: { origin, host: "localhost:80" } })).statusCode).toBe(
      status,
    );
  });

  test("its text is stored in one Unicode form, whichever the keyboard sent", async () => {
    const officer = await login("officer");
    const answer = await as(officer, { ...echo, payload: { said: "Thôn Đông Hòa".normalize("NFD") } });
    expect(answer.json()).toEqual({ said: "Thôn Đông Hòa".normalize("NFC") });
  });
});

describe("the command line's token", () => {
  test("may do everything, without a session or its token", async () => {
    await panel.parts.cliAccess.announce("https://127.0.0.1:1", "CA");
    const { token } = await readCliAccess(panel.dataDir);
    const headers = { authorization: `Bearer ${token}` };
    expect((await app.inject({ url: "/api/users", headers })).statusCode).toBe(200);
    expect((await app.inject({ url: "/api/me", headers })).json()).toMatchObject({
      id: "cli",
      csrfToken: null,
    });
    expect(
      (await app.inject({ url: "/api/users", headers: { authorization: "Bearer wrong" } })).statusCode,
    ).toBe(403);
    expect((await app.inject({ url: "/api/users", headers, remoteAddress: "192.0.2.7" })).statusCode).toBe(
      403,
    );
  });
});

describe("what can't be done is said in words", () => {
  test.for([
    [{}, "said", 'Trường "said" còn thiếu.', '"said" is missing.'],
    [
      { said: "x" },
      "said",
      'Trường "said" phải có ít nhất 3 ký tự.',
      '"said" must have at least 3 characters.',
    ],
    [{ said: 5 }, "said", 'Trường "said" phải là chữ.', '"said" must be text.'],
    [
      { said: "abc", volume: 400 },
      "volume",
      'Trường "volume" phải nhiều nhất là 100.',
      '"volume" must be at most 100.',
    ],
    [
      { said: "abc", kind: "x" },
      "kind",
      'Trường "kind" phải là một trong: live, relay.',
      '"kind" must be one of: live, relay.',
    ],
    [
      { said: "abc", hamlets: ["a", 1] },
      "hamlets[1]",
      'Trường "hamlets[1]" phải là chữ.',
      '"hamlets[1]" must be text.',
    ],
    [{ said: "abc", x: 1 }, null, "Yêu cầu có phần không dùng được: x.", "The request has unknown parts: x."],
  ] as const)("%j", async ([payload, field, vi, en]) => {
    const officer = await login("officer");
    const post = (url: string): Promise<LightMyRequestResponse> =>
      as(officer, { method: "POST", url, payload: { ...payload } });
    const answer = await post("/api/echo");
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({ kind: "invalid", field, message: vi });
    expect((await post("/api/echo?lang=en")).json()).toMatchObject({ message: en });
  });

  test.for([
    ["invalid", 400],
    ["rejected", 403],
    ["not-found", 404],
    ["conflict", 409],
    ["corrupt", 422],
    ["unavailable", 503],
    ["timeout", 504],
  ] as const)("a fault of kind %s is answered with %i", async ([kind, status]) => {
    const answer = await app.inject({
      url: `/api/fault/${kind}`,
      headers: { "accept-language": "en-GB,en;q=0.9" },
    });
    expect([answer.statusCode, answer.json()]).toEqual([
      status,
      { kind, message: "It went wrong.", hint: null, field: "slot.startsAt" },
    ]);
  });

  test.for([
    [{ url: "/api/nowhere" }, 404, "Không có gì ở địa chỉ /api/nowhere."],
    [{ method: "DELETE", url: "/api/status" }, 405, "Địa chỉ /api/status không nhận lệnh DELETE."],
    [
      {
        method: "POST",
        url: "/api/login",
        payload: LONG,
        headers: { "content-type": "application/json" },
      },
      413,
      "Dữ liệu gửi lên quá lớn.",
    ],
    [
      { method: "POST", url: "/api/login", payload: "<a/>", headers: { "content-type": "text/xml" } },
      415,
      "Không hiểu kiểu dữ liệu này.",
    ],
    [
      { method: "POST", url: "/api/login", payload: "{", headers: { "content-type": "application/json" } },
      400,
      "Nội dung không phải JSON hợp lệ.",
    ],
    [
      { method: "POST", url: "/api/login", payload: "", headers: { "content-type": "application/json" } },
      400,
      "Nội dung gửi lên trống.",
    ],
  ] as const)("a request that is no good: %#", async ([options, status, message]) => {
    const answer = await app.inject(options as InjectOptions);
    expect([answer.statusCode, answer.json<{ message: string }>().message]).toEqual([status, message]);
  });

  test.for(["/api/bug", "/api/wrong-answer"])(
    "a bug of ours (%s) gets a number that the log has too, and shows nothing of our insides",
    async (url) => {
      const answer = await app.inject({ url });
      expect(answer.statusCode).toBe(500);
      expect(answer.json()).toMatchObject({
        kind: "bug",
        message: expect.stringMatching(/mã [0-9a-f]{8}/) as string,
      });
      expect(answer.body).not.toMatch(/secret|TypeError|\.ts|said/);
      expect(panel.log.lines).toContain("error request failed");
    },
  );

  test("too many requests from one address, and when to come back", async () => {
    const answers: LightMyRequestResponse[] = [];
    for (let n = 0; n < 1_202; n += 1) answers.push(await app.inject({ url: "/api/health" }));
    const refused = answers.filter((answer) => answer.statusCode === 429);
    expect(refused).toHaveLength(2);
    expect(refused[0]?.json()).toMatchObject({ message: "Gửi quá nhiều yêu cầu." });
    expect(refused[0]?.headers["retry-after"]).toBeDefined();
  });
});

describe("the rest", () => {
  test("every page comes with a policy that lets nothing strange in", async () => {
    const { headers } = await app.inject({ url: "/" });
    expect(headers["content-security-policy"]).toContain("script-src 'self';");
    expect(headers["content-security-policy"]).not.toMatch(/unsafe|https:|\*/);
    expect(headers).toMatchObject({ "x-content-type-options": "nosniff", "x-frame-options": "SAMEORIGIN" });
    expect(headers["strict-transport-security"]).toBeUndefined();
  });

  test("health needs no login and tells no more than it must", async () => {
    expect((await app.inject({ url: "/api/health" })).json()).toEqual({ ok: true, version: "1.2.3" });
  });

  test("metrics are for this machine or after login", async () => {
    expect((await app.inject({ url: "/metrics" })).body).toBe("tienglang_up 1\n");
    expect((await app.inject({ url: "/metrics", remoteAddress: "192.0.2.7" })).statusCode).toBe(403);
    const viewer = await login("viewer");
    expect((await as(viewer, { url: "/metrics", remoteAddress: "192.0.2.7" })).statusCode).toBe(200);
  });

  test("a page that was not built says how to build it", async () => {
    const answer = await app.inject({ url: "/" });
    expect([answer.statusCode, answer.body]).toEqual([503, expect.stringContaining("npm run panel:build")]);
  });

  test("the commune's certificate can be fetched by who does not trust it yet", async () => {
    expect((await app.inject({ url: "/tienglang-ca.crt" })).body).toContain("BEGIN CERTIFICATE");
  });

  test("the audit trail is read by leaders, and verified", async () => {
    const leader = await login("leader");
    await login("officer");
    const { entries } = (await as(leader, { url: "/api/audit?limit=1" })).json<{
      entries: { actorName: string }[];
    }>();
    expect(entries.map((entry) => entry.actorName)).toEqual(["the-officer"]);
    expect((await as(leader, { url: "/api/audit/verify" })).json()).toMatchObject({ whole: true, count: 2 });
  });
});
