import { retryInMs } from "./live-edge.ts";
import { decodeSaid, type LiveSaid } from "./live-protocol.ts";

interface LiveLineParts {
  readonly url: string;
  /** A connection begins; what comes next belongs to it. */
  readonly onOpen: () => void;
  readonly onSaid: (said: LiveSaid) => void;
  readonly onBytes: (bytes: ArrayBuffer) => void;
  /** Lost; it is tried again by itself, unless the hall refused. */
  readonly onLost: (again: boolean) => void;
}

/** A WebSocket of the live view, opened again with growing pauses. */
export interface LiveLine {
  /** Drops the connection and begins anew, as after a loss. */
  restart(): void;
  close(): void;
}

/** Pictures come four times a second; the hall says when the camera is away. */
const SILENCE_LIMIT_MS = 10_000;
const HEALTHY_AFTER_MS = 10_000;
/** What may pass by itself. Everything else needs a person. */
const PASSING = new Set(["unavailable", "timeout"]);

export function openLiveLine(parts: LiveLineParts): LiveLine {
  let socket: WebSocket | undefined;
  let failures = 0;
  let closed = false;
  let refused = false;
  let retry: number | undefined;
  let silence: number | undefined;
  let openedAt = 0;

  const drop = (): void => {
    window.clearTimeout(silence);
    if (socket === undefined) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
    socket = undefined;
  };
  const lost = (): void => {
    drop();
    if (closed) return;
    if (openedAt > 0 && performance.now() - openedAt > HEALTHY_AFTER_MS) failures = 0;
    failures += 1;
    openedAt = 0;
    parts.onLost(!refused);
    if (!refused) retry = window.setTimeout(open, retryInMs(failures, Math.random()));
  };
  const listenOn = (): void => {
    window.clearTimeout(silence);
    silence = window.setTimeout(lost, SILENCE_LIMIT_MS);
  };
  const hear = (data: string | ArrayBuffer): void => {
    listenOn();
    if (typeof data !== "string") {
      parts.onBytes(data);
      return;
    }
    const said = decodeSaid(data);
    if (said === undefined) return;
    // While the camera is away only the hall's pings come, which a page does not see.
    if (said.type === "waiting") window.clearTimeout(silence);
    if (said.type === "error" && !PASSING.has(said.kind)) refused = true;
    parts.onSaid(said);
  };
  const open = (): void => {
    const opening = new WebSocket(parts.url);
    opening.binaryType = "arraybuffer";
    opening.onopen = () => {
      openedAt = performance.now();
      parts.onOpen();
    };
    opening.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => hear(data);
    opening.onclose = lost;
    socket = opening;
    listenOn();
  };

  open();
  return {
    restart: lost,
    close: () => {
      closed = true;
      window.clearTimeout(retry);
      drop();
    },
  };
}

/** `wss://…/api/cameras/quay-1/live?stream=sub&as=mse` */
export function liveUrl(camera: string, stream: "main" | "sub", as: "mse" | "mpeg1"): string {
  const url = new URL(`/api/cameras/${encodeURIComponent(camera)}/live`, window.location.href);
  url.protocol = url.protocol.replace("http", "ws");
  url.search = new URLSearchParams({ stream, as }).toString();
  return url.href;
}
