import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import { actorOf, allow, allowEveryRole } from "../identity/guard.ts";
import { untilGone } from "../identity/until-gone.ts";
import { epochMs } from "../kernel/time.ts";
import type { Decision } from "./bulletin-model.ts";
import {
  bulletinAnswer,
  BulletinWire,
  CLASSES,
  DraftWire,
  historyAnswer,
  HistoryWire,
  STATES,
} from "./bulletin-wire.ts";
import type { Bulletins } from "./bulletins.ts";

const tags = ["bulletins"];
const Params = z.object({ id: z.string().min(1).max(40) });
const Version = z.int().min(1).describe("The version that was seen; another one is a conflict");
const Listing = z.object({ bulletins: z.array(BulletinWire) });

const DecisionWire = z.strictObject({
  version: Version,
  seal: z.string().length(64).describe("`seal` of the bulletin as it was listened to"),
  expiresAt: z.int().optional().describe("UTC milliseconds; from then on the approval does not hold"),
});

function decisionOf({ version, seal, expiresAt }: z.infer<typeof DecisionWire>): Decision {
  return { version, seal, ...(expiresAt === undefined ? {} : { expiresAt: epochMs(expiresAt) }) };
}

/** Bulletins: writing, handing in, approving, returning, countersigning. */
export function bulletinRoutes(bulletins: Bulletins): FastifyPluginAsyncZod {
  return async (app) => {
    app.get(
      "/bulletins",
      {
        preHandler: allowEveryRole,
        schema: {
          tags,
          summary: "All bulletins, newest change first",
          querystring: z.object({
            state: z.enum(STATES).optional(),
            class: z.enum(CLASSES).optional(),
            awaitsCountersign: z
              .enum(["true"])
              .optional()
              .describe("Only emergencies nobody has countersigned"),
          }),
          response: { 200: Listing },
        },
      },
      ({ query }) => {
        const listed =
          query.awaitsCountersign === undefined ? bulletins.list() : bulletins.awaitingCountersign();
        return {
          bulletins: listed
            .filter((one) => query.state === undefined || one.state === query.state)
            .filter((one) => query.class === undefined || one.class === query.class)
            .map(bulletinAnswer),
        };
      },
    );

    app.get(
      "/bulletins/:id",
      {
        preHandler: allowEveryRole,
        schema: {
          tags,
          summary: "One bulletin with its history",
          params: Params,
          response: { 200: BulletinWire.extend(HistoryWire.shape) },
        },
      },
      ({ params: { id } }) => ({
        ...bulletinAnswer(bulletins.get(id)),
        ...historyAnswer(bulletins.steps(id), bulletins.airings(id)),
      }),
    );

    app.post(
      "/bulletins",
      {
        preHandler: allow("officer", "leader"),
        schema: {
          tags,
          summary: "Write a bulletin; text is read aloud at once",
          body: DraftWire,
          response: { 201: BulletinWire },
        },
      },
      async (request, reply) => {
        const view = await bulletins.create(request.body, actorOf(request), untilGone(reply));
        return reply.code(201).send(bulletinAnswer(view));
      },
    );

    app.put(
      "/bulletins/:id",
      {
        preHandler: allow("officer", "leader"),
        schema: {
          tags,
          summary: "Change a bulletin; a change of what is heard takes its approval back",
          params: Params,
          body: DraftWire.extend({ version: Version }),
          response: { 200: BulletinWire },
        },
      },
      async (request, reply) => {
        const { version, ...draft } = request.body;
        const change = { version, draft };
        return bulletinAnswer(
          await bulletins.change(request.params.id, change, actorOf(request), untilGone(reply)),
        );
      },
    );

    app.delete(
      "/bulletins/:id",
      {
        preHandler: allow("officer", "leader"),
        schema: {
          tags,
          summary: "Delete a bulletin that is not on the calendar",
          params: Params,
          querystring: z.object({ version: z.coerce.number().int().min(1) }),
          response: { 200: z.object({ removed: z.literal(true) }) },
        },
      },
      (request) => {
        bulletins.remove(request.params.id, request.query.version, actorOf(request));
        return { removed: true as const };
      },
    );

    await app.register(approvalRoutes(bulletins));
  };
}

function approvalRoutes(bulletins: Bulletins): FastifyPluginAsyncZod {
  return (app) => {
    app.post(
      "/bulletins/:id/submit",
      {
        preHandler: allow("officer", "leader"),
        schema: {
          tags,
          summary: "Hand a bulletin in for approval; an emergency may sound from then on",
          params: Params,
          body: z.strictObject({ version: Version }),
          response: { 200: BulletinWire },
        },
      },
      (request) =>
        bulletinAnswer(bulletins.submit(request.params.id, request.body.version, actorOf(request))),
    );

    app.post(
      "/bulletins/:id/approve",
      {
        preHandler: allow("leader"),
        schema: {
          tags,
          summary: "Approve what was listened to",
          params: Params,
          body: DecisionWire,
          response: { 200: BulletinWire },
        },
      },
      (request) =>
        bulletinAnswer(bulletins.approve(request.params.id, decisionOf(request.body), actorOf(request))),
    );

    app.post(
      "/bulletins/:id/countersign",
      {
        preHandler: allow("leader"),
        schema: {
          tags,
          summary: "Countersign an emergency",
          params: Params,
          body: DecisionWire,
          response: { 200: BulletinWire },
        },
      },
      (request) =>
        bulletinAnswer(bulletins.countersign(request.params.id, decisionOf(request.body), actorOf(request))),
    );

    app.post(
      "/bulletins/:id/return",
      {
        preHandler: allow("leader"),
        schema: {
          tags,
          summary: "Return a bulletin with a reason; it falls silent at once",
          params: Params,
          body: z.strictObject({ version: Version, reason: z.string().max(4_000) }),
          response: { 200: BulletinWire },
        },
      },
      (request) => {
        const { version, reason } = request.body;
        return bulletinAnswer(bulletins.sendBack(request.params.id, version, reason, actorOf(request)));
      },
    );
    return Promise.resolve();
  };
}
