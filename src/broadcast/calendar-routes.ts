import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import { actorOf, allow, allowEveryRole } from "../identity/guard.ts";
import type { Clock } from "../kernel/clock.ts";
import { epochMs } from "../kernel/time.ts";
import { whoAnswer, WhoWire } from "./approval-wire.ts";
import type { Calendar, Saving } from "./calendar.ts";
import {
  ClashesWire,
  pageAnswer,
  PageWire,
  SavedWire,
  slotAnswer,
  SlotDraftWire,
  SlotWire,
} from "./calendar-answers.ts";
import type { KeptSlot, Scope, SlotDraft, SlotSaved } from "./calendar-model.ts";
import { viewCalendar, type OffCalendar } from "./calendar-view.ts";
import { DateText, HolidaysWire, TimeText } from "./calendar-wire.ts";
import { localDateOf } from "./rules/days.ts";
import { SUGGESTED_HOLIDAYS } from "./rules/holidays.ts";
import { localZone } from "./rules/local-time.ts";
import type { TimeWindow } from "./rules/model.ts";

export interface CalendarRoutesParts {
  readonly calendar: Calendar;
  readonly clock: Clock;
  /** IANA name. */
  readonly timeZone: string;
  /** What bears on the calendar without standing on it: live sessions, alerts, stops. */
  readonly offCalendar: (window: TimeWindow) => OffCalendar;
}

const tags = ["calendar"];
const Params = z.object({ id: z.string().min(1).max(40) });
const OccurrenceParams = Params.extend({ date: DateText });
const Version = z.int().min(1).describe("The version that was seen; another one is a conflict");
const Preview = z.object({
  preview: z
    .enum(["true", "false"])
    .default("false")
    .describe("Answer, or refuse, as saving would, and save nothing"),
});
const ScopeWire = z
  .discriminatedUnion("type", [
    z.strictObject({ type: z.literal("all") }),
    z.strictObject({ type: z.literal("following"), date: DateText }),
    z.strictObject({ type: z.literal("one"), date: DateText }),
  ])
  .describe("Which occurrences; dates are those the rule gave");

const editing = allow("officer", "leader");

/** The calendar: slots, single occurrences, holidays, and what will really sound. */
export function calendarRoutes(parts: CalendarRoutesParts): FastifyPluginAsyncZod {
  const { calendar, timeZone } = parts;
  return async (app) => {
    app.get(
      "/calendar",
      {
        preHandler: allowEveryRole,
        schema: {
          tags,
          summary: "What will really sound, on whom, and why the rest is silent",
          querystring: z.object({
            from: z.coerce.number().int().describe("UTC milliseconds"),
            to: z.coerce.number().int().describe("UTC milliseconds; at most 62 days later"),
            hamlet: z.string().max(40).optional(),
          }),
          response: { 200: PageWire },
        },
      },
      ({ query: { from, to, hamlet } }) => {
        const window = { from: epochMs(from), to: epochMs(to) };
        return { ...window, timeZone, ...pageAnswer(viewCalendar(parts, window, hamlet)) };
      },
    );

    app.get(
      "/calendar/quiet-clashes",
      {
        preHandler: allowEveryRole,
        schema: {
          tags,
          summary: "Slots that the quiet hours silence since these were changed",
          response: { 200: ClashesWire },
        },
      },
      () => ({
        clashes: calendar.clashes().map(({ slot, title, first, said }) => ({
          ...{ slot: slot.id, title, startAt: first.startAt, said },
          speakers: first.speakers.length,
        })),
      }),
    );

    await app.register(slotRoutes(parts));
    await app.register(holidayRoutes(calendar));
  };
}

function slotRoutes({ calendar, clock, timeZone }: CalendarRoutesParts): FastifyPluginAsyncZod {
  const answerOf = (kept: KeptSlot): z.infer<typeof SlotWire> => {
    const slot = calendar.slots().find(({ id }) => id === kept.id);
    const bulletin = calendar.bulletinOf(kept.id);
    return slotAnswer(kept, {
      title: slot?.title ?? bulletin?.title ?? "",
      level: slot?.level ?? 0,
      lastsMs: slot?.durationMs ?? 0,
      barred: slot?.barred,
    });
  };
  const savedAnswer = ({ slots, said, saved }: SlotSaved): z.infer<typeof SavedWire> => ({
    slots: slots.map(answerOf),
    said,
    saved,
  });
  const draftOf = ({ from, ...rest }: z.infer<typeof SlotDraftWire>): SlotDraft => ({
    ...rest,
    from: from ?? localDateOf(localZone(timeZone).dayOf(clock.now())),
  });

  return (app) => {
    app.get(
      "/slots",
      {
        preHandler: allowEveryRole,
        schema: {
          tags,
          summary: "All slots on the calendar, by time of day",
          response: { 200: z.object({ slots: z.array(SlotWire) }) },
        },
      },
      () => ({ slots: calendar.list().map(answerOf) }),
    );

    app.get(
      "/slots/:id",
      {
        preHandler: allowEveryRole,
        schema: {
          tags,
          summary: "One slot, also one that was deleted or replaced",
          params: Params,
          response: { 200: SlotWire },
        },
      },
      ({ params }) => answerOf(calendar.get(params.id)),
    );

    app.post(
      "/slots",
      {
        preHandler: editing,
        schema: {
          tags,
          summary: "Put a bulletin on the calendar",
          querystring: Preview,
          body: SlotDraftWire,
          response: { 200: SavedWire, 201: SavedWire },
        },
      },
      (request, reply) => {
        const saved = calendar.create(draftOf(request.body), savingOf(request));
        void reply.code(saved.saved ? 201 : 200);
        return savedAnswer(saved);
      },
    );

    app.put(
      "/slots/:id",
      {
        preHandler: editing,
        schema: {
          tags,
          summary: "Change a slot: one occurrence, those from a day on, or all",
          params: Params,
          querystring: Preview,
          body: SlotDraftWire.extend({ version: Version, scope: ScopeWire }),
          response: { 200: SavedWire },
        },
      },
      (request) => {
        const { version, scope, ...body } = request.body;
        const draft = draftOf({ ...body, from: body.from ?? calendar.get(request.params.id).from });
        return savedAnswer(calendar.change(request.params.id, { version, scope, draft }, savingOf(request)));
      },
    );

    app.delete(
      "/slots/:id",
      {
        preHandler: editing,
        schema: {
          tags,
          summary: "Take a slot off the calendar: one occurrence, those from a day on, or all",
          params: Params,
          querystring: Preview.extend({
            version: z.coerce.number().int().min(1),
            scope: z.enum(["all", "following", "one"]).default("all"),
            date: DateText.optional().describe("With `following` and `one`"),
          }),
          response: { 200: SavedWire },
        },
      },
      (request) => {
        const { version, scope, date = "" } = request.query;
        const of: Scope = scope === "all" ? { type: scope } : { type: scope, date };
        return savedAnswer(calendar.remove(request.params.id, { version, scope: of }, savingOf(request)));
      },
    );

    app.post(
      "/slots/:id/occurrences/:date",
      {
        preHandler: editing,
        schema: {
          tags,
          summary: "Cancel or move one occurrence, or put it back",
          params: OccurrenceParams,
          querystring: Preview,
          body: z.strictObject({
            version: Version,
            edit: z.discriminatedUnion("type", [
              z.strictObject({ type: z.literal("cancel") }),
              z.strictObject({ type: z.literal("move"), toDate: DateText, toTime: TimeText }),
              z.strictObject({ type: z.literal("restore") }),
            ]),
          }),
          response: { 200: SavedWire },
        },
      },
      (request) => {
        const { id, date } = request.params;
        const { version, edit } = request.body;
        return savedAnswer(calendar.except(id, { version, date, edit }, savingOf(request)));
      },
    );
    return Promise.resolve();
  };
}

function holidayRoutes(calendar: Calendar): FastifyPluginAsyncZod {
  return (app) => {
    app.get(
      "/holidays",
      {
        preHandler: allowEveryRole,
        schema: {
          tags,
          summary: "The commune's list of holidays, and days that are offered for it",
          response: {
            200: z.object({
              version: z.int(),
              holidays: HolidaysWire,
              suggested: HolidaysWire,
              changed: WhoWire,
            }),
          },
        },
      },
      () => {
        const { version, holidays, changed } = calendar.holidayList();
        return {
          ...{ version, holidays: [...holidays], changed: whoAnswer(changed) },
          suggested: [...SUGGESTED_HOLIDAYS],
        };
      },
    );

    app.put(
      "/holidays",
      {
        preHandler: editing,
        schema: {
          tags,
          summary: "Replace the list of holidays",
          querystring: Preview,
          body: z.strictObject({
            version: z.int().min(0).describe("The version that was seen; another one is a conflict"),
            holidays: HolidaysWire,
          }),
          response: { 200: SavedWire.omit({ slots: true }) },
        },
      },
      (request) => {
        const { said, saved } = calendar.setHolidays(request.body, savingOf(request));
        return { said, saved };
      },
    );
    return Promise.resolve();
  };
}

function savingOf(
  request: Parameters<typeof actorOf>[0] & { readonly query: { readonly preview: "true" | "false" } },
): Saving {
  return { actor: actorOf(request), preview: request.query.preview === "true" };
}
