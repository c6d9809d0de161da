import { createHash } from "node:crypto";
import type { AudioFile, AudioPart } from "../../src/speakers/protocol.ts";
import { runProcess } from "../../src/media/process.ts";
import { samplesOf } from "../../src/media/decode.ts";
import { findMediaTools } from "../../src/media/tools.ts";

/** An MP3 as the library writes it, and what a decoder makes of it. */
export interface Sound {
  readonly bytes: Buffer;
  readonly file: AudioFile;
  readonly part: AudioPart;
  readonly samples: Int16Array;
}

const FOREVER = new AbortController().signal;

/** Noise that is different for each seed and never repeats, so that its correlation has one sharp peak. */
export async function makeSound(seconds: number, seed: number, kbps = 64): Promise<Sound> {
  const { ffmpeg } = findMediaTools();
  const sampleRateHz = kbps > 40 ? 44_100 : 24_000;
  const quiet = ["-hide_banner", "-nostdin", "-loglevel", "error"];
  const noise = `anoisesrc=duration=${seconds}:color=pink:sample_rate=44100:amplitude=0.5:seed=${seed}`;
  const encoding = [
    "-ac",
    "1",
    "-ar",
    `${sampleRateHz}`,
    "-b:a",
    `${kbps}k`,
    "-reservoir",
    "0",
    "-write_xing",
    "0",
  ];
  const encoded = await runProcess(
    {
      command: ffmpeg,
      args: [...quiet, "-f", "lavfi", "-i", noise, ...encoding, "-id3v2_version", "0", "-f", "mp3", "pipe:1"],
    },
    FOREVER,
  );
  const file = {
    sha256: createHash("sha256").update(encoded.stdout).digest("hex"),
    bytes: encoded.stdout.length,
    kbps,
    sampleRateHz,
  } as AudioFile;
  const samples = await decodeWhole(encoded.stdout);
  return {
    bytes: encoded.stdout,
    file,
    part: { durationMs: Math.round(seconds * 1_000), files: [file] },
    samples: samples.subarray(0, Math.round(seconds * 44_100)),
  };
}

async function decodeWhole(mp3: Uint8Array): Promise<Int16Array> {
  const { ffmpeg } = findMediaTools();
  async function* input(): AsyncGenerator<Uint8Array> {
    yield await Promise.resolve(mp3);
  }
  const args = ["-hide_banner", "-loglevel", "error", "-f", "mp3", "-i", "pipe:0"];
  const { stdout } = await runProcess(
    { command: ffmpeg, args: [...args, "-ac", "1", "-ar", "44100", "-f", "s16le", "pipe:1"], input: input() },
    FOREVER,
  );
  const chunks: Int16Array[] = [];
  for await (const chunk of samplesOf(once(stdout))) chunks.push(chunk);
  return chunks[0] ?? new Int16Array(0);
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytes);
}
