import { weekdayOf, type DayNumber } from "../../broadcast/rules/days.ts";
import { holidaysIn } from "../../broadcast/rules/holidays.ts";
import type { LocalZone } from "../../broadcast/rules/local-time.ts";
import type { Holiday } from "../../broadcast/rules/model.ts";
import { dateText } from "../../broadcast/rules/words.ts";
import { text, type Text } from "../../kernel/text.ts";
import { epochMs, type EpochMs } from "../../kernel/time.ts";

/** What a recorded person may ask for. */
export type RequestKind = "view" | "copy" | "restrict" | "object" | "delete";

export type RequestState = "received" | "acknowledged" | "answered" | "withdrawn";

export type RequestOutcome = "granted" | "partly" | "refused";

/** The last moments, exclusive: ends of local days. */
export interface Terms {
  readonly acknowledgeBy: EpochMs;
  readonly answerBy: EpochMs;
}

/** Decree 356/2025/NĐ-CP, article 5. */
const ACKNOWLEDGE_WITHIN_WORKING_DAYS = 2;
export const ANSWER_WITHIN_DAYS: Record<RequestKind, number> = {
  view: 10,
  copy: 10,
  restrict: 15,
  object: 15,
  delete: 20,
};

interface Calendar {
  readonly zone: LocalZone;
  readonly holidays: readonly Holiday[];
}

/**
 * The day of receipt does not count. Days to answer are calendar days and are not moved when the last one is a holiday:
 * whoever keeps to the earlier day is never late.
 */
export function termsOf(kind: RequestKind, receivedAt: EpochMs, { zone, holidays }: Calendar): Terms {
  const received = zone.dayOf(receivedAt);
  return {
    acknowledgeBy: endOf(afterWorkingDays(received, ACKNOWLEDGE_WITHIN_WORKING_DAYS, holidays), zone),
    answerBy: endOf(received + ANSWER_WITHIN_DAYS[kind], zone),
  };
}

/** No stretch of holidays and weekends is longer. */
const LONGEST_BREAK_DAYS = 40;

function afterWorkingDays(day: DayNumber, count: number, holidays: readonly Holiday[]): DayNumber {
  const free = holidaysIn(holidays, { first: day, last: day + LONGEST_BREAK_DAYS });
  let left = count;
  let result = day;
  while (left > 0 && result < day + LONGEST_BREAK_DAYS) {
    result += 1;
    if (weekdayOf(result) <= 5 && !free.has(result)) left -= 1;
  }
  return result;
}

function endOf(day: DayNumber, zone: LocalZone): EpochMs {
  return zone.instantOf(day + 1, 0);
}

/** What the register knows of a request that its deadlines hang on. */
export interface RequestCourse extends Terms {
  readonly state: RequestState;
  readonly acknowledgedAt: EpochMs | null;
  readonly endedAt: EpochMs | null;
}

/** How a request stands against its deadlines. */
export interface Standing {
  /** A deadline was missed: of an open request one that is running, of a closed one its answer's. */
  readonly late: boolean;
  readonly said: Text;
}

export function standingOf(request: RequestCourse, now: EpochMs, zone: LocalZone): Standing {
  const { state, acknowledgeBy, answerBy, endedAt } = request;
  switch (state) {
    case "withdrawn":
      return { late: false, said: text("withdrawn by the person", "người yêu cầu đã rút") };
    case "answered": {
      const late = endedAt !== null && endedAt >= answerBy;
      return late
        ? { late, said: text("answered after the deadline", "đã trả lời, trễ hạn") }
        : { late, said: text("answered in time", "đã trả lời đúng hạn") };
    }
    case "received":
      return now >= acknowledgeBy
        ? { late: true, said: overdue(acknowledgeBy, zone, ACKNOWLEDGE) }
        : { late: false, said: due(acknowledgeBy, now, zone, ACKNOWLEDGE) };
    case "acknowledged":
      return now >= answerBy
        ? { late: true, said: overdue(answerBy, zone, ANSWER) }
        : { late: false, said: due(answerBy, now, zone, ANSWER) };
  }
}

const ACKNOWLEDGE = text("acknowledge", "xác nhận đã nhận");
const ANSWER = text("answer", "trả lời");

/** A deadline is the end of a day; people name the day itself. */
function lastDay(by: EpochMs, zone: LocalZone): string {
  return dateText(epochMs(by - 1), zone);
}

function overdue(by: EpochMs, zone: LocalZone, what: Text): Text {
  const day = lastDay(by, zone);
  return text(`overdue: ${what.en} was due on ${day}`, `quá hạn: phải ${what.vi} chậm nhất ngày ${day}`);
}

function due(by: EpochMs, now: EpochMs, zone: LocalZone, what: Text): Text {
  const day = lastDay(by, zone);
  const left = zone.dayOf(epochMs(by - 1)) - zone.dayOf(now);
  if (left === 0) return text(`${what.en} today (${day})`, `phải ${what.vi} trong hôm nay (${day})`);
  return text(
    `${what.en} by ${day}, ${left} days left`,
    `${what.vi} chậm nhất ngày ${day}, còn ${left} ngày`,
  );
}

/** What may be done with a request in each state. */
export type RequestStep = "acknowledge" | "answer" | "withdraw";

const STEPS: Record<RequestState, readonly RequestStep[]> = {
  received: ["acknowledge", "answer", "withdraw"],
  acknowledged: ["answer", "withdraw"],
  answered: [],
  withdrawn: [],
};

export function mayStep(state: RequestState, step: RequestStep): boolean {
  return STEPS[state].includes(step);
}

/** Pictures that are handed over may show others (decree 356/2025/NĐ-CP, article 15). */
export function showsOthers(kind: RequestKind, outcome: RequestOutcome): boolean {
  return (kind === "view" || kind === "copy") && outcome !== "refused";
}
