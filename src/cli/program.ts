import { readFileSync } from "node:fs";
import { Command, CommanderError, Option } from "commander";
import { asError, EXIT_CODE, Fault } from "../kernel/faults.ts";
import type { Lang, Text } from "../kernel/text.ts";
import { openApi } from "./api.ts";
import { backupCommands } from "./backup-commands.ts";
import { cameraCommands } from "./camera-commands.ts";
import { caseCommands } from "./case-commands.ts";
import { clipCommands } from "./clip-commands.ts";
import type { CliParts, CommandGroup, Run, Session } from "./command.ts";
import { deviceCommands } from "./device-commands.ts";
import { doctorCommand } from "./doctor-command.ts";
import { evidenceCommands } from "./evidence-commands.ts";
import { langOf, readSettings } from "./settings.ts";
import { soundCommands } from "./sound-commands.ts";
import { statusCommand } from "./status-command.ts";
import { userCommands } from "./user-commands.ts";

interface GeneralOptions {
  readonly data?: string;
  readonly config: string;
  readonly lang?: string;
  readonly json?: true;
}

const GROUPS: readonly CommandGroup[] = [
  statusCommand,
  deviceCommands,
  cameraCommands,
  clipCommands,
  caseCommands,
  evidenceCommands,
  userCommands,
  soundCommands,
  backupCommands,
  doctorCommand,
];

/** EX_SOFTWARE of sysexits(3): a bug of ours. */
const EXIT_BUG = 70;

/** Runs one command and returns the exit code (sysexits(3) by kind of fault). Writes nothing but through `parts`. */
export async function runCli(argv: readonly string[], parts: CliParts): Promise<number> {
  let exitCode = 0;
  const program = new Command("tienglang")
    .description("Tiếng Làng: loudspeakers of the commune, from the hall's machine itself")
    .version(version())
    .option("--data <folder>", "data folder (else $TIENGLANG_DATA, else dataDir of the configuration)")
    .option("--config <file>", "configuration file", parts.env["TIENGLANG_CONFIG"] ?? "config/tienglang.json")
    .option("--json", "answers as JSON, for programs")
    .addOption(new Option("--lang <lang>", "language of answers (else the locale's)").choices(["vi", "en"]))
    .exitOverride()
    .configureOutput({
      writeOut: (said) => parts.out(said.trimEnd()),
      writeErr: (said) => parts.err(said.trimEnd()),
    })
    .showHelpAfterError("(tienglang --help)");
  const sessionOf = (): Session =>
    openSession(parts, program.opts<GeneralOptions>(), (code) => (exitCode = code));
  const on: Run =
    (work) =>
    (...args) =>
      work(sessionOf(), ...args);
  for (const addTo of GROUPS) addTo(program, on);
  try {
    await program.parseAsync(argv, { from: "user" });
    return exitCode;
  } catch (error) {
    return explain(asError(error), parts, program.opts<GeneralOptions>());
  }
}

function openSession(parts: CliParts, options: GeneralOptions, fail: (exitCode: number) => void): Session {
  const lang = langOf(options.lang, parts.env);
  const json = options.json === true;
  const settings = readSettings(options, parts.env);
  return {
    ...parts,
    lang,
    json,
    settings,
    fail,
    openApi: () => openApi(settings.dataDir, lang),
    answer: (answer, lines) => {
      if (json) parts.out(JSON.stringify(answer, null, 2));
      else for (const line of lines()) parts.out(said(line, lang));
    },
  };
}

function said(line: string | Text, lang: Lang): string {
  return typeof line === "string" ? line : line[lang];
}

function explain(error: Error, { err, env }: CliParts, options: GeneralOptions): number {
  // Has said what is wrong itself; help and version "fail" with 0.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_CODE.invalid;
  const lang = langOf(options.lang, env);
  if (!(error instanceof Fault)) {
    err(error.stack ?? error.message);
    return EXIT_BUG;
  }
  if (options.json === true) {
    const { kind, field = null } = error;
    err(JSON.stringify({ kind, message: error.said[lang], hint: error.hint?.[lang] ?? null, field }));
  } else {
    err(error.said[lang]);
    if (error.hint !== undefined) err(error.hint[lang]);
  }
  return EXIT_CODE[error.kind];
}

function version(): string {
  const read = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
    version: string;
  };
  return read.version;
}
