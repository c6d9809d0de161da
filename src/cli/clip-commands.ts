import { z } from "zod";
import { Fault } from "../kernel/faults.ts";
import { text, type Text } from "../kernel/text.ts";
import type { CommandGroup } from "./command.ts";
import { table } from "./rules/table.ts";
import { saveAnswer } from "./save-file.ts";
import { HallClock, spanFrom, withSpan, type SpanOptions } from "./span-options.ts";
import { when } from "./when.ts";

const Span = z.object({ from: z.number(), to: z.number() });
const Clip = z.object({
  id: z.string(),
  camera: z.string(),
  reason: z.string(),
  by: z.string(),
  requested: Span,
  delivered: Span.nullable(),
  state: z.enum(["waiting", "making", "ready", "failed"]),
  failure: z.object({ vi: z.string(), en: z.string() }).nullable(),
  bytes: z.number().nullable(),
});

const STATE: Record<z.infer<typeof Clip>["state"], Text> = {
  waiting: text("waiting", "đang chờ"),
  making: text("in the making", "đang làm"),
  ready: text("ready", "xong"),
  failed: text("failed", "không được"),
};

interface MakeOptions extends SpanOptions {
  readonly last?: string;
  readonly reason: string;
}

export const clipCommands: CommandGroup = (program, on) => {
  const clip = program.command("clip").description("clips of the cameras' recordings");

  withSpan(clip.command("make <camera>"))
    .description("cut a clip: the last minutes, or a stretch")
    .option("--last <minutes>", "the last minutes")
    .requiredOption("--reason <words>", "why")
    .action(
      on(async (session, camera: string, options: MakeOptions) => {
        const { last, reason } = options;
        checkStretch(options);
        const lastMinutes = last === undefined ? undefined : minutesOf(last);
        const api = await session.openApi();
        const stretch = lastMinutes === undefined ? await spanFrom(api, options) : { lastMinutes };
        const made = await api.send("POST", "/api/clips", {
          body: { camera, reason, ...stretch },
          schema: Clip,
        });
        session.answer(made, () => [
          made.failure ??
            text(
              `Clip ${made.id}: ${STATE[made.state].en}.`,
              `Đoạn trích ${made.id}: ${STATE[made.state].vi}.`,
            ),
        ]);
      }),
    );

  clip
    .command("list")
    .description("clips, newest first")
    .option("--camera <id>", "of one camera")
    .action(
      on(async (session, { camera }: { camera?: string }) => {
        const api = await session.openApi();
        const query = camera === undefined ? "" : `?camera=${encodeURIComponent(camera)}`;
        const { clips } = await api.get(`/api/clips${query}`, z.object({ clips: z.array(Clip) }));
        const { timeZone } = await api.get("/api/status", HallClock);
        session.answer(clips, () =>
          clips.length === 0
            ? [text("No clips.", "Chưa có đoạn trích nào.")]
            : table(
                clips.map(({ id, camera: of, state, delivered, requested, by, reason }) => [
                  id,
                  of,
                  when((delivered ?? requested).from, timeZone),
                  `${Math.round(((delivered ?? requested).to - (delivered ?? requested).from) / 1_000)} s`,
                  STATE[state][session.lang],
                  by,
                  reason,
                ]),
              ),
        );
      }),
    );

  clip
    .command("save <id> <file>")
    .description("save a clip as an MP4 file")
    .action(
      on(async (session, id: string, file: string) => {
        const api = await session.openApi();
        const bytes = await saveAnswer(
          api,
          `/api/clips/${encodeURIComponent(id)}/download`,
          file,
          session.signal,
        );
        session.answer({ file, bytes }, () => [
          text(
            `Saved: ${file}, ${(bytes / 1e6).toFixed(1)} MB.`,
            `Đã lưu: ${file}, ${(bytes / 1e6).toFixed(1)} MB.`,
          ),
        ]);
      }),
    );
};

/** Either the last minutes, or a stretch: what is said beside is not passed over. */
function checkStretch({ last, from, to }: MakeOptions): void {
  const isStretch = from !== undefined || to !== undefined;
  if (isStretch !== (last !== undefined)) return;
  throw new Fault(
    "invalid",
    isStretch
      ? text(
          "--last does not go together with --from and --to.",
          "--last không dùng chung với --from và --to.",
        )
      : text("It is not said what to cut.", "Chưa cho biết cần trích khoảng nào."),
    {
      field: "last",
      hint: text(
        "Write --last 5 for the last five minutes, or --from and --to.",
        "Hãy viết --last 5 để lấy 5 phút vừa qua, hoặc --from và --to.",
      ),
    },
  );
}

const LEAST_MINUTES = 0.1;
const MOST_MINUTES = 720;

function minutesOf(last: string): number {
  const minutes = Number(last);
  if (last.trim() !== "" && minutes >= LEAST_MINUTES && minutes <= MOST_MINUTES) return minutes;
  throw badMinutes(last);
}

function badMinutes(last: string): Fault {
  return new Fault(
    "invalid",
    text(
      `--last "${last}" is not a number of minutes from ${LEAST_MINUTES} to ${MOST_MINUTES}.`,
      `--last "${last}" không phải số phút từ ${String(LEAST_MINUTES).replace(".", ",")} đến ${MOST_MINUTES}.`,
    ),
    {
      field: "last",
      hint: text("Write --last 5.", "Hãy viết --last 5."),
    },
  );
}
