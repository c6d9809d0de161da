import { useEffect, useRef, useState, type ReactNode } from "react";
import type { HallTime } from "../shapes.ts";
import type { CameraView } from "./camera-shapes.ts";
import { openLivePlayer, type LivePlayer, type LiveState } from "./live-player.ts";
import { useSeen } from "./use-seen.ts";
import { Watermark } from "./watermark.tsx";

interface LiveViewProps {
  readonly camera: CameraView;
  readonly stream: "main" | "sub";
  readonly viewer: string;
  readonly hall: HallTime;
  /** Gives the player while there is one. */
  readonly onPlayer?: (player: LivePlayer | undefined) => void;
}

/** A camera's picture with, over it, what keeps it from being seen. Streams only while it is on the screen. */
export function LiveView({ camera, stream, viewer, hall, onPlayer }: LiveViewProps): ReactNode {
  const frame = useRef<HTMLDivElement>(null);
  const video = useRef<HTMLVideoElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const player = useRef<LivePlayer>(undefined);
  const [state, setState] = useState<LiveState>({ is: "connecting" });
  const [fallback, setFallback] = useState<string>();
  const [attempt, setAttempt] = useState(0);
  const told = useRef(onPlayer);
  told.current = onPlayer;
  const seen = useSeen(frame);
  const barred = barredBy(camera);
  const open = seen && barred === undefined;

  useEffect(() => {
    if (!open || video.current === null || canvas.current === null) return;
    setFallback(undefined);
    setState({ is: "connecting" });
    const opened = openLivePlayer({
      camera: camera.id,
      stream,
      video: video.current,
      canvas: canvas.current,
      onState: setState,
      onFallback: setFallback,
    });
    player.current = opened;
    told.current?.(opened);
    return () => {
      player.current = undefined;
      told.current?.(undefined);
      opened.close();
    };
  }, [open, camera.id, stream, attempt]);

  const words = barred ?? wordsOf(state, camera);
  return (
    <div className="screen" ref={frame}>
      <video
        ref={video}
        muted
        playsInline
        aria-label={`Hình trực tiếp ${camera.name}`}
        hidden={fallback !== undefined}
      />
      <canvas
        ref={canvas}
        role="img"
        aria-label={`Hình trực tiếp ${camera.name}`}
        hidden={fallback === undefined}
      />
      <Watermark viewer={viewer} hall={hall} />
      {words !== undefined && <p className="over">{words}</p>}
      {barred === undefined && state.is === "asleep" && (
        <button className="over" onClick={() => player.current?.wake()}>
          Bấm để xem<span className="unseen"> {camera.name}</span>
        </button>
      )}
      {barred === undefined && state.is === "refused" && (
        <button className="again" onClick={() => setAttempt(attempt + 1)}>
          Thử lại<span className="unseen"> {camera.name}</span>
        </button>
      )}
      {fallback !== undefined && (
        <p className="under">{fallback}: đang xem bản chuyển mã MPEG-1, kém rõ hơn.</p>
      )}
    </div>
  );
}

/** Why there is nothing to ask the hall for. */
function barredBy({ maySee, status }: CameraView): string | undefined {
  if (!maySee) return "Vai trò của bạn không được xem camera này.";
  if (status.state === "paused" || status.state === "disabled") return status.said.vi;
  return undefined;
}

function wordsOf(state: LiveState, { status }: CameraView): string | undefined {
  switch (state.is) {
    case "connecting":
      return isAway(status.state) ? status.said.vi : "Đang kết nối…";
    case "waiting":
      return isAway(status.state) ? status.said.vi : state.said;
    case "lost":
      return "Mất kết nối với bộ điều khiển, đang thử lại…";
    case "refused":
      return state.said;
    case "asleep":
    case "playing":
      return undefined;
  }
}

/** The list says since when and why; the live line only that it waits. */
function isAway(state: CameraView["status"]["state"]): boolean {
  return state !== "recording" && state !== "starting" && state !== "disk-full";
}
