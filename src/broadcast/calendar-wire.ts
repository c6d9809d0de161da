import { z } from "zod";
import type { Holiday, Recurrence, SlotException, Targets } from "./rules/model.ts";

/** Shapes of the calendar in JSON: what the API takes and what the tables keep. Whether dates exist is checked later. */

export const DateText = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}$/)
  .meta({ description: "Local calendar date", example: "2026-11-24" });
export const TimeText = z
  .string()
  .regex(/^\d{2}:\d{2}(:\d{2})?$/)
  .meta({ description: "Local time of day; seconds may be left out", example: "17:00" });
const MonthDayText = z
  .string()
  .regex(/^\d{2}-\d{2}$/)
  .meta({ description: "Month and day", example: "05-15" });

const Recurrences = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("once"), date: DateText }),
  z.strictObject({ type: z.literal("daily") }),
  z.strictObject({
    type: z.literal("weekly"),
    everyWeeks: z.int().min(1).max(52),
    weekdays: z.array(z.int().min(1).max(7)).min(1).max(7).meta({ description: "1 = Monday … 7 = Sunday" }),
  }),
  z.strictObject({
    type: z.literal("monthly"),
    days: z
      .array(z.union([z.int().min(1).max(31), z.literal("last")]))
      .min(1)
      .max(32),
  }),
  z.strictObject({
    type: z.literal("lunar"),
    days: z.array(z.int().min(1).max(30)).min(1).max(30),
    month: z.int().min(1).max(12).exactOptional(),
    leapMonth: z.enum(["skip", "both"]),
    shortMonth: z.enum(["skip", "last-day"]),
  }),
]);
export const RecurrenceWire: z.ZodType<Recurrence> = Recurrences;

export const TargetsWire = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("everywhere") }),
  z.strictObject({
    type: z.literal("some"),
    hamlets: z.array(z.string().max(31)).max(500),
    speakers: z.array(z.string().max(31)).max(1_000),
  }),
]) satisfies z.ZodType<Targets>;

export const SeasonsWire = z.array(z.strictObject({ from: MonthDayText, to: MonthDayText })).max(12);

const ExceptionWire = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("cancelled"), date: DateText }),
  z.strictObject({ type: z.literal("moved"), date: DateText, toDate: DateText, toTime: TimeText }),
]) satisfies z.ZodType<SlotException>;
export const ExceptionsWire = z.array(ExceptionWire).max(2_000);

const HolidayName = z.string().min(1).max(100);
export const HolidaysWire = z
  .array(
    z.discriminatedUnion("type", [
      z.strictObject({ type: z.literal("solar"), monthDay: MonthDayText, name: HolidayName }),
      z.strictObject({
        type: z.literal("lunar"),
        month: z.int().min(1).max(12),
        day: z.union([z.int().min(1).max(30), z.literal("last")]),
        name: HolidayName,
      }),
      z.strictObject({ type: z.literal("date"), date: DateText, name: HolidayName }),
    ]),
  )
  .max(200) satisfies z.ZodType<Holiday[]>;
