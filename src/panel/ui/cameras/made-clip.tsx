import { useEffect, useState, type ReactNode } from "react";
import { Refused, type Call } from "../api.ts";
import { dateAndTime, dayTime } from "../format.ts";
import type { HallEvents } from "../live-events.ts";
import { hrefOf } from "../routes.ts";
import type { ClipView } from "./camera-shapes.ts";

interface MadeClipProps {
  readonly asked: ClipView;
  readonly call: Call;
  readonly events: HallEvents;
  readonly timeZone: string;
}

/** The live line tells when a clip is done; should it be lost, asking does. */
const ASK_EVERY_MS = 2_000;

/** A clip that was just asked for: how far it is, then its picture. */
export function MadeClip({ asked, call, events, timeZone }: MadeClipProps): ReactNode {
  const clip = useClip(asked, call, events);
  const { requested, delivered, state, failure } = clip;
  return (
    <div className="made-clip" role="status">
      {(state === "waiting" || state === "making") && (
        <p>
          {state === "waiting"
            ? `Chờ ghi xong đến ${dayTime(requested.to, timeZone)}…`
            : "Đang cắt đoạn trích…"}
        </p>
      )}
      {state === "failed" && <p className="reason">{failure?.vi ?? "Không cắt được đoạn trích."}</p>}
      {state === "ready" && (
        <>
          <p>
            Đã giữ lại{" "}
            {delivered !== null &&
              `từ ${dateAndTime(delivered.from, timeZone)} đến ${dayTime(delivered.to, timeZone)}`}
            .
          </p>
          <video
            controls
            playsInline
            preload="metadata"
            aria-label={`Đoạn trích: ${clip.reason}`}
            src={`/api/clips/${encodeURIComponent(clip.id)}/video`}
          />
          <p>
            <a href={`/api/clips/${encodeURIComponent(clip.id)}/download`} download>
              Tải về
            </a>{" "}
            · <a href={hrefOf("clips")}>Tất cả đoạn trích</a>
          </p>
        </>
      )}
    </div>
  );
}

function useClip(asked: ClipView, call: Call, events: HallEvents): ClipView {
  const [clip, setClip] = useState(asked);
  const done = clip.state === "ready" || clip.state === "failed";
  useEffect(() => {
    if (done) return;
    const look = async (): Promise<void> => {
      try {
        setClip(await call<ClipView>("GET", `/clips/${encodeURIComponent(asked.id)}`, { background: true }));
      } catch (error) {
        // A lost connection passes; the next look tells more.
        if (!(error instanceof Refused)) throw error;
      }
    };
    const timer = window.setInterval(() => void look(), ASK_EVERY_MS);
    const leave = events.subscribe(({ type, id }) => {
      if (type === "clip" && id === asked.id) void look();
    });
    return () => {
      leave();
      window.clearInterval(timer);
    };
  }, [asked.id, call, events, done]);
  return clip;
}
