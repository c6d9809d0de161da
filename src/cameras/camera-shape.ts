import { z } from "zod";
import { ROLES, type Role } from "../identity/actor.ts";
import { epochMs, type EpochMs } from "../kernel/time.ts";
import { CameraId } from "./wire.ts";
import type { Camera } from "./rules/model.ts";

const Instant = z.number().transform((value): EpochMs => epochMs(value)) as unknown as z.ZodType<
  EpochMs,
  number
>;

const HoursShape = z.strictObject({
  weekdays: z.array(z.int().min(1).max(7)).min(1).max(7).readonly(),
  fromMinute: z.int().min(0).max(1_439),
  toMinute: z.int().min(0).max(1_440),
});

const StreamShape = z.strictObject({
  url: z.string().max(500),
  transport: z.enum(["tcp", "udp"]),
  codec: z.enum(["h264", "h265", "other"]),
  widthPx: z.int().min(0),
  heightPx: z.int().min(0),
  fps: z.number().nullable(),
  kbps: z.number().nullable(),
});

const IdentityShape = z.strictObject({
  manufacturer: z.string(),
  model: z.string(),
  firmware: z.string(),
  serial: z.string(),
  hardwareId: z.string(),
  mac: z.string(),
});

const EventRuleShape = z.strictObject({
  on: z.enum(["motion", "tamper", "input", "other"]),
  actions: z
    .array(z.enum(["bookmark", "clip", "notify", "say"]))
    .max(4)
    .readonly(),
  preRollSec: z.int().min(0).max(600),
  postRollSec: z.int().min(0).max(3_600),
  say: z
    .strictObject({
      text: z.string().min(1).max(500),
      speakers: z.array(z.string().max(40)).max(50).readonly(),
    })
    .nullable(),
  quietForSec: z.int().min(0).max(86_400),
  hours: z.array(HoursShape).max(20).readonly(),
});

type WatchRole = Exclude<Role, "admin">;

const WATCH_ROLES = ROLES.filter((role): role is WatchRole => role !== "admin");

/** Everything about a camera that a person sets or a device says, as it is stored and as it travels. */
export const SettingsShape = z.strictObject({
  name: z.string().min(1).max(200),
  place: z.string().max(200),
  profile: z.string().max(40),
  enabled: z.boolean(),
  onvif: z.strictObject({ host: z.string().max(255), port: z.int() }).nullable(),
  user: z.string().max(64),
  streams: z.strictObject({ main: StreamShape, sub: StreamShape.nullable() }),
  identity: IdentityShape,
  audio: z.boolean(),
  purpose: z.string().max(1_000),
  retentionDays: z.int(),
  retentionReason: z.string().max(1_000),
  eventRetentionDays: z.int(),
  quotaBytes: z.int().nullable(),
  priority: z.int(),
  pauseHours: z.array(HoursShape).max(20).readonly(),
  pausedUntil: Instant.nullable(),
  clipHours: z.array(HoursShape).max(20).readonly(),
  watchRoles: z.array(z.enum(WATCH_ROLES)).max(4).readonly(),
  eventRules: z.array(EventRuleShape).max(20).readonly(),
  mayCorrectClock: z.boolean(),
});

const CameraShape = SettingsShape.extend({ id: CameraId, addedAt: Instant });

/** Reads what `JSON.stringify` of a camera wrote. */
export function parseCamera(json: string): Camera {
  return CameraShape.parse(JSON.parse(json));
}
