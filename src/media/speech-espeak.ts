import { SECOND_MS } from "../kernel/time.ts";
import { speakWith, unknownVoice } from "./speech-run.ts";
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
/** espeak-ng speaks four hundred times faster than a person; a minute for one piece means it hangs. */
const PIECE_DEADLINE_MS = 60 * SECOND_MS;

/** The voice that every Debian has. Nothing is started before the first text. */
export function openEspeak(tools: MediaTools): SpeechEngine {
  return {
    voices: VOICES,
    speak: async (said, voice = VOICES[0].id, signal) => {
      if (!VOICES.some(({ id }) => id === voice)) throw unknownVoice(voice, VOICES);
      const args = ["-v", voice, "-s", String(WORDS_PER_MINUTE), "-b", "1", "--stdin", "--stdout"];
      const program = { command: tools.espeak, args, deadlineMs: PIECE_DEADLINE_MS };
      return speakWith(program, withoutPhonemes(said), signal);
    },
  };
}

/** espeak-ng reads `[[…]]` as phonemes of its own; a text must not be able to say anything but itself. */
function withoutPhonemes(said: string): string {
  return said.replace(/[[\]]+/g, " ");
}
