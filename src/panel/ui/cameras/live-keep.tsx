import { useState, type ReactNode } from "react";
import { Refused, type Call } from "../api.ts";
import type { HallEvents } from "../live-events.ts";
import type { CameraView, ClipView } from "./camera-shapes.ts";
import { MadeClip } from "./made-clip.tsx";

interface KeepClipProps {
  readonly camera: CameraView;
  readonly call: Call;
  readonly events: HallEvents;
  readonly timeZone: string;
}

const LAST_MINUTES = 5;

/** One press keeps what has just happened; the reason may be said, but need not. */
export function KeepClip({ camera, call, events, timeZone }: KeepClipProps): ReactNode {
  const [reason, setReason] = useState("");
  const [busy, setBusy] = useState(false);
  const [clip, setClip] = useState<ClipView>();
  const [refused, setRefused] = useState<Refused>();

  const keep = async (): Promise<void> => {
    setBusy(true);
    setRefused(undefined);
    try {
      const said = reason.trim();
      const body = {
        camera: camera.id,
        lastMinutes: LAST_MINUTES,
        reason: said === "" ? "Giữ lại khi đang xem trực tiếp" : said,
      };
      setClip(await call<ClipView>("POST", "/clips", { body }));
      setReason("");
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      setRefused(error);
    } finally {
      setBusy(false);
    }
  };

  return (
    <section aria-labelledby="keep">
      <h3 id="keep">Giữ lại</h3>
      <form
        className="stacked"
        onSubmit={(event) => {
          event.preventDefault();
          void keep();
        }}
      >
        <label>
          Lý do (không bắt buộc)
          <input value={reason} maxLength={200} onChange={({ target }) => setReason(target.value)} />
        </label>
        <button className="main-action" disabled={busy}>
          {busy ? "Đang giữ lại…" : `Giữ lại ${LAST_MINUTES} phút vừa rồi`}
        </button>
      </form>
      {refused !== undefined && (
        <p className="problem" role="alert">
          {refused.message} {refused.hint}
        </p>
      )}
      {clip !== undefined && (
        <MadeClip key={clip.id} asked={clip} call={call} events={events} timeZone={timeZone} />
      )}
    </section>
  );
}
