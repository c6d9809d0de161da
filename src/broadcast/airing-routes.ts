import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import type { Audit } from "../identity/audit.ts";
import { actorOf, allow, allowEveryRole } from "../identity/guard.ts";
import type { Clock } from "../kernel/clock.ts";
import { Fault } from "../kernel/faults.ts";
import { text } from "../kernel/text.ts";
import { DAY_MS, epochMs, type EpochMs } from "../kernel/time.ts";
import { AiringId } from "../speakers/protocol.ts";
import type { AiringLog } from "./airing-log.ts";
import { answerOf, OnAir, RecordWire, Upcoming } from "./airing-wire.ts";
import type { Airing, AiringStore } from "./airings-store.ts";
import type { Playout } from "./playout.ts";

interface AiringRoutesParts {
  readonly playout: Pick<Playout, "end">;
  readonly airings: AiringStore;
  readonly log: AiringLog;
  readonly clock: Clock;
  readonly audit: Audit;
  /** What sounds next, nearest first. */
  readonly upcoming: (limit: number) => readonly Upcoming[];
  /** How many speakers say they sound it now. */
  readonly playingNow: (airing: AiringId) => number;
}

const Params = z.object({ airing: AiringId });
const LONGEST_LISTING_MS = 40 * DAY_MS;
/** What is, was and will be on the air, and the means to start and stop it. */
export function airingRoutes(parts: AiringRoutesParts): FastifyPluginAsyncZod {
  const { playout, airings, clock, audit } = parts;
  const onAir = (): z.infer<typeof OnAir>[] => {
    const now = clock.now();
    return airings
      .onAir()
      .filter(({ plannedAt, until }) => plannedAt <= now && until > now)
      .map(({ id, title, kind, level, plannedAt, until }) => ({
        airing: id,
        title,
        kind,
        level,
        startedAt: plannedAt,
        endsAt: until,
        speakersPlaying: parts.playingNow(id),
        speakersTotal: airings.sharesOf(id).length,
      }))
      .sort((a, b) => b.level - a.level);
  };

  return (app) => {
    app.get(
      "/on-air",
      {
        preHandler: allowEveryRole,
        schema: {
          tags: ["airings"],
          summary: "What sounds now and what sounds next",
          response: { 200: z.object({ now: z.int(), onAir: z.array(OnAir), next: z.array(Upcoming) }) },
        },
      },
      () => ({ now: clock.now(), onAir: onAir(), next: [...parts.upcoming(10)] }),
    );

    app.get(
      "/airings",
      {
        preHandler: allowEveryRole,
        schema: {
          tags: ["airings"],
          summary: "The broadcast log: what sounded, where, and why not",
          querystring: z.object({
            from: z.coerce.number().int().optional().describe("UTC milliseconds; a day ago when left out"),
            to: z.coerce.number().int().optional().describe("UTC milliseconds; now when left out"),
          }),
          response: { 200: z.object({ airings: z.array(RecordWire) }) },
        },
      },
      (request) => {
        const { from, to } = listed(request.query, clock.now());
        return { airings: airings.between(from, to).map((airing) => answerOf(parts.log.record(airing))) };
      },
    );

    app.get(
      "/airings/:airing",
      {
        preHandler: allowEveryRole,
        schema: {
          tags: ["airings"],
          summary: "One airing with its proof",
          params: Params,
          response: { 200: RecordWire },
        },
      },
      (request) => answerOf(parts.log.record(found(airings, request.params.airing))),
    );

    app.post(
      "/airings/:airing/stop",
      {
        preHandler: allow("officer", "leader"),
        schema: {
          tags: ["airings"],
          summary: "End one airing everywhere (also: cancel an emergency)",
          params: Params,
          response: { 200: RecordWire },
        },
      },
      (request) => {
        const { airing } = request.params;
        playout.end(airing, "stopped");
        audit.record({ actor: actorOf(request), action: "airing.stop", subject: airing });
        return answerOf(parts.log.record(found(airings, airing)));
      },
    );

    return Promise.resolve();
  };
}

function found(airings: AiringStore, id: AiringId): Airing {
  const airing = airings.get(id);
  if (airing === undefined) {
    throw new Fault("not-found", text(`There is no airing ${id}.`, `Không có lượt phát ${id}.`), {
      field: "airing",
    });
  }
  return airing;
}

function listed(
  asked: { from?: number | undefined; to?: number | undefined },
  now: EpochMs,
): { from: EpochMs; to: EpochMs } {
  const to = epochMs(asked.to ?? now + DAY_MS);
  const from = epochMs(asked.from ?? now - DAY_MS);
  if (from > to || to - from > LONGEST_LISTING_MS) {
    throw new Fault(
      "invalid",
      text(
        "The time from “from” to “to” must be 0 to 40 days.",
        "Khoảng thời gian từ “from” đến “to” phải từ 0 đến 40 ngày.",
      ),
      { field: "from" },
    );
  }
  return { from, to };
}
