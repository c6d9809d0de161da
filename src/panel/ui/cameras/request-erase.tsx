import { useState, type ReactNode } from "react";
import type { Call } from "../api.ts";
import { dateAndTime } from "../format.ts";
import { ConfirmButton } from "./confirm-button.tsx";
import { Problem } from "./problem.tsx";
import type { DataRequest } from "./request-shapes.ts";
import { useOrder } from "./use-order.ts";

interface RequestEraseProps {
  readonly request: DataRequest;
  readonly cameraName: string | null;
  readonly call: Call;
  readonly timeZone: string;
}

/** What `POST /api/cameras/:id/erase` says is gone. */
interface Erased {
  readonly from: number;
  readonly to: number;
  readonly clips: number;
}

/** Carries out a request to delete, over exactly the time that the person named. */
export function RequestErase({ request, cameraName, call, timeZone }: RequestEraseProps): ReactNode {
  const [erased, setErased] = useState<Erased>();
  const { busy, refused, run } = useOrder();
  const { id, camera, from, to } = request;
  if (camera === null || from === null || to === null) {
    return (
      <p className="notice">
        Yêu cầu này chưa ghi camera và khoảng thời gian nên chưa xóa được. Hãy hỏi lại người dân rồi ghi yêu
        cầu mới.
      </p>
    );
  }
  const [start, end] = [dateAndTime(from, timeZone), dateAndTime(to, timeZone)];
  const erase = async (): Promise<void> => {
    await run(async () => {
      const path = `/cameras/${encodeURIComponent(camera)}/erase`;
      const body = { from, to, reason: `Theo yêu cầu ${id}`, request: id };
      setErased(await call<Erased>("POST", path, { body }));
    });
  };
  return (
    <>
      {erased === undefined ? (
        <ConfirmButton
          name={busy ? "Đang xóa…" : "Xóa hình ảnh của đoạn này"}
          about={`yêu cầu ${id}`}
          question={`Xóa hẳn hình ảnh camera ${cameraName ?? camera}?`}
          consequence={
            `Từ ${start} đến ${end}: bản ghi, ảnh nhỏ và các đoạn trích của thời gian này bị xóa hẳn, không lấy lại được. ` +
            "Bản ghi được xóa theo từng tệp nên có thể mất thêm gần một phút ở hai đầu. Nhật ký vẫn ghi là đã xóa theo yêu cầu."
          }
          disabled={busy}
          onConfirm={() => void erase()}
        />
      ) : (
        <p role="status">
          Đã xóa từ {dateAndTime(erased.from, timeZone)} đến {dateAndTime(erased.to, timeZone)}
          {erased.clips > 0 && `, cùng ${erased.clips} đoạn trích`}. Hãy ghi trả lời cho người dân.
        </p>
      )}
      <Problem refused={refused} />
    </>
  );
}
