import type { Clock } from "../../kernel/clock.ts";
import { nodes, textAt } from "../rules/xml-node.ts";
import { escapeXml } from "./escape.ts";
import type { SoapClient } from "./soap-client.ts";

export interface Preset {
  readonly token: string;
  readonly name: string;
}

/** Speeds from -1 to 1: right, up and closer are positive. */
export interface Velocity {
  readonly pan: number;
  readonly tilt: number;
  readonly zoom: number;
}

/** A camera that turns. */
export interface Ptz {
  presets(signal: AbortSignal): Promise<Preset[]>;
  goTo(preset: string, signal: AbortSignal): Promise<void>;
  /** Moves for `forMs`, then stops, also when the order's signal aborts or a camera ignores the time it was given. */
  move(velocity: Velocity, forMs: number, signal: AbortSignal): Promise<void>;
  stop(signal: AbortSignal): Promise<void>;
}

interface PtzParts {
  readonly client: SoapClient;
  readonly clock: Clock;
  readonly path: string;
  readonly profile: string;
}

const PTZ_NS = "http://www.onvif.org/ver20/ptz/wsdl";

/** The end of a movement is sent even when who ordered it is gone. */
const STOP_WITHIN_MS = 10_000;

export function openPtz({ client, clock, path, profile }: PtzParts): Ptz {
  let movements = 0;
  const order = (name: string, inner: string, signal: AbortSignal) =>
    client.ask(
      {
        path,
        action: `${PTZ_NS}/${name}`,
        body: `<${name} xmlns="${PTZ_NS}"><ProfileToken>${escapeXml(profile)}</ProfileToken>${inner}</${name}>`,
      },
      signal,
    );
  const stop = async (signal: AbortSignal): Promise<void> => {
    await order("Stop", "<PanTilt>true</PanTilt><Zoom>true</Zoom>", signal);
  };
  return {
    stop,
    presets: async (signal) => {
      const { answer } = await order("GetPresets", "", signal);
      return nodes(answer, "Preset").flatMap((preset) => {
        const token = textAt(preset, "@token");
        return token === "" ? [] : [{ token, name: textAt(preset, "Name").slice(0, 100) || token }];
      });
    },
    goTo: async (preset, signal) => {
      await order("GotoPreset", `<PresetToken>${escapeXml(preset)}</PresetToken>`, signal);
    },
    move: async ({ pan, tilt, zoom }, forMs, signal) => {
      movements += 1;
      const mine = movements;
      const schema = 'xmlns="http://www.onvif.org/ver10/schema"';
      const velocity =
        (pan !== 0 || tilt !== 0 ? `<PanTilt x="${pan}" y="${tilt}" ${schema}/>` : "") +
        (zoom !== 0 ? `<Zoom x="${zoom}" ${schema}/>` : "");
      const timeout = `<Timeout>PT${Math.ceil(forMs / 1_000)}S</Timeout>`;
      await order("ContinuousMove", `<Velocity>${velocity}</Velocity>${timeout}`, signal);
      await clock.sleep(forMs, signal);
      // A later movement has taken over, and stops by itself.
      if (mine === movements) await stop(AbortSignal.timeout(STOP_WITHIN_MS));
    },
  };
}
