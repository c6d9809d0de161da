import type { Command } from "commander";
import { z } from "zod";
import { Fault } from "../kernel/faults.ts";
import { text } from "../kernel/text.ts";
import { epochMs } from "../kernel/time.ts";
import type { Api } from "./api.ts";
import { pastTime } from "./rules/past-time.ts";

export interface SpanOptions {
  readonly from?: string;
  readonly to?: string;
}

/** What the hall's clock shows, and where it hangs. */
export const HallClock = z.object({ at: z.number(), timeZone: z.string() });

export function withSpan(command: Command): Command {
  return command
    .option("--from <time>", "09:05 (today), '2026-11-23 09:05' (the commune's time), or with an offset")
    .option("--to <time>", "the same");
}

/** Throws Fault("invalid") for what is no time, and when one of the two is left out. */
export async function spanFrom(api: Api, { from, to }: SpanOptions): Promise<{ from: number; to: number }> {
  if (from === undefined) throw leftOut("from");
  if (to === undefined) throw leftOut("to");
  const clock = await api.get("/api/status", HallClock);
  return { from: instantOf("from", from, clock), to: instantOf("to", to, clock) };
}

function instantOf(field: string, asked: string, { at, timeZone }: z.infer<typeof HallClock>): number {
  const exact = z.iso.datetime({ offset: true }).safeParse(asked);
  const instant = exact.success ? Date.parse(exact.data) : pastTime(asked, epochMs(at), timeZone);
  if (instant !== undefined) return instant;
  throw new Fault(
    "invalid",
    text(`--${field} "${asked}" is not a time.`, `--${field} "${asked}" không phải thời điểm.`),
    {
      field,
      hint: text(
        "Write 09:05, '2026-11-23 09:05', or 2026-11-23T09:05:00+07:00.",
        "Hãy viết 09:05, '2026-11-23 09:05', hoặc 2026-11-23T09:05:00+07:00.",
      ),
    },
  );
}

function leftOut(field: string): Fault {
  return new Fault("invalid", text(`--${field} is left out.`, `Thiếu --${field}.`), {
    field,
    hint: text("Give both --from and --to.", "Hãy cho cả --from và --to."),
  });
}
