import { isStopped } from "../kernel/clock.ts";
import { asError, Fault } from "../kernel/faults.ts";
import { text } from "../kernel/text.ts";
import { SECOND_MS } from "../kernel/time.ts";
import { runProcess } from "./process.ts";
import { joinPcm, readWav, type Pcm } from "./speech-pcm.ts";
import { sentencesOf } from "./speech-sentences.ts";
import type { Voice } from "./speech.ts";

/** A program that reads UTF-8 text on stdin until its end and writes one 16-bit WAV to stdout. */
interface VoiceProgram {
  readonly command: string;
  readonly args: readonly string[];
  /** For one piece of about a thousand characters. */
  readonly deadlineMs: number;
}

const PAUSE_MS = 350;

/** Speaks a text piece by piece, whole sentences each. */
export async function speakWith(program: VoiceProgram, said: string, signal: AbortSignal): Promise<Pcm> {
  const pieces: Pcm[] = [];
  for (const piece of sentencesOf(said)) pieces.push(await speakPiece(program, piece, signal));
  return joinPcm(pieces, PAUSE_MS);
}

async function speakPiece(
  { command, args, deadlineMs }: VoiceProgram,
  piece: string,
  signal: AbortSignal,
): Promise<Pcm> {
  const deadline = AbortSignal.timeout(deadlineMs);
  try {
    const spec = { command, args, input: once(`${piece}\n`) };
    return readWav((await runProcess(spec, AbortSignal.any([signal, deadline]))).stdout);
  } catch (error) {
    if (isStopped(signal)) throw asError(signal.reason);
    throw isStopped(deadline) ? hanging(command, deadlineMs, error) : error;
  }
}

// eslint-disable-next-line @typescript-eslint/require-await -- an async iterable is what a process is fed with
async function* once(said: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(said);
}

function hanging(command: string, deadlineMs: number, cause: unknown): Fault {
  const seconds = Math.round(deadlineMs / SECOND_MS);
  return new Fault(
    "timeout",
    text(
      `The voice (${command}) did not answer within ${seconds} seconds.`,
      `Giọng đọc (${command}) không trả lời trong ${seconds} giây.`,
    ),
    {
      cause,
      hint: text(
        "Try again; if it happens again, tell the technician.",
        "Hãy thử lại; nếu vẫn lỗi, hãy báo kỹ thuật viên.",
      ),
    },
  );
}

export function unknownVoice(voice: string, known: readonly Voice[]): Fault {
  const names = known.map(({ id }) => id).join(", ");
  return new Fault(
    "invalid",
    text(
      `There is no voice “${voice}”. Known: ${names}.`,
      `Không có giọng đọc “${voice}”. Các giọng hiện có: ${names}.`,
    ),
    { field: "voice" },
  );
}
