import { useEffect, useMemo, useRef, useState } from "react";
import type { Timeline } from "./camera-shapes.ts";
import type { PlaybackPlayer, PlaybackState } from "./playback-player.ts";
import { nextRunFrom } from "./playback-rules.ts";
import { newPlayhead, type Playhead } from "./playhead.ts";
import { lengthText } from "./zoned-time.ts";

export interface Playback {
  readonly playhead: Playhead;
  readonly at: number;
  readonly playing: boolean;
  readonly speed: number;
  /** What each camera shows; empty until the first look. */
  readonly states: ReadonlyMap<string, PlaybackState>;
  /** What was done by itself: a gap jumped over, the end reached. */
  readonly said: string;
  /** Puts a camera's player to work, or (undefined) away. */
  readonly attach: (camera: string, player: PlaybackPlayer | undefined) => void;
  /** One frame of the first camera on, or back. */
  readonly step: (frames: 1 | -1) => void;
}

const LOOK_EVERY_MS = 100;
/** A camera whose recording does not come must not stop the others for ever. */
const HOLD_AT_MOST_MS = 8_000;

/** All players of the page on one playhead. */
export function usePlayback(start: number, timelines: ReadonlyMap<string, Timeline>): Playback {
  const [playhead] = useState(() => newPlayhead(start, () => performance.now()));
  const [now, setNow] = useState<Now>({ at: start, playing: false, speed: 1 });
  const [states, setStates] = useState<ReadonlyMap<string, PlaybackState>>(new Map());
  const [said, setSaid] = useState("");
  const players = useRef(new Map<string, PlaybackPlayer>());
  const known = useRef(timelines);
  known.current = timelines;

  useEffect(() => {
    for (const [camera, player] of players.current) player.setRuns(timelines.get(camera)?.runs ?? []);
  }, [timelines]);

  useEffect(() => {
    const show = (): void => {
      const { playing, speed } = playhead;
      const at = playhead.at();
      setNow((before) =>
        before.at === at && before.playing === playing && before.speed === speed
          ? before
          : { at, playing, speed },
      );
    };
    let heldSince: number | undefined;
    const look = (): void => {
      const seen = new Map([...players.current].map(([camera, player]) => [camera, player.follow(playhead)]));
      const all = [...seen.values()];
      const loading = all.some(({ is }) => is === "loading");
      heldSince = loading ? (heldSince ?? performance.now()) : undefined;
      playhead.hold(heldSince !== undefined && performance.now() - heldSince < HOLD_AT_MOST_MS);
      if (playhead.playing && all.length > 0 && all.every(({ is }) => is === "empty")) {
        setSaid(jump(playhead, known.current));
      }
      setStates((before) => (sameStates(before, seen) ? before : seen));
      show();
    };
    const timer = window.setInterval(look, LOOK_EVERY_MS);
    const leave = playhead.subscribe(show);
    return () => {
      window.clearInterval(timer);
      leave();
    };
  }, [playhead]);

  const tools = useMemo(
    () => ({
      attach: (camera: string, player: PlaybackPlayer | undefined): void => {
        if (player === undefined) players.current.delete(camera);
        else {
          players.current.set(camera, player);
          player.setRuns(known.current.get(camera)?.runs ?? []);
        }
      },
      step: (frames: 1 | -1): void => {
        const shown = [...players.current.values()][0]?.frame();
        playhead.pause();
        if (shown === undefined) return;
        // Into the middle of the frame, so that rounding can't miss it.
        playhead.seek(shown.at + shown.lengthMs * (frames + 0.5));
      },
    }),
    [playhead],
  );
  return { playhead, ...now, states, said, ...tools };
}

interface Now {
  readonly at: number;
  readonly playing: boolean;
  readonly speed: number;
}

/** Over a gap to the next recording, or to a stop at the end. Returns what to say. */
function jump(playhead: Playhead, timelines: ReadonlyMap<string, Timeline>): string {
  // Nothing is known yet, so nothing is missing yet.
  if (timelines.size === 0) return "";
  const at = playhead.at();
  const next = nextRunFrom(
    [...timelines.values()].map(({ runs }) => runs),
    at,
  );
  if (next === undefined) {
    playhead.pause();
    return "Đã hết phần ghi hình của ngày này.";
  }
  const gap = [...timelines.values()]
    .flatMap(({ gaps }) => gaps)
    .find(({ from, to }) => from <= at + 1_000 && to > at);
  playhead.seek(next);
  return `Bỏ qua ${lengthText(next - at)} không có hình${gap === undefined ? "" : `: ${gap.said.vi}`}.`;
}

function sameStates(a: ReadonlyMap<string, PlaybackState>, b: ReadonlyMap<string, PlaybackState>): boolean {
  return a.size === b.size && [...b].every(([camera, { is }]) => a.get(camera)?.is === is);
}
