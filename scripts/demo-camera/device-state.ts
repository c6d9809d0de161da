/** What a device says it is. */
export interface DeviceIdentity {
  readonly manufacturer: string;
  readonly model: string;
  readonly firmware: string;
  readonly serial: string;
  readonly hardwareId: string;
  readonly mac: string;
}

/** A media profile, and the RTSP mount it leads to. */
export interface DeviceProfile {
  readonly token: string;
  readonly encoding: "H264" | "H265";
  readonly widthPx: number;
  readonly heightPx: number;
  readonly fps: number;
  readonly kbps: number;
  readonly mount: string;
}

/** How an answer leaves the device. */
export type Speech =
  /** Accepts the request and never answers. */
  | "black-hole"
  /** HTTP with a body that is no XML. */
  | "garbage"
  /** Words that are no HTTP. */
  | "not-http"
  /** A body of 200 MB. */
  | "huge"
  /** A byte now and then. */
  | "drip"
  /** The whole answer twice in one body. */
  | "doubled"
  /** The connection is cut instead. */
  | "reset";

/** What is wrong with the device, switched by tests while it runs. */
export interface DeviceFaults {
  /** The device's clock less the real one; SetSystemDateAndTime changes it. */
  clockOffsetMs: number;
  /** How it writes instants. */
  timeForm: "Z" | "+07:00";
  /** Every password is wrong. */
  refusesEverybody: boolean;
  speech: Speech | null;
  /** Operations that `speech` is for; empty: all. */
  speechFor: readonly string[];
  renewWithoutCurrentTime: boolean;
  refusesSubscriptions: boolean;
  /** Closes a waiting pull without an answer. */
  pullClosedAfterMs: number | null;
  /** Answers a pull at once even when there is nothing to tell. */
  pullAnswersAtOnce: boolean;
  /** Topics end in `/.`. */
  topicsWithDot: boolean;
  /** Knows no SetSynchronizationPoint. */
  noSynchronizationPoint: boolean;
  /** Host in the addresses of services and subscriptions; null: its own. */
  announcedHost: string | null;
  /** Host in the addresses of streams; null: its own. */
  announcedRtspHost: string | null;
  /** What answers a Probe. */
  discovery: "right" | "silent" | "garbage" | "not-a-url" | "two-in-one" | "doubled";
}

export function noFaults(): DeviceFaults {
  return {
    clockOffsetMs: 0,
    timeForm: "Z",
    refusesEverybody: false,
    speech: null,
    speechFor: [],
    renewWithoutCurrentTime: false,
    refusesSubscriptions: false,
    pullClosedAfterMs: null,
    pullAnswersAtOnce: false,
    topicsWithDot: false,
    noSynchronizationPoint: false,
    announcedHost: null,
    announcedRtspHost: null,
    discovery: "right",
  };
}

export const MAIN_PROFILE: DeviceProfile = {
  token: "main",
  encoding: "H264",
  widthPx: 1920,
  heightPx: 1080,
  fps: 15,
  kbps: 2500,
  mount: "h264",
};

export const SUB_PROFILE: DeviceProfile = {
  token: "sub",
  encoding: "H264",
  widthPx: 640,
  heightPx: 360,
  fps: 10,
  kbps: 400,
  mount: "sub",
};

export const H265_PROFILE: DeviceProfile = {
  token: "main265",
  encoding: "H265",
  widthPx: 640,
  heightPx: 360,
  fps: 10,
  kbps: 400,
  mount: "h265",
};

/** What the services of one device share. */
export interface DeviceState {
  readonly identity: DeviceIdentity;
  readonly name: string;
  readonly user: string;
  readonly password: string;
  readonly address: string;
  /** Of the HTTP server, once it listens. */
  port: number;
  readonly rtspPort: number;
  profiles: readonly DeviceProfile[];
  readonly ptz: PtzState;
  readonly faults: DeviceFaults;
}

export interface PtzState {
  /** Velocity while it moves. */
  moving: { readonly pan: number; readonly tilt: number; readonly zoom: number } | null;
  /** Token of the preset it stands at. */
  at: string | null;
  readonly presets: Map<string, string>;
}

export function deviceNow(state: DeviceState): number {
  return Date.now() + state.faults.clockOffsetMs;
}

const VIETNAM_MS = 7 * 3_600_000;

/** As the device writes it: `2026-11-23T10:00:00.000Z`, or the same instant with `+07:00`. */
export function writeInstant(atMs: number, form: DeviceFaults["timeForm"]): string {
  if (form === "Z") return new Date(atMs).toISOString();
  return new Date(atMs + VIETNAM_MS).toISOString().replace("Z", "+07:00");
}

export function serviceUrl(state: DeviceState, path: string): string {
  return `http://${state.faults.announcedHost ?? state.address}:${state.port}${path}`;
}
