import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import { actorOf, allow } from "../../identity/guard.ts";
import { epochMs } from "../../kernel/time.ts";
import { CameraId } from "../wire.ts";
import type { Erasure } from "./erasure.ts";

const Instant = z.int().min(0).max(8.64e15).transform(epochMs);

/** Deleting before its time: on a recorded person's request, or because a leader orders it. */
export function eraseRoutes({ erasure }: { readonly erasure: Erasure }): FastifyPluginAsyncZod {
  return (app) => {
    app.post(
      "/cameras/:id/erase",
      {
        preHandler: allow("leader"),
        schema: {
          tags: ["cameras"],
          summary: "Delete a stretch of recordings for good, with the clips and pictures made of it",
          description:
            "Whole files go, so a little more than was asked for. The ledger keeps saying that they were there. Refused " +
            "(conflict) when a case holds any of it. Also for a camera that was removed.",
          params: z.object({ id: CameraId }),
          body: z.strictObject({
            from: Instant.describe("UTC milliseconds"),
            to: Instant,
            reason: z.string().trim().min(1).max(500),
            request: z.string().max(40).nullable().default(null).describe("Id in the register of requests"),
          }),
          response: {
            200: z.object({
              from: z.int().describe("What is really gone, UTC milliseconds"),
              to: z.int(),
              files: z.int(),
              bytes: z.int(),
              clips: z.int(),
              packages: z.int().describe("Evidence packages of released cases"),
            }),
          },
        },
      },
      (request) => erasure.erase({ camera: request.params.id, ...request.body }, actorOf(request)),
    );
    return Promise.resolve();
  };
}
