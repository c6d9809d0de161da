import { readFileSync } from "node:fs";
import { isStopped } from "../kernel/clock.ts";
import { asError, Fault } from "../kernel/faults.ts";
import { PCM_RATE_HZ } from "./decode.ts";
import { runProcess } from "./process.ts";

/** An open sound device that takes s16 mono at PCM_RATE_HZ in real time. */
export interface PcmDevice extends AsyncDisposable {
  /** False when the device has failed or takes nothing any more. Never waits. */
  write(samples: Int16Array): boolean;
  /** Why it does not work any more; undefined while it does. */
  failure(): Fault | undefined;
}

export interface AlsaOptions {
  /** The program that plays (alsa-utils); given for tests and unusual installations. */
  readonly aplay?: string;
  /** ALSA name, for example `default` or `plughw:1,0`. */
  readonly device: string;
  /** The device starts when it holds this much, and goes on holding it: the room for delays of this process. */
  readonly bufferMs: number;
}

/** More than this unsent means that the device has stopped taking sound. */
const STUCK_AFTER_MS = 2_000;

/** The kernel's list of sound cards; absent without the sound modules. */
const CARDS_FILE = "/proc/asound/cards";

export function hasSoundCard(cardsFile: string = CARDS_FILE): boolean {
  try {
    return /^\s*\d+\s+\[/m.test(readFileSync(cardsFile, "utf8"));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return false;
    throw error;
  }
}

/** Starts the player program. It never throws: a device that can't be opened shows as `failure()` soon after. */
export function openAlsaDevice({ aplay = "aplay", device, bufferMs }: AlsaOptions): PcmDevice {
  const stopping = new AbortController();
  const pipe = new SamplePipe();
  let failure: Fault | undefined;
  const args = [
    "-q",
    ...["-t", "raw", "-f", "S16_LE", "-c", "1", "-r", `${PCM_RATE_HZ}`, "-D", device],
    // Twice the fill level as room, and a start at the fill level: from then on the delay stays what it is.
    ...[
      "--period-time=20000",
      `--buffer-time=${2 * bufferMs * 1_000}`,
      `--start-delay=${bufferMs * 1_000}`,
      "-",
    ],
  ];
  const running = runProcess({ command: aplay, args, input: pipe.read() }, stopping.signal).then(
    () => undefined,
    (error: unknown) => {
      if (isStopped(stopping.signal)) return;
      failure = new Fault("unavailable", `sound device ${device} does not play: ${asError(error).message}`, {
        cause: error,
      });
    },
  );
  void running.then(() => pipe.end());
  return {
    write: (samples) => {
      if (failure !== undefined) return false;
      if (pipe.waitingFrames > (STUCK_AFTER_MS / 1_000) * PCM_RATE_HZ) {
        failure = new Fault("unavailable", `sound device ${device} takes no more sound`);
        stopping.abort();
        return false;
      }
      pipe.push(samples);
      return true;
    },
    failure: () => failure,
    [Symbol.asyncDispose]: async () => {
      pipe.end();
      stopping.abort();
      await running;
    },
  };
}

/** From a writer that must not wait to a reader that does. */
class SamplePipe {
  waitingFrames = 0;
  private readonly chunks: Int16Array[] = [];
  private ended = false;
  private wake: (() => void) | undefined;

  push(samples: Int16Array): void {
    this.chunks.push(samples);
    this.waitingFrames += samples.length;
    this.wake?.();
  }

  end(): void {
    this.ended = true;
    this.wake?.();
  }

  async *read(): AsyncGenerator<Uint8Array, void, void> {
    while (!this.ended) {
      const samples = this.chunks.shift();
      if (samples === undefined) {
        await new Promise<void>((resolve) => (this.wake = resolve));
        continue;
      }
      this.waitingFrames -= samples.length;
      yield new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
    }
  }
}
