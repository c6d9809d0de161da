import { z } from "zod";
import { isStopped } from "../kernel/clock.ts";
import { asError, Fault } from "../kernel/faults.ts";
import { SECOND_MS } from "../kernel/time.ts";
import { runProcess } from "./process.ts";
import { redacted } from "./rules/redact.ts";
import { streamTroubleIn, type StreamTrouble } from "./rules/stream-trouble.ts";
import type { MediaTools } from "./tools.ts";

export type StreamProbe =
  | {
      readonly ok: true;
      readonly codec: "h264" | "h265" | "other";
      readonly widthPx: number;
      readonly heightPx: number;
      readonly fps: number | null;
    }
  | { readonly ok: false; readonly trouble: StreamTrouble; readonly detail: string };

interface StreamProbeOrder {
  /** `rtsp://…` with user and password. */
  readonly url: string;
  readonly transport: "tcp" | "udp";
}

/** A silent peer is given up after this by ffprobe itself. */
const SOCKET_TIMEOUT_US = 5_000_000;

/** Sizes stand in the parameter sets, which come with every key frame: cameras send one at least every 4 s. */
const PICTURE_WITHIN_MS = 8 * SECOND_MS;

const Output = z.object({
  streams: z
    .array(
      z.object({
        codec_type: z.string().optional(),
        codec_name: z.string().optional(),
        width: z.number().optional(),
        height: z.number().optional(),
        avg_frame_rate: z.string().optional(),
        r_frame_rate: z.string().optional(),
      }),
    )
    .default([]),
});

/** Opens a stream, without its sound, and looks what it is. Throws only when ffprobe is missing or the signal aborts. */
export async function probeStream(
  tools: Pick<MediaTools, "ffprobe">,
  { url, transport }: StreamProbeOrder,
  signal: AbortSignal,
): Promise<StreamProbe> {
  const startedAt = performance.now();
  const deadline = AbortSignal.timeout(PICTURE_WITHIN_MS + SOCKET_TIMEOUT_US / 1_000);
  let words = "";
  const args = [
    ...["-v", "warning", "-protocol_whitelist", "rtsp,rtp,tcp,udp", "-rtsp_transport", transport],
    ...["-timeout", String(SOCKET_TIMEOUT_US), "-allowed_media_types", "video"],
    ...["-analyzeduration", String(PICTURE_WITHIN_MS * 1_000)],
    ...[
      "-show_entries",
      "stream=codec_type,codec_name,width,height,avg_frame_rate,r_frame_rate",
      "-of",
      "json",
    ],
    ...["-i", url],
  ];
  const spec = {
    command: tools.ffprobe,
    args,
    onStderr: (line: string) => {
      words = `${words}${redacted(line)}\n`.slice(-8_000);
    },
  };
  try {
    const { stdout } = await runProcess(spec, AbortSignal.any([signal, deadline]));
    return reading(stdout.toString("utf8"), words);
  } catch (error) {
    if (isStopped(signal)) throw asError(signal.reason);
    if (error instanceof Fault && error.kind === "unavailable") throw error;
    const trouble = streamTroubleIn(words);
    // A peer that lets the socket's time run out gets the same words as one that talks nonsense at once.
    const waited = performance.now() - startedAt >= (0.9 * SOCKET_TIMEOUT_US) / 1_000;
    const silent = deadline.aborted || (waited && trouble === "not-rtsp");
    return { ok: false, trouble: silent ? "silent" : trouble, detail: lastLine(words) };
  }
}

function reading(json: string, words: string): StreamProbe {
  const parsed = Output.safeParse(JSON.parse(json));
  const video = parsed.data?.streams.find(({ codec_type: type }) => type === "video");
  if (video === undefined) return { ok: false, trouble: "no-video", detail: lastLine(words) };
  const { width = 0, height = 0, codec_name: name } = video;
  if (width === 0 || height === 0) return { ok: false, trouble: "no-video", detail: lastLine(words) };
  const codec = name === "h264" ? "h264" : name === "hevc" ? "h265" : "other";
  return {
    ok: true,
    codec,
    widthPx: width,
    heightPx: height,
    fps: rateOf(video.avg_frame_rate) ?? rateOf(video.r_frame_rate),
  };
}

/** `15/1`; cameras that tell no rate give `0/0`, and a guess of the clock's 90,000. */
function rateOf(written: string | undefined): number | null {
  const [above = NaN, below = NaN] = (written ?? "").split("/").map(Number);
  const fps = Math.round((above / below) * 100) / 100;
  return fps > 0 && fps <= 240 ? fps : null;
}

function lastLine(words: string): string {
  return words.trim().split("\n").at(-1)?.slice(0, 200) ?? "";
}
