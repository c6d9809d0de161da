import { Fault } from "../kernel/faults.ts";
import { runProcess } from "./process.ts";
import type { MediaTools } from "./tools.ts";

/** Size of the grey pictures that are compared with each other. */
export const GREY_WIDTH_PX = 64;
export const GREY_HEIGHT_PX = 36;

const THUMBNAIL_WIDTH_PX = 320;
/** 2 best, 31 worst: 6 makes about 8 KB of a counter. */
const THUMBNAIL_QUALITY = "6";

const QUIETLY = ["-hide_banner", "-loglevel", "error", "-threads", "1"];
const ONE_PICTURE = ["-map", "0:v:0", "-frames:v", "1"];
/** Each grey point is one point of the picture: averaging would smooth away the noise that tells a living sensor. */
const TO_GREY = `scale=${GREY_WIDTH_PX}:${GREY_HEIGHT_PX}:flags=neighbor,format=gray`;
const TO_THUMBNAIL = [
  ...["-vf", `scale=${THUMBNAIL_WIDTH_PX}:-2,format=yuvj420p`],
  ...["-c:v", "mjpeg", "-q:v", THUMBNAIL_QUALITY],
];

type Ffmpeg = Pick<MediaTools, "ffmpeg">;

/**
 * Decodes a file's first key frame and nothing else: as a grey picture of 64x36, one byte a point, and into a JPEG file
 * of 320 px. Throws a Fault when there is no picture in it.
 */
export async function sampleKeyFrame(
  { ffmpeg }: Ffmpeg,
  { file, thumbnail }: { readonly file: string; readonly thumbnail: string },
  signal: AbortSignal,
): Promise<Uint8Array> {
  const args = [
    ...[...QUIETLY, "-nostdin", "-skip_frame", "nokey", "-protocol_whitelist", "file", "-i", `file:${file}`],
    ...[...ONE_PICTURE, "-vf", TO_GREY, "-f", "rawvideo", "pipe:1"],
    ...[...ONE_PICTURE, ...TO_THUMBNAIL, "-f", "image2", "-update", "1", "-y", `file:${thumbnail}`],
  ];
  const { stdout } = await runProcess({ command: ffmpeg, args }, signal);
  if (stdout.length === GREY_WIDTH_PX * GREY_HEIGHT_PX) return stdout;
  throw new Fault("corrupt", `${file} has no picture that can be decoded`);
}

/** The first picture of an MP4 in memory as a JPEG of 320 px. Throws a Fault when there is none. */
export async function jpegOf({ ffmpeg }: Ffmpeg, mp4: Uint8Array, signal: AbortSignal): Promise<Uint8Array> {
  const args = [
    ...[...QUIETLY, "-protocol_whitelist", "pipe", "-f", "mp4", "-i", "pipe:0"],
    ...[...ONE_PICTURE, ...TO_THUMBNAIL, "-f", "image2pipe", "pipe:1"],
  ];
  const { stdout } = await runProcess({ command: ffmpeg, args, input: once(mp4) }, signal);
  return stdout;
}

// eslint-disable-next-line @typescript-eslint/require-await -- a process takes its input as it comes
async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
