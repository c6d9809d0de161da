import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import { localZone } from "../../broadcast/rules/local-time.ts";
import { actorOf, allow, allowEveryRole } from "../../identity/guard.ts";
import { Fault } from "../../kernel/faults.ts";
import { text } from "../../kernel/text.ts";
import { DAY_MS, epochMs, type EpochMs } from "../../kernel/time.ts";
import type { Audit } from "../../identity/audit.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { Access } from "../access.ts";
import type { Cameras } from "../cameras.ts";
import type { Span } from "../rules/model.ts";
import { noticeSignOf, type NoticeOwner } from "../rules/notice-sign.ts";
import { watchedCsv, type Watched } from "../rules/watched.ts";
import type { WatchLog } from "../watch-log.ts";
import { CameraId } from "../wire.ts";
import { inMinutes, LONGEST_PAUSE_MS, pauseCamera } from "./pause.ts";
import { SIGN_POLICY, signPage } from "./sign-page.ts";
import { whoWatched } from "./watched.ts";

export interface PrivacyRoutesParts {
  readonly cameras: Pick<Cameras, "get" | "change">;
  readonly access: Pick<Access, "demand">;
  readonly audit: Pick<Audit, "read" | "record">;
  readonly watchLog: Pick<WatchLog, "ongoing">;
  readonly clock: Clock;
  readonly timeZone: string;
  readonly owner: NoticeOwner;
}

const Params = z.object({ id: CameraId });
const Instant = z.int().min(0).max(8.64e15).transform(epochMs);
const Said = z.object({ en: z.string(), vi: z.string() });

const SpanQuery = z.object({
  from: z.coerce.number().int().optional().describe("UTC milliseconds; a week before `to` when left out"),
  to: z.coerce.number().int().optional().describe("UTC milliseconds; now when left out"),
});

const WatchedAnswer = z.object({
  from: z.int(),
  to: z.int(),
  watched: z.array(
    z.object({
      at: z.int().describe("UTC milliseconds"),
      actorId: z.string(),
      actorName: z.string(),
      act: z.enum(["live", "playback", "clip", "export", "ptz", "refused"]),
      action: z.string().describe("As in the audit trail"),
      seconds: z.number().nullable().describe("Live: how long; playback: how much of the recordings"),
      spans: z.array(z.object({ from: z.int(), to: z.int() })).describe("The recordings that were played"),
      state: z.enum(["done", "now", "lost"]).describe("lost: the controller went down meanwhile"),
      said: Said,
    }),
  ),
});

const LONGEST_REPORT_MS = 92 * DAY_MS;
const DEFAULT_REPORT_MS = 7 * DAY_MS;
const tags = ["camera privacy"];

/** Who watched, the pause by hand, the notice sign. */
export function privacyRoutes(parts: PrivacyRoutesParts): FastifyPluginAsyncZod {
  const { cameras, clock, timeZone, owner } = parts;
  return (app) => {
    app.get(
      "/cameras/:id/watched",
      {
        preHandler: allow("leader"),
        schema: {
          tags,
          summary: "Who watched this camera, live or recorded, and who was refused; newest first",
          params: Params,
          querystring: SpanQuery,
          response: { 200: WatchedAnswer },
        },
      },
      async ({ params, query }) => {
        const { span, watched } = await report(params.id, query);
        return { ...span, watched: watched.map((row) => ({ ...row, spans: [...row.spans] })) };
      },
    );

    app.get(
      "/cameras/:id/watched.csv",
      {
        preHandler: allow("leader"),
        schema: {
          tags,
          summary: "The same report as a table for Excel",
          params: Params,
          querystring: SpanQuery,
          response: { 200: z.string().describe("CSV") },
        },
      },
      async ({ params, query }, reply) => {
        const { watched } = await report(params.id, query);
        return reply
          .type("text/csv; charset=utf-8")
          .header("content-disposition", `attachment; filename="nguoi-xem-${params.id}.csv"`)
          .header("cache-control", "no-store")
          .send(watchedCsv(watched, localZone(timeZone)));
      },
    );

    app.post(
      "/cameras/:id/pause",
      {
        preHandler: allow("officer", "leader"),
        schema: {
          tags,
          summary: "Pause recording and live view for a while, or end the pause",
          params: Params,
          body: z.strictObject({
            minutes: z
              .int()
              .min(1)
              .max(LONGEST_PAUSE_MS / 60_000)
              .optional(),
            until: Instant.nullable().optional().describe("UTC milliseconds; null ends the pause"),
            reason: z
              .string()
              .min(3)
              .max(300)
              .default("Tạm dừng bằng tay")
              .describe("Stands in the audit trail"),
          }),
          response: { 200: z.object({ pausedUntil: z.int().nullable() }) },
        },
      },
      (request) => {
        const { minutes, until, reason } = request.body;
        if ((minutes === undefined) === (until === undefined)) throw eitherOr();
        const end = minutes === undefined ? (until ?? null) : inMinutes(minutes, clock.now());
        const order = { camera: request.params.id, until: end, reason };
        const { pausedUntil } = pauseCamera(order, actorOf(request), parts);
        return { pausedUntil };
      },
    );

    app.get(
      "/cameras/:id/sign",
      {
        preHandler: allowEveryRole,
        schema: {
          tags,
          summary: "The notice sign as an A4 page to print",
          params: Params,
          response: { 200: z.string().describe("HTML") },
        },
      },
      async ({ params }, reply) =>
        reply
          .type("text/html; charset=utf-8")
          .header("content-security-policy", SIGN_POLICY)
          .header("cache-control", "no-store")
          .send(await signPage(noticeSignOf(cameras.get(params.id), owner))),
    );

    return Promise.resolve();
  };

  async function report(
    id: z.infer<typeof CameraId>,
    query: z.infer<typeof SpanQuery>,
  ): Promise<{ span: Span; watched: Watched[] }> {
    const span = reported(query, clock.now());
    return { span, watched: await whoWatched(id, span, parts) };
  }
}

/** Of a camera that was removed too: its viewers are still asked for. */
function reported(query: z.infer<typeof SpanQuery>, now: EpochMs): Span {
  const to = query.to ?? now;
  const from = query.from ?? to - DEFAULT_REPORT_MS;
  if (from < to && to - from <= LONGEST_REPORT_MS && from >= 0 && to <= 8.64e15) {
    return { from: epochMs(from), to: epochMs(to) };
  }
  throw new Fault(
    "invalid",
    text(
      `From ${from} to ${to} is no span that can be reported.`,
      "Khoảng thời gian của báo cáo không hợp lệ.",
    ),
    {
      field: "from",
      hint: text(
        "Choose a start before the end, 92 days apart at most.",
        "Hãy chọn ngày bắt đầu trước ngày kết thúc, cách nhau tối đa 92 ngày.",
      ),
    },
  );
}

function eitherOr(): Fault {
  return new Fault(
    "invalid",
    text(
      "Say either how many minutes or until when.",
      "Hãy cho biết số phút, hoặc giờ kết thúc, chỉ một trong hai.",
    ),
    {
      field: "minutes",
      hint: text('{"until": null} ends the pause.', 'Gửi {"until": null} để kết thúc tạm dừng.'),
    },
  );
}
