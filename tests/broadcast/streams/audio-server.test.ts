import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { request as httpsRequest } from "node:https";
import { connect } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Fault } from "../../../src/kernel/faults.ts";
import { box, decoded, loudest, openHall, Player, tempDir, toneMp3, until, type Hall } from "./support.ts";

let hall: Hall;
let dir: Awaited<ReturnType<typeof tempDir>>;
let tone: Buffer;
let sha256: string;

beforeAll(async () => {
  hall = await openHall();
  dir = await tempDir();
  tone = await toneMp3({ hz: 500, durationMs: 4_000 });
  sha256 = createHash("sha256").update(tone).digest("hex");
  const path = join(dir.path, "tone.mp3");
  await writeFile(path, tone);
  hall.files.set(sha256, path);
});
afterAll(async () => {
  await hall[Symbol.asyncDispose]();
  await dir[Symbol.asyncDispose]();
});

interface Answer {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: Buffer;
}

/** As a native speaker asks: over TLS, checking the hall's certificate. */
function ask(
  path: string,
  headers: Readonly<Record<string, string>> = {},
  { method = "GET", auth = "loa-1:s3cret", body = "" } = {},
): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const request = httpsRequest(
    `${hall.tlsUrl}${path}`,
    { method, headers, auth, ca: hall.certPem, agent: false },
    (response) => {
      const pieces: Buffer[] = [];
      response.on("data", (piece: Buffer) => pieces.push(piece));
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(pieces) }),
      );
    },
  );
  request.on("error", reject);
  request.end(body);
  return promise;
}

describe("a file of the library", () => {
  test("comes whole, named by its hash", async () => {
    const { status, headers, body } = await ask(`/audio/${sha256}`);
    expect([status, headers["etag"], headers["content-type"]]).toEqual([200, `"${sha256}"`, "audio/mpeg"]);
    expect(body.equals(tone)).toBe(true);
  });

  test("is resumed where it broke off", async () => {
    const { status, headers, body } = await ask(`/audio/${sha256}`, {
      Range: "bytes=1000-",
      "If-Range": `"${sha256}"`,
    });
    expect([status, headers["content-range"]]).toEqual([206, `bytes 1000-${tone.length - 1}/${tone.length}`]);
    expect(body.equals(tone.subarray(1_000))).toBe(true);
  });

  test("comes whole to who has the beginning of another", async () => {
    const { status, body } = await ask(`/audio/${sha256}`, { Range: "bytes=1000-", "If-Range": '"other"' });
    expect([status, body.length]).toEqual([200, tone.length]);
  });

  test("can't be asked for past its end", async () => {
    const { status, headers } = await ask(`/audio/${sha256}`, { Range: "bytes=9999999-" });
    expect([status, headers["content-range"]]).toEqual([416, `bytes */${tone.length}`]);
  });

  test("can be asked for its head alone", async () => {
    const { status, headers, body } = await ask(`/audio/${sha256}`, {}, { method: "HEAD" });
    expect([status, headers["content-length"], body.length]).toEqual([200, String(tone.length), 0]);
  });

  test("is not sent again to who has it", async () => {
    const { status } = await ask(`/audio/${sha256}`, { "If-None-Match": `"${sha256}"` });
    expect(status).toBe(304);
  });
});

describe("refusals are said in words", () => {
  interface Refused {
    readonly what: string;
    readonly path: string;
    readonly status: number;
    readonly words: string;
    readonly how?: { auth?: string; method?: string; body?: string };
  }
  test.each<Refused>([
    {
      what: "wrong secret",
      path: "/stream/x",
      how: { auth: "loa-1:no" },
      status: 401,
      words: "Hãy cấp cấu hình lại",
    },
    {
      what: "no credentials",
      path: "/stream/x",
      how: { auth: "" },
      status: 401,
      words: "Provision it again",
    },
    {
      what: "unknown file",
      path: `/audio/${"0".repeat(64)}`,
      status: 404,
      words: "không có tệp âm thanh này",
    },
    { what: "no hash", path: "/audio/abc", status: 404, words: "không có tệp âm thanh này" },
    {
      what: "path tricks",
      path: "/audio/..%2f..%2fetc%2fpasswd",
      status: 404,
      words: "Địa chỉ này không có gì",
    },
    { what: "unknown programme", path: "/stream/none", status: 404, words: "không đang phát" },
    { what: "no place of ours", path: "/", status: 404, words: "Địa chỉ này không có gì" },
    { what: "radio boxes' place", path: "/icy/token", status: 404, words: "Địa chỉ này không có gì" },
    { what: "another method", path: "/audio/x", how: { method: "POST" }, status: 405, words: "GET và HEAD" },
    {
      what: "a body",
      path: "/audio/x",
      how: { body: "hello" },
      status: 413,
      words: "không được kèm nội dung",
    },
  ])("$what", async ({ path, how = {}, status, words }) => {
    const answer = await ask(path, how.body === undefined ? {} : { "Content-Length": "5" }, how);
    expect(answer.status).toBe(status);
    expect(answer.body.toString("utf8")).toContain(words);
  });

  test("too many downloads by one speaker", async () => {
    await using small = await openHall();
    await using folder = await tempDir();
    const path = join(folder.path, "large.mp3");
    await writeFile(path, Buffer.alloc(32_000_000));
    small.files.set("a".repeat(64), path);
    // Clients that read nothing keep their downloads running.
    const stalled = Array.from({ length: 4 }, () =>
      httpsRequest(`${small.tlsUrl}/audio/${"a".repeat(64)}`, {
        auth: "loa-1:s3cret",
        ca: small.certPem,
        agent: false,
      })
        .on("error", () => undefined)
        .end(),
    );
    const { tlsUrl, certPem } = small;
    await until(async () => {
      const { promise, resolve } = Promise.withResolvers<number>();
      httpsRequest(
        `${tlsUrl}/audio/${"a".repeat(64)}`,
        { auth: "loa-1:s3cret", ca: certPem, agent: false, method: "HEAD" },
        (response) => resolve(response.resume().statusCode ?? 0),
      ).end();
      return (await promise) === 429;
    }, "refused");
    for (const request of stalled) request.destroy();
  });

  test("a request that takes for ever to come", async () => {
    await using impatient = await openHall({ requestTimeoutMs: 200 });
    const player = connect(impatient.plainPort, "127.0.0.1");
    let said = "";
    player.on("data", (piece) => (said += piece.toString("utf8")));
    player.write("GET /icy/x HTTP/1.1\r\nHost: ");
    await until(() => player.destroyed || said.includes("\r\n\r\n"), "an answer");
    await until(() => said.includes("quá chậm"), "words");
    expect(said).toMatch(/^HTTP\/1\.1 408 /);
    player.destroy();
  });

  test("headers without end", async () => {
    using player = new Player(hall.plainPort, "/icy/x", { "X-Long": "a".repeat(20_000) });
    await until(() => player.all.includes("too long"), "words");
    expect(player.head).toMatch(/^HTTP\/1\.1 431 /);
  });

  test("what is no HTTP", async () => {
    const player = connect(hall.plainPort, "127.0.0.1");
    let said = "";
    player.on("data", (piece) => (said += piece.toString("utf8")));
    player.write("\x16\x03\x01 hello\r\n\r\n");
    await until(() => said.includes("can't be read"), "words");
    expect(said).toMatch(/^HTTP\/1\.1 400 /);
    player.destroy();
  });

  test("one connection too many", async () => {
    await using full = await openHall({ maxConnections: 2 });
    full.boxes.push(box("a"), box("b"), box("c"));
    using first = new Player(full.plainPort, "/icy/token-of-a");
    using second = new Player(full.plainPort, "/icy/token-of-b");
    await until(() => first.body.length > 0 && second.body.length > 0, "two play");
    using third = new Player(full.plainPort, "/icy/token-of-c");
    await until(() => third.closed, "refused");
    expect(third.head).toMatch(/^HTTP\/1\.1 503 /);
    expect(third.body.toString("utf8")).toContain("đủ số kết nối");
  });

  test("a port that is taken", async () => {
    const opening = openHall({ tlsPort: hall.server.tlsPort });
    await expect(opening).rejects.toThrow(Fault);
    await expect(opening).rejects.toMatchObject({ kind: "unavailable", field: "audio.tlsPort" });
  });
});

describe("a programme for native speakers", () => {
  test("is whole frames from the join to the end, and the connection ends with it", async () => {
    const programme = hall.streams.open({ airing: "live:1", title: "Trực tiếp", kbps: 64, live: true });
    expect(programme.path).toMatch(/^\/stream\/live_1-[0-9a-f]{8}$/);
    programme.push(tone.subarray(0, 20_000));
    const listening = ask(programme.path);
    await until(() => programme.listenerCount === 1, "joined");
    programme.push(tone.subarray(20_000));
    programme.end();
    const { status, headers, body } = await listening;
    expect([status, headers["icy-br"]]).toEqual([200, "64"]);
    expect(tone.subarray(tone.length - body.length).equals(body)).toBe(true);
    // A second of burst before the join, and all that came after.
    expect(body.length).toBeGreaterThan(tone.length - 20_000 + 7_000);
    expect(loudest(await decoded(body))).toBeGreaterThan(10_000);
    expect(hall.streams.delivered("live:1").get("loa-1")?.deliveredMs).toBeGreaterThan(2_000);
    expect(hall.streams.programme(programme.id)).toBeUndefined();
  });

  test("keeps the newest connection of a speaker", async () => {
    const programme = hall.streams.open({ airing: "live2", title: "", kbps: 64, live: true });
    const first = ask(programme.path, {}, { auth: "loa-2:s3cret" }).catch((error: unknown) => String(error));
    await until(() => programme.listenerCount === 1, "first joined");
    const second = ask(programme.path, {}, { auth: "loa-2:s3cret" });
    await first;
    await until(() => programme.listenerCount === 1, "second alone");
    programme.push(tone);
    programme.end();
    expect((await second).body.equals(tone)).toBe(true);
  });

  test("a second programme of the same airing takes the place of the first", async () => {
    const first = hall.streams.open({ airing: "live3", title: "", kbps: 64, live: true });
    const listening = ask(first.path, {}, { auth: "loa-3:s3cret" });
    await until(() => first.listenerCount === 1, "joined");
    const second = hall.streams.open({ airing: "live3", title: "", kbps: 64, live: true });
    await listening;
    expect([first.ended, second.path === first.path]).toEqual([true, true]);
    second.end();
  });
});
