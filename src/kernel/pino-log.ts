import { pino } from "pino";
import type { Log } from "./log.ts";

/** JSON lines on stderr, so that a program's own words on stdout stay readable. Names of secret fields are censored. */
export function openPinoLog(level: "error" | "warn" | "info" | "debug"): Log {
  return pino(
    {
      level,
      base: null,
      redact: {
        paths: ["password", "secret", "token", "*.password", "*.secret", "*.token"],
        censor: "[secret]",
      },
    },
    pino.destination({ dest: 2, sync: false }),
  );
}
