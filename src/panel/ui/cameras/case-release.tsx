import type { ReactNode } from "react";
import type { Call } from "../api.ts";
import { dateAndTime } from "../format.ts";
import { mayAct } from "../roles.ts";
import type { Me, Status } from "../shapes.ts";
import type { CaseView } from "./case-shapes.ts";
import { ConfirmButton } from "./confirm-button.tsx";
import { Problem } from "./problem.tsx";
import { useOrder } from "./use-order.ts";

interface CaseReleaseProps {
  readonly file: CaseView;
  readonly call: Call;
  readonly me: Me;
  readonly status: Status;
  readonly onDone: () => Promise<void>;
}

/** Letting go takes two people: one asks, another confirms. */
export function CaseRelease({ file, call, me, status, onDone }: CaseReleaseProps): ReactNode {
  const { busy, refused, run } = useOrder();
  const order = async (step: string, body?: object): Promise<void> => {
    const path = `/cases/${encodeURIComponent(file.id)}/${step}`;
    if (await run(() => call("POST", path, body === undefined ? {} : { body }))) await onDone();
  };
  const { release, state, number } = file;
  return (
    <section aria-labelledby="release">
      <h3 id="release">Giải tỏa</h3>
      {release !== null && (
        <p>
          {release.askedBy} đề nghị lúc {dateAndTime(release.askedAt, status.timeZone)}: {release.reason}
          {release.confirmedBy !== null && release.confirmedAt !== null && (
            <>
              <br />
              {release.confirmedBy} xác nhận lúc {dateAndTime(release.confirmedAt, status.timeZone)}.
            </>
          )}
        </p>
      )}
      {state === "open" && mayAct(me, "officer", "leader", "technician") && (
        <form
          className="stacked"
          onSubmit={(event) => {
            event.preventDefault();
            void order("release", { reason: new FormData(event.currentTarget).get("reason") });
          }}
        >
          <p className="count">
            Sau khi giải tỏa, các đoạn này lại bị xóa khi hết hạn lưu. Cần một lãnh đạo hoặc quản trị khác xác
            nhận.
          </p>
          <label>
            Lý do giải tỏa
            <input name="reason" required maxLength={500} />
          </label>
          <button disabled={busy}>Đề nghị giải tỏa</button>
        </form>
      )}
      {state === "release-asked" && mayAct(me, "leader") && (
        <ConfirmButton
          name="Xác nhận giải tỏa"
          about={`hồ sơ ${number}`}
          question={`Giải tỏa hồ sơ ${number}?`}
          consequence="Các đoạn niêm giữ có thể bị xóa ngay khi quá hạn lưu. Người đề nghị không được tự xác nhận."
          disabled={busy}
          onConfirm={() => void order("release/confirm")}
        />
      )}
      {state === "release-asked" && mayAct(me, "officer", "leader", "technician") && (
        <button disabled={busy} onClick={() => void order("release/refuse")}>
          Không giải tỏa, tiếp tục niêm giữ
        </button>
      )}
      <Problem refused={refused} />
    </section>
  );
}
