import { liveUrl, openLiveLine, type LiveLine } from "./live-line.ts";
import { decodePiece, type LiveSaid } from "./live-protocol.ts";
import { canPlay, hasMediaSource } from "./media-source.ts";
import type { Mpeg1Player } from "./mpeg1-player.ts";
import { openMsePlayer } from "./mse-player.ts";

/** What a viewer sees, in the order it usually comes. */
export type LiveState =
  | { readonly is: "connecting" }
  | { readonly is: "playing" }
  /** The browser shows moving pictures only after a tap. */
  | { readonly is: "asleep" }
  /** The line is there, the camera is not. */
  | { readonly is: "waiting"; readonly said: string }
  | { readonly is: "lost" }
  | { readonly is: "refused"; readonly said: string };

interface LivePlayerParts {
  readonly camera: string;
  readonly stream: "main" | "sub";
  readonly video: HTMLVideoElement;
  /** Takes the pictures of a codec the browser does not know. */
  readonly canvas: HTMLCanvasElement;
  readonly onState: (state: LiveState) => void;
  /** The picture is a re-encoded one from now on, and why. */
  readonly onFallback: (why: string) => void;
}

export interface LivePlayer {
  /** After a tap, where the browser asks for one. */
  wake(): void;
  /** See `MsePlayer.ageMs`; undefined also where the stream carries no time. */
  ageMs(nowMs: number): number | undefined;
  close(): void;
}

/** Shows one camera live: as it is where the browser can, re-encoded as MPEG-1 where it can't. */
export function openLivePlayer(parts: LivePlayerParts): LivePlayer {
  const { video } = parts;
  let shown: Shown;
  const wake = (): void => {
    video.play().catch(() => {
      // Interrupted by a new beginning, which plays by itself; what was not allowed waits for a tap.
      if (video.paused) parts.onState({ is: "asleep" });
    });
  };
  const fallBack = (why: string): void => {
    shown.close();
    shown = showMpeg1(parts);
    parts.onFallback(why);
  };
  if (hasMediaSource()) {
    shown = showMse(parts, wake, fallBack);
  } else {
    shown = showMpeg1(parts);
    parts.onFallback("Trình duyệt này không tự xem được hình của camera");
  }
  return { wake, ageMs: (nowMs) => shown.ageMs(nowMs), close: () => shown.close() };
}

interface Shown {
  ageMs(nowMs: number): number | undefined;
  close(): void;
}

function showMse(parts: LivePlayerParts, wake: () => void, fallBack: (why: string) => void): Shown {
  const { camera, stream, video, onState } = parts;
  const onPlaying = (): void => onState({ is: "playing" });
  video.addEventListener("playing", onPlaying);
  const player = openMsePlayer({ video, onBroken: () => line.restart() });
  const line: LiveLine = openLiveLine({
    url: liveUrl(camera, stream, "mse"),
    onOpen: () => onState({ is: "connecting" }),
    onLost: (again) => {
      if (again) onState({ is: "lost" });
    },
    onBytes: (bytes) => {
      const piece = decodePiece(bytes);
      if (piece !== undefined) player.append(piece);
    },
    onSaid: (said) => {
      if (said.type !== "init") {
        tell(said, onState);
      } else if (canPlay(said.codec)) {
        player.begin(said.codec);
        wake();
      } else {
        fallBack(`Trình duyệt này không xem được ${codecName(said.codec)}`);
      }
    },
  });
  return {
    ageMs: (nowMs) => player.ageMs(nowMs),
    close: () => {
      video.removeEventListener("playing", onPlaying);
      line.close();
      player.close();
    },
  };
}

function showMpeg1({ camera, stream, canvas, onState }: LivePlayerParts): Shown {
  let player: Mpeg1Player | undefined;
  let closed = false;
  let line: LiveLine | undefined;
  const connect = async (): Promise<void> => {
    const { openMpeg1Player } = await import("./mpeg1-player.ts");
    if (closed) return;
    player = openMpeg1Player({ canvas, onPicture: () => onState({ is: "playing" }) });
    line = openLiveLine({
      url: liveUrl(camera, stream, "mpeg1"),
      onOpen: () => onState({ is: "connecting" }),
      onLost: (again) => {
        if (again) onState({ is: "lost" });
      },
      onBytes: (bytes) => player?.write(bytes),
      onSaid: (said) => tell(said, onState),
    });
  };
  connect().catch(() => onState({ is: "refused", said: "Không tải được phần xem hình. Hãy tải lại trang." }));
  return {
    ageMs: () => undefined,
    close: () => {
      closed = true;
      line?.close();
      player?.close();
    },
  };
}

function tell(said: LiveSaid, onState: (state: LiveState) => void): void {
  if (said.type === "waiting") onState({ is: "waiting", said: said.said.vi });
  if (said.type === "error") onState({ is: "refused", said: [said.said.vi, said.hint?.vi].join(" ").trim() });
}

/** `H.265` */
function codecName(codec: string): string {
  return /^(hvc1|hev1)/.test(codec) ? "H.265" : codec;
}
