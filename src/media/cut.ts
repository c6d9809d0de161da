import { open } from "node:fs/promises";
import { asDiskFault } from "./disk-fault.ts";
import { runProcess } from "./process.ts";

export interface ClipMux {
  readonly ffmpeg: string;
  /** One init segment and whole fragments with rising decode times. */
  readonly fragments: AsyncIterable<Uint8Array>;
  /** Absolute path; must not be there yet. */
  readonly file: string;
  /** Wall time of the first picture, for the file's own metadata. */
  readonly madeAt: Date;
}

/** Between its program and its file, which differ from machine to machine. */
const MUX_OPTIONS = ["-map", "0", "-c", "copy", "-movflags", "+faststart", "-f", "mp4"] as const;
const INPUT_OPTIONS = ["-hide_banner", "-nostdin", "-loglevel", "error", "-f", "mp4"] as const;

/**
 * Writes a plain MP4 with its index in front, which any player opens and a browser can seek in. Packets pass untouched,
 * SEI included. On the disk when it resolves. Returns the command as evidence tells it.
 */
export async function muxClip(
  { ffmpeg, fragments, file, madeAt }: ClipMux,
  signal: AbortSignal,
): Promise<string> {
  const output = [...MUX_OPTIONS, "-metadata", `creation_time=${madeAt.toISOString()}`];
  try {
    // `-nostdin` keeps ffmpeg from taking the picture for keystrokes; the pipe is opened by its own name.
    await runProcess(
      {
        command: ffmpeg,
        args: [...INPUT_OPTIONS, "-i", "pipe:0", ...output, "-y", `file:${file}`],
        input: fragments,
      },
      signal,
    );
    await using written = await open(file, "r");
    await written.datasync();
  } catch (error) {
    throw asDiskFault(error, file);
  }
  return ["ffmpeg", ...INPUT_OPTIONS, "-i", "pipe:0", ...output, "clip.mp4"].join(" ");
}

/** One picture as JPEG, the nearest key frame at or before. */
export async function stillOf(
  {
    ffmpeg,
    file,
    atMs,
    widthPx,
  }: { readonly ffmpeg: string; readonly file: string; readonly atMs: number; readonly widthPx: number },
  signal: AbortSignal,
): Promise<Buffer> {
  const { stdout } = await runProcess(
    {
      command: ffmpeg,
      args: [
        ...[
          "-hide_banner",
          "-nostdin",
          "-loglevel",
          "error",
          "-noaccurate_seek",
          "-ss",
          String(atMs / 1_000),
        ],
        ...["-i", `file:${file}`, "-frames:v", "1", "-vf", `scale=${widthPx}:-2`, "-f", "mjpeg", "pipe:1"],
      ],
    },
    signal,
  );
  return stdout;
}

/** First line of `-version`: `ffmpeg version 5.1.9-0+deb12u1 …`. */
export async function ffmpegVersion(ffmpeg: string, signal: AbortSignal): Promise<string> {
  const { stdout } = await runProcess({ command: ffmpeg, args: ["-version"] }, signal);
  return stdout.toString("utf8").split("\n", 1)[0] ?? "";
}
