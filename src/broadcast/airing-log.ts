import type { Clock } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import { text, type Text } from "../kernel/text.ts";
import { SECOND_MS, type EpochMs } from "../kernel/time.ts";
import type { AiringId, Receipt, SpeakerId } from "../speakers/protocol.ts";
import type { Airing, AiringStore, EndedBy } from "./airings-store.ts";
import { absenceCause, reportedCause, type Absence } from "./rules/explain.ts";
import {
  isWhole,
  proofOf,
  proofSentence,
  soundWithin,
  type Proof,
  type SpeakerOutcome,
} from "./rules/proof.ts";

/** One line of the broadcast log (nhật ký phát thanh). */
export interface AiringRecord {
  readonly airing: AiringId;
  readonly title: string;
  readonly kind: Airing["kind"];
  readonly level: number;
  readonly plannedAt: EpochMs;
  readonly until: EpochMs;
  readonly outcome: "airing" | "played" | "partial" | "silent" | "stopped" | "barred";
  readonly proof: Proof;
  readonly sentence: Text;
  readonly speakers: readonly SpeakerRecord[];
}

export interface SpeakerRecord {
  readonly speaker: SpeakerId;
  readonly name: string;
  readonly outcome: SpeakerOutcome;
  readonly startErrorMs: number | null;
  readonly playedMs: number;
  readonly expectedMs: number;
  readonly levelDbfs: number | null;
  /** Why it did not sound, or not whole. */
  readonly sentence: Text | undefined;
}

export interface AiringLog {
  /** Inside the transaction that stores the receipt's number. */
  onReceipt(speaker: SpeakerId, receipt: Receipt): void;
  /** Ends what has sounded to its end and says so once. */
  closeEnded(now: EpochMs): void;
  record(airing: Airing): AiringRecord;
}

interface AiringLogParts {
  readonly airings: AiringStore;
  readonly clock: Clock;
  readonly log: Log;
  /** What the registry and the link know of a speaker; undefined when it was removed since. */
  readonly speakerOf: (
    id: SpeakerId,
  ) => { readonly name: string; readonly givesReceipts: boolean } | undefined;
  readonly absenceOf: (id: SpeakerId) => Absence;
  /** What was handed to boxes that give no receipts. */
  readonly delivered: (
    id: AiringId,
  ) => ReadonlyMap<SpeakerId, { readonly startedAt: EpochMs; readonly deliveredMs: number }>;
  readonly announce: (record: AiringRecord) => void;
}

/** Receipts travel at once when the line is up; after this the proof is given with what is there. */
export const RECEIPTS_WITHIN_MS = 20 * SECOND_MS;

export function openAiringLog(parts: AiringLogParts): AiringLog {
  const { airings, clock, log } = parts;

  const shareRecords = (airing: Airing): SpeakerRecord[] => {
    const receipts = airings.receiptsOf(airing.id);
    return airings.sharesOf(airing.id).map(({ speaker, expectedMs }) => {
      const known = parts.speakerOf(speaker);
      const receipt = receipts.get(speaker);
      const name = known?.name ?? speaker;
      const expected = expectedOf(airing, expectedMs);
      if (receipt === undefined) {
        const absent = airing.state === "ended" ? absenceCause(parts.absenceOf(speaker)) : undefined;
        return {
          speaker,
          name,
          outcome: "pending",
          startErrorMs: null,
          playedMs: 0,
          expectedMs: expected,
          levelDbfs: null,
          sentence: absent,
        };
      }
      const outcome = known?.givesReceipts === false ? "delivered" : outcomeOf(receipt, expected);
      const { startErrorMs, playedMs, levelDbfs } = receipt;
      const sentence =
        outcome === "partial" || outcome === "silent" ? reportedCause(receipt.reason) : undefined;
      return { speaker, name, outcome, startErrorMs, playedMs, expectedMs: expected, levelDbfs, sentence };
    });
  };

  const record = (airing: Airing): AiringRecord => {
    const speakers = shareRecords(airing);
    const proof = proofOf(speakers);
    return {
      airing: airing.id,
      title: airing.title,
      kind: airing.kind,
      level: airing.level,
      plannedAt: airing.plannedAt,
      until: airing.until,
      outcome: overall(airing, proof, speakers),
      proof,
      sentence: sentenceOf(airing, proof),
      speakers,
    };
  };

  const close = (airing: Airing, now: EpochMs): void => {
    for (const [speaker, { startedAt, deliveredMs }] of parts.delivered(airing.id)) {
      if (parts.speakerOf(speaker)?.givesReceipts === false) {
        airings.addReceipt(speaker, deliveryOf(airing, startedAt, deliveredMs), now);
      }
    }
    airings.end(airing.id, airing.until, "itself");
    airings.markTold(airing.id);
    const said = record(airings.get(airing.id) ?? airing);
    const startErrorsMs = Object.fromEntries(
      said.speakers.map(({ speaker, startErrorMs }) => [speaker, startErrorMs]),
    );
    log.info({ airing: airing.id, ...said.proof, startErrorsMs }, "airing is over");
    parts.announce(said);
  };

  /** Nothing more is to come, or has been waited for long enough. */
  const isComplete = (airing: Airing, now: EpochMs): boolean => {
    const overAt = airing.endedAt ?? airing.until;
    if (overAt > now) return false;
    if (now >= overAt + RECEIPTS_WITHIN_MS) return true;
    return airings.awaited(airing.id).every((speaker) => parts.speakerOf(speaker)?.givesReceipts === false);
  };

  return {
    onReceipt: (speaker, receipt) => {
      airings.addReceipt(speaker, receipt, clock.now());
      const airing = airings.get(receipt.airing);
      if (airing?.state === "ended") parts.announce(record(airing));
    },
    closeEnded: (now) => {
      for (const airing of airings.untold()) if (isComplete(airing, now)) close(airing, now);
    },
    record,
  };
}

/** What was cut off by a person is expected up to the cut; the rest is not the speakers' failure. */
function expectedOf(
  { endedAt, plannedAt, until, source, repeatEveryMs, kind }: Airing,
  shareMs: number,
): number {
  const spanMs = Math.max(0, Math.min(endedAt ?? until, until) - plannedAt);
  if (kind === "slot" || source?.type !== "files") return Math.min(shareMs, spanMs);
  const soundMs = source.parts.reduce((sum, part) => sum + part.durationMs, 0);
  return soundWithin({ soundMs, repeatEveryMs, spanMs });
}

function outcomeOf(receipt: Receipt, expectedMs: number): SpeakerOutcome {
  if (receipt.playedMs === 0) return "silent";
  return isWhole({ expectedMs, playedMs: receipt.playedMs }) ? "played" : "partial";
}

function overall(airing: Airing, proof: Proof, speakers: readonly SpeakerRecord[]): AiringRecord["outcome"] {
  if (airing.endedBy === "barred") return "barred";
  if (airing.endedBy === "stopped" || airing.endedBy === "withdrawn") return "stopped";
  if (airing.state === "airing") return "airing";
  if (speakers.every(({ playedMs }) => playedMs === 0)) return "silent";
  return proof.speakersPlayed === proof.speakersTotal ? "played" : "partial";
}

const ENDINGS: Record<EndedBy, Text | undefined> = {
  itself: undefined,
  stopped: text("stopped by hand", "đã dừng bằng tay"),
  withdrawn: text("taken off the calendar while on air", "bị rút khỏi lịch khi đang phát"),
  missed: text("the hall was off at that time", "lúc đó trung tâm không hoạt động"),
  barred: undefined,
};

function sentenceOf(airing: Airing, proof: Proof): Text {
  if (airing.cause !== undefined) {
    return text(`did not sound: ${airing.cause.en}`, `không phát: ${airing.cause.vi}`);
  }
  // Receipts come at the end: figures before that would read like a failure.
  if (airing.state === "airing") return text("sounding now", "đang phát");
  const said = proofSentence(proof);
  const ending = airing.endedBy === undefined ? undefined : ENDINGS[airing.endedBy];
  return ending === undefined ? said : text(`${said.en}; ${ending.en}`, `${said.vi}; ${ending.vi}`);
}

/** A box that can't report gets an entry of what it took; its record says "delivered", not "played". */
function deliveryOf(airing: Airing, startedAt: EpochMs, deliveredMs: number): Receipt {
  return {
    n: 1,
    airing: airing.id,
    outcome: deliveredMs > 0 ? "played" : "silent",
    plannedAt: airing.plannedAt,
    startedAt,
    endedAt: airing.until,
    playedMs: Math.round(deliveredMs),
    expectedMs: null,
    startErrorMs: null,
    sha256: [],
    levelDbfs: null,
    via: "order",
  };
}
