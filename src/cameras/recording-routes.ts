import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import { localDateOf, parseLocalDate, type DayNumber } from "../broadcast/rules/days.ts";
import { localZone } from "../broadcast/rules/local-time.ts";
import { allowEveryRole } from "../identity/guard.ts";
import type { Clock } from "../kernel/clock.ts";
import { Fault } from "../kernel/faults.ts";
import { text } from "../kernel/text.ts";
import type { Cameras } from "./cameras.ts";
import { completenessView, daySpan } from "./recording-view.ts";
import type { Recorder } from "./recorder/recorder.ts";
import { CameraId } from "./wire.ts";

interface RecordingRoutesParts {
  readonly recorder: Recorder;
  readonly cameras: Cameras;
  readonly clock: Clock;
  readonly timeZone: string;
}

const Sentence = z.object({ vi: z.string(), en: z.string() });
const Params = z.object({ id: CameraId });

const Gap = z.object({
  from: z.number().describe("UTC milliseconds"),
  to: z.number().nullable().describe("Null while it lasts"),
  cause: z.string(),
  intended: z.boolean().describe("A privacy pause, or switched off"),
  said: Sentence,
});

const Completeness = z.object({
  from: z.number(),
  to: z.number(),
  percent: z
    .number()
    .nullable()
    .describe("To a tenth, never rounded up to 100; null: nothing was to be recorded"),
  recordedMs: z.number(),
  expectedMs: z.number(),
  gaps: z.array(Gap),
  erased: z
    .array(z.object({ from: z.number(), to: z.number() }))
    .describe("Recorded, and deleted because somebody asked for it"),
  said: Sentence,
});

const Day = Completeness.extend({ day: z.string() });

const Storage = z.object({
  disk: z
    .object({
      totalBytes: z.number(),
      freeBytes: z.number(),
      reserveBytes: z.number().describe("Below this much free space old footage is deleted early"),
      hourlyBytes: z.number().describe("What all cameras wrote in their busiest hour"),
      level: z.enum(["ok", "pressure", "critical"]),
      stopped: z.array(z.string()).describe("Cameras that are not recorded for want of room"),
    })
    .nullable()
    .describe("Null before the first look at the disk"),
  cameras: z.array(
    z.object({
      id: z.string(),
      name: z.string().nullable().describe("Null: the camera was removed"),
      bytes: z.number(),
      files: z.int(),
      gaps: z.int(),
      oldestAt: z.number().nullable(),
      retentionDays: z.int().nullable(),
      quotaBytes: z.number().nullable(),
    }),
  ),
});

const tags = ["cameras"];

/** How complete the recordings are, and what room they take. Every role may see it: no picture is in it. */
export function recordingRoutes(parts: RecordingRoutesParts): FastifyPluginAsyncZod {
  const { recorder, cameras, clock, timeZone } = parts;
  const zone = localZone(timeZone);
  const dayOf = (camera: z.infer<typeof CameraId>, day: DayNumber): z.infer<typeof Day> => ({
    day: localDateOf(day),
    ...mutable(completenessView(recorder.completeness(camera, daySpan(day, zone)), clock.now())),
  });
  return (app) => {
    app.get(
      "/cameras/:id/completeness",
      {
        preHandler: allowEveryRole,
        schema: {
          tags,
          summary: "How complete a day's recording is, with its gaps",
          params: Params,
          querystring: z.object({ day: z.string().max(10).optional().describe("2026-11-23; default today") }),
          response: { 200: Day },
        },
      },
      (request) => {
        const { id } = cameras.get(request.params.id);
        const { day } = request.query;
        return dayOf(id, day === undefined ? zone.dayOf(clock.now()) : dayNumber(day, "day"));
      },
    );
    app.get(
      "/cameras/:id/completeness/month",
      {
        preHandler: allowEveryRole,
        schema: {
          tags,
          summary: "How complete the recording of each day of a month is",
          params: Params,
          querystring: z.object({ month: z.string().max(7).describe("2026-11") }),
          response: { 200: z.object({ month: z.string(), whole: Completeness, days: z.array(Day) }) },
        },
      },
      (request) => {
        const { id } = cameras.get(request.params.id);
        const { month } = request.query;
        const first = dayNumber(`${month}-01`, "month");
        const days = monthDays(first).filter((day) => daySpan(day, zone).from <= clock.now());
        const whole = {
          from: daySpan(first, zone).from,
          to: daySpan(monthDays(first).at(-1) ?? first, zone).to,
        };
        return {
          month,
          whole: mutable(completenessView(recorder.completeness(id, whole), clock.now())),
          days: days.map((day) => dayOf(id, day)),
        };
      },
    );
    app.get(
      "/storage",
      {
        preHandler: allowEveryRole,
        schema: {
          tags,
          summary: "The disk of recordings, and each camera's part",
          response: { 200: Storage },
        },
      },
      () => {
        const disk = recorder.disk();
        return {
          disk:
            disk === undefined
              ? null
              : { ...disk, reserveBytes: Math.round(disk.highBytes), stopped: [...disk.stopped] },
          cameras: recorder.storage().map(({ camera, bytes, files, gaps }) => {
            const kept = cameras.find(camera);
            return {
              ...{ id: camera, bytes, files, gaps },
              name: kept?.name ?? null,
              oldestAt: recorder.oldestAt(camera) ?? null,
              retentionDays: kept?.retentionDays ?? null,
              quotaBytes: kept?.quotaBytes ?? null,
            };
          }),
        };
      },
    );
    return Promise.resolve();
  };
}

function mutable({
  gaps,
  erased,
  ...view
}: ReturnType<typeof completenessView>): z.infer<typeof Completeness> {
  return { ...view, gaps: [...gaps], erased: erased.map(({ from, to }) => ({ from, to })) };
}

const LONGEST_MONTH_DAYS = 31;

function monthDays(first: DayNumber): readonly DayNumber[] {
  const month = localDateOf(first).slice(0, 7);
  return Array.from({ length: LONGEST_MONTH_DAYS }, (_, index) => first + index).filter(
    (day) => localDateOf(day).slice(0, 7) === month,
  );
}

function dayNumber(date: string, field: "day" | "month"): DayNumber {
  const day = parseLocalDate(date);
  if (day !== undefined) return day;
  const given = field === "day" ? date : date.slice(0, -3);
  throw new Fault(
    "invalid",
    text(
      `${field} is “${given}”, which is no date.`,
      `Giá trị ${field} là “${given}”, không phải ngày tháng.`,
    ),
    {
      field,
      hint: text(
        field === "day" ? "Write it as 2026-11-23." : "Write it as 2026-11.",
        field === "day" ? "Hãy viết theo dạng 2026-11-23." : "Hãy viết theo dạng 2026-11.",
      ),
    },
  );
}
