import { useState, type ReactNode } from "react";
import type { Call } from "../api.ts";
import { dateAndTime } from "../format.ts";
import { mayAct } from "../roles.ts";
import type { Me, Status } from "../shapes.ts";
import type { CameraView } from "./camera-shapes.ts";
import type { CaseView, ExportView } from "./case-shapes.ts";
import { Problem } from "./problem.tsx";
import { SpanForm, type TypedSpan } from "./span-form.tsx";
import { useOrder } from "./use-order.ts";

interface CaseExportsProps {
  readonly file: CaseView & { readonly exports: readonly ExportView[] };
  readonly cameras: readonly CameraView[];
  readonly call: Call;
  readonly me: Me;
  readonly status: Status;
  readonly onDone: () => Promise<void>;
}

/** Evidence packages of a case: made here, handed over as one file that anyone can check. */
export function CaseExports({ file, cameras, call, me, status, onDone }: CaseExportsProps): ReactNode {
  return (
    <section aria-labelledby="exports">
      <h3 id="exports">Gói bằng chứng</h3>
      {file.exports.length === 0 && <p className="empty">Chưa xuất gói nào.</p>}
      <ul className="cards">
        {file.exports.map((each) => (
          <li key={each.id}>
            <OneExport
              made={each}
              name={cameras.find(({ id }) => id === each.camera)?.name ?? each.camera}
              timeZone={status.timeZone}
            />
          </li>
        ))}
      </ul>
      {mayAct(me, "officer", "leader", "technician") && file.state !== "released" && (
        <ExportForm file={file} cameras={cameras} call={call} status={status} onDone={onDone} />
      )}
    </section>
  );
}

interface OneExportProps {
  readonly made: ExportView;
  readonly name: string;
  readonly timeZone: string;
}

function OneExport({ made, name, timeZone }: OneExportProps): ReactNode {
  const { id, from, to, reason, by, askedAt, state, bytes, sha256, failure } = made;
  return (
    <>
      <strong>
        {name}, {dateAndTime(from, timeZone)} – {dateAndTime(to, timeZone)}
      </strong>
      <span>{reason}</span>
      <span className="count">
        {by} xuất lúc {dateAndTime(askedAt, timeZone)}
      </span>
      {state === "making" && <span role="status">Đang đóng gói…</span>}
      {state === "failed" && <span className="reason">{failure?.vi ?? "Không đóng gói được."}</span>}
      {state === "ready" && (
        <>
          <a href={`/api/exports/${encodeURIComponent(id)}/download`} download>
            Tải gói về
            {bytes !== null && ` (${(bytes / 1e6).toLocaleString("vi-VN", { maximumFractionDigits: 1 })} MB)`}
          </a>
          {sha256 !== null && (
            <span className="count">
              SHA-256: <code className="long">{sha256}</code>
            </span>
          )}
          <span className="count">Người nhận mở tệp verify.html trong gói để kiểm tra, không cần mạng.</span>
        </>
      )}
    </>
  );
}

function ExportForm({ file, cameras, call, status, onDone }: Omit<CaseExportsProps, "me">): ReactNode {
  const { busy, refused, run } = useOrder();
  const [times, setTimes] = useState(0);
  const send = async (span: TypedSpan, form: FormData): Promise<void> => {
    const body = {
      ...span,
      reason: form.get("reason"),
      purpose: form.get("purpose"),
      redaction: form.get("redaction"),
    };
    const path = `/cases/${encodeURIComponent(file.id)}/exports`;
    if (!(await run(() => call("POST", path, { body })))) return;
    setTimes(times + 1);
    await onDone();
  };
  return (
    <details>
      <summary>Xuất một gói bằng chứng</summary>
      <SpanForm
        key={times}
        cameras={cameras}
        status={status}
        busy={busy}
        submit={{ name: "Xuất gói", doing: "Đang gửi…" }}
        onSubmit={(span, form) => void send(span, form)}
      >
        <label>
          Lý do xuất
          <input name="reason" required maxLength={500} />
        </label>
        <label>
          Giao cho ai, để làm gì
          <input name="purpose" required maxLength={500} />
        </label>
        <label>
          Người khác trong hình: đã quyết định thế nào
          <input
            name="redaction"
            required
            maxLength={500}
            placeholder="Giữ nguyên theo yêu cầu của công an"
          />
        </label>
      </SpanForm>
      <Problem refused={refused} />
    </details>
  );
}
