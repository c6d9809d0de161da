/** `node src/agent/main.ts --config agent.json`: the software loudspeaker as a program. */
import { parseArgs } from "node:util";
import { systemClock } from "../kernel/clock.ts";
import { asError, EXIT_CODE, EXIT_CONFIG, Fault } from "../kernel/faults.ts";
import { openPinoLog } from "../kernel/pino-log.ts";
import { runAgent } from "./agent.ts";
import { loadAgentConfig } from "./config.ts";
import { openOutput } from "./output.ts";

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { config: { type: "string", default: "agent.json" } } });
  const config = loadAgentConfig(values.config);
  const log = openPinoLog(config.logLevel);
  const stopping = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const)
    process.once(name, () => {
      // A second signal finds no handler and ends the program at once.
      log.info({ signal: name }, "stopping");
      stopping.abort();
    });
  await using output = openOutput(config.output, { clock: systemClock, log });
  await runAgent(config, { clock: systemClock, log, random: Math.random, output }, stopping.signal);
}

try {
  await main();
} catch (error) {
  if (!(error instanceof Fault)) throw error;
  process.stderr.write(`${error.in("vi")}\n${error.in("en")}\n`);
  process.exitCode = error.kind === "invalid" ? EXIT_CONFIG : EXIT_CODE[error.kind];
  if (error.cause !== undefined && error.kind !== "invalid")
    process.stderr.write(`${asError(error.cause).message}\n`);
}
