import { accessSync, constants } from "node:fs";
import { createRequire } from "node:module";

/** Where the outside programs are. */
export interface MediaTools {
  readonly ffmpeg: string;
  readonly ffprobe: string;
  readonly espeak: string;
}

/**
 * ffmpeg: configuration, then the ffmpeg-static package, then PATH. ffprobe does not come with that package and is
 * looked for beside a configured ffmpeg, then on PATH. Nothing is started here; a missing program is a Fault when used.
 */
export function findMediaTools(configured: Partial<MediaTools> = {}): MediaTools {
  return {
    ffmpeg: configured.ffmpeg ?? bundledFfmpeg() ?? "ffmpeg",
    ffprobe: configured.ffprobe ?? "ffprobe",
    espeak: configured.espeak ?? "espeak-ng",
  };
}

/** The package is optional and its binary is downloaded at install time, so both may be absent. */
function bundledFfmpeg(): string | undefined {
  try {
    const file: unknown = createRequire(import.meta.url)("ffmpeg-static");
    if (typeof file !== "string") return undefined;
    accessSync(file, constants.X_OK);
    return file;
  } catch {
    return undefined;
  }
}
