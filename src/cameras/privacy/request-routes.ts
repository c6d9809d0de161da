import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import { actorOf, allow } from "../../identity/guard.ts";
import type { Clock } from "../../kernel/clock.ts";
import { epochMs } from "../../kernel/time.ts";
import { ANSWER_WITHIN_DAYS } from "../rules/data-requests.ts";
import { CameraId } from "../wire.ts";
import type { DataRequests } from "./data-requests.ts";
import type { DataRequest } from "./requests-store.ts";

interface RequestRoutesParts {
  readonly requests: DataRequests;
  readonly clock: Clock;
  /** For open pages. */
  readonly notify: (event: { readonly type: string; readonly id: string }) => void;
}

const Kind = z.enum(["view", "copy", "restrict", "object", "delete"]);
const Instant = z.int().min(0).max(8.64e15).transform(epochMs);
const Words = (max: number): z.ZodString => z.string().trim().min(1).max(max);
const Ref = z.string().regex(/^[A-Za-z0-9._-]{1,64}$/, "a case's or an export's id");

const RequestAnswer = z.object({
  id: z.string(),
  kind: Kind,
  person: z.string(),
  contact: z.string(),
  camera: z.string().nullable(),
  from: z.int().nullable().describe("When the person was recorded, UTC milliseconds"),
  to: z.int().nullable(),
  what: z.string(),
  receivedAt: z.int(),
  receivedBy: z.string(),
  acknowledgeBy: z.int().describe("Exclusive end of the last day, UTC milliseconds"),
  answerBy: z.int().describe("Exclusive end of the last day, UTC milliseconds"),
  state: z.enum(["received", "acknowledged", "answered", "withdrawn"]),
  handler: z.string().nullable(),
  acknowledgedAt: z.int().nullable(),
  endedAt: z.int().nullable(),
  outcome: z.enum(["granted", "partly", "refused"]).nullable(),
  answer: z.string().nullable(),
  others: z.string().nullable(),
  caseId: z.string().nullable(),
  exportId: z.string().nullable(),
  late: z.boolean(),
  said: z.object({ en: z.string(), vi: z.string() }).describe("How it stands against its deadlines"),
});

const Params = z.object({ id: z.string().max(40) });
const LIST_LIMIT = 500;
const tags = ["data requests"];
const guard = allow("officer", "leader");

/** The register of what recorded people asked for. */
export function dataRequestRoutes({ requests, clock, notify }: RequestRoutesParts): FastifyPluginAsyncZod {
  const shown = (request: DataRequest): z.infer<typeof RequestAnswer> => {
    const { span, ...rest } = request;
    return { ...rest, from: span?.from ?? null, to: span?.to ?? null, ...requests.standing(request) };
  };
  const told = (request: DataRequest): z.infer<typeof RequestAnswer> => {
    notify({ type: "data-request", id: request.id });
    return shown(request);
  };
  return (app) => {
    app.get(
      "/data-requests",
      {
        preHandler: guard,
        schema: {
          tags,
          summary: "Requests of recorded people: open ones by deadline, then closed ones",
          response: {
            200: z.object({
              requests: z.array(RequestAnswer),
              answerWithinDays: z.record(Kind, z.int()).describe("The law's terms, by kind"),
            }),
          },
        },
      },
      () => ({ requests: requests.list(LIST_LIMIT).map(shown), answerWithinDays: ANSWER_WITHIN_DAYS }),
    );

    app.get(
      "/data-requests/:id",
      {
        preHandler: guard,
        schema: { tags, summary: "One request", params: Params, response: { 200: RequestAnswer } },
      },
      ({ params }) => shown(requests.get(params.id)),
    );

    app.post(
      "/data-requests",
      {
        preHandler: guard,
        schema: {
          tags,
          summary: "Enter a request; its deadlines are fixed by law",
          body: z
            .strictObject({
              kind: Kind,
              person: Words(200),
              contact: Words(200),
              camera: CameraId.nullable().default(null),
              from: Instant.nullable().default(null),
              to: Instant.nullable().default(null),
              what: Words(2_000),
              receivedAt: Instant.optional().describe("UTC milliseconds; now when left out"),
            })
            .refine(({ from, to }) => (from === null) === (to === null), {
              path: ["to"],
              message: "give both ends of the time, or neither",
            }),
          response: { 201: RequestAnswer },
        },
      },
      (request, reply) => {
        const { from, to, receivedAt = clock.now(), ...draft } = request.body;
        const span = from === null || to === null ? null : { from, to };
        void reply.code(201);
        return told(requests.add({ ...draft, span, receivedAt }, actorOf(request)));
      },
    );

    app.post(
      "/data-requests/:id/acknowledge",
      {
        preHandler: guard,
        schema: {
          tags,
          summary: "Note that the person was told their request has arrived",
          params: Params,
          response: { 200: RequestAnswer },
        },
      },
      (request) => told(requests.acknowledge(request.params.id, actorOf(request))),
    );

    app.post(
      "/data-requests/:id/answer",
      {
        preHandler: guard,
        schema: {
          tags,
          summary: "Note the answer that was given; it ends the request",
          params: Params,
          body: z.strictObject({
            outcome: z.enum(["granted", "partly", "refused"]),
            answer: Words(2_000).describe("What was done, or why not"),
            others: Words(500)
              .nullable()
              .default(null)
              .describe("Ground on which pictures that may show others were handed over"),
            caseId: Ref.nullable().default(null),
            exportId: Ref.nullable().default(null),
          }),
          response: { 200: RequestAnswer },
        },
      },
      (request) => told(requests.answer(request.params.id, request.body, actorOf(request))),
    );

    app.post(
      "/data-requests/:id/withdraw",
      {
        preHandler: guard,
        schema: {
          tags,
          summary: "Note that the person has taken the request back",
          params: Params,
          body: z.strictObject({ reason: Words(500) }),
          response: { 200: RequestAnswer },
        },
      },
      (request) => told(requests.withdraw(request.params.id, request.body.reason, actorOf(request))),
    );

    return Promise.resolve();
  };
}
