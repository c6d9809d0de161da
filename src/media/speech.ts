import type { Pcm } from "./speech-pcm.ts";

export interface Voice {
  readonly id: string;
  /** As a Vietnamese officer reads it in a list. */
  readonly name: string;
}

/** Turns text that is already written as it is spoken (no figures, no abbreviations) into sound. */
export interface SpeechEngine {
  readonly voices: readonly [Voice, ...Voice[]];
  /** Without `voice` the first one speaks. Throws a Fault when the program is missing or the voice unknown. */
  speak(text: string, voice: string | undefined, signal: AbortSignal): Promise<Pcm>;
}
