import type { Clock } from "../kernel/clock.ts";
import { Fault } from "../kernel/faults.ts";
import { text } from "../kernel/text.ts";
import { MINUTE_MS, SECOND_MS } from "../kernel/time.ts";
import type { SpeakerLink } from "./link.ts";
import type { OrderOutcome } from "./orders.ts";
import type { Registry } from "./registry.ts";
import { isQuietAt } from "./rules/quiet-now.ts";

/** A technician's tone wakes nobody two hamlets away. */
export const TONE_VOLUME_LIMIT_PERCENT = 30;
export const TONE_LIMIT_MS = 10 * SECOND_MS;

/** Long enough for a line over a SIM card; the technician waits for it. */
const ANSWER_WITHIN_MS = 5 * SECOND_MS;
/** After that nobody listens for the tone any more. */
const TONE_TTL_MS = 10 * SECOND_MS;

interface ToneOrder {
  readonly speaker: string;
  readonly toneMs: number;
  readonly volumePercent: number;
  /** Said twice: yes, in the quiet hours too. */
  readonly confirmed: boolean;
}

interface ToneParts {
  readonly registry: Registry;
  readonly link: Pick<SpeakerLink, "send">;
  readonly clock: Clock;
  readonly timeZone: string;
}

/** A short tone on one speaker. Refused in its hamlet's quiet hours unless confirmed. */
export async function playTestTone(
  { speaker: id, toneMs, volumePercent, confirmed }: ToneOrder,
  { registry, link, clock, timeZone }: ToneParts,
  signal: AbortSignal,
): Promise<OrderOutcome> {
  const speaker = registry.speakers.get(id);
  const hamlet = registry.hamlets.get(speaker.hamlet);
  if (!confirmed && isQuietAt(hamlet.quietHours, minuteOfDay(clock.now(), timeZone)))
    throw quietNow(hamlet.name);
  const ticket = link.send(
    { type: "speakers", speakers: [speaker.id] },
    { kind: "selftest", toneMs, volumePercent },
    { ttlMs: TONE_TTL_MS },
  );
  const answered = new AbortController();
  const either = AbortSignal.any([signal, answered.signal]);
  const late = clock.sleep(ANSWER_WITHIN_MS, either).then(() => answered.abort());
  await ticket.reachedAll(either);
  answered.abort();
  await late;
  return ticket.outcomes().get(speaker.id) ?? "unsupported";
}

function minuteOfDay(now: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat("en", {
    timeZone,
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  }).formatToParts(now);
  const valueOf = (type: string): number => Number(parts.find((part) => part.type === type)?.value ?? 0);
  return valueOf("hour") * (MINUTE_MS / SECOND_MS) + valueOf("minute");
}

function quietNow(hamlet: string): Fault {
  return new Fault(
    "conflict",
    text(`It is quiet hours in ${hamlet} now.`, `${hamlet} đang trong khung giờ yên tĩnh.`),
    {
      field: "confirmed",
      hint: text(
        "Test after they end, or confirm that the tone shall sound now.",
        "Hãy phát thử khi hết giờ yên tĩnh, hoặc xác nhận vẫn phát ngay bây giờ.",
      ),
    },
  );
}
