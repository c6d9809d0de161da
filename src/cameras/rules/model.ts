import type { EpochMs } from "../../kernel/time.ts";

/** `a-z 0-9 -`, 1 to 31 characters; minted by `CameraId.parse` of wire.ts. */
export type CameraId = string & { readonly __camera: true };

/** Which of a camera's streams: `main` is recorded, `sub` is for mosaics and weak lines. */
export type StreamRole = "main" | "sub";

export type VideoCodec = "h264" | "h265" | "other";

/** An RTSP stream as the controller reaches it. */
export interface StreamSource {
  /** `rtsp://host:port/path`, never with user and password in it. */
  readonly url: string;
  readonly transport: "tcp" | "udp";
  readonly codec: VideoCodec;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly fps: number | null;
  readonly kbps: number | null;
}

/** What the device says it is, character by character as it said it. */
export interface Identity {
  readonly manufacturer: string;
  readonly model: string;
  readonly firmware: string;
  readonly serial: string;
  readonly hardwareId: string;
  readonly mac: string;
}

/** Half-open stretch of wall time. */
export interface Span {
  readonly from: EpochMs;
  readonly to: EpochMs;
}

/** Local hours on some days of the week (1 = Monday … 7 = Sunday); `fromMinute` > `toMinute` crosses midnight. */
export interface WeeklyHours {
  readonly weekdays: readonly number[];
  readonly fromMinute: number;
  readonly toMinute: number;
}

export type EventKind = "motion" | "tamper" | "input" | "other";

/** What the daemon does when a camera reports something. */
export interface EventRule {
  readonly on: EventKind;
  readonly actions: readonly ("bookmark" | "clip" | "notify" | "say")[];
  readonly preRollSec: number;
  readonly postRollSec: number;
  /** A sentence for the loudspeaker at the counter. */
  readonly say: { readonly text: string; readonly speakers: readonly string[] } | null;
  /** The same rule acts at most once in this time. */
  readonly quietForSec: number;
  /** Empty: always. */
  readonly hours: readonly WeeklyHours[];
}

/** A camera as the commune keeps it. Its password is kept apart (`Cameras.credentials`). */
export interface Camera {
  readonly id: CameraId;
  readonly name: string;
  /** Where it hangs, in the words of the notice sign: “Bộ phận Một cửa, quầy 2”. */
  readonly place: string;
  /** Id of a file in firmware-profiles/cameras. */
  readonly profile: string;
  readonly enabled: boolean;
  /** The ONVIF device service; null: RTSP only. */
  readonly onvif: { readonly host: string; readonly port: number } | null;
  readonly user: string;
  readonly streams: { readonly main: StreamSource; readonly sub: StreamSource | null };
  readonly identity: Identity;
  /** Voice is recorded only when this is true, which asks for a purpose that says so. */
  readonly audio: boolean;
  /** Why people are recorded here, in writing (law 91/2025/QH15 art. 32). */
  readonly purpose: string;
  readonly retentionDays: number;
  readonly retentionReason: string;
  /** Days a clip of an event is kept. */
  readonly eventRetentionDays: number;
  /** Bytes on disk at most; null: only days and the disk bound it. */
  readonly quotaBytes: number | null;
  /** Under disk pressure a lower number is recorded longer. 1 to 9. */
  readonly priority: number;
  /** No recording and no live view in these hours. */
  readonly pauseHours: readonly WeeklyHours[];
  /** Set by hand: paused until then. */
  readonly pausedUntil: EpochMs | null;
  /** Each stretch of these hours becomes a clip at its end. */
  readonly clipHours: readonly WeeklyHours[];
  /** Roles that may see it, live and recorded. Admin always may. */
  readonly watchRoles: readonly ("officer" | "leader" | "technician" | "viewer")[];
  readonly eventRules: readonly EventRule[];
  /** The controller may set the camera's clock. */
  readonly mayCorrectClock: boolean;
  readonly addedAt: EpochMs;
}

/** One finished file of the ring. */
export interface Segment {
  readonly id: number;
  readonly camera: CameraId;
  /** Recording session: one run of the recorder; its segments join without a hole. */
  readonly session: string;
  /** Place within the session, from 0. */
  readonly n: number;
  /** Below the ring's folder. */
  readonly path: string;
  readonly startAt: EpochMs;
  readonly endAt: EpochMs;
  readonly bytes: number;
  /** Hex; of the whole file as it lies on disk. */
  readonly sha256: string;
  /** Number of its entry in the camera's ledger. */
  readonly ledgerN: number;
  /** Codec string of RFC 6381, `avc1.64001f`. */
  readonly codec: string;
  /** Found and repaired at a start, after a crash. */
  readonly recovered: boolean;
  /** The disk reported an error while it was written. */
  readonly suspect: boolean;
}

/** The segment that is being written. Its whole fragments can be read. */
export interface OpenSegment {
  readonly camera: CameraId;
  readonly session: string;
  readonly n: number;
  readonly path: string;
  readonly startAt: EpochMs;
}

export type GapCause =
  | "camera-offline"
  | "credentials"
  | "stream-gone"
  | "stalled"
  | "controller-down"
  | "disk-full"
  | "clock-step"
  | "privacy-pause"
  | "disabled"
  | "stream-changed"
  | "unknown";

/** A stretch without recording, and why. Open while it lasts. */
export interface Gap {
  readonly id: number;
  readonly camera: CameraId;
  readonly from: EpochMs;
  readonly to: EpochMs | null;
  readonly cause: GapCause;
}

/** What is there of a stretch of time. */
export interface Completeness {
  readonly span: Span;
  readonly recordedMs: number;
  /** Time that should have been recorded: without privacy pauses, being disabled, and what is still to come. */
  readonly expectedMs: number;
  readonly gaps: readonly Gap[];
  /** Recorded, and deleted because somebody asked for it; left out when there is none. */
  readonly erased?: readonly Span[];
}

export type RecordingState =
  | "starting"
  | "recording"
  | "stalled"
  | "offline"
  | "wrong-password"
  | "stream-gone"
  | "disk-full"
  | "paused"
  | "disabled";

export interface RecordingStatus {
  readonly state: RecordingState;
  readonly since: EpochMs;
  /** Bits per second over the last seconds; null when nothing comes. */
  readonly kbps: number | null;
  readonly fps: number | null;
  /** Last words of the program, without addresses' passwords; null while all is well. */
  readonly detail: string | null;
}

export type PictureVerdict = "unknown" | "ok" | "black" | "frozen" | "covered";

export interface CameraEvent {
  readonly id: number;
  readonly camera: CameraId;
  /** The camera's word for when, moved by its clock's offset to ours. */
  readonly at: EpochMs;
  readonly arrivedAt: EpochMs;
  readonly kind: EventKind;
  /** Topic without `/.`, as the camera sent it. */
  readonly topic: string;
  /** on/off of a state; null for a momentary event. */
  readonly on: boolean | null;
  /** The end, when it is known: by the off message, or because the state expired. */
  readonly endAt: EpochMs | null;
  /** A rule of the camera asks to show it among the important ones. */
  readonly bookmarked?: boolean;
}

export type ClipOrigin = "hand" | "event" | "schedule" | "rating" | "upstream";

export interface Clip {
  readonly id: string;
  readonly camera: CameraId;
  readonly origin: ClipOrigin;
  readonly reason: string;
  readonly by: string;
  readonly requestedAt: EpochMs;
  readonly requested: Span;
  /** What the file holds: grown to key frames, shrunk by gaps. Null until it is made. */
  readonly delivered: Span | null;
  readonly state: "waiting" | "making" | "ready" | "failed";
  /** Why it failed, Vietnamese and English. */
  readonly failure: { readonly vi: string; readonly en: string } | null;
  readonly bytes: number | null;
  readonly sha256: string | null;
  readonly gaps: readonly { readonly from: EpochMs; readonly to: EpochMs; readonly cause: GapCause }[];
  readonly keepUntil: EpochMs;
}

/** A stretch that no clean-up may touch, and why. */
export interface KeptSpan extends Span {
  readonly why: "hold" | "clip";
}
