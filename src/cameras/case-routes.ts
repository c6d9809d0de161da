import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import { actorOf, allow } from "../identity/guard.ts";
import { epochMs } from "../kernel/time.ts";
import type { Access } from "./access.ts";
import { checkSpan } from "./clips/clip-faults.ts";
import { Instant } from "./clips/clip-wire.ts";
import { sendFile } from "./clips/send-file.ts";
import { caseAnswer, CaseWire, exportAnswer, ExportWire, Words } from "./evidence/case-wire.ts";
import type { Cases } from "./evidence/cases.ts";
import type { Exports } from "./evidence/exports.ts";
import type { Span } from "./rules/model.ts";
import { CameraId } from "./wire.ts";

interface CaseRoutesParts {
  readonly cases: Cases;
  readonly exports: Exports;
  readonly access: Access;
}

const tags = ["cases"];
const hands = allow("officer", "leader", "technician");
const Params = z.object({ id: z.string().min(1).max(60) });
const CaseNumber = z.string().trim().min(1).max(60);

/** Cases, what they hold, who lets go of it, and packages to hand over. */
export function caseRoutes({ cases, exports, access }: CaseRoutesParts): FastifyPluginAsyncZod {
  return async (app) => {
    app.get(
      "/cases",
      {
        preHandler: hands,
        schema: {
          tags,
          summary: "All cases, newest first",
          response: { 200: z.object({ cases: z.array(CaseWire) }) },
        },
      },
      () => ({ cases: cases.list().map(caseAnswer) }),
    );

    app.post(
      "/cases",
      {
        preHandler: hands,
        schema: {
          tags,
          summary: "Open a case",
          body: z.strictObject({ number: CaseNumber, title: Words, reason: Words }),
          response: { 201: CaseWire },
        },
      },
      (request, reply) => {
        const opened = cases.open(request.body, actorOf(request));
        void reply.code(201);
        return caseAnswer(opened);
      },
    );

    app.get(
      "/cases/:id",
      {
        preHandler: hands,
        schema: {
          tags,
          summary: "One case with its holds and packages",
          params: Params,
          response: { 200: CaseWire.extend({ exports: z.array(ExportWire) }) },
        },
      },
      (request) => {
        const file = cases.get(request.params.id);
        return { ...caseAnswer(file), exports: exports.ofCase(file.id).map(exportAnswer) };
      },
    );

    app.post(
      "/cases/:id/holds",
      {
        preHandler: hands,
        schema: {
          tags,
          summary: "Hold a stretch of a camera's recordings back from every clean-up",
          params: Params,
          body: z.strictObject({ camera: CameraId, from: Instant, to: Instant }),
          response: { 201: CaseWire },
        },
      },
      (request, reply) => {
        const { camera } = request.body;
        access.demand(camera, actorOf(request), "clip");
        const span = spanOf(request.body);
        checkSpan(span);
        const held = cases.hold(request.params.id, { camera, ...span }, actorOf(request));
        void reply.code(201);
        return caseAnswer(held);
      },
    );

    await app.register(releaseRoutes(cases));
    await app.register(exportRoutes({ exports, access }));
  };
}

function releaseRoutes(cases: Cases): FastifyPluginAsyncZod {
  return (app) => {
    app.post(
      "/cases/:id/release",
      {
        preHandler: hands,
        schema: {
          tags,
          summary: "Ask for a case to be let go; a second person confirms",
          params: Params,
          body: z.strictObject({ reason: Words }),
          response: { 200: CaseWire },
        },
      },
      (request) => caseAnswer(cases.askRelease(request.params.id, request.body.reason, actorOf(request))),
    );

    app.post(
      "/cases/:id/release/confirm",
      {
        preHandler: allow("leader"),
        schema: {
          tags,
          summary: "Let a case go: by a leader or administrator who did not ask for it",
          params: Params,
          response: { 200: CaseWire },
        },
      },
      (request) => caseAnswer(cases.confirmRelease(request.params.id, actorOf(request))),
    );

    app.post(
      "/cases/:id/release/refuse",
      {
        preHandler: hands,
        schema: {
          tags,
          summary: "Keep the case: take back or refuse what was asked",
          params: Params,
          response: { 200: CaseWire },
        },
      },
      (request) => caseAnswer(cases.refuseRelease(request.params.id, actorOf(request))),
    );
    return Promise.resolve();
  };
}

function exportRoutes({
  exports,
  access,
}: Pick<CaseRoutesParts, "exports" | "access">): FastifyPluginAsyncZod {
  return (app) => {
    app.post(
      "/cases/:id/exports",
      {
        preHandler: hands,
        schema: {
          tags,
          summary: "Make an evidence package; it is ready when its state says so",
          params: Params,
          body: z.strictObject({
            camera: CameraId,
            from: Instant,
            to: Instant,
            reason: Words,
            purpose: Words.describe("For whom and what for (decree 356/2025, article 15)"),
            redaction: Words.describe("What was decided about other people in the picture"),
          }),
          response: { 201: ExportWire },
        },
      },
      (request, reply) => {
        const { camera, reason, purpose, redaction } = request.body;
        access.demand(camera, actorOf(request), "export");
        const order = { camera, ...spanOf(request.body), reason, purpose, redaction };
        const made = exports.request(request.params.id, order, actorOf(request));
        void reply.code(201);
        return exportAnswer(made);
      },
    );

    app.get(
      "/exports/:id",
      {
        preHandler: hands,
        schema: {
          tags,
          summary: "One evidence package and how far it is",
          params: Params,
          response: { 200: ExportWire },
        },
      },
      (request) => exportAnswer(exports.get(request.params.id)),
    );

    app.get(
      "/exports/:id/download",
      {
        preHandler: hands,
        schema: {
          tags,
          summary: "The package (application/zip, Range allowed)",
          params: Params,
          response: { 200: z.string().describe("Zip") },
        },
      },
      async (request, reply) => {
        const actor = actorOf(request);
        const { id, camera, from, sha256 } = exports.get(request.params.id);
        access.demand(camera, actor, "export");
        const path = exports.download(id, actor);
        const stamp = new Date(from).toISOString().slice(0, 19).replaceAll(/[-:]/g, "");
        reply.hijack();
        await sendFile(request.raw, reply.raw, {
          path,
          contentType: "application/zip",
          etag: sha256 ?? id,
          downloadName: `bang-chung-${camera}-${stamp}Z.zip`,
        });
      },
    );
    return Promise.resolve();
  };
}

function spanOf({ from, to }: { readonly from: number; readonly to: number }): Span {
  return { from: epochMs(from), to: epochMs(to) };
}
