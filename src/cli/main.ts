import { text as wholeText } from "node:stream/consumers";
import { systemClock } from "../kernel/clock.ts";
import { runCli } from "./program.ts";

const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stop.abort());

process.exitCode = await runCli(process.argv.slice(2), {
  clock: systemClock,
  env: process.env,
  out: (line) => process.stdout.write(`${line}\n`),
  err: (line) => process.stderr.write(`${line}\n`),
  readInput: () => wholeText(process.stdin),
  signal: stop.signal,
});
