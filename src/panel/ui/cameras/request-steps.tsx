import { useState, type ReactNode } from "react";
import type { Call } from "../api.ts";
import type { HallEvents } from "../live-events.ts";
import { CaseLink } from "./request-case.tsx";
import { Problem } from "./problem.tsx";
import { OUTCOME_NAME, type DataRequest } from "./request-shapes.ts";
import { useOrder } from "./use-order.ts";

interface RequestStepsProps {
  readonly request: DataRequest;
  readonly call: Call;
  readonly events: HallEvents;
  readonly timeZone: string;
  readonly onDone: () => Promise<void>;
}

/** What can be done next with an open request. */
export function RequestSteps({
  request: { id, kind, state },
  call,
  events,
  timeZone,
  onDone,
}: RequestStepsProps): ReactNode {
  const [open, setOpen] = useState<"answer" | "withdraw">();
  const { busy, refused, run } = useOrder();
  const step = async (name: string, body?: object): Promise<void> => {
    const path = `/data-requests/${encodeURIComponent(id)}/${name}`;
    if (await run(() => call("POST", path, body === undefined ? {} : { body }))) await onDone();
  };
  const about = <span className="unseen"> yêu cầu {id}</span>;
  return (
    <>
      <div className="bar">
        {state === "received" && (
          <button disabled={busy} onClick={() => void step("acknowledge")}>
            Đã báo người dân là đã nhận{about}
          </button>
        )}
        <button
          aria-expanded={open === "answer"}
          onClick={() => setOpen(open === "answer" ? undefined : "answer")}
        >
          Trả lời{about}
        </button>
        <button
          aria-expanded={open === "withdraw"}
          onClick={() => setOpen(open === "withdraw" ? undefined : "withdraw")}
        >
          Người dân rút{about}
        </button>
      </div>
      {open === "answer" && (
        <AnswerForm
          handsOver={kind === "view" || kind === "copy"}
          busy={busy}
          call={call}
          events={events}
          timeZone={timeZone}
          onAnswer={(body) => step("answer", body)}
        />
      )}
      {open === "withdraw" && (
        <form
          className="stacked"
          onSubmit={(event) => {
            event.preventDefault();
            void step("withdraw", { reason: new FormData(event.currentTarget).get("reason") });
          }}
        >
          <label>
            Vì sao rút
            <input name="reason" required maxLength={500} />
          </label>
          <button disabled={busy}>Ghi là đã rút</button>
        </form>
      )}
      <Problem refused={refused} />
    </>
  );
}

interface AnswerFormProps {
  readonly call: Call;
  readonly events: HallEvents;
  readonly timeZone: string;
  /** Pictures may be handed over, which may show others. */
  readonly handsOver: boolean;
  readonly busy: boolean;
  readonly onAnswer: (body: object) => Promise<void>;
}

type Outcome = keyof typeof OUTCOME_NAME;

function AnswerForm({ handsOver, busy, call, events, timeZone, onAnswer }: AnswerFormProps): ReactNode {
  const [outcome, setOutcome] = useState<Outcome>("granted");
  const asksOthers = handsOver && outcome !== "refused";
  const answer = (form: FormData): void => {
    const given = (name: string): string | null => {
      const value = form.get(name);
      return typeof value === "string" && value.trim() !== "" ? value.trim() : null;
    };
    const [caseId, exportId] = [given("caseId"), given("exportId")];
    void onAnswer({ outcome, answer: given("answer") ?? "", others: given("others"), caseId, exportId });
  };
  return (
    <form
      className="stacked"
      onSubmit={(event) => {
        event.preventDefault();
        answer(new FormData(event.currentTarget));
      }}
    >
      <label>
        Kết quả
        <select value={outcome} onChange={({ target }) => setOutcome(target.value as Outcome)}>
          {Object.entries(OUTCOME_NAME).map(([value, name]) => (
            <option key={value} value={value}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <label>
        {outcome === "refused" ? "Lý do từ chối" : "Đã làm gì"}
        <textarea name="answer" required maxLength={2_000} rows={3} />
      </label>
      {asksOthers && (
        <label>
          Người khác trong hình: căn cứ được giao (không có ai khác, đã đồng ý, đã che mờ…)
          <input name="others" required maxLength={500} />
        </label>
      )}
      <CaseLink call={call} events={events} timeZone={timeZone} />
      <button className="main-action" disabled={busy}>
        {busy ? "Đang ghi…" : "Ghi là đã trả lời"}
      </button>
    </form>
  );
}
