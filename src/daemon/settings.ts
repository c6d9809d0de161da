import { networkInterfaces } from "node:os";
import { openSpeechCommand } from "../media/speech-command.ts";
import { openEspeak } from "../media/speech-espeak.ts";
import type { SpeechEngine } from "../media/speech.ts";
import type { MediaTools } from "../media/tools.ts";
import type { HamletDefaults } from "../speakers/hamlets.ts";
import { minuteOfDay, type Config } from "./config.ts";

/** Where devices of the village reach us: the first address that is not the machine's own loop. */
export function lanAddress(): string {
  const addresses = Object.values(networkInterfaces()).flatMap((table) => table ?? []);
  return addresses.find(({ family, internal }) => family === "IPv4" && !internal)?.address ?? "127.0.0.1";
}

export function hamletDefaults({ broadcast }: Config): HamletDefaults {
  const { quietFrom, quietTo, sessionsPerDay, minutesPerSession } = broadcast;
  return {
    quietHours: [{ fromMinute: minuteOfDay(quietFrom), toMinute: minuteOfDay(quietTo) }],
    caps: {
      ...(sessionsPerDay !== null && { sessionsPerDay }),
      ...(minutesPerSession !== null && { minutesPerSession }),
    },
  };
}

export function configuredTools({ media: { ffmpeg, ffprobe, espeak } }: Config): Partial<MediaTools> {
  return {
    ...(ffmpeg !== null && { ffmpeg }),
    ...(ffprobe !== null && { ffprobe }),
    ...(espeak !== null && { espeak }),
  };
}

export function speechOf({ media }: Config, tools: MediaTools): SpeechEngine {
  const [command, ...args] = media.speechCommand ?? [];
  return command === undefined ? openEspeak(tools) : openSpeechCommand({ command, args, voiceName: command });
}

interface Greeting {
  /** As configured: everywhere, or one address. */
  readonly panelHost: string;
  readonly panelPort: number;
  readonly first: { readonly name: string; readonly password: string } | undefined;
}

export function greet(tell: (line: string) => void, { panelHost, panelPort, first }: Greeting): void {
  const address = ["0.0.0.0", "::"].includes(panelHost) ? lanAddress() : panelHost;
  tell(`Bảng điều khiển (panel): https://${address}:${panelPort}`);
  if (first === undefined) return;
  tell(`Tài khoản đầu tiên (first user): ${first.name}`);
  tell(`Mật khẩu (password, shown once): ${first.password}`);
}
