import { existsSync } from "node:fs";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import type { Actor } from "../identity/actor.ts";
import { mayAct } from "../identity/actor.ts";
import type { Audit } from "../identity/audit.ts";
import { actorOf, allow, allowEveryRole } from "../identity/guard.ts";
import { untilGone } from "../identity/until-gone.ts";
import type { Clock } from "../kernel/clock.ts";
import { Fault } from "../kernel/faults.ts";
import { text } from "../kernel/text.ts";
import { epochMs, MINUTE_MS, type EpochMs } from "../kernel/time.ts";
import type { Access, WatchAct } from "./access.ts";
import type { Cameras } from "./cameras.ts";
import { clipAnswer, ClipDraft, ClipWire } from "./clips/clip-wire.ts";
import type { Clips } from "./clips/clips.ts";
import { sendFile } from "./clips/send-file.ts";
import type { CameraId, Clip } from "./rules/model.ts";
import { CameraId as CameraIdWire } from "./wire.ts";

interface ClipRoutesParts {
  readonly clips: Clips;
  readonly cameras: Pick<Cameras, "find">;
  readonly access: Access;
  readonly audit: Pick<Audit, "record">;
  readonly clock: Pick<Clock, "now">;
}

const tags = ["clips"];
const hands = allow("officer", "leader", "technician");
const Params = z.object({ id: z.string().min(1).max(60) });
/** A minute of clip takes less; who asks for more is told when it is ready. */
const ANSWER_READY_WITHIN_MS = 3_000;
/** A player asks for a clip piece by piece; that is one watching. */
const WATCH_NOTED_FOR_MS = 10 * MINUTE_MS;
const MOST_NOTED = 1_000;

export function clipRoutes({ clips, cameras, access, audit, clock }: ClipRoutesParts): FastifyPluginAsyncZod {
  const noted = new Map<string, EpochMs>();
  /** A camera that was taken away can't say who may see it: then the leaders may. */
  const mayWatch = (camera: CameraId, actor: Actor): boolean => {
    const found = cameras.find(camera);
    return found === undefined ? mayAct(actor, ["leader"]) : access.mayWatch(found, actor);
  };
  const demanded = (id: string, actor: Actor, act: WatchAct): Clip => {
    const clip = clips.get(id);
    if (cameras.find(clip.camera) !== undefined) access.demand(clip.camera, actor, act);
    else if (!mayAct(actor, ["leader"])) throw cameraGone();
    return clip;
  };
  const noteWatch = (clip: Clip, actor: Actor): void => {
    const key = `${actor.id}\n${clip.id}`;
    const now = clock.now();
    const last = noted.get(key);
    if (last !== undefined && now - last < WATCH_NOTED_FOR_MS && now >= last) return;
    if (noted.size >= MOST_NOTED) noted.clear();
    noted.set(key, now);
    audit.record({ actor, action: "clip.watch", subject: clip.id, details: aboutClip(clip) });
  };

  return (app) => {
    app.get(
      "/clips",
      {
        preHandler: allowEveryRole,
        schema: {
          tags,
          summary: "Clips of the cameras that the asking person may see, newest first",
          querystring: z.object({
            camera: CameraIdWire.optional(),
            limit: z.coerce.number().int().min(1).max(500).default(100),
          }),
          response: { 200: z.object({ clips: z.array(ClipWire) }) },
        },
      },
      (request) => {
        const { camera, limit } = request.query;
        const actor = actorOf(request);
        const found = clips.list({ ...(camera !== undefined && { camera }), limit });
        return { clips: found.filter((clip) => mayWatch(clip.camera, actor)).map(clipAnswer) };
      },
    );

    app.post(
      "/clips",
      {
        preHandler: hands,
        schema: {
          tags,
          summary:
            "Cut a clip: a stretch, or the last minutes; answers it ready when that takes no longer than 3 s",
          body: ClipDraft,
          response: { 201: ClipWire },
        },
      },
      async (request, reply) => {
        const actor = actorOf(request);
        const { camera, reason, keepDays } = request.body;
        access.demand(camera, actor, "clip");
        const clip = clips.request(
          {
            camera,
            ...stretchOf(request.body, clock.now()),
            reason,
            origin: "hand",
            ...(keepDays !== undefined && { keepDays }),
          },
          actor,
        );
        audit.record({
          actor,
          action: "clip.request",
          subject: clip.id,
          details: { ...aboutClip(clip), reason },
        });
        const settled =
          clip.requested.to > clock.now()
            ? clip
            : await clips.settled(clip.id, ANSWER_READY_WITHIN_MS, untilGone(reply));
        return reply.code(201).send(clipAnswer(settled));
      },
    );

    app.get(
      "/clips/:id",
      {
        preHandler: allowEveryRole,
        schema: { tags, summary: "One clip", params: Params, response: { 200: ClipWire } },
      },
      (request) => clipAnswer(demanded(request.params.id, actorOf(request), "timeline")),
    );

    app.get(
      "/clips/:id/video",
      {
        preHandler: allowEveryRole,
        schema: {
          tags,
          summary: "The clip itself, to be played (video/mp4, Range allowed)",
          params: Params,
          response: { 200: z.string().describe("MP4") },
        },
      },
      async (request, reply) => {
        const clip = demanded(request.params.id, actorOf(request), "playback");
        const path = clips.fileOf(clip.id);
        noteWatch(clip, actorOf(request));
        await sendVideo(request, reply, { clip, path, asDownload: false });
      },
    );

    app.get(
      "/clips/:id/download",
      {
        preHandler: hands,
        schema: {
          tags,
          summary: "The clip itself, to be saved",
          params: Params,
          response: { 200: z.string().describe("MP4") },
        },
      },
      async (request, reply) => {
        const clip = demanded(request.params.id, actorOf(request), "clip");
        const path = clips.fileOf(clip.id);
        // A download that is taken up again is not a second one.
        if (request.headers.range === undefined || request.headers.range.startsWith("bytes=0-")) {
          const actor = actorOf(request);
          audit.record({ actor, action: "clip.download", subject: clip.id, details: aboutClip(clip) });
        }
        await sendVideo(request, reply, { clip, path, asDownload: true });
      },
    );

    app.get(
      "/clips/:id/thumbnail",
      {
        preHandler: allowEveryRole,
        schema: {
          tags,
          summary: "A small picture of the clip (image/jpeg)",
          params: Params,
          response: { 200: z.string().describe("JPEG") },
        },
      },
      async (request, reply) => {
        const clip = demanded(request.params.id, actorOf(request), "playback");
        const path = clips.pictureOf(clip.id);
        if (!existsSync(path)) throw noPicture();
        reply.hijack();
        await sendFile(request.raw, reply.raw, {
          path,
          contentType: "image/jpeg",
          etag: `${clip.id}-picture`,
        });
      },
    );

    app.delete(
      "/clips/:id",
      {
        preHandler: hands,
        schema: {
          tags,
          summary: "Remove a clip; one that a case holds stays",
          params: Params,
          response: { 200: z.object({ removed: z.literal(true) }) },
        },
      },
      async (request) => {
        const actor = actorOf(request);
        await clips.remove(demanded(request.params.id, actor, "clip").id, actor);
        return { removed: true as const };
      },
    );
    return Promise.resolve();
  };
}

function stretchOf(draft: ClipDraft, now: EpochMs): { from: EpochMs; to: EpochMs } {
  if ("lastMinutes" in draft)
    return { from: epochMs(Math.round(now - draft.lastMinutes * MINUTE_MS)), to: now };
  return { from: epochMs(draft.from), to: epochMs(draft.to) };
}

function aboutClip({ camera, requested, delivered }: Clip): Readonly<Record<string, unknown>> {
  return { camera, requested, delivered };
}

async function sendVideo(
  request: FastifyRequest,
  reply: FastifyReply,
  { clip, path, asDownload }: { readonly clip: Clip; readonly path: string; readonly asDownload: boolean },
): Promise<void> {
  if (!existsSync(path)) throw fileLost();
  const startedAt = new Date(clip.delivered?.from ?? clip.requested.from);
  const stamp = startedAt.toISOString().slice(0, 19).replaceAll(/[-:]/g, "");
  reply.hijack();
  await sendFile(request.raw, reply.raw, {
    path,
    contentType: "video/mp4",
    etag: clip.sha256 ?? clip.id,
    ...(asDownload && { downloadName: `${clip.camera}-${stamp}Z.mp4` }),
  });
}

function cameraGone(): Fault {
  return new Fault(
    "rejected",
    text(
      "The camera of this clip was removed; leaders and administrators may still see it.",
      "Camera của đoạn trích này đã bị gỡ; chỉ lãnh đạo và quản trị còn được xem.",
    ),
    { hint: text("Ask one of them.", "Hãy nhờ một trong những người đó.") },
  );
}

function noPicture(): Fault {
  return new Fault("not-found", text("This clip has no picture yet.", "Đoạn trích này chưa có ảnh."));
}

function fileLost(): Fault {
  return new Fault(
    "not-found",
    text("The clip's file is gone from the disk.", "Tệp của đoạn trích không còn trên ổ đĩa."),
    { hint: text("Cut it again while the recording is kept.", "Hãy trích lại khi bản ghi còn được lưu.") },
  );
}
