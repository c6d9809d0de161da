import { randomBytes } from "node:crypto";
import type { Text } from "../kernel/text.ts";
import type { EpochMs } from "../kernel/time.ts";
import type { Approval, Signature } from "./rules/approval.ts";
import type { BulletinClass } from "./rules/model.ts";

export const CATEGORIES = [
  "Thời sự",
  "Pháp luật",
  "Đời sống",
  "Thông tin",
  "Cảnh báo",
  "Thể thao",
  "Khác",
] as const;
export type Category = (typeof CATEGORIES)[number];

export type BulletinContent =
  | { readonly type: "audio"; readonly audioId: string }
  /** `audioId` is the speech made from `readText`, which is what the reading rules made of `text`. */
  | {
      readonly type: "text";
      readonly text: string;
      readonly readText: string;
      readonly voice?: string;
      readonly audioId: string;
    }
  | {
      readonly type: "relay";
      readonly address: string;
      /** The longest it may be passed on at one time. */
      readonly durationMs: number;
      readonly fallbackAudioId?: string;
    };

/** Something to say, and where its approval stands. */
export interface Bulletin {
  readonly id: string;
  /** Rises with every change; who changes it names the version they have seen. */
  readonly version: number;
  readonly title: string;
  readonly category: Category;
  readonly class: BulletinClass;
  /** Whether chimes frame it. */
  readonly chime: boolean;
  readonly content: BulletinContent;
  readonly approval: Approval;
  /** Who wrote what is heard, last. */
  readonly author: Signature;
  readonly changed: Signature;
  readonly deletedAt?: EpochMs;
}

/** One line of a bulletin's history; never changed afterwards. */
export interface BulletinStep {
  readonly step: "submit" | "approve" | "countersign" | "return" | "lose";
  readonly who: Signature;
  readonly seal?: string;
  readonly reason?: string;
}

export interface BulletinAiring {
  readonly airing: string;
  readonly at: EpochMs;
  /** What sounded. */
  readonly seal: string;
}

/** A bulletin as a person writes it. */
export interface BulletinDraft {
  readonly title: string;
  readonly category: Category;
  readonly class: BulletinClass;
  readonly chime: boolean;
  readonly content:
    | { readonly type: "audio"; readonly audioId: string }
    | { readonly type: "text"; readonly text: string; readonly voice?: string | undefined }
    | {
        readonly type: "relay";
        readonly address: string;
        readonly durationMs: number;
        readonly fallbackAudioId?: string | undefined;
      };
}

/** Where a bulletin stands, as people see it: `aired` is `approved` (or an emergency's `submitted`) that has sounded. */
export type BulletinState = Approval["step"] | "aired";

export interface BulletinView extends Bulletin {
  readonly state: BulletinState;
  /** Hash of what would sound now; undefined when a recording is missing. */
  readonly seal: string | undefined;
  /** Why it would not sound if it started now. */
  readonly barred: Text | undefined;
  /** An emergency that nobody has countersigned yet. */
  readonly awaitsCountersign: boolean;
}

/** The leader's answer names what they have seen and heard. */
export interface Decision {
  readonly version: number;
  readonly seal: string;
  readonly expiresAt?: EpochMs | undefined;
}

export interface BulletinChange {
  readonly version: number;
  readonly draft: BulletinDraft;
}

export interface DeclaredEmergency {
  readonly title: string;
  readonly content: Extract<BulletinContent, { type: "audio" | "text" }>;
  readonly airing: string;
}

/** Short enough to be read out on the telephone, random so that no id comes back after a restored backup. */
export function newId(prefix: string): string {
  return prefix + randomBytes(6).toString("hex");
}
