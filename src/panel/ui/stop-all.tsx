import { useRef, type ReactNode } from "react";
import { clockTime } from "./format.ts";
import type { Act } from "./api.ts";
import { mayAct } from "./roles.ts";
import type { Me, Status } from "./shapes.ts";

interface StopAllProps {
  readonly status: Status;
  readonly me: Me;
  readonly act: Act;
}

const HOLD_MINUTES = 10;

/** Two steps, because it silences the whole commune; lifting it takes one. */
export function StopAll({ status, me, act }: StopAllProps): ReactNode {
  const dialog = useRef<HTMLDialogElement>(null);
  if (!mayAct(me, "officer", "leader", "technician")) return null;
  if (status.holdUntil !== null) {
    return (
      <p className="notice">
        Đã dừng toàn bộ, không phát gì trước {clockTime(status.holdUntil, status.timeZone)}.{" "}
        <button onClick={() => void act("/resume")}>Cho phát lại</button>
      </p>
    );
  }
  return (
    <>
      <button className="danger" onClick={() => dialog.current?.showModal()}>
        Dừng tất cả loa
      </button>
      <dialog ref={dialog} aria-labelledby="stop-all-title">
        <h2 id="stop-all-title">Dừng tất cả {status.speakers.total} cụm loa?</h2>
        <p>{`Mọi loa im lặng ngay và không phát gì trong ${HOLD_MINUTES} phút, kể cả thông báo khẩn cấp.`}</p>
        <form method="dialog">
          <button className="danger" onClick={() => void act("/stop-all", { holdMinutes: HOLD_MINUTES })}>
            Dừng tất cả
          </button>
          <button>Không dừng</button>
        </form>
      </dialog>
    </>
  );
}
