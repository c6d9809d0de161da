import { useState, type ReactNode } from "react";
import type { PageProps } from "../page-props.ts";
import { dateAndTime } from "../format.ts";
import type { Said } from "../shapes.ts";
import { Problem } from "./problem.tsx";
import { useOrder } from "./use-order.ts";
import { useReading } from "./use-reading.ts";
import { instantTyped, typedOf, WhenField } from "./when-field.tsx";

interface BreachView {
  readonly id: number;
  readonly what: string;
  readonly foundAt: number;
  readonly notedBy: string;
  readonly late: boolean;
  readonly said: Said;
  readonly steps: readonly {
    readonly step: string;
    readonly said: Said;
    readonly doneAt: number | null;
    readonly doneBy: string | null;
  }[];
}

type BreachesProps = Pick<PageProps, "call" | "events" | "status">;

/** What to do when recordings may have come into wrong hands, with the law's 72 hours. */
export function RequestBreaches({ call, events, status }: BreachesProps): ReactNode {
  const { value, problem, reload } = useReading<{ readonly breaches: readonly BreachView[] }>("/breaches", {
    call,
    events,
    isNews: ({ type }) => type === "breach",
  });
  return (
    <section aria-labelledby="breaches">
      <h3 id="breaches">Sự cố lộ, mất dữ liệu hình ảnh</h3>
      <Problem refused={problem} />
      {value?.breaches.length === 0 && <p className="empty">Chưa có sự cố nào.</p>}
      <ul className="cards">
        {value?.breaches.map((breach) => (
          <li key={breach.id} className={breach.late ? "emergency" : undefined}>
            <OneBreach breach={breach} call={call} onDone={reload} timeZone={status.timeZone} />
          </li>
        ))}
      </ul>
      <details>
        <summary>Ghi một sự cố</summary>
        <NewBreach call={call} status={status} onDone={reload} />
      </details>
    </section>
  );
}

interface OneBreachProps {
  readonly breach: BreachView;
  readonly call: PageProps["call"];
  readonly onDone: () => Promise<void>;
  readonly timeZone: string;
}

function OneBreach({ breach, call, onDone, timeZone }: OneBreachProps): ReactNode {
  const { busy, refused, run } = useOrder();
  const finish = async (step: string): Promise<void> => {
    if (await run(() => call("POST", `/breaches/${breach.id}/steps`, { body: { step } }))) await onDone();
  };
  return (
    <>
      <h4>{breach.what}</h4>
      <p className={breach.late ? "reason" : undefined}>
        Phát hiện {dateAndTime(breach.foundAt, timeZone)}: {breach.said.vi}.
      </p>
      <ol className="steps">
        {breach.steps.map(({ step, said, doneAt, doneBy }) => (
          <li key={step}>
            {said.vi}{" "}
            {doneAt === null ? (
              <button disabled={busy} onClick={() => void finish(step)}>
                Đã làm<span className="unseen"> {said.vi}</span>
              </button>
            ) : (
              <span className="count">
                – {doneBy} đã làm lúc {dateAndTime(doneAt, timeZone)}
              </span>
            )}
          </li>
        ))}
      </ol>
      <Problem refused={refused} />
    </>
  );
}

interface NewBreachProps {
  readonly call: PageProps["call"];
  readonly status: PageProps["status"];
  readonly onDone: () => Promise<void>;
}

function NewBreach({ call, status: { at, timeZone }, onDone }: NewBreachProps): ReactNode {
  const [found, setFound] = useState(() => typedOf(at, timeZone));
  const [mistyped, setMistyped] = useState(false);
  const { busy, refused, run } = useOrder();
  const add = async (form: HTMLFormElement): Promise<void> => {
    const foundAt = instantTyped(found, timeZone);
    setMistyped(foundAt === undefined);
    if (foundAt === undefined) return;
    const body = { what: new FormData(form).get("what"), foundAt };
    if (!(await run(() => call("POST", "/breaches", { body })))) return;
    form.reset();
    await onDone();
  };
  return (
    <form
      className="stacked"
      onSubmit={(event) => {
        event.preventDefault();
        void add(event.currentTarget);
      }}
    >
      <label>
        Chuyện gì đã xảy ra
        <textarea name="what" required maxLength={2_000} rows={2} />
      </label>
      <WhenField name="Phát hiện lúc (72 giờ tính từ đây)" value={found} onChange={setFound} required />
      {mistyped && (
        <p className="problem" role="alert">
          Ngày hoặc giờ viết chưa đúng: hãy viết ngày như 23/11/2026, giờ như 17:05.
        </p>
      )}
      <Problem refused={refused} />
      <button disabled={busy}>{busy ? "Đang ghi…" : "Ghi sự cố"}</button>
    </form>
  );
}
