import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import { mayAct, type Actor } from "../identity/actor.ts";
import { actorOf, allow, allowEveryRole } from "../identity/guard.ts";
import { Fault } from "../kernel/faults.ts";
import { text } from "../kernel/text.ts";
import { cameraDeviceRoutes, Reach, type CameraDeviceRoutesParts } from "./camera-device-routes.ts";
import { SettingsShape } from "./camera-shape.ts";
import { cameraView, CameraView, FindingWire, Sentence, type CameraViewParts } from "./camera-view.ts";
import type { CameraChange } from "./cameras.ts";
import type { CameraId as Id, EventRule } from "./rules/model.ts";
import { provision } from "./provisioning.ts";
import { CameraId } from "./wire.ts";

const Params = z.object({ id: CameraId });

const Settings = SettingsShape.omit({
  streams: true,
  onvif: true,
  identity: true,
  user: true,
  profile: true,
  pausedUntil: true,
})
  .partial()
  .extend({ id: CameraId.optional() });

const Change = SettingsShape.omit({ pausedUntil: true, identity: true })
  .partial()
  .extend({
    password: z.string().max(200).optional(),
  });

const tags = ["cameras"];

export interface CameraRoutesParts
  extends Omit<CameraViewParts, "devices" | "access">, CameraDeviceRoutesParts {}

export function cameraRoutes(parts: CameraRoutesParts): FastifyPluginAsyncZod {
  const { cameras, examining, signal } = parts;
  const viewFor = (id: Id, actor: Actor): CameraView => cameraView(cameras.get(id), actor, parts);
  return async (app) => {
    await app.register(cameraDeviceRoutes(parts));
    app.get(
      "/cameras",
      {
        preHandler: allowEveryRole,
        schema: {
          tags,
          summary: "All cameras and how they are now, by name",
          response: { 200: z.object({ cameras: z.array(CameraView) }) },
        },
      },
      (request) => ({ cameras: cameras.all().map((camera) => cameraView(camera, actorOf(request), parts)) }),
    );

    app.get(
      "/cameras/:id",
      {
        preHandler: allowEveryRole,
        schema: {
          tags,
          summary: "One camera and how it is now",
          params: Params,
          response: { 200: CameraView },
        },
      },
      (request) => viewFor(request.params.id, actorOf(request)),
    );

    app.get(
      "/camera-profiles",
      {
        preHandler: allowEveryRole,
        schema: {
          tags,
          summary: "Makes of cameras that are known",
          response: {
            200: z.object({
              profiles: z.array(
                z.object({
                  id: z.string(),
                  name: Sentence,
                  onvif: z.boolean(),
                  enabling: Sentence.nullable(),
                }),
              ),
            }),
          },
        },
      },
      () => ({
        profiles: [...examining.profiles.values()].map(({ id, name, onvif }) => ({
          id,
          name,
          onvif: onvif !== null,
          enabling: onvif?.enabling ?? null,
        })),
      }),
    );

    app.post(
      "/cameras",
      {
        preHandler: allow("technician"),
        schema: {
          tags,
          summary: "Add a camera; it is looked at first, and recorded from then on",
          body: Reach.extend(Settings.shape),
          response: { 201: z.object({ camera: CameraView, findings: z.array(FindingWire).readonly() }) },
        },
      },
      async (request, reply) => {
        const actor = actorOf(request);
        const { host, port, user, password, profile, streamUrl, ...settings } = request.body;
        demandLeaderForWords(settings.eventRules, [], actor);
        const reach = { host, port, profile, streamUrl, credentials: { user, password } };
        const { camera, findings } = await provision({ reach, settings, actor }, parts, signal);
        return reply.code(201).send({ camera: viewFor(camera.id, actor), findings });
      },
    );

    app.put(
      "/cameras/:id",
      {
        preHandler: allow("technician", "leader"),
        schema: {
          tags,
          summary: "Change what is said of a camera; what is left out stays",
          params: Params,
          body: Change,
          response: { 200: CameraView },
        },
      },
      (request) => {
        const { id } = request.params;
        const actor = actorOf(request);
        demandLeaderForWords(request.body.eventRules, cameras.get(id).eventRules, actor);
        cameras.change(id, request.body as CameraChange, actor);
        return viewFor(id, actor);
      },
    );

    app.delete(
      "/cameras/:id",
      {
        preHandler: allow("technician"),
        schema: {
          tags,
          summary: "Remove a camera; its recordings stay until their time is over",
          params: Params,
          response: { 200: z.object({ removed: z.literal(true) }) },
        },
      },
      (request) => {
        cameras.remove(request.params.id, actorOf(request));
        return { removed: true as const };
      },
    );
  };
}

/** What sounds is approved by a leader, also when it is a camera's rule that says it. */
function demandLeaderForWords(
  after: readonly EventRule[] | undefined,
  before: readonly EventRule[],
  actor: Actor,
): void {
  if (after === undefined || mayAct(actor, ["leader"])) return;
  const known = new Set(before.map(spokenBy));
  const isNew = after.some((rule) => spokenBy(rule) !== undefined && !known.has(spokenBy(rule)));
  if (!isNew) return;
  throw new Fault(
    "rejected",
    text(
      "What a rule says over the loudspeaker must be set by a leader.",
      "Câu đọc ra loa theo quy tắc phải do lãnh đạo đặt.",
    ),
    {
      field: "eventRules",
      hint: text(
        "Leave the spoken sentence out, and ask a leader to add it.",
        "Hãy bỏ câu đọc ra loa, rồi đề nghị lãnh đạo thêm vào.",
      ),
    },
  );
}

function spokenBy({ actions, say }: EventRule): string | undefined {
  return actions.includes("say") && say !== null ? JSON.stringify([say.text, say.speakers]) : undefined;
}
