import { clockText, dateText } from "../../broadcast/rules/words.ts";
import { localZone } from "../../broadcast/rules/local-time.ts";
import type { Actor } from "../../identity/actor.ts";
import type { Audit } from "../../identity/audit.ts";
import type { Clock } from "../../kernel/clock.ts";
import { Fault } from "../../kernel/faults.ts";
import { text } from "../../kernel/text.ts";
import { epochMs, HOUR_MS, MINUTE_MS, type EpochMs } from "../../kernel/time.ts";
import type { Access } from "../access.ts";
import type { Cameras } from "../cameras.ts";
import type { Camera, CameraId } from "../rules/model.ts";

/** A pause by hand ends by itself within this; what is longer belongs into the camera's schedule. */
export const LONGEST_PAUSE_MS = 12 * HOUR_MS;

export interface PauseOrder {
  readonly camera: CameraId;
  /** Null ends the pause now. */
  readonly until: EpochMs | null;
  /** Why, in the person's own words; it stands beside the hole in the recordings. */
  readonly reason: string;
}

export interface PauseParts {
  readonly cameras: Pick<Cameras, "change">;
  readonly access: Pick<Access, "demand">;
  readonly audit: Pick<Audit, "record">;
  readonly clock: Clock;
  readonly timeZone: string;
}

/** Pauses a camera's recording and live view by hand, or ends that. Throws Fault("invalid") for an end that can't be. */
export function pauseCamera({ camera, until, reason }: PauseOrder, by: Actor, parts: PauseParts): Camera {
  const { cameras, access, audit, clock } = parts;
  access.demand(camera, by, "pause");
  if (until !== null) check(until, clock.now(), parts.timeZone);
  const changed = cameras.change(camera, { pausedUntil: until }, by);
  // The change itself is in the trail already; this adds why.
  audit.record({
    actor: by,
    action: until === null ? "camera.resume" : "camera.pause",
    subject: camera,
    details: { until, reason },
  });
  return changed;
}

function check(until: EpochMs, now: EpochMs, timeZone: string): void {
  if (until > now && until <= now + LONGEST_PAUSE_MS) return;
  const zone = localZone(timeZone);
  const shown = `${clockText(until, zone)} ${dateText(until, zone)}`;
  const hours = LONGEST_PAUSE_MS / HOUR_MS;
  throw new Fault(
    "invalid",
    until <= now
      ? text(`The pause would end at ${shown}, which is past.`, `Giờ hết tạm dừng ${shown} đã qua.`)
      : text(
          `The pause would end at ${shown}; by hand a camera is paused for ${hours} hours at most.`,
          `Tạm dừng đến ${shown} là quá dài: tạm dừng bằng tay tối đa ${hours} giờ.`,
        ),
    {
      field: "until",
      hint: text(
        "Choose a later end within that, or set pause hours in the camera's settings.",
        "Hãy chọn giờ khác, hoặc đặt lịch tạm dừng trong phần cài đặt của camera.",
      ),
    },
  );
}

/** The instant that many minutes from now. */
export function inMinutes(minutes: number, now: EpochMs): EpochMs {
  return epochMs(now + minutes * MINUTE_MS);
}
