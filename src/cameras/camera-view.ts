import { z } from "zod";
import { mayAct, type Actor } from "../identity/actor.ts";
import type { Clock } from "../kernel/clock.ts";
import type { EpochMs } from "../kernel/time.ts";
import type { Text } from "../kernel/text.ts";
import type { Access } from "./access.ts";
import { SettingsShape } from "./camera-shape.ts";
import type { CameraDevices } from "./devices.ts";
import type { Camera, CameraId, PictureVerdict, RecordingStatus } from "./rules/model.ts";
import { statusWords } from "./rules/status-words.ts";

/** How a camera is now, as the other parts of the house know it. */
export interface CameraNow {
  status(camera: CameraId): RecordingStatus;
  picture(camera: CameraId): {
    readonly verdict: PictureVerdict;
    readonly since: EpochMs | null;
    readonly said: Text;
  };
  /** Since midnight. `percent` null: nothing was expected. */
  today(camera: CameraId): { readonly percent: number | null; readonly gaps: number; readonly said: Text };
  /** Whether its events can be heard; null: it is not asked. */
  events(camera: CameraId): "on" | "off" | "unknown" | null;
}

export const Sentence = z.object({ en: z.string(), vi: z.string() });

/** One thing looked at in a camera. */
export const FindingWire = z.object({
  id: z.string(),
  outcome: z.enum(["ok", "warn", "fail"]),
  said: Sentence,
  remedy: Sentence.optional(),
});

export const CameraView = SettingsShape.extend({
  id: z.string(),
  addedAt: z.number(),
  pausedUntil: z.number().nullable(),
  user: z.string().describe("Empty for who does not look after the cameras"),
  status: z.object({
    state: z.enum([
      "starting",
      "recording",
      "stalled",
      "offline",
      "wrong-password",
      "stream-gone",
      "disk-full",
      "paused",
      "disabled",
    ]),
    since: z.number(),
    said: Sentence,
    kbps: z.number().nullable(),
    fps: z.number().nullable(),
  }),
  picture: z.object({
    verdict: z.enum(["unknown", "ok", "black", "frozen", "covered"]),
    since: z.number().nullable(),
    said: Sentence,
  }),
  today: z.object({ percent: z.number().nullable(), gaps: z.int(), said: Sentence }),
  clockOffsetMs: z.number().nullable().describe("Positive: its clock is ahead; null: not measured"),
  clockVerdict: z.enum(["right", "drifting", "wrong", "unknown"]),
  events: z.enum(["on", "off", "unknown"]).nullable(),
  maySee: z.boolean().describe("Whether the asking person may watch it"),
  ptz: z.boolean(),
});
export type CameraView = z.infer<typeof CameraView>;

export interface CameraViewParts {
  readonly access: Pick<Access, "mayWatch">;
  readonly devices: Pick<CameraDevices, "clockOf" | "turns">;
  readonly now: CameraNow;
  readonly clock: Clock;
  readonly timeZone: string;
}

/** What one person is shown of a camera; never its password. */
export function cameraView(camera: Camera, actor: Actor, parts: CameraViewParts): CameraView {
  const { access, devices, now, clock, timeZone } = parts;
  const status = now.status(camera.id);
  const looksAfter = mayAct(actor, ["technician"]);
  const itsClock = devices.clockOf(camera.id);
  return {
    ...camera,
    ...(!looksAfter && withoutAddresses(camera)),
    status: {
      state: status.state,
      since: status.since,
      said: statusWords(status, clock.now(), timeZone),
      kbps: status.kbps,
      fps: status.fps,
    },
    picture: now.picture(camera.id),
    today: now.today(camera.id),
    clockOffsetMs: itsClock?.offsetMs ?? null,
    clockVerdict: itsClock?.verdict ?? "unknown",
    events: now.events(camera.id),
    maySee: access.mayWatch(camera, actor),
    ptz: devices.turns(camera.id),
  };
}

/** Where a camera is in the network, and as whom we log in there, is for those who look after it. */
function withoutAddresses({ streams: { main, sub } }: Camera): Pick<Camera, "user" | "onvif" | "streams"> {
  return {
    user: "",
    onvif: null,
    streams: { main: { ...main, url: "" }, sub: sub && { ...sub, url: "" } },
  };
}
