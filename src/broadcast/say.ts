import type { Actor } from "../identity/actor.ts";
import type { Clock } from "../kernel/clock.ts";
import { Fault } from "../kernel/faults.ts";
import { text, type Text } from "../kernel/text.ts";
import { epochMs, SECOND_MS, type EpochMs } from "../kernel/time.ts";
import type { Bulletins } from "./bulletins.ts";
import type { Calendar } from "./calendar.ts";
import { airingOf } from "./rules/expand.ts";
import { localDateOf, twoDigits } from "./rules/days.ts";
import { localZone } from "./rules/local-time.ts";
import type { Targets, Zone } from "./rules/model.ts";
import { mustReach } from "./reach.ts";

export interface SayOrder {
  readonly text: string;
  readonly targets: Targets;
  /** Undefined: as soon as the loudspeakers can have it. */
  readonly at: EpochMs | undefined;
  readonly chime: boolean;
}

export interface Said {
  readonly bulletin: string;
  readonly slot: string;
  readonly airing: string;
  readonly at: EpochMs;
  /** What changes for listeners, in words. */
  readonly said: Text;
}

interface SayParts {
  /** The loudspeakers of the commune and their hamlets. */
  readonly zones: () => readonly Zone[];
  readonly bulletins: Bulletins;
  readonly calendar: Calendar;
  readonly clock: Clock;
  readonly timeZone: string;
}

/** Enough for every speaker to fetch a few seconds of speech. */
const SOONEST_MS = 12 * SECOND_MS;
const TITLE_CHARS = 80;

/**
 * One sentence on the air: a bulletin, its approval by the person who says it (who must be allowed to approve), and a
 * place on the calendar. Nothing of the rules is passed by: quiet hours refuse it like anything else.
 */
export async function say(
  order: SayOrder,
  actor: Actor,
  parts: SayParts,
  signal: AbortSignal,
): Promise<Said> {
  const { bulletins, calendar, clock } = parts;
  mustReach(order.targets, parts.zones());
  const draft = {
    title: titleOf(order.text),
    category: "Thông tin",
    class: "ordinary",
    chime: order.chime,
    content: { type: "text", text: order.text },
  } as const;
  const created = await bulletins.create(draft, actor, signal);
  const submitted = bulletins.submit(created.id, created.version, actor);
  const { seal } = submitted;
  if (seal === undefined) throw new Error(`${created.id} has no sound although it was just made`);
  bulletins.approve(created.id, { version: submitted.version, seal }, actor);
  const soonest = Math.ceil((clock.now() + SOONEST_MS) / SECOND_MS) * SECOND_MS;
  const at = epochMs(order.at ?? soonest);
  if (at < clock.now()) throw tooLate(at);
  const { date, time } = localReading(at, parts.timeZone);
  const { slots, said } = calendar.create(
    {
      bulletinId: created.id,
      kind: "programme",
      startTime: time,
      recurrence: { type: "once", date },
      from: date,
      seasons: [],
      holidays: "ignore",
      targets: order.targets,
    },
    { actor, preview: false },
  );
  const slot = slots[0]?.id ?? "";
  return { bulletin: created.id, slot, airing: airingOf(slot, date), at, said };
}

function titleOf(words: string): string {
  const line = words.trim().replace(/\s+/g, " ");
  return line.length <= TITLE_CHARS ? line : `${line.slice(0, TITLE_CHARS - 1).trimEnd()}…`;
}

function localReading(at: EpochMs, timeZone: string): { date: string; time: string } {
  const zone = localZone(timeZone);
  const seconds = Math.floor(zone.msOfDayAt(at) / SECOND_MS);
  const [hours, minutes] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60];
  return {
    date: localDateOf(zone.dayOf(at)),
    time: [hours, minutes, seconds % 60].map(twoDigits).join(":"),
  };
}

function tooLate(at: EpochMs): Fault {
  const shown = new Date(at).toISOString();
  return new Fault("invalid", text(`The time ${shown} has passed.`, `Thời điểm ${shown} đã qua.`), {
    field: "at",
    hint: text(
      "Give a later time, or none for at once.",
      "Hãy chọn thời điểm muộn hơn, hoặc bỏ trống để phát ngay.",
    ),
  });
}
