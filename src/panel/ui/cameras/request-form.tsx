import { useState, type ReactNode } from "react";
import type { Call } from "../api.ts";
import type { Status } from "../shapes.ts";
import type { CameraView } from "./camera-shapes.ts";
import { Problem } from "./problem.tsx";
import { KIND_NAME, type RequestKind } from "./request-shapes.ts";
import { useOrder } from "./use-order.ts";
import { instantTyped, isTyped, NEVER_TYPED, typedOf, WhenField } from "./when-field.tsx";

interface RequestFormProps {
  readonly cameras: readonly CameraView[];
  /** Days to answer, by kind; undefined until they are read. */
  readonly terms: Readonly<Record<RequestKind, number>> | undefined;
  readonly call: Call;
  readonly status: Status;
  readonly onAdded: () => Promise<void>;
}

const NOT_A_TIME = "Ngày hoặc giờ viết chưa đúng: hãy viết ngày như 23/11/2026, giờ như 17:05.";

/** Enters what someone asked for at the counter, on the phone or by letter. */
export function RequestForm({ cameras, terms, call, status, onAdded }: RequestFormProps): ReactNode {
  const { timeZone } = status;
  const [kind, setKind] = useState<RequestKind>("view");
  const [received, setReceived] = useState(() => typedOf(status.at, timeZone));
  const [from, setFrom] = useState(NEVER_TYPED);
  const [to, setTo] = useState(NEVER_TYPED);
  const [mistyped, setMistyped] = useState(false);
  const { busy, refused, run } = useOrder();

  const add = async (form: FormData): Promise<void> => {
    const receivedAt = instantTyped(received, timeZone);
    const span = isTyped(from) || isTyped(to);
    const [start, end] = [instantTyped(from, timeZone), instantTyped(to, timeZone)];
    const wrong = receivedAt === undefined || (span && (start === undefined || end === undefined));
    setMistyped(wrong);
    if (wrong) return;
    const camera = form.get("camera");
    const body = {
      kind,
      person: form.get("person"),
      contact: form.get("contact"),
      camera: camera === "" ? null : camera,
      from: span ? start : null,
      to: span ? end : null,
      what: form.get("what"),
      receivedAt,
    };
    if (await run(() => call("POST", "/data-requests", { body }))) await onAdded();
  };

  return (
    <section aria-labelledby="new-request">
      <h3 id="new-request">Ghi yêu cầu mới</h3>
      <form
        className="stacked"
        onSubmit={(event) => {
          event.preventDefault();
          void add(new FormData(event.currentTarget));
        }}
      >
        <label>
          Người dân muốn
          <select value={kind} onChange={({ target }) => setKind(target.value as RequestKind)}>
            {Object.entries(KIND_NAME).map(([value, name]) => (
              <option key={value} value={value}>
                {name}
              </option>
            ))}
          </select>
        </label>
        {terms !== undefined && (
          <p className="count">
            Phải xác nhận trong 2 ngày làm việc và trả lời trong {terms[kind]} ngày (Nghị định
            356/2025/NĐ-CP).
          </p>
        )}
        <label>
          Họ tên người yêu cầu (đã kiểm tra giấy tờ)
          <input name="person" required maxLength={200} />
        </label>
        <label>
          Liên hệ: điện thoại hoặc địa chỉ
          <input name="contact" required maxLength={200} />
        </label>
        <label>
          Nội dung yêu cầu
          <textarea name="what" required maxLength={2_000} rows={3} />
        </label>
        <label>
          Camera
          <select name="camera" defaultValue="">
            <option value="">Chưa rõ</option>
            {cameras.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <WhenField name="Có mặt trong hình từ (nếu biết)" value={from} onChange={setFrom} />
        <WhenField name="đến" value={to} onChange={setTo} />
        <WhenField name="Nhận yêu cầu lúc" value={received} onChange={setReceived} required />
        {mistyped && (
          <p className="problem" role="alert">
            {NOT_A_TIME}
          </p>
        )}
        <Problem refused={refused} />
        <button className="main-action" disabled={busy}>
          {busy ? "Đang ghi…" : "Ghi vào sổ"}
        </button>
      </form>
    </section>
  );
}
