import { useState, type ReactNode } from "react";
import type { Call } from "../api.ts";
import { clockTimeNear } from "../format.ts";
import type { Status } from "../shapes.ts";
import type { CameraView } from "./camera-shapes.ts";
import { Problem } from "./problem.tsx";
import { useOrder } from "./use-order.ts";

interface PauseNowProps {
  readonly camera: CameraView;
  readonly call: Call;
  readonly status: Status;
  readonly onDone: () => Promise<void>;
}

const LENGTHS = [15, 30, 60, 120, 240];

/** Stops recording and live view for a while, for a reason that is kept. */
export function PauseNow({ camera, call, status, onDone }: PauseNowProps): ReactNode {
  const [minutes, setMinutes] = useState(30);
  const { busy, refused, run } = useOrder();
  const order = async (body: object): Promise<void> => {
    const path = `/cameras/${encodeURIComponent(camera.id)}/pause`;
    if (await run(() => call("POST", path, { body }))) await onDone();
  };
  const { pausedUntil } = camera;
  const paused = pausedUntil !== null && pausedUntil > status.at;
  return (
    <section aria-labelledby="pause">
      <h3 id="pause">Tạm dừng vì riêng tư</h3>
      {paused ? (
        <>
          <p className="notice">
            Đang tạm dừng đến {clockTimeNear(pausedUntil, status.at, status.timeZone)}: không ghi, không xem
            trực tiếp.
          </p>
          <button disabled={busy} onClick={() => void order({ until: null })}>
            Ghi lại ngay
          </button>
        </>
      ) : (
        <form
          className="stacked"
          onSubmit={(event) => {
            event.preventDefault();
            void order({ minutes, reason: new FormData(event.currentTarget).get("reason") });
          }}
        >
          <label>
            Tạm dừng trong
            <select value={minutes} onChange={({ target }) => setMinutes(Number(target.value))}>
              {LENGTHS.map((each) => (
                <option key={each} value={each}>
                  {each < 60 ? `${each} phút` : `${each / 60} giờ`}
                </option>
              ))}
            </select>
          </label>
          <label>
            Lý do (được ghi vào nhật ký)
            <input name="reason" required minLength={3} maxLength={300} />
          </label>
          <button disabled={busy}>Tạm dừng ghi hình</button>
        </form>
      )}
      <Problem refused={refused} />
    </section>
  );
}
