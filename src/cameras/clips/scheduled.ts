import type { LocalZone } from "../../broadcast/rules/local-time.ts";
import { isStopped, type Clock } from "../../kernel/clock.ts";
import { Fault } from "../../kernel/faults.ts";
import type { Log } from "../../kernel/log.ts";
import { MINUTE_MS } from "../../kernel/time.ts";
import type { Cameras } from "../cameras.ts";
import { endedStretches } from "../rules/clip-hours.ts";
import type { CameraId, Span } from "../rules/model.ts";

interface ScheduledClipsParts {
  readonly cameras: Pick<Cameras, "all">;
  readonly request: (camera: CameraId, span: Span) => void;
  readonly hasSchedule: (camera: CameraId, span: Span) => boolean;
  readonly clock: Clock;
  readonly log: Log;
  readonly zone: LocalZone;
}

const LOOK_EVERY_MS = MINUTE_MS;

/** Each stretch of a camera's clip hours becomes a clip at its end; those of the last day are made up for. */
export async function runScheduledClips(parts: ScheduledClipsParts, signal: AbortSignal): Promise<void> {
  while (!isStopped(signal)) {
    askForEnded(parts);
    await parts.clock.sleep(LOOK_EVERY_MS, signal);
  }
}

function askForEnded({ cameras, request, hasSchedule, clock, log, zone }: ScheduledClipsParts): void {
  for (const { id, clipHours, addedAt } of cameras.all()) {
    for (const span of endedStretches(clipHours, clock.now(), zone)) {
      if (span.to <= addedAt || hasSchedule(id, span)) continue;
      try {
        request(id, span);
      } catch (error) {
        // Hours longer than a clip may be: said once a minute is enough to be found.
        if (!(error instanceof Fault)) throw error;
        log.debug({ err: error, camera: id }, "a scheduled clip can't be asked for");
      }
    }
  }
}
