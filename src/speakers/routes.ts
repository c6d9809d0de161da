import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import type { FastifyRequest } from "fastify";
import { z } from "zod";
import type { Audit } from "../identity/audit.ts";
import { actorOf, allow, allowEveryRole } from "../identity/guard.ts";
import { untilGone } from "../identity/until-gone.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Database } from "../store/database.ts";
import type { SpeakerLink } from "./link.ts";
import { provisioningOf, type HallAddresses, type Provisioning } from "./provisioning.ts";
import type { Credentialed, Registry, SpeakerChange } from "./registry.ts";
import { PlaceWire, speakerAnswer, SpeakerAnswer } from "./speaker-answer.ts";
import type { Speaker } from "./store.ts";
import { playTestTone, TONE_LIMIT_MS, TONE_VOLUME_LIMIT_PERCENT } from "./test-tone.ts";

const Name = z.string().min(1).max(200);
const Id = z.string().min(1).max(40);
const VolumePercent = z.int().min(0).max(100);
const Params = z.object({ id: Id });

const ProvisioningWire = z.discriminatedUnion("transport", [
  z.object({
    transport: z.literal("native"),
    config: z
      .record(z.string(), z.unknown())
      .describe(
        "Configuration file of the software loudspeaker; holds the secret, which can't be shown again",
      ),
    caPem: z.string(),
  }),
  z.object({
    transport: z.literal("http-icy"),
    address: z.string().describe("What the radio box is to play"),
  }),
]);

const Provisioned = z.object({ speaker: SpeakerAnswer, provisioning: ProvisioningWire });

const Sentence = z.object({ en: z.string(), vi: z.string() });

const tags = ["speakers"];

interface SpeakerRoutesParts {
  readonly database: Database;
  readonly registry: Registry;
  readonly link: SpeakerLink;
  readonly audit: Audit;
  readonly clock: Clock;
  readonly timeZone: string;
  /** Asked at each use: the hall's address may change. */
  readonly hallAddresses: () => HallAddresses;
}

export function speakerRoutes(parts: SpeakerRoutesParts): FastifyPluginAsyncZod {
  const { registry, link } = parts;
  const { speakers } = registry;
  const answerOf = (speaker: Speaker): SpeakerAnswer =>
    speakerAnswer(speaker, link.status(speaker.id), registry, registry.hamlets.get(speaker.hamlet).name);
  return async (app) => {
    app.get(
      "/speakers",
      {
        preHandler: allowEveryRole,
        schema: {
          tags,
          summary: "All loudspeakers and how they are now, by id",
          response: { 200: z.object({ speakers: z.array(SpeakerAnswer) }) },
        },
      },
      () => {
        const names = new Map(registry.hamlets.all().map(({ id, name }) => [id, name]));
        return {
          speakers: speakers
            .all()
            .map((speaker) =>
              speakerAnswer(speaker, link.status(speaker.id), registry, names.get(speaker.hamlet) ?? ""),
            ),
        };
      },
    );

    app.get(
      "/speaker-profiles",
      {
        preHandler: allowEveryRole,
        schema: {
          tags,
          summary: "Makes of loudspeakers that can be added",
          response: {
            200: z.object({
              profiles: z.array(
                z.object({ id: z.string(), name: Sentence, transport: z.enum(["native", "http-icy"]) }),
              ),
            }),
          },
        },
      },
      () => ({ profiles: registry.profiles().map(({ id, name, transport }) => ({ id, name, transport })) }),
    );

    app.get(
      "/speakers/:id",
      {
        preHandler: allowEveryRole,
        schema: {
          tags,
          summary: "One loudspeaker and how it is now",
          params: Params,
          response: { 200: SpeakerAnswer },
        },
      },
      (request) => answerOf(speakers.get(request.params.id)),
    );

    app.post(
      "/speakers/:id/test-tone",
      {
        preHandler: allow("technician"),
        schema: {
          tags,
          summary: "Play a short, quiet tone on one loudspeaker",
          params: Params,
          body: z.strictObject({
            toneMs: z.int().min(100).max(TONE_LIMIT_MS).default(1_000),
            volumePercent: z.int().min(1).max(TONE_VOLUME_LIMIT_PERCENT).default(20),
            confirmed: z.boolean().default(false).describe("Also in quiet hours"),
          }),
          response: {
            200: z.object({
              outcome: z
                .enum(["pending", "done", "refused", "unsupported", "expired", "superseded"])
                .describe("pending: it has not answered within 5 s"),
            }),
          },
        },
      },
      async (request, reply) => {
        const order = { speaker: request.params.id, ...request.body };
        parts.audit.record({
          actor: actorOf(request),
          action: "speaker.test-tone",
          subject: request.params.id,
          details: request.body,
        });
        return { outcome: await playTestTone(order, parts, untilGone(reply)) };
      },
    );

    await app.register(changingRoutes(parts, answerOf));
  };
}

function changingRoutes(
  { database, registry, audit, hallAddresses }: SpeakerRoutesParts,
  answerOf: (speaker: Speaker) => SpeakerAnswer,
): FastifyPluginAsyncZod {
  const { speakers } = registry;
  const provisioned = (
    credentialed: Credentialed,
  ): { speaker: SpeakerAnswer; provisioning: z.infer<typeof ProvisioningWire> } => ({
    speaker: answerOf(credentialed.speaker),
    provisioning: wireOf(
      provisioningOf(credentialed, speakers.profileOf(credentialed.speaker), hallAddresses()),
    ),
  });
  const changed = (request: FastifyRequest<{ Params: { id: string }; Body: SpeakerChange }>): Speaker =>
    database.transact(() => {
      const speaker = speakers.change(request.params.id, request.body);
      audit.record({
        actor: actorOf(request),
        action: "speaker.change",
        subject: speaker.id,
        details: { ...request.body },
      });
      return speaker;
    });
  return (app) => {
    app.post(
      "/speakers",
      {
        preHandler: allow("technician"),
        schema: {
          tags,
          summary: "Add a loudspeaker; answers what has to be put into the device, once",
          body: z.strictObject({
            name: Name,
            hamlet: Id,
            profile: z.string().max(40).optional().describe("A firmware profile; native when left out"),
            id: Id.optional().describe("Proposed from the name when left out"),
            volumePercent: VolumePercent.optional(),
            place: PlaceWire.optional(),
          }),
          response: { 201: Provisioned },
        },
      },
      (request, reply) => {
        const added = database.transact(() => {
          const credentialed = speakers.add(request.body);
          const { id, name, hamlet, profile } = credentialed.speaker;
          audit.record({
            actor: actorOf(request),
            action: "speaker.add",
            subject: id,
            details: { name, hamlet, profile },
          });
          return credentialed;
        });
        void reply.code(201);
        return provisioned(added);
      },
    );

    app.put(
      "/speakers/:id/volume",
      {
        preHandler: allow("technician", "officer"),
        schema: {
          tags,
          summary: "Set a loudspeaker's volume; it is told when it is there",
          params: Params,
          body: z.strictObject({ volumePercent: VolumePercent }),
          response: { 200: SpeakerAnswer },
        },
      },
      (request) => answerOf(changed(request)),
    );

    app.patch(
      "/speakers/:id",
      {
        preHandler: allow("technician"),
        schema: {
          tags,
          summary: "Rename a loudspeaker, move it, set its volume or place",
          params: Params,
          body: z.strictObject({
            name: Name.optional(),
            hamlet: Id.optional(),
            volumePercent: VolumePercent.optional(),
            place: PlaceWire.nullable().optional(),
          }),
          response: { 200: SpeakerAnswer },
        },
      },
      (request) => answerOf(changed(request)),
    );

    app.post(
      "/speakers/:id/renew",
      {
        preHandler: allow("technician"),
        schema: {
          tags,
          summary: "New secret for a replaced or moved device; the old one is void at once",
          params: Params,
          response: { 200: Provisioned },
        },
      },
      (request) => {
        const renewed = database.transact(() => {
          const credentialed = speakers.renew(request.params.id);
          audit.record({ actor: actorOf(request), action: "speaker.renew", subject: request.params.id });
          return credentialed;
        });
        return provisioned(renewed);
      },
    );

    app.delete(
      "/speakers/:id",
      {
        preHandler: allow("technician"),
        schema: {
          tags,
          summary: "Remove a loudspeaker; its receipts in the log stay",
          params: Params,
          response: { 200: z.object({ removed: z.literal(true) }) },
        },
      },
      (request) => {
        database.transact(() => {
          speakers.remove(request.params.id);
          audit.record({ actor: actorOf(request), action: "speaker.remove", subject: request.params.id });
        });
        return { removed: true as const };
      },
    );

    return Promise.resolve();
  };
}

function wireOf(provisioning: Provisioning): z.infer<typeof ProvisioningWire> {
  return provisioning.transport === "native"
    ? { ...provisioning, config: { ...provisioning.config } }
    : provisioning;
}
