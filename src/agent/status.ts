import { readFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { isStopped, type Clock } from "../kernel/clock.ts";
import { HEALTH_EVERY_MS, type Health, type OnlineState, type UpTopic } from "../speakers/protocol.ts";
import { newBell } from "./bell.ts";
import type { HallTime } from "./hall-time.ts";
import { levelDbfs } from "./rules/receipt.ts";

/** Tells the hall how this speaker is. */
export interface StatusReporter {
  /** Something it reports may have changed, or the hall is there again. */
  refresh(): void;
  /** The hall has forgotten what it was told. */
  forget(): void;
  run(signal: AbortSignal): Promise<void>;
}

interface StatusParts {
  readonly clock: Clock;
  readonly hallTime: HallTime;
  readonly state: () => OnlineState;
  readonly takeLevel: () => { readonly squareSum: number; readonly sampleCount: number };
  readonly send: (kind: UpTopic, payload: string, how: { readonly retain: boolean }) => void;
}

/** Several changes at once are told as one. */
const SETTLE_MS = 200;

export function newStatusReporter({ clock, hallTime, state, takeLevel, send }: StatusParts): StatusReporter {
  const bell = newBell();
  let told = "";
  const tellState = (): void => {
    const current = JSON.stringify(state());
    if (current === told) return;
    told = current;
    send("state", current, { retain: true });
  };
  const health = (): Health => {
    const { squareSum, sampleCount } = takeLevel();
    return {
      at: Math.round(hallTime.now()),
      uptimeSec: Math.round(clock.uptime() / 1_000),
      temperatureCelsius: temperatureCelsius(),
      supplyVolts: null,
      amplifierFault: null,
      signalDbm: null,
      dataUsedBytes: null,
      outputLevelDbfs: levelDbfs(squareSum, sampleCount),
    };
  };
  return {
    refresh: () => bell.ring(),
    forget: () => {
      told = "";
      bell.ring();
    },
    run: async (signal) => {
      let healthAt = clock.uptime() + HEALTH_EVERY_MS;
      while (!isStopped(signal)) {
        tellState();
        await bell.wait(healthAt - clock.uptime(), clock, signal);
        await clock.sleep(SETTLE_MS, signal);
        if (clock.uptime() < healthAt) continue;
        healthAt = clock.uptime() + HEALTH_EVERY_MS;
        send("health", JSON.stringify(health()), { retain: false });
      }
    },
  };
}

const THERMAL_FILE = "/sys/class/thermal/thermal_zone0/temp";

/** Of the processor, where the kernel tells it. */
function temperatureCelsius(): number | null {
  try {
    const milliCelsius = Number(readFileSync(THERMAL_FILE, "utf8"));
    return Number.isFinite(milliCelsius) ? milliCelsius / 1_000 : null;
  } catch (error) {
    // Many machines have no sensor, or none that answers.
    if (error instanceof Error && "code" in error) return null;
    throw error;
  }
}

/** The first address another machine could reach this one at. */
export function ownAddress(): string {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  const outside = addresses.find(({ internal, family }) => !internal && family === "IPv4");
  return outside?.address ?? "127.0.0.1";
}
