import { isStopped, type Clock } from "../../kernel/clock.ts";
import { asError } from "../../kernel/faults.ts";
import { MINUTE_MS, SECOND_MS } from "../../kernel/time.ts";
import { PcmBuffer } from "./pcm.ts";

interface RelaySourceParts {
  readonly clock: Clock;
  /** Mono s16le at 44.1 kHz. */
  readonly open: (signal: AbortSignal) => AsyncIterable<Uint8Array>;
  /** Whether to begin anew when it ends or fails. */
  readonly again: boolean;
}

const RATE_HZ = 44_100;

/** HLS comes in segments of up to ten seconds; more than this ahead waits at the source. */
const LONGEST_HELD_MS = 20 * SECOND_MS;
const HOLD_MS = SECOND_MS;
const FULL_NAP_MS = 200;
const RETRY_AFTER_MS = [SECOND_MS, 2 * SECOND_MS, 5 * SECOND_MS];

/** Keeps a buffer filled from a source that may break off at any time. */
export class RelaySource {
  readonly sound = new PcmBuffer({ sampleRateHz: RATE_HZ, holdMs: HOLD_MS, longestMs: MINUTE_MS });
  /** No more will come. */
  ended = false;
  /** Why it gives nothing, when it broke off. */
  failure: Error | undefined;
  private readonly parts: RelaySourceParts;

  constructor(parts: RelaySourceParts) {
    this.parts = parts;
  }

  async run(signal: AbortSignal): Promise<void> {
    for (let failures = 0; !isStopped(signal); failures += 1) {
      const gave = await this.pullOnce(signal);
      if (!this.parts.again) break;
      if (gave) failures = 0;
      const napMs = RETRY_AFTER_MS[Math.min(failures, RETRY_AFTER_MS.length - 1)] ?? SECOND_MS;
      await this.parts.clock.sleep(napMs, signal);
    }
    this.ended = true;
    this.sound.drain();
  }

  /** Whether any sound came. */
  private async pullOnce(signal: AbortSignal): Promise<boolean> {
    let gave = false;
    try {
      for await (const piece of this.parts.open(signal)) {
        gave = true;
        this.failure = undefined;
        this.sound.push(piece);
        while (this.sound.heldMs > LONGEST_HELD_MS) {
          if (!(await this.parts.clock.sleep(FULL_NAP_MS, signal))) return gave;
        }
      }
      // What is left of a source that ended is still worth hearing.
      this.sound.drain();
    } catch (error) {
      this.failure = asError(error);
      this.sound.drain();
    }
    return gave;
  }
}
