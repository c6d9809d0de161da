import { useEffect, useRef, type ReactNode } from "react";
import type { HallTime } from "../shapes.ts";
import type { Timeline } from "./camera-shapes.ts";
import { openPlaybackPlayer, type PlaybackState } from "./playback-player.ts";
import { runAt } from "./playback-rules.ts";
import type { Playback } from "./use-playback.ts";
import { Watermark } from "./watermark.tsx";

interface PlaybackScreenProps {
  readonly camera: { readonly id: string; readonly name: string };
  readonly timeline: Timeline | undefined;
  readonly playback: Playback;
  /** Wall time of the videos' second 0: a day's midnight. */
  readonly origin: number;
  readonly viewer: string;
  readonly hall: HallTime;
}

/** One camera's picture of the instant all cameras show. */
export function PlaybackScreen(props: PlaybackScreenProps): ReactNode {
  const { camera, timeline, playback, origin, viewer, hall } = props;
  const video = useRef<HTMLVideoElement>(null);
  const { attach, at, states } = playback;

  useEffect(() => {
    if (video.current === null) return;
    const player = openPlaybackPlayer({ camera: camera.id, video: video.current, origin });
    attach(camera.id, player);
    return () => {
      attach(camera.id, undefined);
      player.close();
    };
  }, [attach, camera.id, origin]);

  const words = wordsOf(states.get(camera.id), timeline, { at, now: Date.now() + hall.aheadMs });
  return (
    <div className="screen">
      <video ref={video} muted playsInline aria-label={`Ghi hình ${camera.name}`} />
      <Watermark viewer={viewer} hall={hall} />
      {words !== undefined && <p className="over">{words}</p>}
    </div>
  );
}

/** The newest pictures are still on their way to the disk. */
const JUST_NOW_MS = 60_000;

function wordsOf(
  state: PlaybackState | undefined,
  timeline: Timeline | undefined,
  { at, now }: { readonly at: number; readonly now: number },
): string | undefined {
  if (state === undefined || timeline === undefined) return "Đang tải…";
  switch (state.is) {
    case "ready":
      return undefined;
    case "loading":
      return "Đang tải hình…";
    case "broken":
      return state.said;
    case "empty": {
      const gap = runAt(timeline.gaps, at);
      if (gap !== undefined) return `Không có hình: ${gap.said.vi}`;
      return at > now - JUST_NOW_MS ? "Chưa ghi đến lúc này." : "Không có ghi hình lúc này.";
    }
  }
}
