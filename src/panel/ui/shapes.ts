/** What the hall answers, as far as this page shows it (GET /api/openapi.json has the whole). */
export interface Said {
  readonly vi: string;
  readonly en: string;
}

export interface Me {
  readonly name: string;
  readonly fullName: string;
  readonly roles: readonly string[];
  readonly csrfToken: string | null;
}

export interface Status {
  readonly version: string;
  readonly at: number;
  readonly commune: string;
  readonly timeZone: string;
  readonly speakers: { readonly total: number; readonly online: number; readonly playing: number };
  readonly holdUntil: number | null;
  readonly problems: readonly Said[];
}

/** How to tell the hall's time: the device that shows the page may have its own idea. */
export interface HallTime {
  readonly timeZone: string;
  /** The hall's clock minus this device's, as of the last answer. */
  readonly aheadMs: number;
}

export interface Speaker {
  readonly id: string;
  readonly name: string;
  readonly hamletName: string;
  readonly presence: "online" | "offline" | "unknown";
  readonly since: number;
  readonly playing: { readonly airing: string } | null;
  readonly volumePercent: number;
  readonly amplifierFault: boolean | null;
}

export interface OnAir {
  readonly airing: string;
  readonly title: string;
  readonly kind: "slot" | "live" | "emergency";
  readonly startedAt: number;
  readonly endsAt: number;
  readonly speakersPlaying: number;
  readonly speakersTotal: number;
}

export interface Upcoming {
  readonly airing: string;
  readonly title: string;
  readonly startsAt: number;
  readonly speakers: number;
  readonly problems: readonly { readonly speaker: string; readonly sentence: Said }[];
}

export interface SpeakerShare {
  readonly speaker: string;
  readonly name: string;
  readonly outcome: "pending" | "played" | "partial" | "silent" | "delivered";
  readonly startErrorMs: number | null;
  readonly sentence?: Said;
}

export interface AiringRecord {
  readonly airing: string;
  readonly title: string;
  readonly kind: "slot" | "live" | "emergency";
  readonly plannedAt: number;
  readonly outcome: "airing" | "played" | "partial" | "silent" | "stopped" | "barred";
  readonly sentence: Said;
  readonly speakers: readonly SpeakerShare[];
}

/** Everything the page shows, read together. */
export interface Hall {
  readonly status: Status;
  readonly speakers: readonly Speaker[];
  readonly onAir: readonly OnAir[];
  readonly next: readonly Upcoming[];
  readonly log: readonly AiringRecord[];
}
