import Fastify from "fastify";
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from "fastify-type-provider-zod";
import { expect, test } from "vitest";
import type { Cameras } from "../../src/cameras/cameras.ts";
import { recordingRoutes } from "../../src/cameras/recording-routes.ts";
import type { Recorder } from "../../src/cameras/recorder/recorder.ts";
import type { Gap } from "../../src/cameras/rules/model.ts";
import { CLI_ACTOR } from "../../src/identity/actor.ts";
import { Fault } from "../../src/kernel/faults.ts";
import { DAY_MS, epochMs } from "../../src/kernel/time.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { cameraAt, GATE, MemoryCameras } from "./recorder/support.ts";

/** 2026-11-23 12:00 in Vietnam. */
const NOON = Date.UTC(2026, 10, 23, 5);
const GAP: Gap = {
  id: 1,
  camera: GATE,
  from: epochMs(NOON - 184_000),
  to: epochMs(NOON),
  cause: "camera-offline",
};

async function ask(url: string): Promise<{ status: number; body: never }> {
  const cameras = new MemoryCameras(cameraAt("rtsp://10.0.0.2/x"));
  const all: Pick<Cameras, "get" | "find"> = {
    find: (id) => cameras.find(id),
    get: (id) => {
      const camera = cameras.find(id);
      if (camera === undefined) throw new Fault("not-found", "no camera");
      return camera;
    },
  };
  const recorder: Partial<Recorder> = {
    completeness: (_camera, span) => ({
      span,
      recordedMs: DAY_MS - 184_000,
      expectedMs: DAY_MS,
      gaps: [GAP],
    }),
    disk: () => undefined,
    storage: () => [{ camera: GATE, bytes: 10, files: 2, gaps: 1 }],
    oldestAt: () => epochMs(NOON - DAY_MS),
  };
  const app = Fastify().withTypeProvider<ZodTypeProvider>();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.addHook("onRequest", (request, _reply, done) => {
    request.actor = CLI_ACTOR;
    done();
  });
  app.setErrorHandler((error, _request, reply) =>
    reply
      .code(400)
      .send(error instanceof Fault ? { field: error.field, said: error.said } : { said: String(error) }),
  );
  await app.register(
    recordingRoutes({
      recorder: recorder as Recorder,
      cameras: all as Cameras,
      clock: new FakeClock(NOON),
      timeZone: "Asia/Ho_Chi_Minh",
    }),
  );
  const { statusCode, body } = await app.inject(url);
  await app.close();
  return { status: statusCode, body: JSON.parse(body) as never };
}

test("a day says how complete it is, local midnight to midnight", async () => {
  const { status, body } = await ask("/cameras/gate/completeness?day=2026-11-23");
  expect(status).toBe(200);
  expect(body).toMatchObject({
    day: "2026-11-23",
    from: Date.UTC(2026, 10, 22, 17),
    to: Date.UTC(2026, 10, 23, 17),
    percent: 99.8,
    said: { vi: "99,8 %, 1 khoảng trống 3 phút 04 giây, mất kết nối" },
    gaps: [{ cause: "camera-offline", intended: false, said: { vi: "mất kết nối" } }],
  });
});

test("without a day it is today's", async () => {
  expect((await ask("/cameras/gate/completeness")).body).toMatchObject({ day: "2026-11-23" });
});

test("a month lists its days up to today", async () => {
  const { body } = await ask("/cameras/gate/completeness/month?month=2026-11");
  const { days, month } = body as { days: { day: string }[]; month: string };
  expect(month).toBe("2026-11");
  expect([days.length, days[0]?.day, days.at(-1)?.day]).toEqual([23, "2026-11-01", "2026-11-23"]);
});

test.each([
  ["/cameras/gate/completeness?day=2026-02-30", "day", "2026-02-30"],
  ["/cameras/gate/completeness?day=hom-nay", "day", "hom-nay"],
  ["/cameras/gate/completeness/month?month=2026-13", "month", "2026-13"],
])("%s names what is wrong", async (url, field, value) => {
  const { status, body } = await ask(url);
  expect(status).toBe(400);
  expect(body).toMatchObject({ field, said: { vi: expect.stringContaining(value) } });
});

test("the disk and each camera's part of it", async () => {
  expect((await ask("/storage")).body).toMatchObject({
    disk: null,
    cameras: [{ id: "gate", name: "Cổng", bytes: 10, files: 2, gaps: 1, oldestAt: NOON - DAY_MS }],
  });
});
