import { PCM_RATE_HZ } from "../media/decode.ts";
import { frameAt, type Voice } from "./voice.ts";

const TONE_HZ = 1_000;
const AMPLITUDE = 0.5 * 32_767;

/** A test tone, so that a technician hears that amplifier and horn work. */
export function newToneVoice(toneMs: number): Voice {
  const frames = frameAt(toneMs);
  let played = 0;
  return {
    isReady: () => true,
    read: (into) => {
      into.fill(0);
      const count = Math.min(into.length, frames - played);
      for (let index = 0; index < count; index += 1)
        into[index] = Math.round(
          AMPLITUDE * Math.sin((2 * Math.PI * TONE_HZ * (played + index)) / PCM_RATE_HZ),
        );
      played += count;
      return { soundFrames: count, missingFrames: 0, reason: undefined };
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
