import type { Clock } from "../kernel/clock.ts";
import { SECOND_MS } from "../kernel/time.ts";
import type { HallTime } from "./hall-time.ts";

/** A jump of hall time against the time that really passed. */
interface ClockStep {
  readonly byMs: number;
  /** Hall time as it would have been now, and as it is. */
  readonly before: number;
  readonly after: number;
}

/** Less is a correction of the time exchange, which nobody hears. */
const STEP_MS = SECOND_MS;

/** Compares hall time with the monotonic clock between two looks. */
export function watchForSteps({ clock, hallTime }: { clock: Clock; hallTime: HallTime }): {
  look(): ClockStep | undefined;
} {
  const skew = (): number => hallTime.now() - clock.uptime();
  let known = skew();
  return {
    look: () => {
      const seen = skew();
      const byMs = seen - known;
      known = seen;
      if (Math.abs(byMs) < STEP_MS) return undefined;
      const after = hallTime.now();
      return { byMs, before: after - byMs, after };
    },
  };
}
