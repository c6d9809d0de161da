import { readdir, readFile } from "node:fs/promises";
import { request as httpsRequest } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from "fastify";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { libraryRoutes } from "../../src/broadcast/library-routes.ts";
import { LIBRARY_SCHEMA } from "../../src/broadcast/library-store.ts";
import { openLibrary, type Library } from "../../src/broadcast/library.ts";
import type { Role } from "../../src/identity/actor.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { openEspeak } from "../../src/media/speech-espeak.ts";
import { findMediaTools } from "../../src/media/tools.ts";
import { buildPanel } from "../../src/panel/app.ts";
import { migrate } from "../../src/store/migrate.ts";
import { openMadeFiles, speechLike, type MadeFiles } from "../support/made-files.ts";
import { until } from "../support/until.ts";
import { openTestPanel, PASSWORD, type TestPanel } from "../support/test-panel.ts";

const signal = new AbortController().signal;
const MAX_UPLOAD_BYTES = 2_000_000;
let made: MadeFiles;
let panel: TestPanel;
let app: FastifyInstance;
let library: Library;
let officer: Record<string, string>;
const events: unknown[] = [];

beforeAll(async () => {
  made = await openMadeFiles();
  panel = await openTestPanel();
  migrate(panel.database, [LIBRARY_SCHEMA]);
  const tools = findMediaTools();
  library = await openLibrary(
    {
      database: panel.database,
      clock: systemClock,
      log: panel.log,
      tools,
      engine: openEspeak(tools),
      dir: join(panel.dataDir, "audio"),
      limits: { maxUploadBytes: MAX_UPLOAD_BYTES },
    },
    signal,
  );
  const notify = (event: object): void => void events.push(event);
  const routes = libraryRoutes({ library, audit: panel.parts.audit, notify });
  app = await buildPanel({ ...panel.parts, features: [routes] });
  officer = await login("officer");
});

afterAll(async () => {
  await app.close();
  await panel[Symbol.asyncDispose]();
  await made[Symbol.asyncDispose]();
});

async function login(role: Role): Promise<Record<string, string>> {
  const payload = { name: `the-${role}`, password: PASSWORD };
  const welcome = await app.inject({ method: "POST", url: "/api/login", payload });
  const [cookie = ""] = String(welcome.headers["set-cookie"]).split(";");
  return { cookie, "x-csrf-token": welcome.json<{ csrfToken: string }>().csrfToken };
}

function sent(options: InjectOptions): Promise<LightMyRequestResponse> {
  return app.inject({ ...options, headers: { ...officer, ...options.headers } });
}

function form(filename: string, content: Uint8Array): Pick<InjectOptions, "payload" | "headers"> {
  const head = `--x\r\ncontent-disposition: form-data; name="file"; filename="${filename}"\r\n\r\n`;
  return {
    payload: Buffer.concat([Buffer.from(head), content, Buffer.from("\r\n--x--\r\n")]),
    headers: { "content-type": "multipart/form-data; boundary=x" },
  };
}

interface AudioAnswer {
  readonly id: string;
  readonly name: string;
  readonly sha256: string;
  readonly durationMs: number;
  readonly speech: { readonly readText: string } | null;
}

describe("uploading", () => {
  test("stores the file, tells its progress, and leaves its trace in the trail", async () => {
    const content = await readFile(await made.make("tin.mp3", ...speechLike(4)));
    const answer = await sent({
      method: "POST",
      url: "/api/library?upload=page-7",
      ...form("C:\\Tin\\Bản tin sáng.mp3", content),
    });
    expect(answer.statusCode).toBe(201);
    const audio = answer.json<AudioAnswer>();
    expect(audio).toMatchObject({ name: "Bản tin sáng.mp3", origin: "upload", speech: null });
    expect(events).toContainEqual({ type: "upload", upload: "page-7", step: "encoding" });
    expect(panel.parts.audit.read({ limit: 1 })[0]).toMatchObject({
      action: "library.upload",
      subject: audio.id,
      details: { sha256: audio.sha256 },
    });
    const listed = (await sent({ method: "GET", url: "/api/library" })).json<{ audio: AudioAnswer[] }>();
    expect(listed.audio.map(({ id }) => id)).toContain(audio.id);
    expect((await sent({ method: "GET", url: `/api/library/${audio.id}` })).json()).toEqual(audio);
  });

  test.each([
    ["what is no audio", "x.mp3", Buffer.from("%PDF-1.4 hello"), "đây là tài liệu PDF"],
    ["what is too large", "x.wav", Buffer.alloc(MAX_UPLOAD_BYTES + 10_000), "lớn hơn mức cho phép"],
    ["what is empty", "x.wav", Buffer.alloc(0), "rỗng"],
  ])("refuses %s in words", async (_name, filename, content, why) => {
    const answer = await sent({ method: "POST", url: "/api/library", ...form(filename, content) });
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({
      kind: "invalid",
      field: "file",
      message: expect.stringContaining(why) as string,
    });
  });

  test("a form without a file is told so", async () => {
    const payload = '--x\r\ncontent-disposition: form-data; name="a"\r\n\r\n1\r\n--x--\r\n';
    const headers = { "content-type": "multipart/form-data; boundary=x" };
    const answer = await sent({ method: "POST", url: "/api/library", payload, headers });
    expect(answer.json()).toMatchObject({ kind: "invalid", field: "file" });
  });

  test("a sender that goes away in the middle leaves nothing, and is no bug of ours", async () => {
    const before = library.list({ limit: 100 }).length;
    const content = await readFile(await made.make("cut.wav", ...speechLike(4)));
    await app.listen({ port: 0, host: "127.0.0.1" });
    const { port } = app.server.address() as AddressInfo;
    const { payload, headers } = form("cut.wav", content);
    const upload = httpsRequest({
      port,
      host: "127.0.0.1",
      path: "/api/library",
      method: "POST",
      rejectUnauthorized: false,
      headers: { ...headers, ...officer, "content-length": (payload as Buffer).length },
    });
    upload.on("error", () => undefined);
    upload.write((payload as Buffer).subarray(0, 200_000));
    const works = (): Promise<string[]> => readdir(join(panel.dataDir, "audio", "incoming"));
    await until("the upload has begun", async () => (await works()).length === 1);
    upload.destroy();
    await until("the upload is cleared away", async () => (await works()).length === 0);
    expect(library.list({ limit: 100 })).toHaveLength(before);
    expect(panel.log.lines.filter((line) => line.startsWith("error"))).toEqual([]);
  });
});

describe("speech", () => {
  test("is spoken and shown as it was read", async () => {
    const payload = { text: "UBND xã mời bà con họp lúc 7h.", name: "Mời họp", voice: "vi-vn-x-south" };
    const answer = await sent({ method: "POST", url: "/api/library/speech", payload });
    expect(answer.statusCode).toBe(201);
    expect(answer.json<AudioAnswer>()).toMatchObject({
      name: "Mời họp",
      speech: { readText: "ủy ban nhân dân xã mời bà con họp lúc bảy giờ.", voice: "vi-vn-x-south" },
    });
  });

  test.each([
    ["a text that is too long", { text: "a ".repeat(50_000) }, "text"],
    ["a voice that does not exist", { text: "Mời", voice: "klingon" }, "voice"],
  ])("%s is refused with its field", async (_name, payload, field) => {
    const answer = await sent({ method: "POST", url: "/api/library/speech", payload });
    expect([answer.statusCode, answer.json<{ field: string }>().field]).toEqual([400, field]);
  });

  test("can be seen before it is spoken", async () => {
    const answer = await sent({ method: "POST", url: "/api/library/read-text", payload: { text: "họp 7h" } });
    expect(answer.json()).toEqual({
      text: "họp 7h",
      readText: "họp bảy giờ",
      spans: [{ from: 4, to: 6, readFrom: 4, original: "7h", read: "bảy giờ" }],
    });
  });
});

describe("listening", () => {
  test("gives the canonical file, whole or in parts", async () => {
    const { id, sha256 } = library.chimes.opening;
    const whole = await sent({ method: "GET", url: `/api/library/${id}/audio` });
    expect([whole.statusCode, whole.headers["content-type"]]).toEqual([200, "audio/mpeg"]);
    expect(whole.rawPayload).toEqual(await readFile(library.pathOf(sha256) ?? ""));
    const range = await sent({
      method: "GET",
      url: `/api/library/${id}/audio`,
      headers: { range: "bytes=100-199" },
    });
    expect([range.statusCode, range.headers["content-range"]]).toEqual([
      206,
      `bytes 100-199/${whole.rawPayload.length}`,
    ]);
    expect(range.rawPayload).toEqual(whole.rawPayload.subarray(100, 200));
  });

  test.each(["/api/library/nothing", "/api/library/nothing/audio"])("%s is not found", async (url) => {
    expect((await sent({ method: "GET", url })).statusCode).toBe(404);
  });
});

test("the glossary is replaced as a whole, with its trace", async () => {
  const words = { "Đăk Lăk": "đắc lắc" };
  const put = await sent({ method: "PUT", url: "/api/library/glossary", payload: { words } });
  expect(put.json()).toEqual({ words });
  expect((await sent({ method: "GET", url: "/api/library/glossary" })).json()).toEqual({ words });
  expect(library.readAloud("Đăk Lăk").readText).toBe("đắc lắc");
  expect(panel.parts.audit.read({ limit: 1 })[0]).toMatchObject({
    action: "glossary.set",
    details: { before: {}, after: words },
  });
  await sent({ method: "PUT", url: "/api/library/glossary", payload: { words: {} } });
});

test("who only looks may listen, but brings nothing in", async () => {
  const headers = await login("viewer");
  expect((await app.inject({ method: "GET", url: "/api/library", headers })).statusCode).toBe(200);
  for (const [method, url, payload] of [
    ["POST", "/api/library/speech", { text: "Mời" }],
    ["POST", "/api/library/read-text", { text: "Mời" }],
    ["PUT", "/api/library/glossary", { words: {} }],
  ] as const) {
    expect((await app.inject({ method, url, headers, payload })).statusCode).toBe(403);
  }
  const upload = form("x.wav", Buffer.from("RIFF"));
  const answer = await app.inject({
    method: "POST",
    url: "/api/library",
    ...upload,
    headers: { ...upload.headers, ...headers },
  });
  expect(answer.statusCode).toBe(403);
  expect((await app.inject({ method: "GET", url: "/api/library" })).statusCode).toBe(401);
});
