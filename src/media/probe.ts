import { open } from "node:fs/promises";
import { z } from "zod";
import { isStopped } from "../kernel/clock.ts";
import { asError, Fault } from "../kernel/faults.ts";
import { text } from "../kernel/text.ts";
import { SECOND_MS } from "../kernel/time.ts";
import { cutOff, SEND_AGAIN, tooSlow } from "./ingest-faults.ts";
import { runProcess } from "./process.ts";
import { isCutWav, sniff, SNIFFED_BYTES } from "./sniff.ts";
import type { MediaTools } from "./tools.ts";

/**
 * Containers that hold their own sound. Left out are those that name other files or addresses (hls, dash, concat,
 * sdp, image2, imf), that draw text or pictures as video (tty, gif), and that run a synthesiser (lavfi, libgme).
 */
const CONTAINERS =
  "aac,ac3,aiff,amr,amrnb,amrwb,ape,asf,au,avi,caf,dts,eac3,flac,flv,loas,matroska,webm,mov,mp4,m4a,3gp,3g2,mj2," +
  "mp3,mpeg,mpegts,ogg,tta,voc,w64,wav,wv";

/** Before `-i`: only the file itself may be opened, and only as one of the containers. */
export const GUARDED_INPUT: readonly string[] = [
  "-protocol_whitelist",
  "file",
  "-format_whitelist",
  CONTAINERS,
];

const PROBE_DEADLINE_MS = 15 * SECOND_MS;

interface Probed {
  readonly container: string;
  readonly codec: string;
  /** As the file declares it; undefined where it does not, or only a guess is possible. */
  readonly declaredMs: number | undefined;
}

const ProbeOutput = z.object({
  streams: z
    .array(z.object({ codec_type: z.string().optional(), codec_name: z.string().optional() }))
    .default([]),
  format: z.object({ format_name: z.string(), duration: z.coerce.number().optional() }).optional(),
});

/** Looks without decoding. A Fault says what the file is instead of audio. */
export async function probeAudio(
  tools: MediaTools,
  file: string,
  name: string,
  signal: AbortSignal,
): Promise<Probed> {
  const { head, fileBytes } = await readHead(file);
  if (isCutWav(head, fileBytes)) throw cutOff(name);
  const deadline = AbortSignal.timeout(PROBE_DEADLINE_MS);
  let warnings = "";
  const args = [
    "-v",
    "warning",
    ...GUARDED_INPUT,
    // A cover picture of gigapixels is decoded by nobody.
    "-max_pixels",
    "50000000",
    "-show_entries",
    "stream=codec_type,codec_name:format=format_name,duration",
    "-of",
    "json",
    `file:${file}`,
  ];
  const spec = {
    command: tools.ffprobe,
    args,
    onStderr: (line: string) => {
      warnings = (warnings + line + "\n").slice(0, 20_000);
    },
  };
  const { stdout } = await runProcess(spec, AbortSignal.any([signal, deadline])).catch((error: unknown) => {
    if (isStopped(signal)) throw asError(signal.reason);
    if (deadline.aborted) throw tooSlow(name, PROBE_DEADLINE_MS, error);
    if (error instanceof Fault && error.kind === "unavailable") throw error;
    throw /moov atom not found|End of file/.test(warnings)
      ? cutOff(name, error)
      : notAudio(name, head, { warnings, cause: error });
  });
  const { streams, format } = ProbeOutput.parse(JSON.parse(stdout.toString("utf8")));
  const audio = streams.find(({ codec_type: type }) => type === "audio");
  if (audio === undefined || format === undefined) throw notAudio(name, head, { warnings, cause: undefined });
  const guessed = warnings.includes("Estimating duration");
  return {
    container: format.format_name,
    codec: audio.codec_name ?? "?",
    declaredMs:
      guessed || format.duration === undefined || !Number.isFinite(format.duration)
        ? undefined
        : format.duration * SECOND_MS,
  };
}

async function readHead(file: string): Promise<{ head: Uint8Array; fileBytes: number }> {
  await using handle = await open(file, "r");
  const { size } = await handle.stat();
  const head = Buffer.alloc(Math.min(size, SNIFFED_BYTES));
  await handle.read(head, 0, head.length, 0);
  return { head, fileBytes: size };
}

function notAudio(name: string, head: Uint8Array, why: { warnings: string; cause: unknown }): Fault {
  const refused = /\[(\S+) @ \S+\] Format not on whitelist/.exec(why.warnings)?.[1];
  const what =
    sniff(head) ??
    (refused === undefined ? undefined : text(`a file of type ${refused}`, `tệp kiểu ${refused}`));
  return new Fault(
    "invalid",
    what === undefined
      ? text(`“${name}” holds no sound that can be read.`, `Tệp “${name}” không có âm thanh đọc được.`)
      : text(
          `“${name}” is not audio: it is ${what.en}.`,
          `Tệp “${name}” không phải âm thanh: đây là ${what.vi}.`,
        ),
    { field: "file", hint: SEND_AGAIN, cause: why.cause },
  );
}
