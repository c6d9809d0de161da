import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import type { Audit } from "../identity/audit.ts";
import { actorOf, allow, allowEveryRole } from "../identity/guard.ts";
import type { Access } from "./access.ts";
import { SettingsShape } from "./camera-shape.ts";
import { FindingWire } from "./camera-view.ts";
import type { CameraRegistry } from "./cameras.ts";
import type { CameraDevices } from "./devices.ts";
import { examine, type Examination, type ExamineParts } from "./diagnosis.ts";
import { discover } from "./discover.ts";
import { CameraId } from "./wire.ts";

const Params = z.object({ id: CameraId });

const ExaminationWire = z.object({
  findings: z.array(FindingWire).readonly(),
  camera: SettingsShape.pick({ onvif: true, profile: true, streams: true, identity: true }).nullable(),
  clockOffsetMs: z.number().nullable(),
  turns: z.boolean(),
});

const Host = z.string().min(1).max(255);
const Port = z.int().min(1).max(65_535);

export const Reach = z.strictObject({
  host: Host,
  port: Port.optional().describe("Of ONVIF; left out: the usual ones are tried"),
  user: z.string().max(64).default(""),
  password: z.string().max(200).default(""),
  profile: z.string().max(40).optional().describe("Left out: found by what the camera says it is"),
  streamUrl: z.string().max(500).optional().describe("For a camera without ONVIF: rtsp://…"),
});

const Speed = z.number().min(-1).max(1).default(0);
const PtzOrder = z.discriminatedUnion("action", [
  z.strictObject({
    action: z.literal("move"),
    pan: Speed.describe("Positive: right"),
    tilt: Speed.describe("Positive: up"),
    zoom: Speed.describe("Positive: closer"),
    forMs: z.int().min(50).max(5_000).default(400).describe("Then it stops by itself"),
  }),
  z.strictObject({ action: z.literal("preset"), token: z.string().min(1).max(100) }),
  z.strictObject({ action: z.literal("stop") }),
]);

const FoundWire = z.object({
  endpoint: z.string(),
  host: z.string(),
  port: z.number(),
  name: z.string(),
  hardware: z.string(),
  camera: z.string().nullable().describe("Its id, when it is one of ours"),
});

const tags = ["cameras"];

export interface CameraDeviceRoutesParts {
  readonly cameras: CameraRegistry;
  readonly access: Access;
  readonly devices: CameraDevices;
  readonly examining: ExamineParts;
  readonly audit: Audit;
  /** IPv4 addresses of this machine, from which cameras are looked for. */
  readonly ownAddresses: () => readonly string[];
  /** Aborts when the daemon stops. */
  readonly signal: AbortSignal;
}

/** What is asked of devices, kept and unknown: looking for them, looking at them, turning them. */
export function cameraDeviceRoutes(parts: CameraDeviceRoutesParts): FastifyPluginAsyncZod {
  const { cameras, devices, examining, access, audit, signal } = parts;
  return (app) => {
    app.post(
      "/cameras/discover",
      {
        preHandler: allow("technician"),
        schema: {
          tags,
          summary: "Look for cameras in the network; takes the time it is given",
          body: z.strictObject({
            addresses: z
              .array(Host)
              .max(64)
              .default([])
              .describe("Ask these too: cameras behind a router hear no call to all"),
            forMs: z.int().min(500).max(20_000).default(4_000),
          }),
          response: { 200: z.object({ found: z.array(FoundWire) }) },
        },
      },
      async (request) => ({
        found: await discover(request.body, { ...parts, thread: examining.thread }, signal),
      }),
    );

    app.post(
      "/cameras/probe",
      {
        preHandler: allow("technician"),
        schema: {
          tags,
          summary: "Look at a camera without adding it: what would be added, or what is wrong",
          body: Reach,
          response: { 200: ExaminationWire },
        },
      },
      async ({ body: { user, password, ...order } }) => {
        const seen = await examine({ ...order, credentials: { user, password } }, examining, signal);
        return answerOf(seen);
      },
    );

    app.post(
      "/cameras/:id/test",
      {
        preHandler: allow("technician"),
        schema: {
          tags,
          summary: "Look at a camera that is kept, from the network to the picture",
          params: Params,
          response: { 200: ExaminationWire },
        },
      },
      async ({ params: { id } }) => {
        const camera = cameras.get(id);
        const { url } = camera.streams.main;
        const order = {
          host: camera.onvif?.host ?? new URL(url).hostname,
          port: camera.onvif?.port,
          profile: camera.profile,
          streamUrl: camera.onvif === null ? url : undefined,
          credentials: cameras.credentials(id),
        };
        return answerOf(await examine(order, examining, signal));
      },
    );

    app.get(
      "/cameras/:id/ptz/presets",
      {
        preHandler: allowEveryRole,
        schema: {
          tags,
          summary: "Places a camera has stored",
          params: Params,
          response: {
            200: z.object({ presets: z.array(z.object({ token: z.string(), name: z.string() })) }),
          },
        },
      },
      async (request) => {
        const { id } = access.demand(request.params.id, actorOf(request), "ptz");
        return {
          presets: await devices.use(id, async ({ ptz }) => (await ptz?.presets(signal)) ?? [], signal),
        };
      },
    );

    app.post(
      "/cameras/:id/ptz",
      {
        preHandler: allowEveryRole,
        schema: {
          tags,
          summary: "Turn a camera: move for a moment, go to a stored place, or stop",
          params: Params,
          body: PtzOrder,
          response: { 200: z.object({ done: z.boolean().describe("false: this camera can't turn") }) },
        },
      },
      async (request) => {
        const actor = actorOf(request);
        const { id } = access.demand(request.params.id, actor, "ptz");
        const done = await devices.use(id, (device) => turn(device, request.body, signal), signal);
        audit.record({ actor, action: "camera.ptz", subject: id, details: { ...request.body } });
        return { done };
      },
    );

    return Promise.resolve();
  };
}

async function turn(
  { ptz }: Awaited<ReturnType<CameraDevices["open"]>>,
  order: z.infer<typeof PtzOrder>,
  signal: AbortSignal,
): Promise<boolean> {
  if (ptz === undefined) return false;
  if (order.action === "preset") await ptz.goTo(order.token, signal);
  else if (order.action === "stop") await ptz.stop(signal);
  else await ptz.move(order, order.forMs, signal);
  return true;
}

function answerOf({ camera, ...seen }: Examination): z.infer<typeof ExaminationWire> {
  return { ...seen, camera: camera ?? null };
}
