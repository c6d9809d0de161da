import type { Clock } from "../../kernel/clock.ts";
import { SECOND_MS, type EpochMs } from "../../kernel/time.ts";

const LOOK_EVERY_MS = SECOND_MS;
/** More than a slewing clock moves in a second, and than our own lateness. */
const STEP_MS = 500;

/** Calls back when the wall clock jumped against the monotonic one, with the time it shows now and by how much it moved. */
export async function watchSteps(
  clock: Clock,
  onStep: (at: EpochMs, byMs: number) => void,
  signal: AbortSignal,
): Promise<void> {
  let apartMs = clock.now() - clock.uptime();
  while (await clock.sleep(LOOK_EVERY_MS, signal)) {
    const nowApartMs = clock.now() - clock.uptime();
    const byMs = nowApartMs - apartMs;
    // Slow slewing must not add up to a step.
    apartMs = nowApartMs;
    if (Math.abs(byMs) > STEP_MS) onStep(clock.now(), byMs);
  }
}
