import type { SpeakerProfile } from "./profile.ts";
import type { Credentialed } from "./registry.ts";

/** Where devices find the hall, as seen from their network. */
export interface HallAddresses {
  /** `mqtts://192.168.1.10:8883` */
  readonly mqttUrl: string;
  /** `https://192.168.1.10:8444`: files and streams of native speakers. */
  readonly audioUrl: string;
  /** `http://192.168.1.10:8000`: streams of radio boxes. */
  readonly radioUrl: string;
  /** The commune's CA certificate, PEM. */
  readonly caPem: string;
  /** From `HallKey.publicKey`. */
  readonly publicKey: string;
}

/** What is put into a device. Holds its secret: shown once, and void when the speaker is renewed. */
export type Provisioning =
  | {
      readonly transport: "native";
      /** The software loudspeaker's configuration file as it is; a vendor's tool takes the same facts from it. */
      readonly config: AgentConfigFile;
      /** To be stored under the name that `config.caFile` gives. */
      readonly caPem: string;
    }
  | {
      readonly transport: "http-icy";
      /** The address the radio box is to play for ever. */
      readonly address: string;
    };

/** See PROTOCOL.md, "Provisioning". */
interface AgentConfigFile {
  readonly id: string;
  readonly secret: string;
  readonly hamlet: string;
  readonly hall: { readonly mqttUrl: string; readonly audioUrl: string };
  readonly caFile: string;
  readonly hallPublicKey: string;
  readonly dataDir: string;
  readonly output: { readonly alsa: string };
  readonly prefer: "lan" | "sim";
  readonly volumePercent: number;
}

export function provisioningOf(
  { speaker, secret }: Credentialed,
  profile: SpeakerProfile,
  hall: HallAddresses,
): Provisioning {
  if (profile.transport === "http-icy") {
    return { transport: "http-icy", address: `${hall.radioUrl}/icy/${speaker.streamToken ?? ""}` };
  }
  if (secret === undefined) throw new Error(`${speaker.id} has no secret to be provisioned with`);
  return {
    transport: "native",
    config: {
      id: speaker.id,
      secret,
      hamlet: speaker.provisionedHamlet,
      hall: { mqttUrl: hall.mqttUrl, audioUrl: hall.audioUrl },
      caFile: "/etc/tienglang-agent/commune-ca.pem",
      hallPublicKey: hall.publicKey,
      dataDir: "/var/lib/tienglang-agent",
      output: { alsa: "auto" },
      prefer: profile.variant,
      volumePercent: speaker.volumePercent,
    },
    caPem: hall.caPem,
  };
}
