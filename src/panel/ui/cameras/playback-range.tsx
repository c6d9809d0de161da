import { useState, type ReactNode } from "react";
import { Refused, type Call } from "../api.ts";
import { dayTime } from "../format.ts";
import type { HallEvents } from "../live-events.ts";
import type { ClipView } from "./camera-shapes.ts";
import { MadeClip } from "./made-clip.tsx";
import { lengthText } from "./zoned-time.ts";

export interface Marks {
  readonly from: number | undefined;
  readonly to: number | undefined;
}

interface PlaybackRangeProps {
  readonly cameras: readonly { readonly id: string; readonly name: string }[];
  readonly at: number;
  readonly marks: Marks;
  readonly onMarks: (marks: Marks) => void;
  readonly call: Call;
  readonly events: HallEvents;
  readonly timeZone: string;
}

/** Marks a stretch on the timeline and keeps it, of every camera that is shown. */
export function PlaybackRange(props: PlaybackRangeProps): ReactNode {
  const { cameras, at, marks, onMarks, call, events, timeZone } = props;
  const [reason, setReason] = useState("");
  const [busy, setBusy] = useState(false);
  const [clips, setClips] = useState<readonly ClipView[]>([]);
  const [refused, setRefused] = useState<string>();
  const { from, to } = marks;
  const ordered = from !== undefined && to !== undefined && from < to;

  const keep = async (): Promise<void> => {
    if (!ordered) return;
    setBusy(true);
    setRefused(undefined);
    try {
      const body = { from: Math.round(from), to: Math.round(to), reason: reason.trim() };
      const made: ClipView[] = [];
      for (const { id } of cameras) {
        made.push(await call<ClipView>("POST", "/clips", { body: { ...body, camera: id } }));
        setClips([...made]);
      }
      setReason("");
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      setRefused(`${error.message} ${error.hint ?? ""}`);
    } finally {
      setBusy(false);
    }
  };

  return (
    <section aria-labelledby="range">
      <h3 id="range">Giữ lại một đoạn</h3>
      <div className="bar">
        <button onClick={() => onMarks({ ...marks, from: at })}>Đặt đầu đoạn ở đây</button>
        <button onClick={() => onMarks({ ...marks, to: at })}>Đặt cuối đoạn ở đây</button>
        {(from !== undefined || to !== undefined) && (
          <button onClick={() => onMarks({ from: undefined, to: undefined })}>Bỏ đánh dấu</button>
        )}
      </div>
      <p role="status">{marksText(marks, timeZone)}</p>
      <form
        className="stacked"
        onSubmit={(event) => {
          event.preventDefault();
          void keep();
        }}
      >
        <label>
          Lý do
          <input value={reason} maxLength={200} required onChange={({ target }) => setReason(target.value)} />
        </label>
        <button className="main-action" disabled={busy || !ordered}>
          {busy
            ? "Đang giữ lại…"
            : cameras.length > 1
              ? `Giữ đoạn này của ${cameras.length} camera`
              : "Giữ đoạn này"}
        </button>
      </form>
      {refused !== undefined && (
        <p className="problem" role="alert">
          {refused}
        </p>
      )}
      {clips.map((clip) => (
        <MadeClip key={clip.id} asked={clip} call={call} events={events} timeZone={timeZone} />
      ))}
    </section>
  );
}

function marksText({ from, to }: Marks, timeZone: string): string {
  if (from === undefined && to === undefined) return "Chưa đánh dấu đầu và cuối đoạn.";
  if (from === undefined) return "Còn thiếu đầu đoạn.";
  if (to === undefined) return `Từ ${dayTime(from, timeZone)}, còn thiếu cuối đoạn.`;
  if (from >= to) return "Cuối đoạn phải sau đầu đoạn.";
  return `Từ ${dayTime(from, timeZone)} đến ${dayTime(to, timeZone)} (${lengthText(to - from)}).`;
}
