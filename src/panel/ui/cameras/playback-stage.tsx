import { useEffect, useRef, type ReactNode } from "react";
import type { Timeline } from "./camera-shapes.ts";
import { openPlaybackPlayer, type PlaybackState } from "./playback-player.ts";
import type { Playback } from "./use-playback.ts";
import { Watermark } from "./watermark.tsx";

interface PlaybackScreenProps {
  readonly camera: { readonly id: string; readonly name: string };
  readonly timeline: Timeline | undefined;
  readonly playback: Playback;
  /** Wall time of the videos' second 0: a day's midnight. */
  readonly origin: number;
  readonly viewer: string;
  readonly timeZone: string;
}

/** One camera's picture of the instant all cameras show. */
export function PlaybackScreen(props: PlaybackScreenProps): ReactNode {
  const { camera, timeline, playback, origin, viewer, timeZone } = props;
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

  const words = wordsOf(states.get(camera.id), timeline, at);
  return (
    <div className="screen">
      <video ref={video} muted playsInline aria-label={`Ghi hình ${camera.name}`} />
      <Watermark viewer={viewer} timeZone={timeZone} />
      {words !== undefined && <p className="over">{words}</p>}
    </div>
  );
}

function wordsOf(
  state: PlaybackState | undefined,
  timeline: Timeline | undefined,
  at: number,
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
      const gap = timeline.gaps.find(({ from, to }) => from <= at && (to ?? Infinity) > at);
      if (gap !== undefined) return `Không có hình: ${gap.said.vi}`;
      return at > Date.now() - 60_000 ? "Chưa ghi đến lúc này." : "Không có ghi hình lúc này.";
    }
  }
}
