import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import type { Audit } from "../identity/audit.ts";
import { actorOf, allow, allowEveryRole, anyone } from "../identity/guard.ts";
import type { Check } from "../kernel/check.ts";
import type { EventHub } from "./event-hub.ts";
import type { SavedData } from "./backup.ts";

const Said = z.object({ en: z.string(), vi: z.string() });

const StatusAnswer = z.object({
  version: z.string(),
  at: z.int().describe("The hall's clock, UTC milliseconds"),
  startedAt: z.int().describe("UTC milliseconds"),
  commune: z.string(),
  timeZone: z.string().describe("IANA name"),
  ready: z.boolean(),
  speakers: z.object({ total: z.int(), online: z.int(), playing: z.int() }),
  onAir: z.int().describe("Airings sounding now"),
  holdUntil: z.int().nullable().describe("Stop-all: nothing sounds before this instant, UTC milliseconds"),
  problems: z.array(Said).describe("What a person should know now"),
});
export type StatusSummary = z.infer<typeof StatusAnswer>;

const CheckAnswer = z.object({
  id: z.string(),
  outcome: z.enum(["ok", "warn", "fail"]),
  said: Said,
  remedy: Said.optional(),
});

const AuditAnswer = z.object({
  seq: z.int(),
  at: z.int().describe("UTC milliseconds"),
  actorId: z.string(),
  actorName: z.string(),
  action: z.string(),
  subject: z.string(),
  details: z.unknown(),
  hash: z.string(),
});

const AuditVerdict = z.union([
  z.object({ whole: z.literal(true), count: z.int(), head: z.string() }),
  z.object({ whole: z.literal(false), brokenAt: z.int() }),
]);

interface SystemParts {
  readonly version: string;
  readonly ready: () => boolean;
  readonly status: () => StatusSummary;
  readonly checks: () => Promise<readonly Check[]>;
  readonly audit: Audit;
  readonly events: EventHub;
  readonly savedData: SavedData;
  /** Asked at each heartbeat of an open page, with its session. */
  readonly isLoggedIn: (sessionId: string) => boolean;
  readonly openApi: () => unknown;
}

/** Health, status, checks, audit trail, live events, backup. */
export function systemRoutes(parts: SystemParts): FastifyPluginAsyncZod {
  const { version, ready, status, checks, audit, events, savedData, isLoggedIn, openApi } = parts;
  return (app) => {
    app.get(
      "/health",
      {
        preHandler: anyone,
        schema: {
          tags: ["system"],
          summary: "Whether the hall's controller is up; no login",
          response: {
            200: z.object({ ok: z.literal(true), version: z.string() }),
            503: z.object({ ok: z.literal(false), version: z.string() }),
          },
        },
      },
      async (_request, reply) =>
        ready() ? { ok: true as const, version } : reply.code(503).send({ ok: false, version }),
    );

    app.get(
      "/openapi.json",
      {
        preHandler: allowEveryRole,
        schema: {
          tags: ["system"],
          summary: "This interface, as OpenAPI 3.1",
          response: { 200: z.unknown() },
        },
      },
      () => openApi(),
    );

    app.get(
      "/status",
      {
        preHandler: allowEveryRole,
        schema: { tags: ["system"], summary: "The hall at a glance", response: { 200: StatusAnswer } },
      },
      () => status(),
    );

    app.get(
      "/doctor",
      {
        preHandler: allow("technician"),
        schema: {
          tags: ["system"],
          summary: "What stands well and what does not, each with a remedy",
          response: { 200: z.object({ checks: z.array(CheckAnswer) }) },
        },
      },
      async () => ({ checks: [...(await checks())] }),
    );

    app.get(
      "/events",
      {
        preHandler: allowEveryRole,
        schema: {
          tags: ["system"],
          summary: "Live events (text/event-stream); Last-Event-ID resumes",
          response: { 200: z.unknown().describe("One JSON object with `type` per event") },
        },
      },
      (request, reply) => {
        const { sessionId } = request;
        const lastEventId = request.headers["last-event-id"];
        const stream = events.subscribe(
          typeof lastEventId === "string" ? lastEventId : undefined,
          () => sessionId === undefined || isLoggedIn(sessionId),
        );
        return reply
          .type("text/event-stream; charset=utf-8")
          .header("cache-control", "no-store")
          .header("x-accel-buffering", "no")
          .send(stream);
      },
    );

    app.get(
      "/audit",
      {
        preHandler: allow("leader"),
        schema: {
          tags: ["audit"],
          summary: "The audit trail, newest first",
          querystring: z.object({
            before: z.coerce.number().int().min(1).optional().describe("Only entries older than this number"),
            limit: z.coerce.number().int().min(1).max(500).default(100),
            action: z.string().max(100).optional(),
            subject: z.string().max(200).optional(),
            lang: z.string().optional(),
          }),
          response: { 200: z.object({ entries: z.array(AuditAnswer) }) },
        },
      },
      ({ query: { before, limit, action, subject } }) => ({
        entries: audit.read({
          limit,
          ...(before !== undefined && { beforeSeq: before }),
          ...(action !== undefined && { action }),
          ...(subject !== undefined && { subject }),
        }),
      }),
    );

    app.get(
      "/audit/verify",
      {
        preHandler: allow("leader"),
        schema: {
          tags: ["audit"],
          summary: "Whether nobody changed the trail",
          response: { 200: AuditVerdict },
        },
      },
      () => audit.verify(),
    );

    app.post(
      "/backup",
      {
        preHandler: allow("admin"),
        schema: {
          tags: ["system"],
          summary: "Everything needed to go on elsewhere, as tar.gz. Contains keys: keep it locked away",
          response: { 200: z.unknown().describe("application/gzip") },
        },
      },
      (request, reply) => {
        audit.record({ actor: actorOf(request), action: "backup", subject: "" });
        return reply.type("application/gzip").header("cache-control", "no-store").send(savedData.archive());
      },
    );

    return Promise.resolve();
  };
}
