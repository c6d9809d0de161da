import type { CameraView } from "./camera-shapes.ts";

export interface WeeklyHours {
  /** 1 = Monday … 7 = Sunday. */
  readonly weekdays: readonly number[];
  readonly fromMinute: number;
  readonly toMinute: number;
}

export type EventKind = "motion" | "tamper" | "input" | "other";
export type EventAction = "bookmark" | "clip" | "notify" | "say";
export type WatchRole = "officer" | "leader" | "technician" | "viewer";

export interface EventRule {
  readonly on: EventKind;
  readonly actions: readonly EventAction[];
  readonly preRollSec: number;
  readonly postRollSec: number;
  readonly say: { readonly text: string; readonly speakers: readonly string[] } | null;
  readonly quietForSec: number;
  readonly hours: readonly WeeklyHours[];
}

/** What a person sets of a camera. */
export interface CameraSettings {
  readonly name: string;
  readonly place: string;
  readonly enabled: boolean;
  readonly audio: boolean;
  readonly purpose: string;
  readonly retentionDays: number;
  readonly retentionReason: string;
  readonly eventRetentionDays: number;
  readonly quotaBytes: number | null;
  readonly priority: number;
  readonly pauseHours: readonly WeeklyHours[];
  readonly clipHours: readonly WeeklyHours[];
  readonly watchRoles: readonly WatchRole[];
  readonly eventRules: readonly EventRule[];
  readonly mayCorrectClock: boolean;
}

export type WholeCamera = CameraView & CameraSettings & { readonly user: string };

/** Only what a person sets, out of all the hall tells. */
export function settingsOf(camera: WholeCamera): CameraSettings {
  return {
    name: camera.name,
    place: camera.place,
    enabled: camera.enabled,
    audio: camera.audio,
    purpose: camera.purpose,
    retentionDays: camera.retentionDays,
    retentionReason: camera.retentionReason,
    eventRetentionDays: camera.eventRetentionDays,
    quotaBytes: camera.quotaBytes,
    priority: camera.priority,
    pauseHours: camera.pauseHours,
    clipHours: camera.clipHours,
    watchRoles: camera.watchRoles,
    eventRules: camera.eventRules,
    mayCorrectClock: camera.mayCorrectClock,
  };
}

export const ROLE_NAME: Record<WatchRole, string> = {
  officer: "Cán bộ",
  leader: "Lãnh đạo",
  technician: "Kỹ thuật viên",
  viewer: "Người xem",
};
