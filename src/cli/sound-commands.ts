import { z } from "zod";
import { Fault } from "../kernel/faults.ts";
import { text } from "../kernel/text.ts";
import { epochMs } from "../kernel/time.ts";
import type { Api } from "./api.ts";
import type { CommandGroup } from "./command.ts";
import { nextTime } from "./rules/next-time.ts";
import { when } from "./when.ts";

const Said = z.object({
  airing: z.string().optional(),
  bulletin: z.string().optional(),
  at: z.number(),
  said: z.object({ vi: z.string(), en: z.string() }),
});

const HallClock = z.object({ at: z.number(), timeZone: z.string() });

interface SayOptions {
  readonly hamlet?: string[];
  readonly all?: true;
  readonly emergency?: true;
  readonly at?: string;
}

export const soundCommands: CommandGroup = (program, on) => {
  program
    .command("say <text>")
    .description("read a text aloud on the loudspeakers")
    .option("--hamlet <id...>", "where: these hamlets")
    .option("--all", "where: everywhere")
    .option("--emergency", "at once, over everything, quiet hours included")
    .option("--at <time>", "17:05 (the commune's time) or 2026-11-23T17:05:00+07:00; now when left out")
    .action(
      on(async (session, words: string, options: SayOptions) => {
        if ((options.hamlet === undefined) === (options.all === undefined)) throw nowhere();
        if (options.at !== undefined && options.emergency === true) throw emergencyLater();
        const api = await session.openApi();
        const at = options.at === undefined ? undefined : await instantOf(api, options.at);
        const body = {
          text: words,
          ...(options.hamlet !== undefined && { hamlets: options.hamlet }),
          ...(options.all === true && { everywhere: true }),
          ...(options.emergency === true && { emergency: true }),
          ...(at !== undefined && { at: new Date(at).toISOString() }),
        };
        const answer = await api.send("POST", "/api/say", { body, schema: Said });
        session.answer(answer, () => [answer.said]);
      }),
    );

  program
    .command("stop-all")
    .description("silence every loudspeaker at once")
    .option("--hold <minutes>", "nothing sounds for so long", "10")
    .action(
      on(async (session, { hold }: { hold: string }) => {
        const holdMinutes = Number(hold);
        if (!Number.isInteger(holdMinutes)) throw badHold(hold);
        const api = await session.openApi();
        const schema = z.object({ stopped: z.array(z.string()), holdUntil: z.number() });
        const answer = await api.send("POST", "/api/stop-all", { body: { holdMinutes }, schema });
        const { timeZone } = await api.get("/api/status", HallClock);
        const until = when(answer.holdUntil, timeZone);
        session.answer(answer, () => [
          text(
            `Stopped: ${answer.stopped.length} airings. Nothing sounds before ${until}; tienglang resume lifts this.`,
            `Đã dừng ${answer.stopped.length} lượt phát. Không phát gì trước ${until}; tienglang resume để cho phát lại.`,
          ),
        ]);
      }),
    );

  program
    .command("resume")
    .description("lift the hold of stop-all")
    .action(
      on(async (session) => {
        const api = await session.openApi();
        await api.send("POST", "/api/resume", { schema: z.unknown() });
        session.answer({ resumed: true }, () => [
          text("The loudspeakers may sound again.", "Các loa được phép phát trở lại."),
        ]);
      }),
    );
};

async function instantOf(api: Api, asked: string): Promise<number> {
  const exact = z.iso.datetime({ offset: true }).safeParse(asked);
  if (exact.success) return Date.parse(exact.data);
  const { at, timeZone } = await api.get("/api/status", HallClock);
  const next = nextTime(asked, epochMs(at), timeZone);
  if (next !== undefined) return next;
  throw new Fault("invalid", text(`"${asked}" is not a time.`, `"${asked}" không phải giờ phát.`), {
    field: "at",
    hint: text(
      "Write 17:05, or 2026-11-23T17:05:00+07:00.",
      "Hãy viết 17:05, hoặc 2026-11-23T17:05:00+07:00.",
    ),
  });
}

function nowhere(): Fault {
  return new Fault("invalid", text("It is not said where it should sound.", "Chưa cho biết phát ở đâu."), {
    field: "hamlet",
    hint: text(
      "Give either --hamlet with ids of tienglang hamlet list, or --all.",
      "Dùng --hamlet với mã trong tienglang hamlet list, hoặc --all.",
    ),
  });
}

function emergencyLater(): Fault {
  return new Fault("invalid", text("An emergency sounds at once.", "Phát khẩn cấp thì phát ngay."), {
    field: "at",
    hint: text("Leave out --at or --emergency.", "Hãy bỏ --at hoặc --emergency."),
  });
}

function badHold(hold: string): Fault {
  return new Fault(
    "invalid",
    text(`"${hold}" is not a number of minutes.`, `"${hold}" không phải số phút.`),
    {
      field: "hold",
    },
  );
}
