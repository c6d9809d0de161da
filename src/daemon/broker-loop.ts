import { openEmbeddedBroker, type Broker, type BrokerOptions } from "../broker/broker.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import { runTogether } from "../kernel/run-together.ts";
import { supervise } from "../kernel/supervise.ts";
import type { SpeakerLink } from "../speakers/link.ts";

/** The broker as others see it: there now, or being opened again. */
export interface BrokerHandle {
  current(): Broker | undefined;
  run(signal: AbortSignal): Promise<void>;
}

interface BrokerLoopParts {
  /** Read at each opening: the certificate may have been renewed. */
  readonly options: () => BrokerOptions;
  readonly link: SpeakerLink;
  readonly clock: Clock;
  readonly log: Log;
}

/** Opens the broker once, so that a taken port is told at the start; after that its death is mended, never fatal. */
export async function openBrokerLoop({
  options,
  link,
  clock,
  log,
}: BrokerLoopParts): Promise<BrokerHandle & AsyncDisposable> {
  let broker: Broker | undefined = await openEmbeddedBroker(options());
  return {
    current: () => broker,
    run: (signal) =>
      supervise(
        async (stop) => {
          broker ??= await openEmbeddedBroker(options());
          const mine = broker;
          try {
            await runTogether([(end) => mine.run(end), (end) => link.run(mine, end)], stop);
          } finally {
            broker = undefined;
            await mine[Symbol.asyncDispose]();
          }
        },
        { clock, log, random: Math.random },
        signal,
      ),
    [Symbol.asyncDispose]: async () => {
      await broker?.[Symbol.asyncDispose]();
    },
  };
}
