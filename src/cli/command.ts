import type { Command } from "commander";
import type { Clock } from "../kernel/clock.ts";
import type { Lang, Text } from "../kernel/text.ts";
import type { Api } from "./api.ts";
import type { Settings } from "./settings.ts";

/** What the command line is given by its process, so that a test can give it something else. */
export interface CliParts {
  readonly clock: Clock;
  readonly env: NodeJS.ProcessEnv;
  /** One line to the user; answers go to `out`, failures and remarks to `err`. */
  readonly out: (line: string) => void;
  readonly err: (line: string) => void;
  /** Everything on standard input, for secrets that must not be on the command line. */
  readonly readInput: () => Promise<string>;
  readonly signal: AbortSignal;
}

/** One run of a command, with what the user asked for in general. */
export interface Session extends CliParts {
  readonly lang: Lang;
  readonly json: boolean;
  readonly settings: Settings;
  openApi(): Promise<Api>;
  /** For programs the whole answer as JSON, for people its lines. */
  answer(answer: unknown, lines: () => readonly (string | Text)[]): void;
  /** Sets the exit code of a command that has run but found something bad. */
  fail(exitCode: number): void;
}

/** Adds one command, or a group of them, to the program. */
export type CommandGroup = (program: Command, on: Run) => void;

/** Wraps a command's work: opens its session from the program's options. */
export type Run = <A extends readonly unknown[]>(
  work: (session: Session, ...args: A) => Promise<void>,
) => (...args: A) => Promise<void>;
