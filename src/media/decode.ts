import { endianness } from "node:os";
import { asError } from "../kernel/faults.ts";
import { streamProcess } from "./process.ts";
import type { MediaTools } from "./tools.ts";

/** What decoders yield: signed 16 bit, mono, at this rate. */
export const PCM_RATE_HZ = 44_100;

const QUIETLY = ["-hide_banner", "-nostdin", "-loglevel", "error", "-threads", "1"];
const TO_PCM = ["-vn", "-ac", "1", "-ar", `${PCM_RATE_HZ}`, "-c:a", "pcm_s16le", "-f", "s16le", "pipe:1"];

/**
 * Sound of a file from `offsetMs` on, exact to the sample. Throws a Fault when ffmpeg is missing or can't read it.
 * However the consumer leaves, ffmpeg is gone when the generator has ended.
 */
export async function* decodeFile(
  { ffmpeg }: Pick<MediaTools, "ffmpeg">,
  file: string,
  offsetMs: number,
  signal: AbortSignal,
): AsyncGenerator<Int16Array, void, void> {
  const seek = offsetMs > 0 ? ["-ss", (offsetMs / 1_000).toFixed(6)] : [];
  const input = ["-protocol_whitelist", "file,pipe", ...seek, "-i", `file:${file}`];
  yield* samplesOf(streamProcess({ command: ffmpeg, args: [...QUIETLY, ...input, ...TO_PCM] }, signal));
}

/**
 * Sound of an MP3 stream as its bytes come, with as little delay as ffmpeg allows (probing off). Throws what `bytes`
 * throws, or a Fault when ffmpeg fails.
 */
export async function* decodeMp3Stream(
  { ffmpeg }: Pick<MediaTools, "ffmpeg">,
  bytes: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): AsyncGenerator<Int16Array, void, void> {
  const probing = ["-probesize", "32", "-analyzeduration", "0", "-fflags", "+nobuffer"];
  const input = ["-protocol_whitelist", "pipe", ...probing, "-f", "mp3", "-i", "pipe:0"];
  const args = [...QUIETLY.filter((arg) => arg !== "-nostdin"), ...input, "-flush_packets", "1", ...TO_PCM];
  let failure: unknown;
  /** A broken stream ends the input, so that what came is still decoded; then it is thrown. */
  async function* whatCame(): AsyncGenerator<Uint8Array, void, void> {
    try {
      yield* bytes;
    } catch (error) {
      failure = error;
    }
  }
  yield* samplesOf(streamProcess({ command: ffmpeg, args, input: whatCame() }, signal));
  if (failure !== undefined) throw asError(failure);
}

/** Bytes of s16le as samples: a pipe may cut between the two bytes of one. */
export async function* samplesOf(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Int16Array, void, void> {
  let odd = new Uint8Array(0);
  for await (const chunk of bytes) {
    const joined = new Uint8Array(odd.length + chunk.length);
    joined.set(odd);
    joined.set(chunk, odd.length);
    const wholeBytes = joined.length - (joined.length % 2);
    odd = joined.slice(wholeBytes);
    if (wholeBytes > 0) yield fromLittleEndian(joined.subarray(0, wholeBytes));
  }
}

/** Both directions are the same on the machines we run on; the other kind swaps. */
function fromLittleEndian(bytes: Uint8Array): Int16Array {
  if (endianness() === "BE") Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).swap16();
  return new Int16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2);
}
