import { SECOND_MS } from "../kernel/time.ts";
import { runProcess } from "./process.ts";
import { once, unknownVoice } from "./speech-espeak.ts";
import { joinPcm, readWav, type Pcm } from "./speech-pcm.ts";
import { sentencesOf } from "./speech-sentences.ts";
import type { SpeechEngine } from "./speech.ts";

interface SpeechCommand {
  /** Reads UTF-8 text on stdin until its end, writes one 16-bit WAV to stdout. */
  readonly command: string;
  readonly args: readonly string[];
  /** As the officer sees it. */
  readonly voiceName: string;
}

const PAUSE_MS = 350;
/** Neural voices on a mini-PC may take as long as the speech lasts: about a minute for the longest piece. */
const PIECE_DEADLINE_MS = 180 * SECOND_MS;

/** Any other voice, named in the configuration. */
export function openSpeechCommand({ command, args, voiceName }: SpeechCommand): SpeechEngine {
  const voice = { id: "command", name: voiceName };
  return {
    voices: [voice],
    speak: async (said, asked = voice.id, signal) => {
      if (asked !== voice.id) throw unknownVoice(asked, [voice]);
      const pieces: Pcm[] = [];
      for (const piece of sentencesOf(said)) {
        const { stdout } = await runProcess(
          { command, args, input: once(piece) },
          AbortSignal.any([signal, AbortSignal.timeout(PIECE_DEADLINE_MS)]),
        );
        pieces.push(readWav(stdout));
      }
      return joinPcm(pieces, PAUSE_MS);
    },
  };
}
