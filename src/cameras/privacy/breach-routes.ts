import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import { actorOf, allow } from "../../identity/guard.ts";
import type { Clock } from "../../kernel/clock.ts";
import { epochMs } from "../../kernel/time.ts";
import { BREACH_STEP_WORDS, BREACH_STEPS, notifyBy } from "../rules/breach.ts";
import type { Breach, Breaches } from "./breaches.ts";

interface BreachRoutesParts {
  readonly breaches: Breaches;
  readonly clock: Clock;
  /** For open pages. */
  readonly notify: (event: { readonly type: string; readonly id: string }) => void;
}

const Said = z.object({ en: z.string(), vi: z.string() });
const Step = z.enum(BREACH_STEPS);

const BreachAnswer = z.object({
  id: z.int(),
  what: z.string(),
  foundAt: z.int().describe("UTC milliseconds"),
  notifyBy: z.int().describe("End of the 72 hours, UTC milliseconds"),
  notedBy: z.string(),
  steps: z.array(
    z.object({ step: Step, said: Said, doneAt: z.int().nullable(), doneBy: z.string().nullable() }),
  ),
  late: z.boolean(),
  said: Said,
});

const tags = ["data requests"];
const guard = allow("officer", "leader", "technician");

/** Breaches of personal data and their checklists. */
export function breachRoutes({ breaches, clock, notify }: BreachRoutesParts): FastifyPluginAsyncZod {
  const shown = (breach: Breach): z.infer<typeof BreachAnswer> => ({
    ...breach,
    notifyBy: notifyBy(breach.foundAt),
    steps: breach.steps.map((each) => ({ ...each, said: BREACH_STEP_WORDS[each.step] })),
    ...breaches.standing(breach),
  });
  const told = (breach: Breach): z.infer<typeof BreachAnswer> => {
    notify({ type: "breach", id: String(breach.id) });
    return shown(breach);
  };
  return (app) => {
    app.get(
      "/breaches",
      {
        preHandler: guard,
        schema: {
          tags,
          summary: "Breaches of personal data, newest first, with their 72 hours",
          response: { 200: z.object({ breaches: z.array(BreachAnswer) }) },
        },
      },
      () => ({ breaches: breaches.list().map(shown) }),
    );

    app.post(
      "/breaches",
      {
        preHandler: guard,
        schema: {
          tags,
          summary: "Note a breach; its 72 hours count from when it was found",
          body: z.strictObject({
            what: z.string().trim().min(1).max(2_000),
            foundAt: z.int().min(0).max(8.64e15).transform(epochMs).optional().describe("Now when left out"),
          }),
          response: { 201: BreachAnswer },
        },
      },
      (request, reply) => {
        const { what, foundAt = clock.now() } = request.body;
        void reply.code(201);
        return told(breaches.add(what, foundAt, actorOf(request)));
      },
    );

    app.post(
      "/breaches/:id/steps",
      {
        preHandler: guard,
        schema: {
          tags,
          summary: "Note that a step of the checklist is done",
          params: z.object({ id: z.coerce.number().int().min(1).max(1e9) }),
          body: z.strictObject({ step: Step }),
          response: { 200: BreachAnswer },
        },
      },
      (request) => told(breaches.finish(request.params.id, request.body.step, actorOf(request))),
    );

    return Promise.resolve();
  };
}
