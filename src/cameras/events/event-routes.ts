import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import { actorOf, allowEveryRole } from "../../identity/guard.ts";
import { Fault } from "../../kernel/faults.ts";
import { text } from "../../kernel/text.ts";
import { DAY_MS, epochMs } from "../../kernel/time.ts";
import type { Access } from "../access.ts";
import type { Span } from "../rules/model.ts";
import { CameraId } from "../wire.ts";
import type { CameraEvents } from "./camera-events.ts";

const Instant = z.coerce.number().int().min(0).max(4_102_444_800_000);
const LONGEST_DAYS = 31;

const EventWire = z.object({
  id: z.int(),
  at: z.int().describe("Epoch ms by the controller's clock"),
  arrivedAt: z.int(),
  kind: z.enum(["motion", "tamper", "input", "other"]),
  topic: z.string(),
  on: z.boolean().nullable().describe("null: something without an end"),
  endAt: z.int().nullable().describe("null: it goes on"),
  bookmarked: z.boolean(),
});

const NowWire = z.object({
  link: z.enum(["on", "off", "unknown"]).nullable().describe("null: it is not asked for events"),
  since: z.int(),
  said: z.object({ en: z.string(), vi: z.string() }).nullable().describe("Why it can't be heard"),
  states: z.array(
    z.object({
      kind: EventWire.shape.kind,
      topic: z.string(),
      on: z.boolean().nullable(),
      since: z.int(),
    }),
  ),
});

export interface EventRoutesParts {
  readonly events: Pick<CameraEvents, "between" | "current">;
  readonly access: Pick<Access, "demand">;
}

export function eventRoutes({ events, access }: EventRoutesParts): FastifyPluginAsyncZod {
  return (app) => {
    app.get(
      "/cameras/:id/events",
      {
        preHandler: allowEveryRole,
        schema: {
          tags: ["cameras"],
          summary: "What a camera reported in a stretch of time, and what its detectors say now",
          params: z.object({ id: CameraId }),
          querystring: z.object({ from: Instant, to: Instant }),
          response: { 200: z.object({ events: z.array(EventWire), now: NowWire }) },
        },
      },
      (request) => {
        const { id } = access.demand(request.params.id, actorOf(request), "timeline");
        const span = spanOf(request.query);
        const { states, ...now } = events.current(id);
        return {
          events: events
            .between(id, span)
            .map(({ bookmarked = false, ...event }) => ({ ...event, bookmarked })),
          now: { ...now, states: [...states] },
        };
      },
    );
    return Promise.resolve();
  };
}

/** Throws Fault("invalid"). */
function spanOf({ from, to }: { readonly from: number; readonly to: number }): Span {
  if (to <= from) {
    throw new Fault(
      "invalid",
      text(
        `The end (${to}) is not after the beginning (${from}).`,
        `Giờ kết thúc (${to}) không sau giờ bắt đầu (${from}).`,
      ),
      { field: "to", hint: text("Choose a later end.", "Hãy chọn giờ kết thúc muộn hơn.") },
    );
  }
  if (to - from > LONGEST_DAYS * DAY_MS) {
    throw new Fault(
      "invalid",
      text(
        `${Math.ceil((to - from) / DAY_MS)} days are too long; at most ${LONGEST_DAYS} at a time.`,
        `${Math.ceil((to - from) / DAY_MS)} ngày là quá dài; mỗi lần nhiều nhất ${LONGEST_DAYS} ngày.`,
      ),
      { field: "from", hint: text("Ask for a shorter stretch.", "Hãy hỏi một khoảng ngắn hơn.") },
    );
  }
  return { from: epochMs(from), to: epochMs(to) };
}
