import { once } from "node:events";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import https from "node:https";
import path from "node:path";
import type { IncomingMessage } from "node:http";
import { pipeline } from "node:stream/promises";
import { createWriteStream } from "node:fs";
import tls from "node:tls";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { readCliAccess, type CliAccessFile } from "../../src/identity/cli-access.ts";
import { openCommuneCa } from "../../src/identity/commune-ca.ts";
import { allow } from "../../src/identity/guard.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { openPanel, type Panel } from "../../src/panel/server.ts";
import { unpackArchive } from "../../src/store/archive.ts";
import { openDatabase } from "../../src/store/database.ts";
import { openTestPanel, PASSWORD, type TestPanel } from "../support/test-panel.ts";

const features: FastifyPluginAsyncZod = (app) => {
  app.get(
    "/live",
    { websocket: true, preHandler: allow("officer"), schema: { tags: ["test"], summary: "Microphone" } },
    (socket, request) => {
      socket.send(`hello ${request.actor?.name ?? "nobody"}`);
    },
  );
  return Promise.resolve();
};

let parts: TestPanel;
let panel: Panel;
let cli: CliAccessFile;

beforeEach(async () => {
  parts = await openTestPanel({ features: [features], heartbeatMs: 20 });
  panel = await openPanel(parts.parts, { host: "127.0.0.1", port: 0 });
  cli = await readCliAccess(parts.dataDir);
});

afterEach(async () => {
  await panel[Symbol.asyncDispose]();
  await parts[Symbol.asyncDispose]();
});

async function ask(url: string, options: https.RequestOptions = {}, body?: string): Promise<IncomingMessage> {
  const request = https.request(new URL(url, cli.url), { ca: cli.caPem, agent: false, ...options });
  request.end(body);
  const [response] = (await once(request, "response")) as [IncomingMessage];
  return response;
}

async function login(): Promise<string> {
  const response = await ask(
    "/api/login",
    { method: "POST", headers: { "content-type": "application/json" } },
    JSON.stringify({ name: "the-officer", password: PASSWORD }),
  );
  response.resume();
  return response.headers["set-cookie"]?.[0]?.split(";")[0] ?? "";
}

/** Reads until it has seen `wanted`. */
async function readUntil(response: IncomingMessage, wanted: string): Promise<string> {
  let said = "";
  for await (const chunk of response) {
    said += String(chunk);
    if (said.includes(wanted)) return said;
  }
  throw new Error(`ended without ${wanted}: ${said}`);
}

describe("the open panel", () => {
  test("has told the command line where it is, with a certificate that its authority vouches for", async () => {
    expect(cli.url).toBe(`https://127.0.0.1:${panel.port}`);
    expect((await ask("/api/health")).statusCode).toBe(200);
  });

  test("sends live events, and again from where a page left off", async () => {
    const headers = { cookie: await login(), accept: "text/event-stream" };
    const first = await ask("/api/events", { headers });
    expect(first.headers["content-type"]).toContain("text/event-stream");
    parts.parts.events.publish({ type: "speaker", id: "loa-1" });
    const said = await readUntil(first, "loa-1");
    const lastId = [...said.matchAll(/^id: (.*)$/gm)].at(-1)?.[1] ?? "";
    parts.parts.events.publish({ type: "speaker", id: "loa-2" });
    const second = await ask("/api/events", { headers: { ...headers, "last-event-id": lastId } });
    expect(await readUntil(second, "loa-2")).not.toContain("loa-1");
  });

  test("ends the live events of who has been logged out", async () => {
    const response = await ask("/api/events", { headers: { cookie: await login() } });
    await parts.parts.users.setPassword("u-officer", "cái cày đi sau", {
      id: "cli",
      name: "cli",
      roles: ["admin"],
    });
    for await (const chunk of response) expect(chunk).toBeDefined();
    expect(response.complete).toBe(true);
  });

  test("closes although pages are open", async () => {
    const response = await ask("/api/events", { headers: { cookie: await login() } });
    // Ended in order or cut off: the page comes back by itself either way.
    response.on("error", () => undefined).resume();
    const ended = new Promise((resolve) => response.once("close", resolve));
    await panel[Symbol.asyncDispose]();
    await ended;
  });

  test.for([
    ["of its own page, logged in", true, (port: number) => `https://127.0.0.1:${port}`, "hello the-officer"],
    ["of its own page, not logged in", false, (port: number) => `https://127.0.0.1:${port}`, 401],
    ["of another site, logged in", true, () => "https://evil.example", 403],
    ["without a site, logged in", true, () => undefined, 403],
  ] as const)("a WebSocket %s", async ([, loggedIn, originOf, outcome]) => {
    const origin = originOf(panel.port);
    const cookie = loggedIn ? await login() : "";
    const socket = new WebSocket(cli.url.replace("https", "wss") + "/api/live", {
      ca: cli.caPem,
      headers: { cookie },
      ...(origin !== undefined && { origin }),
    });
    const got = await new Promise<string | number>((resolve) => {
      socket.on("message", (data: Buffer) => resolve(data.toString("utf8")));
      socket.on("unexpected-response", (_request, response) => resolve(response.statusCode ?? 0));
      socket.on("error", () => undefined);
    });
    socket.terminate();
    expect(got).toBe(outcome);
  });

  test("takes a new certificate while it runs", async () => {
    const ca = await openCommuneCa({
      dir: path.join(parts.dataDir, "other-keys"),
      communeName: "Xã Khác",
      clock: systemClock,
      log: parts.log,
    });
    const renewed = await ca.serverCertificate(["127.0.0.1"]);
    panel.reloadCertificate({ ...renewed, caPem: ca.caPem });
    const socket = tls.connect({ host: "127.0.0.1", port: panel.port, ca: ca.caPem });
    await once(socket, "secureConnect");
    expect(socket.authorized).toBe(true);
    socket.destroy();
  });

  test("a port that is taken is named, with what to do", async () => {
    await expect(openPanel(parts.parts, { host: "127.0.0.1", port: panel.port })).rejects.toMatchObject({
      kind: "conflict",
      field: "panel.port",
      message: expect.stringContaining(String(panel.port)) as string,
    });
  });
});

describe("a backup", () => {
  test("has the data and the keys as they were, and nothing that a start makes anew", async () => {
    await mkdir(path.join(parts.dataDir, "audio"));
    await writeFile(path.join(parts.dataDir, "audio", "bản tin.mp3"), "sound");
    await mkdir(path.join(parts.dataDir, "tmp"));
    await writeFile(path.join(parts.dataDir, "tmp", "half"), "half");
    const response = await ask("/api/backup", {
      method: "POST",
      headers: { authorization: `Bearer ${cli.token}` },
    });
    expect(response.headers["content-type"]).toBe("application/gzip");
    const file = `${parts.dataDir}.tar.gz`;
    const into = `${parts.dataDir}-restored`;
    try {
      await pipeline(response, createWriteStream(file));
      expect(await unpackArchive(file, into)).toMatchObject({ version: "1.2.3", fileCount: 6 });
      expect(await readFile(path.join(into, "audio", "bản tin.mp3"), "utf8")).toBe("sound");
      expect(await readFile(path.join(into, "keys", "ca.key"), "utf8")).toContain("PRIVATE KEY");
      using copy = openDatabase(path.join(into, "tienglang.db"));
      expect(copy.all("SELECT action FROM audit").map((row) => row["action"])).toEqual(["backup"]);
    } finally {
      await rm(file, { force: true });
      await rm(into, { recursive: true, force: true });
    }
  });

  test("is for administrators only", async () => {
    const response = await ask("/api/backup", { method: "POST", headers: { cookie: await login() } });
    expect(response.statusCode).toBe(403);
  });
});
