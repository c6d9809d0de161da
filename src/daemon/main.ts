import { parseArgs } from "node:util";
import { systemClock } from "../kernel/clock.ts";
import { asError, EXIT_CODE, EXIT_CONFIG, Fault } from "../kernel/faults.ts";
import { openPinoLog } from "../kernel/pino-log.ts";
import { runDaemon } from "./compose.ts";
import { loadConfig, type Config } from "./config.ts";
import { openServiceManager } from "./notify.ts";

/** Whoever asks twice does not want to wait; signals of one key press that come doubled are not asking twice. */
const IMPATIENT_AFTER_MS = 1_000;

const stop = new AbortController();
let askedAt: number | undefined;
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    askedAt ??= systemClock.uptime();
    if (systemClock.uptime() - askedAt > IMPATIENT_AFTER_MS) process.kill(process.pid, "SIGKILL");
    stop.abort();
  });
}

const config = readConfig();
if (config !== undefined) {
  const log = openPinoLog(config.logLevel);
  try {
    const manager = openServiceManager(process.env, systemClock, log);
    await runDaemon(
      config,
      { clock: systemClock, log, manager, say: (line) => process.stdout.write(`${line}\n`) },
      stop.signal,
    );
  } catch (error) {
    if (error instanceof Fault) {
      process.stderr.write(`${error.in("vi")}\n${error.in("en")}\n`);
      process.exitCode = EXIT_CODE[error.kind];
    } else {
      log.error({ err: asError(error) }, "the daemon ends by a bug");
      process.exitCode = 70;
    }
  }
}

function readConfig(): Config | undefined {
  try {
    const { values } = parseArgs({
      options: { config: { type: "string", default: "config/tienglang.json" } },
    });
    return loadConfig(values.config);
  } catch (error) {
    const cause = asError(error);
    process.stderr.write(
      `${cause instanceof Fault ? `${cause.in("vi")}\n${cause.in("en")}` : cause.message}\n`,
    );
    process.exitCode = cause instanceof Fault ? EXIT_CONFIG : EXIT_CODE.invalid;
    return undefined;
  }
}
