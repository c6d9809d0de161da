import { civilOf } from "../../broadcast/rules/days.ts";
import { localZone } from "../../broadcast/rules/local-time.ts";
import type { Holiday } from "../../broadcast/rules/model.ts";
import type { Actor } from "../../identity/actor.ts";
import type { Audit } from "../../identity/audit.ts";
import type { Clock } from "../../kernel/clock.ts";
import { Fault } from "../../kernel/faults.ts";
import { text, type Text } from "../../kernel/text.ts";
import { DAY_MS, type EpochMs } from "../../kernel/time.ts";
import type { Database } from "../../store/database.ts";
import {
  mayStep,
  showsOthers,
  standingOf,
  termsOf,
  type RequestKind,
  type RequestOutcome,
  type RequestStep,
  type Standing,
} from "../rules/data-requests.ts";
import type { CameraId, Span } from "../rules/model.ts";
import { openRequestStore, type DataRequest } from "./requests-store.ts";

export interface RequestDraft {
  readonly kind: RequestKind;
  readonly person: string;
  readonly contact: string;
  readonly camera: CameraId | null;
  readonly span: Span | null;
  readonly what: string;
  /** When it came in; a letter may be entered later. */
  readonly receivedAt: EpochMs;
}

export interface RequestAnswer {
  readonly outcome: RequestOutcome;
  readonly answer: string;
  readonly others: string | null;
  readonly caseId: string | null;
  readonly exportId: string | null;
}

/** The register of what recorded people asked for, with the law's deadlines. */
export interface DataRequests {
  add(draft: RequestDraft, by: Actor): DataRequest;
  /** Throws Fault("not-found"). */
  get(id: string): DataRequest;
  /** Open ones by their next deadline, then closed ones, newest first. */
  list(limit: number): readonly DataRequest[];
  standing(request: DataRequest): Standing;
  /** These three throw Fault("conflict") for a request that is past that step. */
  acknowledge(id: string, by: Actor): DataRequest;
  answer(id: string, answer: RequestAnswer, by: Actor): DataRequest;
  withdraw(id: string, reason: string, by: Actor): DataRequest;
  /** A sentence for the overview when deadlines have been missed. */
  problems(): readonly Text[];
}

interface RequestParts {
  readonly database: Database;
  readonly audit: Pick<Audit, "record">;
  readonly clock: Clock;
  readonly timeZone: string;
  /** The commune's list; they are no working days. */
  readonly holidays: () => readonly Holiday[];
}

/** An older letter is a mistake in its date. */
const OLDEST_RECEIPT_MS = 366 * DAY_MS;
/** A commune gets a few requests a month. */
const MOST_OPEN = 500;

export function openDataRequests(parts: RequestParts): DataRequests {
  const { database, audit, clock, timeZone, holidays } = parts;
  const store = openRequestStore(database);
  const zone = localZone(timeZone);
  const get = (id: string): DataRequest => {
    const request = store.find(id);
    if (request === undefined) throw noSuchRequest(id);
    return request;
  };
  const standing = (request: DataRequest): Standing => standingOf(request, clock.now(), zone);
  /** The trail outlives the register, so it holds no name of who asked. */
  const stepped = (id: string, step: RequestStep, by: Actor, change: Partial<DataRequest>): DataRequest =>
    database.transact(() => {
      const before = get(id);
      if (!mayStep(before.state, step)) throw tooLate(before, standing(before).said);
      const after = { ...before, handler: before.handler ?? by.name, ...change };
      store.put(after);
      const { outcome, caseId, exportId } = after;
      audit.record({
        actor: by,
        action: `data-request.${step}`,
        subject: id,
        details: { outcome, caseId, exportId },
      });
      return after;
    });

  return {
    get,
    list: (limit) => store.list(limit),
    standing,
    add: (draft, by) => {
      const now = clock.now();
      const { kind, camera, span, receivedAt } = draft;
      if (receivedAt > now || receivedAt < now - OLDEST_RECEIPT_MS) throw badReceipt();
      if (span !== null && (span.from >= span.to || span.from > now)) throw badSpan();
      return database.transact(() => {
        const prefix = `YC-${civilOf(zone.dayOf(receivedAt)).year}-`;
        const id = `${prefix}${String(store.lastNumber(prefix) + 1).padStart(4, "0")}`;
        const request: DataRequest = {
          ...draft,
          ...NEW,
          ...termsOf(kind, receivedAt, { zone, holidays: holidays() }),
          id,
          receivedBy: by.name,
        };
        store.put(request);
        audit.record({ actor: by, action: "data-request.add", subject: id, details: { kind, camera } });
        return request;
      });
    },
    acknowledge: (id, by) =>
      stepped(id, "acknowledge", by, { state: "acknowledged", acknowledgedAt: clock.now() }),
    answer: (id, answer, by) => {
      const { kind, acknowledgedAt } = get(id);
      if (showsOthers(kind, answer.outcome) && answer.others === null) throw othersMissing();
      const now = clock.now();
      return stepped(id, "answer", by, {
        ...answer,
        state: "answered",
        acknowledgedAt: acknowledgedAt ?? now,
        endedAt: now,
      });
    },
    withdraw: (id, reason, by) =>
      stepped(id, "withdraw", by, { state: "withdrawn", endedAt: clock.now(), answer: reason }),
    problems: () => {
      const late = store.list(MOST_OPEN).filter((request) => isOpen(request) && standing(request).late);
      if (late.length === 0) return [];
      const ids = late.map(({ id }) => id).join(", ");
      return [
        text(
          `Requests about recordings are overdue: ${ids}. Answer them on the page of requests.`,
          `Yêu cầu về dữ liệu hình ảnh đã quá hạn: ${ids}. Hãy xử lý ở trang Yêu cầu.`,
        ),
      ];
    },
  };
}

const NEW = {
  state: "received",
  handler: null,
  acknowledgedAt: null,
  endedAt: null,
  outcome: null,
  answer: null,
  others: null,
  caseId: null,
  exportId: null,
} as const;

function isOpen({ state }: DataRequest): boolean {
  return state === "received" || state === "acknowledged";
}

function noSuchRequest(id: string): Fault {
  return new Fault("not-found", text(`There is no request ${id}.`, `Không có yêu cầu ${id}.`), {
    field: "id",
    hint: text("See the list of requests.", "Hãy xem danh sách yêu cầu."),
  });
}

function tooLate({ id }: DataRequest, said: Text): Fault {
  return new Fault(
    "conflict",
    text(`Request ${id} is past that step: ${said.en}.`, `Yêu cầu ${id} đã qua bước này: ${said.vi}.`),
    {
      hint: text(
        "Look at its present state; enter a new request if the person asks again.",
        "Hãy xem lại trạng thái hiện tại; nếu người dân hỏi lại, hãy ghi yêu cầu mới.",
      ),
    },
  );
}

function badReceipt(): Fault {
  return new Fault(
    "invalid",
    text(
      "The day of receipt lies in the future or more than a year back.",
      "Ngày nhận ở tương lai hoặc quá một năm trước.",
    ),
    {
      field: "receivedAt",
      hint: text("Enter the day on which the request came in.", "Hãy nhập ngày thực nhận yêu cầu."),
    },
  );
}

function badSpan(): Fault {
  return new Fault(
    "invalid",
    text(
      "The time of the recording is none: its end is not after its start, or it has not come yet.",
      "Khoảng thời gian ghi hình không hợp lệ: giờ kết thúc phải sau giờ bắt đầu và không ở tương lai.",
    ),
    { field: "from", hint: text("Correct both times.", "Hãy sửa lại hai mốc giờ.") },
  );
}

function othersMissing(): Fault {
  return new Fault(
    "invalid",
    text(
      "Pictures that are handed over may show other people, and nothing says on what ground they may be seen.",
      "Hình ảnh giao cho người yêu cầu có thể có người khác, nhưng chưa ghi căn cứ cho phép.",
    ),
    {
      field: "others",
      hint: text(
        "Say so: nobody else is in the picture, they agreed, they were made unrecognisable, or another legal ground.",
        "Hãy ghi rõ: không có người khác trong hình, họ đã đồng ý, đã che mờ, hoặc căn cứ pháp luật khác.",
      ),
    },
  );
}
