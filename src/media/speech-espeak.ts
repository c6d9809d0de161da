import { Fault } from "../kernel/faults.ts";
import { text } from "../kernel/text.ts";
import { SECOND_MS } from "../kernel/time.ts";
import { runProcess } from "./process.ts";
import { joinPcm, readWav, type Pcm } from "./speech-pcm.ts";
import { sentencesOf } from "./speech-sentences.ts";
import type { SpeechEngine, Voice } from "./speech.ts";
import type { MediaTools } from "./tools.ts";

/** As espeak-ng 1.51 names them. */
const VOICES: readonly [Voice, ...Voice[]] = [
  { id: "vi", name: "Giọng miền Bắc" },
  { id: "vi-vn-x-central", name: "Giọng miền Trung" },
  { id: "vi-vn-x-south", name: "Giọng miền Nam" },
];

/** Slower than a radio speaker: several horns overlap in the open. */
const WORDS_PER_MINUTE = 135;
const PAUSE_MS = 350;
/** espeak-ng speaks four hundred times faster than a person; a minute for one piece means it hangs. */
const PIECE_DEADLINE_MS = 60 * SECOND_MS;

/** The voice that every Debian has. Nothing is started before the first text. */
export function openEspeak(tools: MediaTools): SpeechEngine {
  return {
    voices: VOICES,
    speak: async (said, voice = VOICES[0].id, signal) => {
      if (!VOICES.some(({ id }) => id === voice)) throw unknownVoice(voice, VOICES);
      const pieces: Pcm[] = [];
      for (const piece of sentencesOf(said)) {
        const { stdout } = await runProcess(
          {
            command: tools.espeak,
            args: ["-v", voice, "-s", String(WORDS_PER_MINUTE), "-b", "1", "--stdin", "--stdout"],
            input: once(withoutPhonemes(piece)),
          },
          AbortSignal.any([signal, AbortSignal.timeout(PIECE_DEADLINE_MS)]),
        );
        pieces.push(readWav(stdout));
      }
      return joinPcm(pieces, PAUSE_MS);
    },
  };
}

/** espeak-ng reads `[[…]]` as phonemes of its own; a text must not be able to say anything but itself. */
function withoutPhonemes(piece: string): string {
  return piece.replace(/[[\]]+/g, " ");
}

// eslint-disable-next-line @typescript-eslint/require-await -- an async iterable is what a process is fed with
export async function* once(said: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(said + "\n");
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
