import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import type { Audit } from "../identity/audit.ts";
import { actorOf, allow, allowEveryRole } from "../identity/guard.ts";
import { untilGone } from "../identity/until-gone.ts";
import { epochMs, HOUR_MS } from "../kernel/time.ts";
import type { Access } from "./access.ts";
import { Instant } from "./clips/clip-wire.ts";
import { headsAnswer, HeadsWire } from "./evidence/case-wire.ts";
import { checkChain, checkFiles, type CheckParts } from "./evidence/check.ts";
import type { Heads } from "./evidence/heads.ts";
import type { EvidenceKey } from "./evidence/key.ts";
import { CameraId } from "./wire.ts";

interface EvidenceRoutesParts extends CheckParts {
  readonly heads: Heads;
  readonly key: EvidenceKey;
  readonly access: Access;
  readonly audit: Pick<Audit, "record">;
}

const tags = ["evidence"];
const hands = allow("officer", "leader", "technician");
const Params = z.object({ camera: CameraId });
/** Reading an hour of one camera takes seconds; who wants more asks hour by hour. */
const LONGEST_CHECK_MS = HOUR_MS;

/** The chains of recordings: where they end, who signs that, and whether what lies on the disk is what they say. */
export function evidenceRoutes(parts: EvidenceRoutesParts): FastifyPluginAsyncZod {
  const { heads, key, access, audit } = parts;
  return (app) => {
    app.get(
      "/evidence/key",
      {
        preHandler: allowEveryRole,
        schema: {
          tags,
          summary: "The public key that verifies evidence; its fingerprint is to be announced",
          response: { 200: z.object({ publicKeyPem: z.string(), fingerprint: z.string() }) },
        },
      },
      () => ({ publicKeyPem: key.publicKeyPem, fingerprint: key.fingerprint }),
    );

    app.get(
      "/evidence/heads",
      {
        preHandler: hands,
        schema: {
          tags,
          summary: "Signed heads of all chains, newest first",
          querystring: z.object({ limit: z.coerce.number().int().min(1).max(1_000).default(24) }),
          response: { 200: z.object({ heads: z.array(HeadsWire) }) },
        },
      },
      (request) => ({ heads: heads.list(request.query.limit).map(headsAnswer) }),
    );

    app.get(
      "/evidence/:camera/chain",
      {
        preHandler: hands,
        schema: {
          tags,
          summary: "Recompute a camera's whole chain and compare it with every signed head",
          params: Params,
          response: {
            200: z.object({
              whole: z.boolean(),
              count: z.int(),
              head: z.string().nullable(),
              brokenAt: z.int().nullable().describe("The first entry that was changed, or that is missing"),
              headsChecked: z.int(),
              wrongHeads: z.array(z.int()).describe("Numbers of signed heads that the chain no longer meets"),
              oldestAt: Instant.nullable().describe("Start of the oldest recording on the disk"),
            }),
          },
        },
      },
      async (request) => {
        const { camera } = request.params;
        access.demand(camera, actorOf(request), "timeline");
        audit.record({ actor: actorOf(request), action: "evidence.check", subject: camera });
        return checkChain(camera, parts);
      },
    );

    app.get(
      "/evidence/:camera/files",
      {
        preHandler: hands,
        schema: {
          tags,
          summary: "Hash the recordings of an hour at most and compare them with the chain",
          params: Params,
          querystring: z.object({
            from: z.coerce.number().pipe(Instant),
            to: z.coerce.number().pipe(Instant),
          }),
          response: {
            200: z.object({
              files: z.int(),
              bytes: z.int(),
              changed: z.array(z.string()),
              missing: z.array(z.string()),
              unlisted: z
                .array(z.string())
                .describe("Recordings that the chain tells nothing, or something else, of"),
            }),
          },
        },
      },
      async (request, reply) => {
        const { camera } = request.params;
        access.demand(camera, actorOf(request), "timeline");
        const { from, to } = request.query;
        const end = Math.min(Math.max(from + 1, to), from + LONGEST_CHECK_MS);
        return checkFiles(camera, { from: epochMs(from), to: epochMs(end) }, parts, untilGone(reply));
      },
    );
    return Promise.resolve();
  };
}
