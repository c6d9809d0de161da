import type { Said } from "../shapes.ts";

/** A camera as `GET /api/cameras` tells it, as far as these pages show it. */
export interface CameraView {
  readonly id: string;
  readonly name: string;
  readonly place: string;
  readonly enabled: boolean;
  readonly purpose: string;
  readonly retentionDays: number;
  readonly pausedUntil: number | null;
  readonly status: {
    readonly state:
      | "starting"
      | "recording"
      | "stalled"
      | "offline"
      | "wrong-password"
      | "stream-gone"
      | "disk-full"
      | "paused"
      | "disabled";
    readonly since: number;
    readonly said: Said;
    readonly kbps: number | null;
    readonly fps: number | null;
  };
  readonly picture: {
    readonly verdict: "unknown" | "ok" | "black" | "frozen" | "covered";
    readonly since: number | null;
    readonly said: Said;
  };
  readonly today: { readonly percent: number | null; readonly gaps: number; readonly said: Said };
  /** Whether the asking person may watch it. */
  readonly maySee: boolean;
  readonly ptz: boolean;
}

/** A part of a recording cut out and kept. */
export interface ClipView {
  readonly id: string;
  readonly camera: string;
  readonly reason: string;
  readonly requested: { readonly from: number; readonly to: number };
  readonly delivered: { readonly from: number; readonly to: number } | null;
  readonly state: "waiting" | "making" | "ready" | "failed";
  readonly failure: Said | null;
}

/** What a camera's recording holds of a stretch of time. */
export interface Timeline {
  readonly oldestAt: number | null;
  readonly runs: readonly { readonly from: number; readonly to: number; readonly codec: string }[];
  readonly gaps: readonly {
    readonly from: number;
    /** Of a gap that lasts: when this was told. */
    readonly to: number;
    readonly cause: string;
    readonly said: Said;
  }[];
  /** Recorded, and deleted because somebody asked for it. */
  readonly erased: readonly { readonly from: number; readonly to: number }[];
  readonly events: readonly {
    readonly id: number;
    readonly at: number;
    readonly endAt: number | null;
    readonly kind: "motion" | "tamper" | "input" | "other";
    readonly topic: string;
  }[];
  readonly clips: readonly {
    readonly id: string;
    readonly from: number;
    readonly to: number;
    readonly reason: string;
  }[];
  readonly holds: readonly { readonly from: number; readonly to: number; readonly case: string }[];
}
