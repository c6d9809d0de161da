import type { Fault } from "../kernel/faults.ts";
import { runPiped } from "./process.ts";
import { redacted } from "./rules/redact.ts";

export interface CaptureSpec {
  readonly ffmpeg: string;
  /** With user and password, percent-encoded. */
  readonly url: string;
  readonly transport: "tcp" | "udp";
  /** Without it the camera's microphone is not even asked for. */
  readonly audio: boolean;
  /** H.265 is tagged `hvc1`, the form browsers play. A wrong word here makes ffmpeg refuse (`isWrongTag`). */
  readonly codec?: "h264" | "h265" | "other";
  /** Files `<dir>/<session>-000000.mp4` …; the folder must be there. A file is cut at the first key frame after `segmentSec`. */
  readonly record?: { readonly dir: string; readonly session: string; readonly segmentSec: number };
  readonly live?: { readonly fragmentMs: number };
}

export interface CaptureEvents {
  readonly onStart?: (pid: number) => void;
  /** Fragmented MP4 in pieces of any size. Must not block: a slow taker loses packets, the recording never does. */
  readonly onLive?: (bytes: Uint8Array) => void;
  /** A file was closed. The times are media time since the start of the run. */
  readonly onSegment?: (segment: { file: string; startSec: number; endSec: number }) => void;
  /** Every second. */
  readonly onProgress?: (progress: CaptureProgress) => void;
  readonly onLine?: (redacted: string) => void;
}

export interface CaptureProgress {
  readonly frames: number;
  readonly outTimeMs: number;
  readonly droppedFrames: number;
  /** Of the live leg since the start; 0 without one. */
  readonly bytes: number;
}

export interface CaptureEnd {
  /** 0 says nothing: ffmpeg ends so when the camera froze or went. */
  readonly code: number | null;
  readonly killedBy: string | null;
  /** ffmpeg's last words, without passwords. */
  readonly lastLines: readonly string[];
  readonly pid: number | undefined;
  /** ffmpeg is missing or can't be run. */
  readonly notStarted: Fault | undefined;
}

/** SIGTERM lets ffmpeg say TEARDOWN: cheap cameras count the sessions that were left open. */
const GRACE_MS = 3_000;
const LINES_KEPT = 100;
/** A camera that is silent this long makes ffmpeg give up; without it a frozen camera would be waited for for ever. */
const SOCKET_TIMEOUT_US = 5_000_000;
const FRAGMENTED = "movflags=+frag_keyframe+empty_moov+default_base_moof";

/** Runs ffmpeg until it ends or the signal aborts; always resolves how it ended. Copies only, never encodes pictures. */
export async function capture(
  spec: CaptureSpec,
  events: CaptureEvents,
  signal: AbortSignal,
): Promise<CaptureEnd> {
  const lastLines: string[] = [];
  let pid: number | undefined;
  let bytes = 0;
  const onLine = (line: string): void => {
    const clean = redacted(line);
    lastLines.push(clean);
    if (lastLines.length > LINES_KEPT) lastLines.shift();
    events.onLine?.(clean);
  };
  const takeLive = (piece: Uint8Array): void => {
    bytes += piece.length;
    events.onLive?.(piece);
  };
  const end = await runPiped(
    {
      command: spec.ffmpeg,
      args: captureArgs(spec),
      outputs: [
        spec.live === undefined ? undefined : takeLive,
        byLine(onLine),
        spec.record === undefined ? undefined : byLine((line) => segmentOf(line, events.onSegment)),
        byLine(progressReader((progress) => events.onProgress?.({ ...progress, bytes }))),
      ],
      graceMs: GRACE_MS,
      onStart: (id) => {
        pid = id;
        events.onStart?.(id);
      },
    },
    signal,
  );
  return { ...end, lastLines, pid };
}

/** Did ffmpeg refuse because the stream is of another codec than it was told? */
export function isWrongTag(lines: readonly string[]): boolean {
  return lines.some((line) => /Tag \S+ incompatible with output codec/.test(line));
}

function captureArgs(spec: CaptureSpec): string[] {
  const { transport, audio, url, record, live } = spec;
  const tag = spec.codec === "h265" ? ["-tag:v", "hvc1"] : [];
  return [
    ...["-hide_banner", "-nostdin", "-nostats", "-loglevel", "level+warning"],
    ...["-progress", "pipe:4", "-stats_period", "1"],
    ...["-protocol_whitelist", "rtsp,rtp,tcp,udp", "-rtsp_transport", transport],
    ...["-timeout", String(SOCKET_TIMEOUT_US)],
    ...["-allowed_media_types", audio ? "video+audio" : "video"],
    // Two frames are enough to begin; the default looks at twenty, two seconds of a slow camera.
    ...["-fpsprobesize", "1", "-fflags", "+genpts+discardcorrupt"],
    // Cameras' own times jump; ours are watched for steps.
    ...["-use_wallclock_as_timestamps", "1", "-i", url],
    // Otherwise the live leg counts in frames of a guessed rate, and every uneven frame is pushed and complained of.
    ...["-copytb", "1"],
    ...(record === undefined ? [] : [...recordMaps(audio), ...tag, ...recordArgs(record)]),
    ...(live === undefined ? [] : ["-map", "0:v:0", "-c", "copy", ...tag, ...liveArgs(live.fragmentMs)]),
  ];
}

/** Telephone codecs, which most cameras speak, do not fit into MP4; sound is small enough to be encoded. */
function recordMaps(audio: boolean): string[] {
  const video = ["-map", "0:v:0", "-c:v", "copy"];
  return audio ? [...video, "-map", "0:a:0?", "-c:a", "aac", "-b:a", "48k"] : video;
}

function recordArgs({ dir, session, segmentSec }: NonNullable<CaptureSpec["record"]>): string[] {
  const format = `${FRAGMENTED}:frag_duration=1000000:flush_packets=1:video_track_timescale=90000`;
  return [
    ...["-f", "segment", "-segment_time", String(segmentSec), "-reset_timestamps", "1"],
    ...["-segment_list", "pipe:3", "-segment_list_type", "csv", "-segment_format", "mp4"],
    ...["-segment_format_options", format, `${dir}/${session}-%06d.mp4`],
  ];
}

/** The fifo muxer stands between: a reader that stalls loses live packets instead of stopping the recording. */
function liveArgs(fragmentMs: number): string[] {
  const format = `${FRAGMENTED}:frag_duration=${fragmentMs * 1_000}:flush_packets=1:video_track_timescale=90000`;
  return [
    ...["-f", "fifo", "-fifo_format", "mp4", "-queue_size", "150", "-drop_pkts_on_overflow", "1"],
    ...["-format_opts", format, "pipe:1"],
  ];
}

function byLine(take: (line: string) => void): (bytes: Uint8Array) => void {
  const decoder = new TextDecoder();
  let partial = "";
  return (bytes) => {
    const lines = (partial + decoder.decode(bytes, { stream: true })).split(/[\r\n]+/);
    partial = lines.pop() ?? "";
    lines.filter((line) => line !== "").forEach(take);
  };
}

function segmentOf(line: string, take: CaptureEvents["onSegment"]): void {
  const [file, start, end] = line.split(",");
  const [startSec, endSec] = [Number(start), Number(end)];
  if (file === undefined || !Number.isFinite(startSec) || !Number.isFinite(endSec)) return;
  take?.({ file, startSec, endSec });
}

/** ffmpeg prints a block of `key=value` lines that ends with `progress=`. */
function progressReader(take: (progress: Omit<CaptureProgress, "bytes">) => void): (line: string) => void {
  const values = new Map<string, number>();
  return (line) => {
    const [key = "", value = ""] = line.split("=");
    if (key !== "progress") {
      values.set(key.trim(), Number(value));
      return;
    }
    const of = (name: string): number => {
      const number = values.get(name) ?? 0;
      return Number.isFinite(number) ? number : 0;
    };
    take({
      frames: of("frame"),
      outTimeMs: Math.round(of("out_time_us") / 1_000),
      droppedFrames: of("drop_frames"),
    });
  };
}
