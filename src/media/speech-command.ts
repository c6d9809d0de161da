import { SECOND_MS } from "../kernel/time.ts";
import { speakWith, unknownVoice } from "./speech-run.ts";
import type { SpeechEngine } from "./speech.ts";

interface SpeechCommand {
  /** Reads UTF-8 text on stdin until its end, writes one 16-bit WAV to stdout. */
  readonly command: string;
  readonly args: readonly string[];
  /** As the officer sees it. */
  readonly voiceName: string;
  /** How long one piece of about a thousand characters may take. */
  readonly deadlineMs?: number;
}

/** Neural voices on a mini-PC may take as long as the speech lasts: about a minute for the longest piece. */
const PIECE_DEADLINE_MS = 180 * SECOND_MS;

/** Any other voice, named in the configuration. */
export function openSpeechCommand(voiceCommand: SpeechCommand): SpeechEngine {
  const { command, args, voiceName, deadlineMs = PIECE_DEADLINE_MS } = voiceCommand;
  const voice = { id: "command", name: voiceName };
  return {
    voices: [voice],
    speak: async (said, asked = voice.id, signal) => {
      if (asked !== voice.id) throw unknownVoice(asked, [voice]);
      return speakWith({ command, args, deadlineMs }, said, signal);
    },
  };
}
