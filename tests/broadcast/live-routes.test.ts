import { readFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import websocket from "@fastify/websocket";
import fastify, { type FastifyInstance } from "fastify";
import { serializerCompiler, validatorCompiler } from "fastify-type-provider-zod";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { openLiveDesk, type LiveDesk, type LiveEnd } from "../../src/broadcast/live.ts";
import { liveRoutes } from "../../src/broadcast/live-routes.ts";
import { Streams } from "../../src/broadcast/streams/streams.ts";
import type { Role } from "../../src/identity/actor.ts";
import type { AuditAct } from "../../src/identity/audit.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { Fault } from "../../src/kernel/faults.ts";
import { text } from "../../src/kernel/text.ts";
import { encodeLive } from "../../src/media/encode-live.ts";
import { AiringId } from "../../src/speakers/protocol.ts";
import { RecordingLog } from "../support/recording-log.ts";
import { decoded, loudest, tempDir, tools, until } from "./streams/support.ts";

let app: FastifyInstance;
let desk: LiveDesk;
let dir: Awaited<ReturnType<typeof tempDir>>;
let role: Role;
let acts: string[];
let ends: LiveEnd[];
let quiet: boolean;
let stopping: AbortController;

beforeEach(async () => {
  dir = await tempDir();
  role = "officer";
  acts = [];
  ends = [];
  quiet = false;
  stopping = new AbortController();
  let serial = 0;
  const mine = ends;
  desk = openLiveDesk({
    clock: systemClock,
    log: new RecordingLog(),
    streams: new Streams({ clock: systemClock, boxes: () => [] }),
    encode: (order, signal) => encodeLive(tools, { ...order, channels: 1 }, signal),
    chime: { samples: new Int16Array(4_410), sampleRateHz: 44_100 },
    begin: () => {
      if (quiet) throw new Fault("rejected", text("Quiet hours.", "Đang trong khung giờ yên tĩnh."));
      return { end: () => undefined };
    },
    reach: () => ["loa-1"],
    recordingsDir: dir.path,
    kbps: 64,
  });
  const audit = {
    record: ({ action, subject }: AuditAct) => void acts.push(`${action} ${subject}`),
    read: () => [],
    verify: () => ({ whole: true as const, count: 0, head: "" }),
  };
  app = fastify();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  await app.register(websocket);
  app.addHook("onRequest", (request, _reply, done) => {
    request.actor = { id: "u1", name: "Lan", roles: [role] };
    done();
  });
  await app.register(
    liveRoutes({
      desk,
      audit,
      log: new RecordingLog(),
      newAiringId: () => AiringId.parse(`live-${(serial += 1)}`),
      onEnd: async (_order, end) => Promise.resolve(void mine.push(end)),
      signal: stopping.signal,
    }),
    { prefix: "/api" },
  );
  await app.listen({ port: 0, host: "127.0.0.1" });
});
afterEach(async () => {
  stopping.abort();
  await desk[Symbol.asyncDispose]();
  await app.close();
  await dir[Symbol.asyncDispose]();
});

interface Line {
  readonly socket: WebSocket;
  readonly said: Record<string, unknown>[];
}

async function open(hello?: object | string): Promise<Line> {
  const socket = new WebSocket(`ws://127.0.0.1:${(app.server.address() as AddressInfo).port}/api/live`);
  const said: Record<string, unknown>[] = [];
  socket.on("message", (data: Buffer) =>
    said.push(JSON.parse(data.toString("utf8")) as Record<string, unknown>),
  );
  socket.on("error", () => said.push({ type: "refused" }));
  await new Promise((resolve) => socket.once("open", resolve).once("error", resolve));
  if (hello !== undefined) socket.send(typeof hello === "string" ? hello : JSON.stringify(hello));
  return { socket, said };
}

/** A loud tone, for as long as the socket is open, at the pace of a browser. */
function talk({ socket }: Line): Disposable {
  const piece = Buffer.from(Int16Array.from({ length: 1_600 }, (_, n) => 12_000 * Math.sin(n / 4)).buffer);
  const timer = setInterval(() => socket.send(piece), 100);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

describe("the microphone's socket", () => {
  test("goes on air, shows its level, is recorded and ends on request", async () => {
    const line = await open({ type: "hello", title: "Thông báo", everywhere: true });
    using talking = talk(line);
    expect(talking).toBeDefined();
    await until(() => line.said.some(({ type }) => type === "on-air"), "on air");
    await until(() => line.said.some(({ type, dbfs }) => type === "level" && Number(dbfs) > -20), "level");
    const current = await app.inject("/api/live/current");
    expect(current.json()).toMatchObject([
      { airing: "live-1", title: "Thông báo", by: "Lan", speakers: ["loa-1"] },
    ]);
    line.socket.send(JSON.stringify({ type: "end" }));
    await until(() => ends.length === 1 && line.said.some(({ type }) => type === "ended"), "ended");
    expect(line.said.find(({ type }) => type === "ended")).toMatchObject({
      reason: "hung-up",
      airing: "live-1",
    });
    expect(acts).toEqual(["live.start live-1", "live.end live-1"]);
    expect(loudest(await decoded(await readFile(ends[0]?.recording?.path ?? "")))).toBeGreaterThan(8_000);
  });

  test("that breaks ends the session", async () => {
    const line = await open({ type: "hello", everywhere: true });
    using talking = talk(line);
    await until(() => line.said.some(({ type }) => type === "on-air"), "on air");
    talking[Symbol.dispose]();
    line.socket.terminate();
    await until(() => ends.length === 1, "ended");
    expect(ends[0]?.reason).toBe("line-lost");
  });

  test("can be ended by someone else", async () => {
    const line = await open({ type: "hello", hamlets: ["thon-1"] });
    using talking = talk(line);
    expect(talking).toBeDefined();
    await until(() => line.said.some(({ type }) => type === "chime"), "begun");
    role = "leader";
    expect((await app.inject({ method: "POST", url: "/api/live/live-1/stop" })).statusCode).toBe(204);
    await until(() => ends[0]?.reason === "stopped", "stopped");
    expect((await app.inject({ method: "POST", url: "/api/live/live-1/stop" })).statusCode).not.toBe(204);
  });

  test.each([
    ["what is no JSON", "hello", "không hợp lệ"],
    ["an unknown wish", { type: "hello", everywhere: true, volume: 11 }, "không hợp lệ"],
    ["no place", { type: "hello" }, "Chưa chọn nơi phát"],
  ])("refuses %s in words", async (_name, hello, words) => {
    const line = await open(hello);
    await until(() => line.said.length > 0, "answer");
    const [error] = line.said as [{ type: string; said: { vi: string; en: string } }];
    expect(error.type).toBe("error");
    expect(error.said.vi).toContain(words);
    await until(() => line.socket.readyState === WebSocket.CLOSED, "closed");
  });

  test("says why it may not sound now", async () => {
    quiet = true;
    const line = await open({ type: "hello", everywhere: true });
    await until(() => line.said.length > 0, "answer");
    expect(line.said[0]).toMatchObject({
      type: "error",
      kind: "rejected",
      said: { vi: "Đang trong khung giờ yên tĩnh." },
    });
    expect(ends).toEqual([]);
  });

  test("takes no second of sound in one message", async () => {
    const line = await open({ type: "hello", everywhere: true });
    line.socket.send(Buffer.alloc(40_000));
    await until(() => line.said.some(({ type }) => type === "error"), "refused");
  });

  test("is not for everyone", async () => {
    role = "viewer";
    const line = await open();
    expect(line.said).toEqual([{ type: "refused" }]);
  });
});
