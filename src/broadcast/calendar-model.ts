import type { Text } from "../kernel/text.ts";
import type { EpochMs } from "../kernel/time.ts";
import type { AudioPart } from "../speakers/protocol.ts";
import type { Signature } from "./rules/approval.ts";
import type {
  AfterPreempt,
  LocalDate,
  LocalTime,
  Recurrence,
  Slot,
  SlotException,
  Targets,
} from "./rules/model.ts";

/** A slot as a person describes it. */
export interface SlotDraft {
  readonly bulletinId: string;
  /** A filler sounds only where nothing else does, and begins anew until its length is reached. */
  readonly kind: "programme" | "filler";
  readonly startTime: LocalTime;
  readonly recurrence: Recurrence;
  readonly from: LocalDate;
  readonly to?: LocalDate;
  readonly seasons: Slot["seasons"];
  readonly holidays: Slot["holidays"];
  readonly targets: Targets;
  /** 0 to 100, for this slot only; undefined: each loudspeaker's own volume. */
  readonly volumePercent?: number;
  /** For relays (not longer than approved) and fillers; other slots last as long as their bulletin. */
  readonly durationMs?: number;
  /** Undefined: by class. */
  readonly afterPreempt?: AfterPreempt;
  /** Higher first where priority bulletins collide; undefined: nobody has been asked to choose. */
  readonly rank?: number;
}

/**
 * A slot as it is kept. Once it has begun to sound, a change of what or when closes it and opens a successor of the
 * same series: an airing's id always names the same sound, and the calendar of the past stays as it was.
 */
export interface KeptSlot extends SlotDraft {
  readonly id: string;
  /** Id of the series' first slot. */
  readonly series: string;
  readonly version: number;
  readonly exceptions: readonly SlotException[];
  /** What would have started before this instant was not on the calendar then, and does not sound. */
  readonly sinceAt: EpochMs;
  readonly closed?: {
    /** Nothing starts from here on. */
    readonly at: EpochMs;
    /** Whether what was on air at that instant ended there. */
    readonly cut: boolean;
  };
  readonly created: Signature;
  readonly changed: Signature;
}

/** What a slot sounds. */
export type SlotContent =
  | {
      readonly type: "files";
      /** One after the other, chime included. */
      readonly parts: readonly AudioPart[];
      readonly volumePercent?: number;
    }
  | {
      readonly type: "relay";
      readonly address: string;
      readonly fallbackAudioId?: string;
      readonly volumePercent?: number;
    };

/** Which occurrences a change is for. `date`: the date the rule gave the occurrence. */
export type Scope =
  | { readonly type: "all" }
  | { readonly type: "following"; readonly date: LocalDate }
  | { readonly type: "one"; readonly date: LocalDate };

/** What saving does (or, in a preview, would do). */
export interface SlotSaved {
  /** The open slots that carry the change; empty after a removal. */
  readonly slots: readonly KeptSlot[];
  /** What changes for listeners, in words. */
  readonly said: Text;
  readonly saved: boolean;
}

/** What to do with one occurrence; `date` is the one the rule gave. */
export type OccurrenceEdit =
  | { readonly type: "cancel" }
  | { readonly type: "move"; readonly toDate: LocalDate; readonly toTime: LocalTime }
  | { readonly type: "restore" };
