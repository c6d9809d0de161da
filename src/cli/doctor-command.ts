import { z } from "zod";
import type { Check } from "../kernel/check.ts";
import { asError, Fault } from "../kernel/faults.ts";
import { text } from "../kernel/text.ts";
import type { Api } from "./api.ts";
import { hallChecks, machineChecks } from "./checks.ts";
import type { CommandGroup, Session } from "./command.ts";
import { when } from "./when.ts";

const Said = z.object({ en: z.string(), vi: z.string() });

const Checks = z.object({
  checks: z.array(
    z.object({
      id: z.string(),
      outcome: z.enum(["ok", "warn", "fail"]),
      said: Said,
      remedy: Said.optional(),
    }),
  ),
});

const Log = z.object({
  airings: z.array(
    z.object({
      title: z.string(),
      plannedAt: z.number(),
      outcome: z.string(),
      proof: z.object({ speakersPlayed: z.number(), speakersTotal: z.number() }),
      sentence: Said,
    }),
  ),
});

const MARK: Record<Check["outcome"], string> = { ok: "ok  ", warn: "WARN", fail: "FAIL" };

/** Like grep: it has worked, and what it looked for is there. */
const EXIT_FOUND_FAILURES = 1;

export const doctorCommand: CommandGroup = (program, on) => {
  program
    .command("doctor")
    .description("look at everything that has to be right; each line ok, WARN or FAIL with a remedy")
    .action(
      on(async (session) => {
        const checks = [...(await machineChecks(session)), ...(await daemonChecks(session))];
        if (checks.some(({ outcome }) => outcome === "fail")) session.fail(EXIT_FOUND_FAILURES);
        session.answer({ checks }, () =>
          checks.flatMap(({ outcome, said, remedy }) => [
            `${MARK[outcome]}  ${said[session.lang]}`,
            ...(remedy === undefined ? [] : [`      → ${remedy[session.lang]}`]),
          ]),
        );
      }),
    );
};

/** Asks the running daemon; when none runs, looks itself at what one would need. */
async function daemonChecks(session: Session): Promise<Check[]> {
  try {
    const api = await session.openApi();
    const { checks } = await api.get("/api/doctor", Checks);
    return [
      {
        id: "daemon",
        outcome: "ok",
        said: text(`tienglang runs at ${api.url}`, `tienglang đang chạy tại ${api.url}`),
      },
      ...checks.map(({ remedy, ...check }) => ({ ...check, ...(remedy !== undefined && { remedy }) })),
      await lastReceipts(api),
    ];
  } catch (error) {
    if (!(error instanceof Fault)) throw asError(error);
    return [down(error), ...(await hallChecks(session))];
  }
}

async function lastReceipts(api: Api): Promise<Check> {
  const { airings } = await api.get("/api/airings", Log);
  const { timeZone } = await api.get("/api/status", z.object({ timeZone: z.string() }));
  const last = airings.filter(({ outcome }) => outcome !== "airing").at(-1);
  if (last === undefined) {
    return {
      id: "receipts",
      outcome: "ok",
      said: text("Nothing was to sound in the last day", "Không có lượt phát nào trong ngày qua"),
    };
  }
  const { title, plannedAt, proof, sentence } = last;
  const share = `${proof.speakersPlayed}/${proof.speakersTotal}`;
  const at = when(plannedAt, timeZone);
  const whole = proof.speakersPlayed === proof.speakersTotal;
  return {
    id: "receipts",
    outcome: whole ? "ok" : "warn",
    said: text(
      `Last airing ${at}, ${title}: proven by ${share}`,
      `Lượt phát gần nhất ${at}, ${title}: ${share} cụm có biên nhận`,
    ),
    ...(whole ? {} : { remedy: text(sentence.en, sentence.vi) }),
  };
}

function down(fault: Fault): Check {
  const { said, hint } = fault;
  return { id: "daemon", outcome: "fail", said, ...(hint !== undefined && { remedy: hint }) };
}
