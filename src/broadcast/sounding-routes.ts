import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import type { Actor } from "../identity/actor.ts";
import type { Audit } from "../identity/audit.ts";
import { actorOf, allow } from "../identity/guard.ts";
import type { Clock } from "../kernel/clock.ts";
import { Fault } from "../kernel/faults.ts";
import { text } from "../kernel/text.ts";
import { epochMs, MINUTE_MS } from "../kernel/time.ts";
import type { AiringLog } from "./airing-log.ts";
import { answerOf, RecordWire, targetsOf, TextWire, titled, Where } from "./airing-wire.ts";
import type { Airing } from "./airings-store.ts";
import type { EmergencyOrder } from "./emergency.ts";
import type { Playout } from "./playout.ts";
import type { Said, SayOrder } from "./say.ts";

interface SoundingRoutesParts {
  readonly playout: Pick<Playout, "stopAll" | "resume">;
  readonly log: AiringLog;
  readonly clock: Clock;
  readonly audit: Audit;
  readonly say: (order: SayOrder, actor: Actor) => Promise<Said>;
  readonly declareEmergency: (order: EmergencyOrder, actor: Actor) => Promise<Airing>;
}

/** Long enough for what is said at length, short enough that nobody reads a novel to the village by mistake. */
const Spoken = z.string().min(1).max(100_000);

const HOLD_MINUTES_LIMIT = 720;

/** What makes a sound at once, and what silences everything. */
export function soundingRoutes(parts: SoundingRoutesParts): FastifyPluginAsyncZod {
  const { playout, clock, audit } = parts;
  return (app) => {
    app.post(
      "/say",
      {
        preHandler: allow("leader"),
        schema: {
          tags: ["airings"],
          summary: "Say a sentence: spoken, approved by the caller, on the air at once or at a given time",
          body: z.strictObject({
            text: Spoken,
            ...Where,
            emergency: z.boolean().optional(),
            chime: z.boolean().optional(),
            at: z.iso.datetime({ offset: true }).optional(),
          }),
          response: {
            201: z.object({
              airing: z.string().optional(),
              bulletin: z.string().optional(),
              at: z.int(),
              said: TextWire,
            }),
          },
        },
      },
      async (request, reply) => {
        const { text: words, emergency = false, chime = true, at, ...where } = request.body;
        const targets = targetsOf(where);
        const actor = actorOf(request);
        if (emergency) {
          const airing = await parts.declareEmergency(
            { message: { type: "text", text: words }, title: titled(words), targets, by: actor.id },
            actor,
          );
          const said = text("The emergency is on the air.", "Đang phát khẩn cấp.");
          return reply.code(201).send({ airing: airing.id, at: airing.plannedAt, said });
        }
        const instant = at === undefined ? undefined : epochMs(Date.parse(at));
        const {
          airing,
          bulletin,
          at: startsAt,
          said,
        } = await parts.say({ text: words, targets, at: instant, chime }, actor);
        return reply.code(201).send({ airing, bulletin, at: startsAt, said });
      },
    );

    app.post(
      "/emergency",
      {
        preHandler: allow("officer", "leader"),
        schema: {
          tags: ["airings"],
          summary: "Declare an emergency: chime at once, then the message, repeated until it ends",
          body: z.strictObject({
            text: Spoken.optional(),
            audio: z
              .string()
              .min(1)
              .max(60)
              .optional()
              .describe("Id of a recording in the library, instead of text"),
            title: z.string().min(1).max(200).optional(),
            ...Where,
            lastsMinutes: z.int().min(1).max(2_880).optional(),
          }),
          response: { 201: RecordWire },
        },
      },
      async (request, reply) => {
        const { text: words, audio, title, lastsMinutes, ...where } = request.body;
        const airing = await parts.declareEmergency(
          {
            message: messageOf(words, audio),
            title: title ?? titled(words ?? "Thông báo khẩn cấp"),
            targets: targetsOf(where),
            by: actorOf(request).id,
            ...(lastsMinutes === undefined ? {} : { lastsMs: lastsMinutes * MINUTE_MS }),
          },
          actorOf(request),
        );
        return reply.code(201).send(answerOf(parts.log.record(airing)));
      },
    );

    app.post(
      "/stop-all",
      {
        preHandler: allow("officer", "leader", "technician"),
        schema: {
          tags: ["airings"],
          summary: "Silence everywhere at once; nothing sounds before the hold is over",
          body: z.strictObject({ holdMinutes: z.int().min(0).max(HOLD_MINUTES_LIMIT).default(10) }),
          response: {
            200: z.object({ stopped: z.array(z.string()), holdUntil: z.int().describe("UTC milliseconds") }),
          },
        },
      },
      (request) => {
        const holdMs = request.body.holdMinutes * MINUTE_MS;
        const stopped = playout.stopAll(holdMs).map(({ id }) => id);
        audit.record({
          actor: actorOf(request),
          action: "stop-all",
          subject: "",
          details: { holdMs, stopped },
        });
        return { stopped, holdUntil: clock.now() + holdMs };
      },
    );

    app.post(
      "/resume",
      {
        preHandler: allow("officer", "leader", "technician"),
        schema: { tags: ["airings"], summary: "Lift the hold of a stop-all", response: { 204: z.null() } },
      },
      async (request, reply) => {
        playout.resume();
        audit.record({ actor: actorOf(request), action: "stop-all.resume", subject: "" });
        return reply.code(204).send(null);
      },
    );
    return Promise.resolve();
  };
}

function messageOf(words: string | undefined, audio: string | undefined): EmergencyOrder["message"] {
  if (audio !== undefined && words === undefined) return { type: "audio", audioId: audio };
  if (words !== undefined && audio === undefined) return { type: "text", text: words };
  throw new Fault(
    "invalid",
    text("Give either a text or a recording.", "Hãy nhập nội dung hoặc chọn một bản ghi âm."),
    {
      field: "text",
    },
  );
}
