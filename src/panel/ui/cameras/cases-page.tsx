import { useState, type ReactNode } from "react";
import type { PageProps } from "../page-props.ts";
import { mayAct } from "../roles.ts";
import { hrefOf } from "../routes.ts";
import { CASE_STATE, type CaseView } from "./case-shapes.ts";
import { Problem } from "./problem.tsx";
import { useOrder } from "./use-order.ts";
import { useReading } from "./use-reading.ts";
import { dayText } from "./zoned-time.ts";

/** The cases for which recordings are held. */
export function CasesPage(props: PageProps): ReactNode {
  if (mayAct(props.me, "officer", "leader", "technician")) return <Cases {...props} />;
  return <p className="notice">Hồ sơ vụ việc chỉ dành cho cán bộ, lãnh đạo, kỹ thuật viên và quản trị.</p>;
}

function Cases({ status, call, events }: PageProps): ReactNode {
  const { value, problem } = useReading<{ readonly cases: readonly CaseView[] }>("/cases", {
    call,
    events,
    isNews: ({ type }) => type === "case",
  });
  const [adding, setAdding] = useState(false);
  return (
    <>
      <div className="bar">
        <h2>Hồ sơ vụ việc</h2>
        <button aria-expanded={adding} onClick={() => setAdding(!adding)}>
          {adding ? "Đóng phần lập mới" : "Lập hồ sơ mới"}
        </button>
      </div>
      <p className="count">
        Hình ảnh niêm giữ trong hồ sơ không bị xóa khi hết hạn lưu hay khi đầy ổ đĩa, cho đến khi hai người
        cùng giải tỏa.
      </p>
      <Problem refused={problem} />
      {adding && <NewCase call={call} />}
      {value === undefined && problem === undefined && <p className="empty">Đang đọc danh sách…</p>}
      {value?.cases.length === 0 && (
        <p className="empty">
          Chưa có hồ sơ nào. Hãy lập hồ sơ khi một đoạn ghi hình cần làm chứng cứ, trước khi hết hạn lưu.
        </p>
      )}
      <ul className="rows">
        {value?.cases.map(({ id, number, title, state, openedAt, openedBy, holds }) => (
          <li key={id}>
            <span>
              <a href={hrefOf("case", { id })}>
                <strong>{number}</strong> {title}
              </a>
            </span>
            <span className={state === "release-asked" ? "reason" : undefined}>{CASE_STATE[state]}</span>
            <span className="count whole">
              {openedBy} lập ngày {dayText(openedAt, status.timeZone)}, {holds.length} đoạn niêm giữ
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}

function NewCase({ call }: Pick<PageProps, "call">): ReactNode {
  const { busy, refused, run } = useOrder();
  const add = async (form: FormData): Promise<void> => {
    const body = { number: form.get("number"), title: form.get("title"), reason: form.get("reason") };
    await run(async () => {
      const { id } = await call<CaseView>("POST", "/cases", { body });
      window.location.hash = hrefOf("case", { id });
    });
  };
  return (
    <section aria-labelledby="new-case">
      <h3 id="new-case">Lập hồ sơ mới</h3>
      <form
        className="stacked"
        onSubmit={(event) => {
          event.preventDefault();
          void add(new FormData(event.currentTarget));
        }}
      >
        <label>
          Số hồ sơ
          <input name="number" required maxLength={60} placeholder="12/2026/HS" />
        </label>
        <label>
          Tên vụ việc
          <input name="title" required maxLength={200} />
        </label>
        <label>
          Lý do niêm giữ
          <textarea name="reason" required maxLength={1_000} rows={3} />
        </label>
        <Problem refused={refused} />
        <button className="main-action" disabled={busy}>
          {busy ? "Đang lập…" : "Lập hồ sơ"}
        </button>
      </form>
    </section>
  );
}
