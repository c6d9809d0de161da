import { isStopped, type Clock } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import { MINUTE_MS, SECOND_MS } from "../kernel/time.ts";
import { TimeMessage } from "../speakers/protocol.ts";
import { newBell } from "./bell.ts";
import { parsedJson } from "./envelope.ts";
import type { HallTime } from "./hall-time.ts";
import { bestEstimate, type TimeSample } from "./rules/clock-sync.ts";

/** Learns the hall's time over the broker. */
export interface TimeExchange {
  receive(payload: Uint8Array): void;
  /** Asks several times and takes over the best answer. Without any answer everything stays as it is. */
  exchange(signal: AbortSignal): Promise<void>;
  /** Asks soon, outside the usual rhythm. */
  refresh(): void;
  run(signal: AbortSignal): Promise<void>;
}

interface TimeExchangeParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly hallTime: HallTime;
  readonly ask: (payload: string) => Promise<boolean>;
  /** The measured offset changed, in milliseconds. */
  readonly onMeasured: (offsetMs: number) => void;
}

const SAMPLES = 6;
const ANSWER_LIMIT_MS = SECOND_MS;
const EVERY_MS = 10 * MINUTE_MS;

export function newTimeExchange(parts: TimeExchangeParts): TimeExchange {
  const { clock, log, hallTime, ask, onMeasured } = parts;
  const bell = newBell();
  let samples: TimeSample[] = [];
  let awaited: { readonly t1: number; readonly answered: AbortController } | undefined;
  const exchange = async (signal: AbortSignal): Promise<void> => {
    if (awaited !== undefined) return;
    samples = [];
    for (let asked = 0; asked < SAMPLES && !isStopped(signal); asked += 1) {
      // Our side of the exchange is the monotonic clock: a step of the other one can't spoil a sample.
      const t1 = clock.uptime();
      awaited = { t1, answered: new AbortController() };
      if (!(await ask(JSON.stringify({ t1 })))) break;
      const unanswered = await clock.sleep(
        ANSWER_LIMIT_MS,
        AbortSignal.any([signal, awaited.answered.signal]),
      );
      if (unanswered && samples.length === 0 && asked > 0) break;
    }
    awaited = undefined;
    const best = bestEstimate(samples);
    if (best === undefined) {
      log.debug({}, "the hall did not tell the time");
      return;
    }
    hallTime.follow(best.offsetMs);
    onMeasured(hallTime.offsetMs());
    log.debug({ roundTripMs: best.roundTripMs, samples: samples.length }, "hall time measured");
  };
  return {
    receive: (payload) => {
      const t4 = clock.uptime();
      const message = TimeMessage.safeParse(parsedJson(payload));
      // The topic carries our own questions as well.
      if (!message.success || !("t2" in message.data)) return;
      if (message.data.t1 !== awaited?.t1) return;
      samples.push({ ...message.data, t4 });
      awaited.answered.abort();
    },
    exchange,
    refresh: () => bell.ring(),
    run: async (signal) => {
      while (!isStopped(signal)) {
        await bell.wait(EVERY_MS, clock, signal);
        if (!isStopped(signal)) await exchange(signal);
      }
    },
  };
}
