import { Fault } from "../kernel/faults.ts";
import { text } from "../kernel/text.ts";
import { LEVEL, type AudioPart } from "../speakers/protocol.ts";
import type { BulletinLibrary } from "./bulletin-content.ts";
import type { Bulletin } from "./bulletin-model.ts";
import { sayLength } from "./calendar-check.ts";
import type { KeptSlot, SlotContent, SlotDraft } from "./calendar-model.ts";
import type { AfterPreempt, Slot } from "./rules/model.ts";

/** What one slot sounds and for how long. */
export interface Sounded {
  readonly content: SlotContent;
  readonly durationMs: number;
}

/** An emergency is said this often: people who were talking understand it the second time. */
const EMERGENCY_TIMES = 3;
/** The most parts one order carries (loa/v1). */
const PARTS_LIMIT = 16;
/** What an unplayable slot is given as its length, so that the calendar can still show it, barred. */
const UNKNOWN_MS = 60_000;

/** The content of a slot; undefined when a recording is missing from the library. */
export function soundOf(
  slot: Pick<SlotDraft, "kind" | "durationMs" | "volumePercent">,
  bulletin: Pick<Bulletin, "class" | "chime" | "content">,
  library: BulletinLibrary,
): Sounded | undefined {
  const volume = slot.volumePercent === undefined ? {} : { volumePercent: slot.volumePercent };
  if (bulletin.content.type === "relay") {
    const { address, durationMs, fallbackAudioId } = bulletin.content;
    const fallback = fallbackAudioId === undefined ? {} : { fallbackAudioId };
    return {
      content: { type: "relay", address, ...fallback, ...volume },
      durationMs: Math.min(slot.durationMs ?? durationMs, durationMs),
    };
  }
  const { audioId } = bulletin.content;
  if (library.get(audioId) === undefined) return undefined;
  const message = library.part(audioId);
  const parts =
    slot.kind === "filler"
      ? looped(message, slot.durationMs ?? message.durationMs)
      : framed(message, bulletin, library);
  const wholeMs = parts.reduce((sum, part) => sum + part.durationMs, 0);
  return {
    content: { type: "files", parts, ...volume },
    durationMs: slot.kind === "filler" ? Math.min(slot.durationMs ?? wholeMs, wholeMs) : wholeMs,
  };
}

function looped(message: AudioPart, lengthMs: number): AudioPart[] {
  const times = Math.ceil(lengthMs / Math.max(message.durationMs, 1));
  return Array.from({ length: Math.min(Math.max(times, 1), PARTS_LIMIT) }, () => message);
}

function framed(
  message: AudioPart,
  { class: urgency, chime }: Pick<Bulletin, "class" | "chime">,
  library: BulletinLibrary,
): AudioPart[] {
  const emergency = urgency === "emergency";
  const said = Array.from({ length: emergency ? EMERGENCY_TIMES : 1 }, () => message);
  if (!chime) return said;
  const { opening, closing, emergency: alert } = library.chimes;
  return [library.part((emergency ? alert : opening).id), ...said, library.part(closing.id)];
}

/** Its place on the ladder. */
function levelOf(kind: SlotDraft["kind"], { class: urgency, content }: Bulletin): number {
  if (urgency === "emergency") return LEVEL.communeEmergency;
  if (urgency === "priority") return LEVEL.priority;
  if (kind === "filler") return LEVEL.filler;
  return content.type === "relay" ? LEVEL.relay : LEVEL.programme;
}

/** A priority bulletin is understood only whole; everything else goes on where it was. */
function afterPreemptOf({ class: urgency }: Bulletin): AfterPreempt {
  return urgency === "priority" ? "restart" : "resume";
}

/** The slot as the rules read it, not barred. */
export function ruleSlotOf(slot: KeptSlot, bulletin: Bulletin, sound: Sounded | undefined): Slot {
  return {
    id: slot.id,
    title: bulletin.title,
    level: levelOf(slot.kind, bulletin),
    durationMs: sound?.durationMs ?? UNKNOWN_MS,
    startTime: slot.startTime,
    recurrence: slot.recurrence,
    from: slot.from,
    ...(slot.to === undefined ? {} : { to: slot.to }),
    seasons: slot.seasons,
    holidays: slot.holidays,
    exceptions: slot.exceptions,
    targets: slot.targets,
    afterPreempt: slot.afterPreempt ?? afterPreemptOf(bulletin),
    ...(slot.kind === "filler" || bulletin.content.type === "relay" ? { byClock: true } : {}),
    rank: slot.rank ?? 0,
  };
}

/** Refuses what a slot may not ask of its bulletin. */
export function mustSuit(draft: SlotDraft, bulletin: Bulletin, library: BulletinLibrary): void {
  const relay = bulletin.content.type === "relay" ? bulletin.content : undefined;
  if (draft.kind === "filler" && (relay !== undefined || bulletin.class !== "ordinary"))
    throw new Fault(
      "invalid",
      text(
        "A filler is an ordinary recording; relays and urgent bulletins are not.",
        "Phần lấp chỗ trống phải là bản ghi thông thường, không phải tiếp âm hoặc bản tin khẩn, ưu tiên.",
      ),
      { field: "kind", hint: text("Choose kind “programme”.", "Hãy chọn loại “chương trình”.") },
    );
  const { durationMs } = draft;
  if (durationMs === undefined) return;
  if (relay === undefined && draft.kind !== "filler")
    throw new Fault(
      "invalid",
      text(
        "A length can be set for relays and fillers only; other slots last as long as their bulletin.",
        "Chỉ đặt được thời lượng cho tiếp âm và phần lấp chỗ trống; lịch khác dài đúng bằng bản tin.",
      ),
      { field: "durationMs", hint: text("Leave the length out.", "Hãy bỏ trống thời lượng.") },
    );
  const longestMs = relay?.durationMs ?? longestFill(bulletin, library);
  if (durationMs <= longestMs) return;
  const [asked, longest] = [sayLength(durationMs), sayLength(longestMs)];
  throw new Fault(
    "invalid",
    text(
      `${asked.en} is longer than the ${longest.en} of “${bulletin.title}”.`,
      `${asked.vi} dài hơn mức ${longest.vi} của “${bulletin.title}”.`,
    ),
    {
      field: "durationMs",
      hint: text(`Set at most ${longest.en}.`, `Hãy đặt tối đa ${longest.vi}.`),
    },
  );
}

function longestFill({ content }: Bulletin, library: BulletinLibrary): number {
  if (content.type === "relay" || library.get(content.audioId) === undefined) return 0;
  return library.part(content.audioId).durationMs * PARTS_LIMIT;
}
