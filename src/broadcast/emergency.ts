import type { Clock } from "../kernel/clock.ts";
import { Fault } from "../kernel/faults.ts";
import { text } from "../kernel/text.ts";
import { epochMs, HOUR_MS, MINUTE_MS, type EpochMs } from "../kernel/time.ts";
import { EMERGENCY_LEVEL, type AiringId, type AudioPart } from "../speakers/protocol.ts";
import type { Airing } from "./airings-store.ts";
import type { Playout } from "./playout.ts";
import type { Targets } from "./rules/model.ts";

export interface EmergencyOrder {
  /** Read aloud, or a recording of the library. */
  readonly message:
    { readonly type: "text"; readonly text: string } | { readonly type: "audio"; readonly audioId: string };
  readonly title: string;
  readonly targets: Targets;
  readonly by: string;
  /** From now; the configured length when left out. */
  readonly lastsMs?: number;
}

interface SpokenMessage {
  readonly audioId: string;
  readonly readText: string;
}

/** What went out, for the countersignature that follows it. */
export interface Declared {
  readonly airing: Airing;
  readonly content:
    | { readonly type: "audio"; readonly audioId: string }
    | { readonly type: "text"; readonly text: string; readonly readText: string; readonly audioId: string };
}

interface EmergencyParts {
  readonly playout: Pick<Playout, "begin">;
  readonly clock: Clock;
  readonly chimes: { readonly emergency: AudioPart; readonly closing: AudioPart };
  readonly audio: {
    /** Throws a Fault for what can't be read, before anything has sounded. */
    check(text: string): void;
    speak(text: string, by: string, signal: AbortSignal): Promise<SpokenMessage>;
    part(audioId: string): AudioPart;
  };
  readonly volumePercent: number;
  readonly repeatEveryMs: number;
  readonly lastsMs: number;
}

/** Time for the order to reach every speaker, so that they begin together. */
const CHIME_LEAD_MS = 400;
/** Time to fetch the message; the chime sounds meanwhile. */
const MESSAGE_LEAD_MS = 1_000;
/** People who were talking understand it the second time. */
const MESSAGE_TIMES = 3;
const LONGEST_MS = 48 * HOUR_MS;

/**
 * The chime, which every speaker has, goes out at once; the message is made meanwhile and follows it: chime, message
 * three times, chime, and all of it again until it expires or is cancelled.
 */
export async function declareEmergency(
  order: EmergencyOrder,
  parts: EmergencyParts,
  signal: AbortSignal,
): Promise<Declared> {
  const { playout, clock, chimes, volumePercent } = parts;
  const lastsMs = order.lastsMs ?? parts.lastsMs;
  checkLength(lastsMs);
  if (order.message.type === "text") parts.audio.check(order.message.text);
  // A recording that is not there is refused before anything sounds.
  if (order.message.type === "audio") parts.audio.part(order.message.audioId);
  const askedAt = clock.now();
  const id = `emergency.${new Date(askedAt).toISOString().replaceAll(/[:.-]/g, "")}`;
  const chimeAt = epochMs(askedAt + CHIME_LEAD_MS);
  const common = {
    kind: "emergency",
    level: EMERGENCY_LEVEL,
    targets: order.targets,
    volumePercent,
  } as const;
  playout.begin({
    ...common,
    id: `${id}.chime` as AiringId,
    title: `Tín hiệu khẩn cấp: ${order.title}`,
    source: { type: "files", parts: [chimes.emergency], offsetMs: 0 },
    at: chimeAt,
    until: epochMs(chimeAt + chimes.emergency.durationMs),
  });
  const content = await contentOf(order, parts, signal);
  const message = parts.audio.part(content.audioId);
  const round = [chimes.emergency, ...Array.from({ length: MESSAGE_TIMES }, () => message), chimes.closing];
  const at = after(chimeAt + chimes.emergency.durationMs, clock.now() + MESSAGE_LEAD_MS);
  const roundMs = round.reduce((sum, part) => sum + part.durationMs, 0);
  const airing = playout.begin({
    ...common,
    id: id as AiringId,
    title: order.title,
    // The chime has sounded: the first round begins behind it.
    source: { type: "files", parts: round, offsetMs: chimes.emergency.durationMs },
    at,
    until: epochMs(askedAt + lastsMs),
    repeatEveryMs: Math.max(parts.repeatEveryMs, roundMs),
  });
  return { airing, content };
}

async function contentOf(
  { message, by }: EmergencyOrder,
  { audio }: EmergencyParts,
  signal: AbortSignal,
): Promise<Declared["content"]> {
  if (message.type === "audio") return message;
  return { type: "text", text: message.text, ...(await audio.speak(message.text, by, signal)) };
}

function after(...instants: number[]): EpochMs {
  return epochMs(Math.max(...instants));
}

function checkLength(lastsMs: number): void {
  if (lastsMs >= MINUTE_MS && lastsMs <= LONGEST_MS) return;
  const minutes = Math.round(lastsMs / MINUTE_MS);
  throw new Fault(
    "invalid",
    text(
      `An emergency of ${minutes} minutes is not possible.`,
      `Không thể phát khẩn cấp trong ${minutes} phút.`,
    ),
    { field: "lastsMinutes", hint: text("Give 1 minute to 48 hours.", "Hãy chọn từ 1 phút đến 48 giờ.") },
  );
}
