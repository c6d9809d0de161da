import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import type { Audit } from "../identity/audit.ts";
import { actorOf, allow, allowEveryRole } from "../identity/guard.ts";
import type { Text } from "../kernel/text.ts";
import type { Database } from "../store/database.ts";
import type { Registry } from "./registry.ts";
import { QuietHours } from "./protocol.ts";
import type { Hamlet, HamletGroup } from "./store.ts";

const Caps = z
  .strictObject({
    sessionsPerDay: z.int().min(1).max(100).optional(),
    minutesPerSession: z.int().min(1).max(1_440).optional(),
  })
  .describe("Limits below emergency; left out: none");

const QuietList = z
  .array(QuietHours)
  .max(4)
  .describe("Local minutes after midnight, half-open; may cross midnight");

const HamletAnswer = z.object({
  id: z.string(),
  name: z.string(),
  quietHours: QuietList,
  caps: Caps,
  speakers: z.int().describe("How many it has"),
});

const GroupAnswer = z.object({ id: z.string(), name: z.string(), hamlets: z.array(z.string()) });

const Sentence = z.object({ en: z.string(), vi: z.string() });

const Name = z.string().min(1).max(200);
const Params = z.object({ id: z.string().min(1).max(40) });
const Removed = z.object({ removed: z.literal(true) });
const tags = ["hamlets"];

interface HamletRoutesParts {
  readonly database: Database;
  readonly registry: Registry;
  readonly audit: Audit;
  /** What on the calendar no longer sounds as planned because a hamlet's rules have changed. */
  readonly consequencesOf: (hamlet: Hamlet) => readonly Text[];
}

export function hamletRoutes(parts: HamletRoutesParts): FastifyPluginAsyncZod {
  const { database, registry, audit } = parts;
  const { hamlets } = registry;
  const answerOf = (hamlet: Hamlet): z.infer<typeof HamletAnswer> => ({
    ...hamlet,
    quietHours: [...hamlet.quietHours],
    speakers: registry.speakers.all().filter((speaker) => speaker.hamlet === hamlet.id).length,
  });
  return async (app) => {
    app.get(
      "/hamlets",
      {
        preHandler: allowEveryRole,
        schema: {
          tags,
          summary: "All hamlets, by name",
          response: { 200: z.object({ hamlets: z.array(HamletAnswer) }) },
        },
      },
      () => ({ hamlets: hamlets.all().map(answerOf) }),
    );

    app.post(
      "/hamlets",
      {
        preHandler: allow("technician"),
        schema: {
          tags,
          summary: "Add a hamlet",
          body: z.strictObject({
            name: Name,
            id: z.string().max(40).optional().describe("Proposed from the name when left out"),
            quietHours: QuietList.optional().describe("21:30 to 05:00 when left out"),
            caps: Caps.optional(),
          }),
          response: { 201: HamletAnswer },
        },
      },
      (request, reply) => {
        const hamlet = database.transact(() => {
          const added = hamlets.add(request.body);
          audit.record({
            actor: actorOf(request),
            action: "hamlet.add",
            subject: added.id,
            details: { name: added.name },
          });
          return added;
        });
        void reply.code(201);
        return answerOf(hamlet);
      },
    );

    app.patch(
      "/hamlets/:id",
      {
        preHandler: allow("technician", "leader"),
        schema: {
          tags,
          summary: "Rename a hamlet, change its quiet hours or limits",
          params: Params,
          body: z.strictObject({
            name: Name.optional(),
            quietHours: QuietList.optional(),
            caps: Caps.optional(),
          }),
          response: {
            200: HamletAnswer.extend({
              consequences: z.array(Sentence).describe("What on the calendar is affected, in words"),
            }),
          },
        },
      },
      (request) => {
        const hamlet = database.transact(() => {
          const changed = hamlets.change(request.params.id, request.body);
          audit.record({
            actor: actorOf(request),
            action: "hamlet.change",
            subject: changed.id,
            details: request.body,
          });
          return changed;
        });
        return { ...answerOf(hamlet), consequences: [...parts.consequencesOf(hamlet)] };
      },
    );

    app.delete(
      "/hamlets/:id",
      {
        preHandler: allow("technician"),
        schema: {
          tags,
          summary: "Remove a hamlet without loudspeakers",
          params: Params,
          response: { 200: Removed },
        },
      },
      (request) => {
        database.transact(() => {
          hamlets.remove(request.params.id);
          audit.record({ actor: actorOf(request), action: "hamlet.remove", subject: request.params.id });
        });
        return { removed: true as const };
      },
    );

    await app.register(groupRoutes(parts));
  };
}

function groupRoutes({ database, registry, audit }: HamletRoutesParts): FastifyPluginAsyncZod {
  const { groups } = registry;
  const Draft = z.strictObject({ name: Name, hamlets: z.array(z.string().max(40)).max(300) });
  return (app) => {
    app.get(
      "/hamlet-groups",
      {
        preHandler: allowEveryRole,
        schema: {
          tags,
          summary: "Groups of hamlets, by name",
          response: { 200: z.object({ groups: z.array(GroupAnswer) }) },
        },
      },
      () => ({ groups: groups.all().map(groupAnswer) }),
    );

    app.post(
      "/hamlet-groups",
      {
        preHandler: allow("technician", "officer"),
        schema: { tags, summary: "Add a group of hamlets", body: Draft, response: { 201: GroupAnswer } },
      },
      (request, reply) => {
        const group = database.transact(() => {
          const added = groups.add(request.body);
          audit.record({
            actor: actorOf(request),
            action: "hamlet-group.add",
            subject: added.id,
            details: request.body,
          });
          return added;
        });
        void reply.code(201);
        return groupAnswer(group);
      },
    );

    app.patch(
      "/hamlet-groups/:id",
      {
        preHandler: allow("technician", "officer"),
        schema: {
          tags,
          summary: "Rename a group or change its hamlets",
          params: Params,
          body: Draft.partial(),
          response: { 200: GroupAnswer },
        },
      },
      (request) => {
        const group = database.transact(() => {
          const changed = groups.change(request.params.id, request.body);
          audit.record({
            actor: actorOf(request),
            action: "hamlet-group.change",
            subject: changed.id,
            details: request.body,
          });
          return changed;
        });
        return groupAnswer(group);
      },
    );

    app.delete(
      "/hamlet-groups/:id",
      {
        preHandler: allow("technician", "officer"),
        schema: {
          tags,
          summary: "Remove a group; its hamlets stay",
          params: Params,
          response: { 200: Removed },
        },
      },
      (request) => {
        database.transact(() => {
          groups.remove(request.params.id);
          audit.record({
            actor: actorOf(request),
            action: "hamlet-group.remove",
            subject: request.params.id,
          });
        });
        return { removed: true as const };
      },
    );

    return Promise.resolve();
  };
}

function groupAnswer({ id, name, hamlets }: HamletGroup): z.infer<typeof GroupAnswer> {
  return { id, name, hamlets: [...hamlets] };
}
