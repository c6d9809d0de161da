import type { Command } from "commander";
import { z } from "zod";
import { EXIT_CODE } from "../kernel/faults.ts";
import { text, type Text } from "../kernel/text.ts";
import type { Api } from "./api.ts";
import type { CommandGroup, Run, Session } from "./command.ts";
import { table } from "./rules/table.ts";
import { refuseTaken, saveAnswer } from "./save-file.ts";
import { HallClock, spanFrom, withSpan, type SpanOptions } from "./span-options.ts";
import { when } from "./when.ts";

const Case = z.object({
  id: z.string(),
  number: z.string(),
  title: z.string(),
  openedAt: z.number(),
  state: z.enum(["open", "release-asked", "released"]),
  holds: z.array(z.object({ camera: z.string(), from: z.number(), to: z.number() })),
});

const Export = z.object({
  id: z.string(),
  state: z.enum(["making", "ready", "failed"]),
  failure: z.object({ vi: z.string(), en: z.string() }).nullable(),
  sha256: z.string().nullable(),
});

const STATE: Record<z.infer<typeof Case>["state"], Text> = {
  open: text("open", "đang niêm giữ"),
  "release-asked": text("release asked", "chờ xác nhận giải tỏa"),
  released: text("released", "đã giải tỏa"),
};

export const caseCommands: CommandGroup = (program, on) => {
  const file = program.command("case").description("cases that hold recordings back, and evidence packages");

  file
    .command("open <number>")
    .description("open a case")
    .requiredOption("--title <words>", "what it is about")
    .requiredOption("--reason <words>", "why recordings are to be held")
    .action(
      on(async (session, number: string, { title, reason }: { title: string; reason: string }) => {
        const api = await session.openApi();
        const opened = await api.send("POST", "/api/cases", {
          body: { number, title, reason },
          schema: Case,
        });
        session.answer(opened, () => [text(`Opened: ${opened.id}`, `Đã lập hồ sơ: ${opened.id}`)]);
      }),
    );

  file
    .command("list")
    .description("cases, newest first")
    .action(
      on(async (session) => {
        const api = await session.openApi();
        const { cases } = await api.get("/api/cases", z.object({ cases: z.array(Case) }));
        const { timeZone } = await api.get("/api/status", HallClock);
        session.answer(cases, () =>
          cases.length === 0
            ? [text("No cases.", "Chưa có hồ sơ nào.")]
            : table(
                cases.map(({ id, number, openedAt, state, holds, title }) => [
                  id,
                  number,
                  when(openedAt, timeZone),
                  STATE[state][session.lang],
                  String(holds.length),
                  title,
                ]),
              ),
        );
      }),
    );

  withSpan(file.command("hold <case> <camera>"))
    .description("hold a stretch of recordings; the case by its id or number")
    .action(
      on(async (session, asked: string, camera: string, options: SpanOptions) => {
        const api = await session.openApi();
        const id = await caseId(api, asked);
        const body = { camera, ...(await spanFrom(api, options)) };
        const held = await api.send("POST", `/api/cases/${id}/holds`, { body, schema: Case });
        session.answer(held, () => [
          text(
            `Held. Case ${held.number} holds ${held.holds.length} ${held.holds.length === 1 ? "stretch" : "stretches"} now.`,
            `Đã niêm giữ. Hồ sơ ${held.number} hiện giữ ${held.holds.length} khoảng.`,
          ),
        ]);
      }),
    );

  file
    .command("release <case>")
    .description("ask for a case to be let go; a leader confirms it in the panel")
    .requiredOption("--reason <words>", "why")
    .action(
      on(async (session, asked: string, { reason }: { reason: string }) => {
        const api = await session.openApi();
        const id = await caseId(api, asked);
        const released = await api.send("POST", `/api/cases/${id}/release`, {
          body: { reason },
          schema: Case,
        });
        session.answer(released, () => [
          text(
            "Asked. A leader has to confirm it in the panel.",
            "Đã đề nghị. Cần một lãnh đạo xác nhận trên trang quản lý.",
          ),
        ]);
      }),
    );
  addExport(file, on);
};

interface ExportOptions extends SpanOptions {
  readonly save: string;
  readonly reason: string;
  readonly purpose: string;
  readonly redaction: string;
}

/** Packages of hours take minutes; asking now and then costs nothing. */
const LOOK_EVERY_MS = 500;

function addExport(file: Command, on: Run): void {
  withSpan(file.command("export <case> <camera>"))
    .description("make an evidence package and save it as a zip")
    .requiredOption("--save <file>", "where to")
    .requiredOption("--reason <words>", "why it is exported")
    .requiredOption("--purpose <words>", "for whom, and what for")
    .requiredOption("--redaction <words>", "what was decided about other people in the picture")
    .action(
      on(async (session, asked: string, camera: string, options: ExportOptions) => {
        const { save: target, reason, purpose, redaction } = options;
        await refuseTaken(target);
        const api = await session.openApi();
        const id = await caseId(api, asked);
        const body = { camera, ...(await spanFrom(api, options)), reason, purpose, redaction };
        const made = await api.send("POST", `/api/cases/${id}/exports`, { body, schema: Export });
        const { state, failure, sha256 } = await finished(api, made.id, session);
        if (state !== "ready") {
          session.fail(EXIT_CODE.unavailable);
          session.answer({ state, failure }, () => [failure ?? text("Not made.", "Không tạo được.")]);
          return;
        }
        const bytes = await saveAnswer(api, `/api/exports/${made.id}/download`, target, session.signal);
        session.answer({ file: target, bytes, sha256 }, () => [
          text(
            `Saved: ${target}, ${(bytes / 1e6).toFixed(1)} MB.`,
            `Đã lưu: ${target}, ${(bytes / 1e6).toFixed(1)} MB.`,
          ),
          text(
            `Check it: tienglang evidence verify ${target}`,
            `Kiểm tra: tienglang evidence verify ${target}`,
          ),
        ]);
      }),
    );
}

async function finished(api: Api, id: string, { clock, signal }: Session): Promise<z.infer<typeof Export>> {
  let made = await api.get(`/api/exports/${id}`, Export);
  while (made.state === "making" && (await clock.sleep(LOOK_EVERY_MS, signal))) {
    made = await api.get(`/api/exports/${id}`, Export);
  }
  return made;
}

/** People know a case by its number. */
async function caseId(api: Api, asked: string): Promise<string> {
  const { cases } = await api.get("/api/cases", z.object({ cases: z.array(Case) }));
  return encodeURIComponent(cases.find(({ number }) => number === asked)?.id ?? asked);
}
