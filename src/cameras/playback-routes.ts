import { Readable } from "node:stream";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import { actorOf, allowEveryRole } from "../identity/guard.ts";
import type { Clock } from "../kernel/clock.ts";
import { Fault } from "../kernel/faults.ts";
import { text, type Text } from "../kernel/text.ts";
import { epochMs, HOUR_MS, MINUTE_MS, SECOND_MS, type EpochMs } from "../kernel/time.ts";
import { jpegOf } from "../media/frames.ts";
import type { MediaTools } from "../media/tools.ts";
import type { Access } from "./access.ts";
import type { LiveHub } from "./live/hub.ts";
import { nothingRecorded, type Playback } from "./playback.ts";
import type { Recordings } from "./recordings.ts";
import type { CameraEvent, CameraId as Id, Clip, Span } from "./rules/model.ts";
import { causeWords } from "./rules/recording-words.ts";
import type { Thumbnails } from "./thumbnails.ts";
import type { WatchLog } from "./watch-log.ts";
import { CameraId } from "./wire.ts";

interface PlaybackRoutesParts {
  readonly playback: Playback;
  readonly recordings: Pick<Recordings, "gaps" | "erased" | "oldestAt">;
  readonly thumbnails: Pick<Thumbnails, "nearestBefore">;
  readonly hub: Pick<LiveHub, "picture">;
  readonly tools: Pick<MediaTools, "ffmpeg">;
  readonly access: Access;
  readonly watchLog: Pick<WatchLog, "playedBack">;
  readonly clock: Clock;
  readonly events: (camera: Id, span: Span) => readonly CameraEvent[];
  readonly clips: (camera: Id, span: Span) => readonly Clip[];
  readonly holds: (camera: Id, span: Span) => readonly (Span & { readonly case: string })[];
}

/** A day, and the hour that a change of clocks may add to either side. */
const LONGEST_TIMELINE_MS = 26 * HOUR_MS;
const LONGEST_PLAYBACK_MS = 5 * MINUTE_MS;
/** Mosaics and lists ask often; the camera's picture is decoded once for all of them. */
const SNAPSHOT_FRESH_MS = 2 * SECOND_MS;
const SNAPSHOT_WITHIN_MS = 10 * SECOND_MS;

const Instant = z.coerce.number().int().min(0).max(8.64e15);
const Params = z.object({ id: CameraId });
const SpanQuery = z.object({ from: Instant.describe("UTC milliseconds"), to: Instant });
const Sentence = z.object({ vi: z.string(), en: z.string() });

const Timeline = z.object({
  oldestAt: z.int().nullable(),
  runs: z.array(z.object({ from: z.int(), to: z.int(), codec: z.string() })),
  gaps: z.array(z.object({ from: z.int(), to: z.int(), cause: z.string(), said: Sentence })),
  erased: z.array(z.object({ from: z.int(), to: z.int() })).describe("Deleted because somebody asked for it"),
  events: z.array(
    z.object({ id: z.int(), at: z.int(), endAt: z.int().nullable(), kind: z.string(), topic: z.string() }),
  ),
  clips: z.array(
    z.object({ id: z.string(), from: z.int(), to: z.int(), reason: z.string(), state: z.string() }),
  ),
  holds: z.array(z.object({ from: z.int(), to: z.int(), case: z.string() })),
});

const tags = ["cameras"];
const FILE_ANSWER = { 200: z.unknown().describe("The bytes") };

/** What was recorded: a day's overview, any piece of it as video, and small still pictures. */
export function playbackRoutes(parts: PlaybackRoutesParts): FastifyPluginAsyncZod {
  const { playback, access, watchLog, clock } = parts;
  const stills = snapshots(parts);
  return (app) => {
    app.get(
      "/cameras/:id/timeline",
      {
        preHandler: allowEveryRole,
        schema: {
          tags,
          summary: "What is recorded of a span of at most 26 hours, and what happened in it",
          params: Params,
          querystring: SpanQuery,
          response: { 200: Timeline },
        },
      },
      (request) => {
        const { id } = request.params;
        access.demand(id, actorOf(request), "timeline");
        return timelineOf(id, checkedSpan(request.query, LONGEST_TIMELINE_MS), parts);
      },
    );

    app.get(
      "/cameras/:id/playback",
      {
        preHandler: allowEveryRole,
        schema: {
          tags,
          summary: "At most five minutes of the past as fragmented MP4",
          description:
            "From the key frame at or before `from`, whole groups of pictures, to `to` or to where the recording breaks off. " +
            "Headers: x-codec, x-from and x-to (what is in it), x-next (where to go on asking, if anywhere).",
          params: Params,
          querystring: SpanQuery.extend({
            origin: Instant.optional().describe("Wall time of the video's second 0; default: its beginning"),
          }),
          response: FILE_ANSWER,
        },
      },
      async (request, reply) => {
        const camera = request.params.id;
        const actor = actorOf(request);
        access.demand(camera, actor, "playback");
        const span = checkedSpan(request.query, LONGEST_PLAYBACK_MS);
        const origin = request.query.origin === undefined ? undefined : epochMs(request.query.origin);
        const delivery = await playback.deliver({ camera, span, origin });
        const next = delivery === undefined ? playback.firstAfter(camera, span.to) : delivery.next;
        if (next !== undefined) void reply.header("x-next", String(next));
        if (delivery === undefined) throw nothingRecorded(next);
        watchLog.playedBack(camera, actor, delivery.span);
        void reply
          .header("x-codec", delivery.codec)
          .header("x-from", String(delivery.span.from))
          .header("x-to", String(delivery.span.to))
          .header("cache-control", "private, no-store")
          .type("video/mp4");
        return reply.send(Readable.from(delivery.content(request.signal), { objectMode: false }));
      },
    );

    app.get(
      "/cameras/:id/thumbnail",
      {
        preHandler: allowEveryRole,
        schema: {
          tags,
          summary: "A small picture of that time, at most ten minutes older",
          params: Params,
          querystring: z.object({ at: Instant }),
          response: FILE_ANSWER,
        },
      },
      async (request, reply) => {
        const camera = request.params.id;
        access.demand(camera, actorOf(request), "playback");
        const found = await parts.thumbnails.nearestBefore(camera, epochMs(request.query.at));
        if (found === undefined) throw noPicture();
        noteStill(request, camera, found.at);
        return sendJpeg(reply, found.jpeg, "private, max-age=3600");
      },
    );

    app.get(
      "/cameras/:id/snapshot",
      {
        preHandler: allowEveryRole,
        schema: {
          tags,
          summary: "The newest small picture there is",
          params: Params,
          response: FILE_ANSWER,
        },
      },
      async (request, reply) => {
        const camera = request.params.id;
        access.demand(camera, actorOf(request), "live");
        const jpeg = await stills(camera);
        if (jpeg === undefined) throw noPicture();
        noteStill(request, camera, clock.now());
        return sendJpeg(reply, jpeg, "private, no-store");
      },
    );
    return Promise.resolve();
  };

  function noteStill(request: FastifyRequest, camera: Id, at: EpochMs): void {
    watchLog.playedBack(camera, actorOf(request), { from: at, to: epochMs(at + SECOND_MS) });
  }
}

function sendJpeg(reply: FastifyReply, jpeg: Uint8Array, caching: string): FastifyReply {
  return reply.header("cache-control", caching).type("image/jpeg").send(jpeg);
}

async function timelineOf(
  camera: Id,
  span: Span,
  { playback, recordings, clock, events, clips, holds }: PlaybackRoutesParts,
): Promise<z.infer<typeof Timeline>> {
  const now = clock.now();
  const runs = await playback.runs(camera, span);
  return {
    oldestAt: recordings.oldestAt(camera) ?? null,
    runs: [...runs],
    gaps: recordings.gaps(camera, span).map(({ from, to, cause }) => {
      const { vi, en }: Text = causeWords(cause);
      return { from, to: to ?? Math.max(from, Math.min(now, span.to)), cause, said: { vi, en } };
    }),
    erased: recordings.erased(camera, span).map(({ from, to }) => ({ from, to })),
    events: events(camera, span).map(({ id, at, endAt, kind, topic }) => ({ id, at, endAt, kind, topic })),
    clips: clips(camera, span).map(({ id, requested, delivered, reason, state }) => {
      const { from, to } = delivered ?? requested;
      return { id, from, to, reason, state };
    }),
    holds: holds(camera, span).map((hold) => ({ from: hold.from, to: hold.to, case: hold.case })),
  };
}

/** Decodes at most once in two seconds for each camera, however many ask. */
function snapshots({
  hub,
  thumbnails,
  tools,
  clock,
}: PlaybackRoutesParts): (camera: Id) => Promise<Uint8Array | undefined> {
  const fresh = new Map<Id, { readonly at: number; readonly jpeg: Promise<Uint8Array> }>();
  return async (camera) => {
    const known = fresh.get(camera);
    const picture = hub.picture(camera);
    if (picture === undefined) return (await thumbnails.nearestBefore(camera, clock.now()))?.jpeg;
    if (known !== undefined && clock.uptime() - known.at < SNAPSHOT_FRESH_MS) return known.jpeg;
    const jpeg = jpegOf(tools, picture, AbortSignal.timeout(SNAPSHOT_WITHIN_MS));
    fresh.set(camera, { at: clock.uptime(), jpeg });
    jpeg.catch(() => fresh.delete(camera));
    return jpeg;
  };
}

function checkedSpan({ from, to }: { from: number; to: number }, longestMs: number): Span {
  if (to <= from) {
    throw new Fault(
      "invalid",
      text("“to” must be later than “from”.", "Thời điểm kết thúc phải sau thời điểm bắt đầu."),
      { field: "to" },
    );
  }
  if (to - from > longestMs) {
    const minutes = longestMs / MINUTE_MS;
    throw new Fault(
      "invalid",
      text(
        `The span is ${Math.ceil((to - from) / MINUTE_MS)} minutes long; at most ${minutes} can be asked for at a time.`,
        `Khoảng thời gian dài ${Math.ceil((to - from) / MINUTE_MS)} phút; mỗi lần chỉ xem được tối đa ${minutes} phút.`,
      ),
      { field: "to", hint: text("Ask for a shorter span.", "Hãy chọn khoảng ngắn hơn.") },
    );
  }
  return { from: epochMs(from), to: epochMs(to) };
}

function noPicture(): Fault {
  return new Fault(
    "not-found",
    text("There is no picture of that time.", "Không có hình vào thời điểm đó."),
    {
      hint: text("Choose a time that was recorded.", "Hãy chọn thời điểm có ghi hình."),
    },
  );
}
