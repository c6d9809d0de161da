import { attachMediaSource, canPlay, hasMediaSource, mimeOf, rangesOf } from "./media-source.ts";
import {
  followFor,
  KEPT_AHEAD_MS,
  KEPT_BEHIND_MS,
  nextAsk,
  runAt,
  SEAM_MS,
  usualStep,
} from "./playback-rules.ts";
import type { Playhead } from "./playhead.ts";

interface Run {
  readonly from: number;
  readonly to: number;
}

export type PlaybackState =
  /** The picture of this instant is there. */
  | { readonly is: "ready" }
  | { readonly is: "loading" }
  /** Nothing was recorded at this instant. */
  | { readonly is: "empty" }
  | { readonly is: "broken"; readonly said: string };

interface PlaybackPlayerParts {
  readonly camera: string;
  readonly video: HTMLVideoElement;
  /** Wall time of the video's second 0. */
  readonly origin: number;
}

/** Shows one camera's recording at the playhead, loading it in pieces ahead. */
export interface PlaybackPlayer {
  setRuns(runs: readonly Run[]): void;
  /** To be called often; moves the video to the playhead and loads what comes next. */
  follow(playhead: Playhead): PlaybackState;
  /** The shown frame's instant and how long frames are; undefined while there is none. */
  frame(): { readonly at: number; readonly lengthMs: number } | undefined;
  close(): void;
}

/** As long as a day with a change of summer time, and some. */
const LONGEST_SEC = 27 * 3_600;
const ASK_AGAIN_AFTER_MS = 3_000;
/** Frames per second of most counters' cameras, until the video's own are seen. */
const USUAL_FRAME_MS = 1_000 / 15;
const REASONABLE_FRAME_MS = 500;
const KEPT_STEPS = 30;

export function openPlaybackPlayer({ camera, video, origin }: PlaybackPlayerParts): PlaybackPlayer {
  if (!hasMediaSource())
    return brokenPlayer("Trình duyệt này không xem lại được; hãy dùng Chrome hoặc Edge mới.");
  const [source, detach] = attachMediaSource(video);
  const closing = new AbortController();
  let runs: readonly Run[] = [];
  let buffer: SourceBuffer | undefined;
  let codec = "";
  let asking = false;
  let askNotBefore = 0;
  let broken: string | undefined;
  /** From here to the end of its run nothing came, although the timeline knows of a recording. */
  let nothingFrom: number | undefined;
  let frameAtSec: number | undefined;
  let frameMs = USUAL_FRAME_MS;
  let steps: readonly number[] = [];

  const wallOf = (sec: number): number => origin + sec * 1_000;
  const secOf = (at: number): number => (at - origin) / 1_000;
  const loaded = (): Run[] =>
    rangesOf(video.buffered).map(({ fromSec, toSec }) => ({ from: wallOf(fromSec), to: wallOf(toSec) }));

  const watchFrames = (): void => {
    video.requestVideoFrameCallback((_now, { mediaTime }) => {
      const stepMs = frameAtSec === undefined ? 0 : (mediaTime - frameAtSec) * 1_000;
      const goesOn = !video.paused && !video.seeking && video.playbackRate <= 1;
      if (goesOn && stepMs > 1 && stepMs < REASONABLE_FRAME_MS) {
        steps = [...steps.slice(1 - KEPT_STEPS), stepMs];
        frameMs = usualStep(steps);
      }
      frameAtSec = mediaTime;
      if (!closing.signal.aborted) watchFrames();
    });
  };
  // Firefox has it since 132; before, steps are as long as usual frames.
  if ("requestVideoFrameCallback" in video) watchFrames();

  const settled = async (): Promise<void> => {
    const busy = buffer;
    if (busy?.updating !== true) return;
    await new Promise((resolve) => busy.addEventListener("updateend", resolve, { once: true }));
  };
  const bufferFor = (wanted: string): SourceBuffer | undefined => {
    if (!canPlay(wanted)) {
      broken = `Trình duyệt này không xem được hình ${wanted}. Hãy giữ lại thành đoạn trích rồi tải về.`;
      return undefined;
    }
    if (buffer === undefined) buffer = source.addSourceBuffer(mimeOf(wanted));
    else if (wanted !== codec) buffer.changeType(mimeOf(wanted));
    codec = wanted;
    return buffer;
  };
  const forget = async (playheadAt: number): Promise<void> => {
    const [first] = loaded();
    const last = loaded().at(-1);
    if (buffer === undefined || first === undefined || last === undefined) return;
    if (first.from < playheadAt - KEPT_BEHIND_MS) {
      buffer.remove(0, Math.max(0.1, secOf(playheadAt - KEPT_BEHIND_MS / 2)));
      await settled();
    }
    if (last.to > playheadAt + KEPT_AHEAD_MS) {
      buffer.remove(Math.max(0, secOf(playheadAt + KEPT_AHEAD_MS)), LONGEST_SEC);
      await settled();
    }
  };
  const load = async (span: Run, playheadAt: number): Promise<void> => {
    const asked = {
      from: String(Math.floor(span.from)),
      to: String(Math.ceil(span.to)),
      origin: String(origin),
    };
    const url = `/api/cameras/${encodeURIComponent(camera)}/playback?${new URLSearchParams(asked).toString()}`;
    const response = await fetch(url, { signal: closing.signal, headers: { "accept-language": "vi" } });
    if (!response.ok) {
      askNotBefore = performance.now() + ASK_AGAIN_AFTER_MS;
      if (response.status === 404) nothingFrom = span.from;
      else broken = await refusalOf(response);
      return;
    }
    const bytes = await response.arrayBuffer();
    broken = undefined;
    const into = bufferFor(response.headers.get("x-codec") ?? codec);
    if (into === undefined || closing.signal.aborted) return;
    await forget(playheadAt);
    const before = loaded().reduce((sum, { from, to }) => sum + to - from, 0);
    into.appendBuffer(bytes);
    await settled();
    const after = loaded().reduce((sum, { from, to }) => sum + to - from, 0);
    if (after <= before) {
      nothingFrom = span.from;
      askNotBefore = performance.now() + ASK_AGAIN_AFTER_MS;
    }
  };
  const ask = (at: number, speed: number): void => {
    if (asking || source.readyState !== "open" || performance.now() < askNotBefore) return;
    const span = nextAsk({ runs, loaded: loaded(), at, speed });
    if (span === undefined) return;
    asking = true;
    load(span, at)
      .catch((error: unknown) => {
        if (closing.signal.aborted) return;
        askNotBefore = performance.now() + ASK_AGAIN_AFTER_MS;
        broken = error instanceof TypeError ? "Mất kết nối với bộ điều khiển, đang thử lại…" : String(error);
      })
      .finally(() => {
        asking = false;
      });
  };
  source.addEventListener("sourceopen", () => {
    source.duration = LONGEST_SEC;
  });

  return {
    setRuns: (given) => {
      runs = given;
      nothingFrom = undefined;
    },
    follow: (playhead) => {
      const at = playhead.at();
      ask(at, playhead.speed);
      const run = runAt(runs, at);
      const held = loaded().find(({ from, to }) => at >= from - frameMs && at < to);
      if (held !== undefined) {
        keepUp(video, playhead, { origin, atLeast: held.from + 1 });
        return { is: video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA ? "ready" : "loading" };
      }
      video.pause();
      const barren =
        nothingFrom !== undefined && run !== undefined && nothingFrom >= run.from && at >= nothingFrom;
      if (run === undefined || barren || at >= run.to - SEAM_MS) return { is: "empty" };
      return broken === undefined ? { is: "loading" } : { is: "broken", said: broken };
    },
    frame: () => (frameAtSec === undefined ? undefined : { at: wallOf(frameAtSec), lengthMs: frameMs }),
    close: () => {
      closing.abort();
      detach();
    },
  };
}

interface Bounds {
  readonly origin: number;
  /** The first picture may lie a little after the run's beginning; before it the video would wait for ever. */
  readonly atLeast: number;
}

function keepUp(video: HTMLVideoElement, playhead: Playhead, { origin, atLeast }: Bounds): void {
  const at = Math.max(playhead.at(), atLeast);
  const { playing, speed } = playhead;
  const { seek, rate } = followFor({
    videoAt: origin + video.currentTime * 1_000,
    playheadAt: at,
    playing,
    speed,
  });
  // A browser that stops may show the picture after the one of its time; asked for the time anew, it shows the right one.
  const stopping = !playing && !video.paused;
  if (stopping) video.pause();
  if ((seek || stopping) && !video.seeking) video.currentTime = (at - origin) / 1_000;
  if (video.playbackRate !== rate) video.playbackRate = rate;
  if (playing && video.paused) {
    // Taken back by a pause that follows at once; the next call plays again.
    video.play().catch(() => undefined);
  }
}

function brokenPlayer(said: string): PlaybackPlayer {
  return {
    setRuns: () => undefined,
    follow: () => ({ is: "broken", said }),
    frame: () => undefined,
    close: () => undefined,
  };
}

async function refusalOf(response: Response): Promise<string> {
  const answer = (await response.json().catch(() => ({}))) as { message?: string; hint?: string | null };
  return [answer.message ?? `Máy chủ trả lời ${response.status}.`, answer.hint ?? ""].join(" ").trim();
}
