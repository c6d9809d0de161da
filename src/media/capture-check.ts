import { Fault } from "../kernel/faults.ts";
import { text } from "../kernel/text.ts";
import { runProcess } from "./process.ts";

/** What recording needs of ffmpeg, and where its help speaks of it. */
const NEEDED = [
  { part: "rtsp -allowed_media_types", args: ["-h", "demuxer=rtsp"], words: /-allowed_media_types/ },
  { part: "segment", args: ["-h", "muxer=segment"], words: /-segment_format_options/ },
  { part: "fifo", args: ["-h", "muxer=fifo"], words: /-drop_pkts_on_overflow/ },
] as const;

/** The socket time-out of ffmpeg 4; later versions call it `-timeout`, which means something else there. */
const OLD_TIMEOUT = "-stimeout";

/** Throws a Fault when this ffmpeg can't record cameras: too old, or built without what it takes. */
export async function checkCapture(ffmpeg: string, signal: AbortSignal): Promise<void> {
  for (const { part, args, words } of NEEDED) {
    const { stdout } = await runProcess({ command: ffmpeg, args: ["-hide_banner", ...args] }, signal);
    const help = stdout.toString();
    if (!words.test(help) || help.includes(OLD_TIMEOUT)) throw unfit(ffmpeg, part);
  }
}

function unfit(ffmpeg: string, part: string): Fault {
  return new Fault(
    "unavailable",
    text(
      `${ffmpeg} can't record cameras: it is too old or was built without “${part}”.`,
      `${ffmpeg} không ghi hình được: bản quá cũ hoặc thiếu “${part}”.`,
    ),
    {
      field: "media.ffmpeg",
      hint: text(
        "Install ffmpeg 5.1 or later (apt-get install ffmpeg) or name another one in the configuration (media section).",
        "Hãy cài ffmpeg 5.1 trở lên (apt-get install ffmpeg) hoặc khai báo bản khác trong cấu hình (mục media).",
      ),
    },
  );
}
